"""Distillation, without a teacher: a student's loss by its size and its tokens.

    distillation_supervised   L = E + (A / N**alpha + B / D**beta)**gamma

N, D   parameters and tokens of the student
L      its loss when trained without a teacher, nats per token

gamma couples the shortages of size and of data. The law of the student with a teacher,
distillation, takes this loss as an input.

Source: Busbridge et al. (2025), arXiv:2502.08606; values from a public implementation of the
paper's.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops, power


def shortage(xp: Namespace, N, D, *, A, B, alpha, beta, gamma):
    """Couple the shortages of size and of data by a power of their sum."""
    return power(xp, A * power(xp, N, -alpha) + B * power(xp, D, -beta), gamma)


def supervised(xp: Namespace, N, D, *, E, A, B, alpha, beta, gamma):
    """Loss without a teacher."""
    return E + shortage(xp, N, D, A=A, B=B, alpha=alpha, beta=beta, gamma=gamma)


def size_exponent(xp: Namespace, *, alpha, beta):
    """Exponent of the best size in compute."""
    return beta / (alpha + beta)


N = Input("N", unit="parameters", seen=(1.43e8, 7.75e9))
D = Input("D", unit="tokens", seen=(3.7e9, 5.1e11))
LOSS = Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.004, 0.7)))


def term(name: str, median: float, at: dict[str, float], exponent: str) -> Param:
    """Prior on what a shortage is before the power, in the middle of the runs."""
    return Param(name, TermSize(LogNormal(median, 0.7), at, decay=exponent), pool="partial")


LAW = Law(
    name="distillation_supervised",
    domain="compression",
    formula=supervised,
    inputs=[N, D],
    response=LOSS,
    params=[
        Param("E", LogNormal(median=1.4, log_sd=0.3), pool="partial", unit="nats/token"),
        term("A", 0.7, {"N": 1e9}, "alpha"),
        term("B", 0.7, {"D": 3e10}, "beta"),
        Param("alpha", LogNormal(median=0.4, log_sd=0.3)),
        Param("beta", LogNormal(median=0.45, log_sd=0.3)),
        Param("gamma", LogNormal(median=0.6, log_sd=0.3)),
    ],
    published=[
        Estimate("busbridge2025", E=1.220, A=3355, B=18186, alpha=0.408, beta=0.431, gamma=0.452)
    ],
    cost=flops,
    derived=[Derived("size_exponent", size_exponent)],
)
