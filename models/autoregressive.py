"""Autoregressive: one law for images, video, mathematics and text, with a floor for each.

    autoregressive_size      L(N) = L_inf + (N_0 / N)**alpha         trained to convergence
    autoregressive_compute   L(C) = L_inf + (C_0 / C)**alpha         best size for the compute
    autoregressive_optimum   N(C) = (C / C_0)**beta                  that size

N       parameters without embeddings
C       training compute in PF-days of 8.64e19 FLOP, 6 N times tokens
L       test cross-entropy, nats per token; L_inf is read as the entropy of the data

Each domain has its own values. alpha and L_inf go up together wherever the reducible loss is
below a third; for text no floor could be told. N_0 and C_0 are extrapolations by many decades,
so the priors sit on the reducible loss, and on the best size, at a point inside the runs.

Source: Henighan et al. (2020), arXiv:2010.14701, eq. 1.1 and table 1: images of 8, 16 and 32
pixels, encoded images of 16 and 32, video, mathematics.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, RatioSize
from lawbook.terms import PF_DAY, power


def of_size(xp: Namespace, N, *, L_inf, N_0, alpha):
    """Loss of a converged model."""
    return L_inf + power(xp, N_0 / N, alpha)


def of_compute(xp: Namespace, C, *, L_inf, C_0, alpha):
    """Loss at the best size for the compute."""
    return L_inf + power(xp, C_0 / C, alpha)


def optimum(xp: Namespace, C, *, C_0, beta):
    """Best size for the compute."""
    return power(xp, C / C_0, beta)


def compute_for(xp: Namespace, loss, *, L_inf, C_0, alpha):
    """Compute that reaches a loss; there is none for one below the floor."""
    return C_0 * power(xp, loss - L_inf, -1 / alpha)


def tokens(xp: Namespace, C, *, C_0, beta):
    """Tokens that the best size sees."""
    return PF_DAY * C / (6 * optimum(xp, C, C_0=C_0, beta=beta))


def flops_of_pf_days(C):
    """Training FLOPs."""
    return PF_DAY * C


C = Input("C", unit="PF-days", seen=(1e-6, 1e2))
LOSS = Response("loss", unit="nats/token", noise=StudentT(on="log"))
FLOOR = Param("L_inf", LogNormal(median=1.6, log_sd=1.0), pool="partial", unit="nats/token")

LAWS = (
    Law(
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
            Estimate("henighan2020", L_inf=3.12, N_0=80, alpha=0.24),
            Estimate("henighan2020", L_inf=2.64, N_0=280, alpha=0.22),
            Estimate("henighan2020", L_inf=2.2, N_0=63, alpha=0.13),
            Estimate("henighan2020", L_inf=3.99, N_0=27000, alpha=0.13),
            Estimate("henighan2020", L_inf=3.07, N_0=19000, alpha=0.14),
            Estimate("henighan2020", L_inf=1.01, N_0=37000, alpha=0.24),
            Estimate("henighan2020", L_inf=0.28, N_0=11000, alpha=0.16),
        ],
    ),
    Law(
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
            Estimate("henighan2020", L_inf=3.13, C_0=1.8e-08, alpha=0.19),
            Estimate("henighan2020", L_inf=2.64, C_0=1.6e-08, alpha=0.16),
            Estimate("henighan2020", L_inf=2.21, C_0=3.6e-09, alpha=0.1),
            Estimate("henighan2020", L_inf=4.09, C_0=6.1e-07, alpha=0.11),
            Estimate("henighan2020", L_inf=3.17, C_0=2.6e-06, alpha=0.12),
            Estimate("henighan2020", L_inf=0.95, C_0=2.2e-05, alpha=0.14),
            Estimate("henighan2020", L_inf=0.14, C_0=1.4e-05, alpha=0.17),
        ],
        cost=flops_of_pf_days,
        derived=[Derived("compute_for", compute_for, unit="PF-days")],
    ),
    Law(
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
            Estimate("henighan2020", C_0=5.3e-14, beta=0.64),
            Estimate("henighan2020", C_0=4.8e-12, beta=0.75),
            Estimate("henighan2020", C_0=1.6e-13, beta=0.65),
            Estimate("henighan2020", C_0=6.2e-14, beta=0.64),
            Estimate("henighan2020", C_0=9.4e-13, beta=0.7),
            Estimate("henighan2020", C_0=1.13e-12, beta=0.71),
            Estimate("henighan2020", C_0=2.3e-12, beta=0.69),
        ],
        cost=flops_of_pf_days,
        derived=[Derived("tokens", tokens, unit="tokens")],
    ),
)
