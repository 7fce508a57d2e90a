"""Pools of filtered data, whose samples wear out: what the laws `data_filtering` share.

After Goyal et al. (2024), whose symbols are a and b: y_1 = (128 a)**b and g = log(128 a).
"""

from math import log

from lawbook import Derived, Estimate, Input, Param, Response, StudentT
from lawbook.laws.namespace import Namespace
from lawbook.laws.terms import power
from lawbook.priors import LogitNormal, LogNormal

ONE = 1.28e7  # samples of the smallest pool


def utility(xp: Namespace, *, y_1, g):
    """Say how much a pool is worth: its utility b, which is below zero."""
    return xp.log(y_1) / g


def pool_scale(xp: Namespace, *, g):
    """Scale of the samples that all pools share, a."""
    return xp.exp(g) / 128


def first(xp: Namespace, s, n, *, y_1, g):
    """Error after the first epoch, above the floor."""
    return y_1 * power(xp, xp.minimum(s, n) / ONE, utility(xp, y_1=y_1, g=g))


def epochs_ahead(xp: Namespace, other, *, y_1, g, tau):
    """How many epochs a pool stays ahead of another one, fresh, of utility b = other."""
    return tau * xp.log(utility(xp, y_1=y_1, g=g) / other) / log(2)


def goyal2024(label: str, a: float, b: float, tau: float, d: float) -> Estimate:
    """Values that the paper's own symbols have."""
    return Estimate("goyal2024", label, y_1=(128 * a) ** b, g=log(128 * a), tau=tau, d=d)


INPUTS = (
    Input("s", unit="samples", seen=(2.56e7, 6.4e8)),
    Input("n", unit="unique samples", seen=(1.28e7, 5.12e7)),
)
ERROR = Response("error", unit="fraction", noise=StudentT("log", LogNormal(0.005, 0.7)))
PARAMS = (
    Param("y_1", LogitNormal(median=0.87, logit_sd=0.4), pool="partial", unit="fraction"),
    Param("g", LogNormal(median=1.16, log_sd=0.4)),
    Param("tau", LogNormal(median=5.0, log_sd=0.6), pool="partial", unit="epochs"),
    Param("d", LogitNormal(median=0.1, logit_sd=0.5)),
)

OF_POOLS = (
    Derived("utility", utility),
    Derived("pool_scale", pool_scale),
    Derived("epochs_ahead", epochs_ahead, unit="epochs"),
)
