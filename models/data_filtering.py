"""Data filtering: error after repeated passes over a filtered pool, whose samples wear out.

    data_filtering   y = (a x_1 / z)**b_0 prod_j (x_j / x_(j-1))**b_(j-1) + d

s     samples seen; n, unique samples of the pool; x_j = min(j n, s) after epoch j; z = 1e5
y     zero-shot error
b     utility of the pool, below zero; b_k = b 2**(-k / tau) in epoch k, counted from 0
tau   half-life of the utility, in epochs
a, d  shared by all pools of a task: a and b are degenerate within one

The epochs after the 64th count as one. `lawbook.decisions.unions.compare_unions` tells how many
pools are best together for a budget. Of the union of m, fitted one by one, b_k is the mean, and a
half-life is m times as many epochs, since a sample comes up m times less often.

Source: Goyal et al. (2024), arXiv:2404.07177; the released values are of data_filtering_released.
"""

from math import log

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Negative
from lawbook.terms import power, worn


def first(xp: Namespace, s, n, *, a, b):
    """Error after the first epoch, above the floor."""
    return power(xp, a * xp.minimum(s, n) / 1e5, b)


def utility(xp: Namespace, s, n, *, a, b, tau, d):
    """Let the pool's utility wear off, above a floor that stays."""
    return first(xp, s, n, a=a, b=b) * xp.exp(b * worn(xp, s / n, tau)) + d


def union(xp: Namespace, s, n, *, a, b, tau, d):
    """Error on m pools of n samples together, whose b and tau lie along the first axis."""
    m = len(b)
    each = utility(xp, s, m * n, a=a, b=b, tau=m * tau, d=0)
    return xp.exp(xp.sum(xp.log(each), axis=0) / m) + d


def epochs_ahead(xp: Namespace, other, *, b, tau):
    """How many epochs a pool stays ahead of another one, fresh, of utility b = other."""
    return tau * xp.log(b / other) / log(2)


INPUTS = (
    Input("s", unit="samples", seen=(2.56e7, 6.4e8)),
    Input("n", unit="unique samples", seen=(1.28e7, 5.12e7)),
)
ERROR = Response("error", unit="fraction", noise=StudentT("log", LogNormal(0.005, 0.7)))
PARAMS = (
    Param("a", LogNormal(median=0.025, log_sd=0.5)),
    Param("b", Negative(LogNormal(median=0.12, log_sd=0.4)), pool="partial"),
    Param("tau", LogNormal(median=5.0, log_sd=0.6), pool="partial", unit="epochs"),
    Param("d", LogitNormal(median=0.1, logit_sd=0.5)),
)

LAW = Law(
    name="data_filtering",
    domain="data",
    formula=utility,
    inputs=INPUTS,
    response=ERROR,
    params=PARAMS,
    union=union,
    derived=[Derived("epochs_ahead", epochs_ahead, unit="epochs")],
)
