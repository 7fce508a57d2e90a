"""Autoregressive models by compute: the loss of the best size for a budget, in several domains.

    autoregressive_compute   L(C) = L_inf + (C_0 / C)**alpha

C       training compute in PF-days of 8.64e19 FLOP, 6 N times tokens
L       test cross-entropy, nats per token; L_inf is read as the entropy of the data

Each domain has its own values. alpha and L_inf go up together wherever the reducible loss is
below a third; for text no floor could be told. C_0 is an extrapolation by many decades, so its
prior sits on the reducible loss at a point inside the runs. autoregressive_optimum is that size.

Source: Henighan et al. (2020), arXiv:2010.14701, eq. 1.1 and table 1: images of 8, 16 and 32
pixels, encoded images of 16 and 32, video, mathematics, images from text, images before text.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param
from lawbook.models.autoregressive_size import FLOOR, LOSS  # pyright: ignore
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import flops_of_pf_days, power


def of_compute(xp: Namespace, C, *, L_inf, C_0, alpha):
    """Loss at the best size for the compute."""
    return L_inf + power(xp, C_0 / C, alpha)


def compute_for(xp: Namespace, loss, *, L_inf, C_0, alpha):
    """Compute that reaches a loss; there is none for one below the floor."""
    return C_0 * power(xp, loss - L_inf, -1 / alpha)


C = Input("C", unit="PF-days", seen=(1e-6, 1e2))

LAW = Law(
    name="autoregressive_compute",
    domain="pre-training",
    formula=of_compute,
    inputs=[C],
    response=LOSS,
    params=[
        FLOOR,
        Param("C_0", RatioSize(LogNormal(0.3, 0.7), {"C": 1e-2}, "alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.13, log_sd=0.5), pool="partial"),
    ],
    published=[
        Estimate("henighan2020", "images, 8 pixels", L_inf=3.13, C_0=1.8e-08, alpha=0.19),
        Estimate("henighan2020", "images, 16 pixels", L_inf=2.64, C_0=1.6e-08, alpha=0.16),
        Estimate("henighan2020", "images, 32 pixels", L_inf=2.21, C_0=3.6e-09, alpha=0.1),
        Estimate("henighan2020", "encoded images, 16", L_inf=4.09, C_0=6.1e-07, alpha=0.11),
        Estimate("henighan2020", "encoded images, 32", L_inf=3.17, C_0=2.6e-06, alpha=0.12),
        Estimate("henighan2020", "video", L_inf=0.95, C_0=2.2e-05, alpha=0.14),
        Estimate("henighan2020", "mathematics", L_inf=0.14, C_0=1.4e-05, alpha=0.17),
        Estimate("henighan2020", "images from text", L_inf=1.93, C_0=1.5e-06, alpha=0.15),
        Estimate("henighan2020", "images before text", L_inf=1.97, C_0=1.5e-06, alpha=0.16),
    ],
    cost=flops_of_pf_days,
    derived=[Derived("compute_for", compute_for, unit="PF-days")],
)
