r"""A power of the log of a power, as `downstream_bleu` has it: the paper's symbols and the law's.

.. math:: f(D) = \left(\log A D^\alpha\right)^\beta
    = f_\mathrm{ref} \left(\frac{\log (D / D_0)}{\log (D_\mathrm{ref} / D_0)}\right)^\beta,
    \qquad D_0 = A^{-1/\alpha}, \quad D_\mathrm{ref} = 10^{10}

Short curves tell a level, a slope and a little curvature, while :math:`A`, :math:`\alpha` and
:math:`\beta` run over hundreds of decades.
"""

from math import exp, log

from lawbook.laws.namespace import Namespace
from lawbook.laws.terms import power

LOG_REFERENCE = log(1e10)

LEAST = 0.02  # e-folds since the start: before it the score would be zero, its slope infinite


def since_start(xp: Namespace, log_D, D_0):
    """E-folds of tokens since the score was zero."""
    return xp.maximum(log_D - xp.log(D_0), LEAST)


def alpha(xp: Namespace, *, f_ref, D_0, beta):
    """Exponent as the paper has it."""
    return power(xp, f_ref, 1 / beta) / since_start(xp, LOG_REFERENCE, D_0)


def log_A(xp: Namespace, *, f_ref, D_0, beta):
    """Log of the A that the paper has."""
    return -alpha(xp, f_ref=f_ref, D_0=D_0, beta=beta) * xp.log(D_0)


def of_paper(log_A: float, alpha: float, beta: float) -> dict[str, float]:
    """Return the law's values that are the same curve as the paper's.

    Examples
    --------
    >>> {name: round(value, 3) for name, value in of_paper(0.0, 2.0, 1.0).items()}
    {'f_ref': 46.052, 'D_0': 1.0, 'beta': 1.0}
    """
    f_ref, D_0 = (log_A + alpha * LOG_REFERENCE) ** beta, exp(-log_A / alpha)
    return {"f_ref": f_ref, "D_0": D_0, "beta": beta}
