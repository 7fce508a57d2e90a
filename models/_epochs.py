"""What tokens are worth that are seen again, by the epochs that a run makes of them.

R repeats of U tokens add R_D* (1 - exp(-R / R_D*)) times U to them: the value of each repeat falls
by an e-fold every R_D* repeats.
"""

from lawbook.laws.namespace import Namespace


def worth(xp: Namespace, log_ratio, R_star):
    """Log of what R = exp(log_ratio) - 1 repeats add up to, in multiples of the first pass."""
    return xp.log1p(-R_star * xp.expm1(-xp.expm1(log_ratio) / R_star))


def kept_value(xp: Namespace, epochs, *, R_D_star):
    """Worth of a token that is seen in so many epochs, as a share of as many new ones."""
    return xp.exp(worth(xp, xp.log(epochs), R_D_star)) / epochs


def last_epoch(xp: Namespace, epochs, *, R_D_star):
    """Worth of the last of so many epochs, as a share of the first."""
    return xp.exp((1 - epochs) / R_D_star)
