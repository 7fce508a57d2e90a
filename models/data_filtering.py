"""Data filtering: error after repeated passes over a filtered pool, whose samples wear out.

    data_filtering            y = (a x_1 / z)**b_0 prod_j (x_j / x_(j-1))**b_(j-1) + d
    data_filtering_released   y = ((a x_1 / z)**b_0 + d) prod_j (x_j / x_(j-1))**b_(j-1)
    data_filtering_data       y = (sum_k a (x_(k+1) - x_k) / z 2**(-k / tau))**b + d

s     samples seen; n, unique samples of the pool; x_j = min(j n, s) after epoch j; z = 1e5
y     zero-shot error
b     utility of the pool, below zero; b_k = b 2**(-k / tau) in epoch k, counted from 0
tau   half-life of the utility, or of a sample's worth in the third form, in epochs
a, d  shared by all pools of a task

a and b are degenerate within one pool: pools have to share a. The second form is that of the
released code, in which d wears off too; the released values go with it. The epochs after the 64th
count as one.

Source: Goyal et al. (2024), arXiv:2404.07177; values of its repository, best tenth of the pool
first, then the next three tenths.
"""

from math import log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Negative
from lawbook.terms import power

EPOCHS = 64


def halved(xp: Namespace, epochs, tau):
    """Share that is left after epochs."""
    return xp.exp(-log(2) * epochs / tau)


def worn(xp: Namespace, epochs, *, tau):
    """Sum over later epochs of the utility that is left times the log growth of the samples."""
    log_epochs, per_epoch = xp.log(epochs), halved(xp, 1, tau)
    left, total, before = 1.0, 0.0, xp.minimum(log_epochs, 0)
    for k in range(2, EPOCHS + 1):
        left = left * per_epoch
        after = xp.minimum(log_epochs, log(k)) if k < EPOCHS else xp.maximum(log_epochs, before)
        total, before = total + left * (after - before), after
    return total


def first(xp: Namespace, s, n, *, a, b):
    """Error after the first epoch, above the floor."""
    return power(xp, a * xp.minimum(s, n) / 1e5, b)


def utility(xp: Namespace, s, n, *, a, b, tau, d):
    """Let the pool's utility wear off, above a floor that stays."""
    return first(xp, s, n, a=a, b=b) * xp.exp(b * worn(xp, s / n, tau=tau)) + d


def released(xp: Namespace, s, n, *, a, b, tau, d):
    """Let the pool's utility wear off, and the floor fall with the error."""
    return (first(xp, s, n, a=a, b=b) + d) * xp.exp(b * worn(xp, s / n, tau=tau))


def data(xp: Namespace, s, n, *, a, b, tau, d):
    """Let samples wear off: full epochs are a geometric series, the last one counts in part."""
    whole = xp.floor(s / n)
    left = halved(xp, whole, tau)
    series = xp.expm1(-log(2) * whole / tau) / xp.expm1(-log(2) / tau)
    return power(xp, a * n / 1e5 * (series + (s / n - whole) * left), b) + d


def epochs_ahead(xp: Namespace, other, *, b, tau):
    """How many epochs a pool stays ahead of another one, fresh, of utility b = other."""
    return tau * xp.log(b / other) / log(2)


INPUTS = [
    Input("s", unit="samples", seen=(2.56e7, 6.4e8)),
    Input("n", unit="unique samples", seen=(1.28e7, 5.12e7)),
]
ERROR = Response("error", unit="fraction", noise=StudentT("log", LogNormal(0.005, 0.7)))
PARAMS = [
    Param("a", LogNormal(median=0.025, log_sd=0.5)),
    Param("b", Negative(LogNormal(median=0.12, log_sd=0.4)), pool="partial"),
    Param("tau", LogNormal(median=5.0, log_sd=0.6), pool="partial", unit="epochs"),
    Param("d", LogitNormal(median=0.1, logit_sd=0.5)),
]
AHEAD = [Derived("epochs_ahead", epochs_ahead, unit="epochs")]

LAWS = (
    Law(
        name="data_filtering",
        domain="data",
        formula=utility,
        inputs=INPUTS,
        response=ERROR,
        params=PARAMS,
        derived=AHEAD,
    ),
    Law(
        name="data_filtering_released",
        domain="data",
        formula=released,
        inputs=INPUTS,
        response=ERROR,
        params=PARAMS,
        published=[
            Estimate("goyal2024", a=0.025, b=-0.160, tau=6.7273, d=0.1),
            Estimate("goyal2024", a=0.025, b=-0.125, tau=8.5455, d=0.1),
            Estimate("goyal2024", a=0.025, b=-0.100, tau=5.2727, d=0.1),
            Estimate("goyal2024", a=0.025, b=-0.085, tau=2.2727, d=0.1),
        ],
        derived=AHEAD,
    ),
    Law(
        name="data_filtering_data",
        domain="data",
        formula=data,
        inputs=INPUTS,
        response=ERROR,
        params=PARAMS,
    ),
)
