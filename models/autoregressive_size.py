"""Autoregressive models by size: one law for images, video, mathematics and text.

    autoregressive_size      L(N) = L_inf + (N_0 / N)**alpha

N       parameters without embeddings, trained to convergence
L       test cross-entropy, nats per token; L_inf is read as the entropy of the data

Each domain has its own values. alpha and L_inf go up together wherever the reducible loss is
below a third. N_0 is an extrapolation by many decades, so its
prior sits on the reducible loss at a point inside the runs.

Source: Henighan et al. (2020), arXiv:2010.14701, eq. 1.1 and table 1: images of 8, 16 and 32
pixels, encoded images of 16 and 32, video, mathematics, images from text, images before text.
autoregressive_text has the rows of text.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import power


def of_size(xp: Namespace, N, *, L_inf, N_0, alpha):
    """Loss of a converged model."""
    return L_inf + power(xp, N_0 / N, alpha)


def divergence(xp: Namespace, N, tokens, *, N_0, alpha):
    """Nats of so many tokens, such as an image, above their entropy."""
    return tokens * power(xp, N_0 / N, alpha)


LOSS = Response("loss", unit="nats/token", noise=StudentT(on="log"))
FLOOR = Param("L_inf", LogNormal(median=1.6, log_sd=1.0), pool="partial", unit="nats/token")

LAW = Law(
    name="autoregressive_size",
    domain="pre-training",
    formula=of_size,
    inputs=[Input("N", unit="non-embedding parameters", seen=(1e4, 1e9))],
    response=LOSS,
    params=[
        FLOOR,
        Param("N_0", RatioSize(LogNormal(0.5, 0.7), {"N": 1e6}, "alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.15, log_sd=0.6), pool="partial"),
    ],
    published=[
        Estimate("henighan2020", "images, 8 pixels", L_inf=3.12, N_0=80, alpha=0.24),
        Estimate("henighan2020", "images, 16 pixels", L_inf=2.64, N_0=280, alpha=0.22),
        Estimate("henighan2020", "images, 32 pixels", L_inf=2.2, N_0=63, alpha=0.13),
        Estimate("henighan2020", "encoded images, 16", L_inf=3.99, N_0=27000, alpha=0.13),
        Estimate("henighan2020", "encoded images, 32", L_inf=3.07, N_0=19000, alpha=0.14),
        Estimate("henighan2020", "video", L_inf=1.01, N_0=37000, alpha=0.24),
        Estimate("henighan2020", "mathematics", L_inf=0.28, N_0=11000, alpha=0.16),
        Estimate("henighan2020", "images from text", L_inf=2.0, N_0=5100, alpha=0.16),
        Estimate("henighan2020", "images before text", L_inf=2.0, N_0=5500, alpha=0.15),
    ],
    derived=[Derived("divergence", divergence, unit="nats")],
)
