"""Quantisation-aware training: what training at few bits costs in loss.

    qat         L(N, D, G) = E + A / N**alpha + B / D**beta + delta(N, D, G)
    qat_error   delta(N, D, G) = k D**gamma_D log2(G)**gamma_G / N**gamma_N

N       parameters
D       training tokens
G       elements that share a scale; delta is 0 at G = 1
L       training loss at the end, nats per token
delta   loss less that of the same run at full precision

The error grows with data and falls with size more slowly than the loss does. k, gamma_D, gamma_G
and gamma_N belong to a precision setting (such as W4A4, which weights and activations at 4 bits),
E, A, B, alpha and beta to the model family. log2(G) spans a quarter only between G = 32 and 256,
so gamma_G is the weak one. Where only L is seen, the noise of the full-precision loss is in it.

Source: Chen et al. (2025), arXiv:2505.14302, table 1: W4A4, W4A16, W16A4, then W4A4 and W16A4
with the input of the second feed-forward layer at 8 bits.
"""

from math import log

from lawbook.models.chinchilla import loss as full_precision  # pyright: ignore

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops, power


def error(xp: Namespace, N, D, G, *, k, gamma_N, gamma_D, gamma_G):
    """Loss that the quantisation adds."""
    coarseness = power(xp, xp.log(G) / log(2), gamma_G)
    return k * power(xp, D, gamma_D) * coarseness * power(xp, N, -gamma_N)


def loss(xp: Namespace, N, D, G, *, E, A, B, alpha, beta, k, gamma_N, gamma_D, gamma_G):
    """Add the error to the loss at full precision."""
    base = full_precision(xp, N, D, E=E, A=A, B=B, alpha=alpha, beta=beta)
    return base + error(xp, N, D, G, k=k, gamma_N=gamma_N, gamma_D=gamma_D, gamma_G=gamma_G)


def effective_share(xp: Namespace, N, D, G, *, A, alpha, k, gamma_N, gamma_D, gamma_G):
    """Share of the parameters with which a model at full precision has the same loss."""
    delta = error(xp, N, D, G, k=k, gamma_N=gamma_N, gamma_D=gamma_D, gamma_G=gamma_G)
    return power(xp, A / (A + delta * power(xp, N, alpha)), 1 / alpha)


def critical_data(xp: Namespace, N, G, *, B, beta, k, gamma_N, gamma_D, gamma_G):
    """Tokens beyond which more of them make the quantised model worse."""
    per_token = error(xp, N, 1.0, G, k=k, gamma_N=gamma_N, gamma_D=gamma_D, gamma_G=gamma_G)
    return power(xp, beta * B / (gamma_D * per_token), 1 / (beta + gamma_D))


def largest_group(xp: Namespace, N, D, tolerated, *, k, gamma_N, gamma_D, gamma_G):
    """Elements that may share a scale for an error that is tolerated."""
    at_two = error(xp, N, D, 2.0, k=k, gamma_N=gamma_N, gamma_D=gamma_D, gamma_G=gamma_G)
    return xp.exp(log(2) * power(xp, tolerated / at_two, 1 / gamma_G))


INPUTS = [
    Input("N", unit="parameters", seen=(7.4e7, 5.95e8)),
    Input("D", unit="tokens", seen=(1e10, 1e11)),
    Input("G", unit="elements", seen=(32, 256), support=(1, float("inf"))),
]
ERROR_AT_TWO = TermSize(  # where log2(G) is 1; 0.05 at G = 128
    LogNormal(0.017, 0.8),
    at={"N": 3e8, "D": 3e10},
    decay={"N": "gamma_N"},
    growth={"D": "gamma_D"},
)
OF_ERROR = [
    Param("k", ERROR_AT_TWO, pool="partial"),
    Param("gamma_N", LogNormal(median=0.25, log_sd=0.4), pool="partial"),
    Param("gamma_D", LogNormal(median=0.08, log_sd=0.8), pool="partial"),
    Param("gamma_G", LogNormal(median=0.55, log_sd=0.6), pool="partial"),
]
OF_BASE = [
    Param("E", LogNormal(median=1.8, log_sd=0.3), unit="nats/token"),
    Param("A", TermSize(LogNormal(0.6, 0.5), at={"N": 3e8}, decay="alpha")),
    Param("B", TermSize(LogNormal(0.4, 0.5), at={"D": 3e10}, decay="beta")),
    Param("alpha", LogNormal(median=0.33, log_sd=0.25)),
    Param("beta", LogNormal(median=0.33, log_sd=0.25)),
]
W4A4 = {"k": 0.1582, "gamma_N": 0.2186, "gamma_D": 0.0745, "gamma_G": 0.7779}
BASE = {"E": 1.9279, "A": 237.7042, "B": 596.2490, "alpha": 0.3022, "beta": 0.3022}

LAWS = (
    Law(
        name="qat",
        domain="compression",
        formula=loss,
        inputs=INPUTS,
        response=Response("loss", "nats/token", StudentT("log", LogNormal(0.003, 1.0))),
        params=[*OF_BASE, *OF_ERROR],
        published=[Estimate("chen2025", **BASE, **W4A4)],
        cost=flops,
        derived=[
            Derived("effective_share", effective_share),
            Derived("critical_data", critical_data, unit="tokens"),
        ],
    ),
    Law(
        name="qat_error",
        domain="compression",
        formula=error,
        inputs=INPUTS,
        response=Response("delta", "nats/token", StudentT("log", LogNormal(0.05, 0.7))),
        params=OF_ERROR,
        published=[
            Estimate("chen2025", **W4A4),
            Estimate("chen2025", k=0.2522, gamma_N=0.3589, gamma_D=0.1610, gamma_G=0.3533),
            Estimate("chen2025", k=0.1004, gamma_N=0.1816, gamma_D=0.0331, gamma_G=0.9812),
            Estimate("chen2025", k=0.3519, gamma_N=0.2637, gamma_D=0.0964, gamma_G=0.3407),
            Estimate("chen2025", k=0.1273, gamma_N=0.2347, gamma_D=0.0827, gamma_G=0.4491),
        ],
        derived=[Derived("largest_group", largest_group, unit="elements")],
    ),
)
