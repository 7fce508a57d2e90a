"""Autoregressive models of text by compute: the loss of text at the best size, without a floor.

    autoregressive_text_compute   L(C) = (C_0 / C)**alpha

C       training compute in PF-days of 8.64e19 FLOP, 6 N times tokens
L       test cross-entropy, nats per token, of the best size for that compute

Each kind of text has its own values; autoregressive_compute is the law of other domains, which have
a floor. C_0 is an extrapolation by many decades, so its prior sits on the loss at a point inside
the runs. The best size is that of autoregressive_optimum.

Source: Henighan et al. (2020), arXiv:2010.14701, table 1: language.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param
from lawbook.models.autoregressive_size import LOSS  # pyright: ignore
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import flops_of_pf_days, power


def of_compute(xp: Namespace, C, *, C_0, alpha):
    """Loss at the best size for the compute."""
    return power(xp, C_0 / C, alpha)


def compute_for(xp: Namespace, loss, *, C_0, alpha):
    """Compute that reaches a loss."""
    return C_0 * power(xp, loss, -1 / alpha)


LAW = Law(
    name="autoregressive_text_compute",
    domain="pre-training",
    formula=of_compute,
    inputs=[Input("C", unit="PF-days", seen=(1e-6, 1e4))],
    response=LOSS,
    params=[
        Param("C_0", RatioSize(LogNormal(3.0, 0.5), {"C": 1e-2}, "alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.05, log_sd=0.4), pool="partial"),
    ],
    published=[Estimate("henighan2020", "language", C_0=3.47e8, alpha=0.048)],
    cost=flops_of_pf_days,
    derived=[Derived("compute_for", compute_for, unit="PF-days")],
)
