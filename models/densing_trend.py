"""Densing trend: how fast the capability that a parameter holds grows.

    densing_trend   rho(t) = exp(A t + B)

t      days since the release of the first LLaMA
rho    density of the best model of its day: parameters of a reference model (at 5e12 tokens) with
       the same score, over its own

densing_loss and densing_score, inverted, give the reference model's size. Developers release
models in families, so the runs are fewer than they look; those below the frontier do not belong.

Source: Xiao et al. (2024), arXiv:2412.04315, and its journal version, whose drawn curve gives the
values.
"""

from math import log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.priors import Normal as NormalPrior


def trend(xp: Namespace, t, *, A, B):
    """Density of the best model of a day."""
    return xp.exp(A * t + B)


def doubling(xp: Namespace, *, A):
    """Days in which the density doubles."""
    return log(2) / A


def shrinking(xp: Namespace, days, *, A):
    """Share of the parameters that does after some days what all of them did before."""
    return xp.exp(-A * days)


LAW = Law(
    name="densing_trend",
    domain="inference",
    formula=trend,
    inputs=[Input("t", unit="days", seen=(0, 800))],
    response=Response("density", "ratio", StudentT("log", LogNormal(0.4, 0.4)), "higher"),
    params=[
        Param("A", NormalPrior(mean=0.0065, sd=0.002), unit="1/day"),
        Param("B", NormalPrior(mean=-2.6, sd=0.5)),
    ],
    published=[Estimate("xiao2024", A=0.0065291, B=-2.6112)],
    derived=[
        Derived("doubling", doubling, unit="days"),
        Derived("shrinking", shrinking),
    ],
)
