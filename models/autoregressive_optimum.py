"""Autoregressive optimum: the best size of a model for its compute, in several domains.

    autoregressive_optimum   N(C) = (C / C_0)**beta

C   training compute in PF-days of 8.64e19 FLOP, 6 N times tokens
N   parameters without embeddings whose loss is least for that compute

Each domain has its own values; exponents are alike. C_0 is an extrapolation by many decades, so
its prior sits on the best size at a point inside the runs.

Source: Henighan et al. (2020), arXiv:2010.14701, table 1: images of 8, 16 and 32 pixels, encoded
images of 16 and 32, video, mathematics, images from text, images before text, language.
"""

from lawbook import Derived, Estimate, Law, Namespace, Param, Response, StudentT
from lawbook.models.autoregressive_compute import C  # pyright: ignore
from lawbook.priors import LogitNormal, LogNormal, RatioSize
from lawbook.terms import PF_DAY, flops_of_pf_days, power


def optimum(xp: Namespace, C, *, C_0, beta):
    """Best size for the compute."""
    return power(xp, C / C_0, beta)


def tokens(xp: Namespace, C, *, C_0, beta):
    """Tokens that the best size sees."""
    return PF_DAY * C / (6 * optimum(xp, C, C_0=C_0, beta=beta))


def tokens_exponent(xp: Namespace, *, beta):
    """Exponent of the tokens in the size, where both are the best for their compute."""
    return (1 - beta) / beta


LAW = Law(
    name="autoregressive_optimum",
    domain="pre-training",
    formula=optimum,
    inputs=[C],
    response=Response("N", "non-embedding parameters", StudentT("log", LogNormal(0.1, 0.7))),
    params=[
        Param("C_0", RatioSize(LogNormal(1e-7, 1.0), {"C": 1e-2}, "beta"), pool="partial"),
        Param("beta", LogitNormal(median=0.69, logit_sd=0.3), pool="partial"),
    ],
    published=[
        Estimate("henighan2020", "images, 8 pixels", C_0=5.3e-14, beta=0.64),
        Estimate("henighan2020", "images, 16 pixels", C_0=4.8e-12, beta=0.75),
        Estimate("henighan2020", "images, 32 pixels", C_0=1.6e-13, beta=0.65),
        Estimate("henighan2020", "encoded images, 16", C_0=6.2e-14, beta=0.64),
        Estimate("henighan2020", "encoded images, 32", C_0=9.4e-13, beta=0.7),
        Estimate("henighan2020", "video", C_0=1.13e-12, beta=0.71),
        Estimate("henighan2020", "mathematics", C_0=2.3e-12, beta=0.69),
        Estimate("henighan2020", "images from text", C_0=9.4e-13, beta=0.7),
        Estimate("henighan2020", "images before text", C_0=3.3e-12, beta=0.72),
        Estimate("henighan2020", "language", C_0=3.3e-13, beta=0.73),
    ],
    cost=flops_of_pf_days,
    derived=[
        Derived("tokens", tokens, unit="tokens"),
        Derived("tokens_exponent", tokens_exponent),
    ],
)
