"""Quantisation-aware training: the loss of training at few bits.

    qat   L(N, D, G) = E + A / N**alpha + B / D**beta + delta,
          delta = k D**gamma_D log2(G)**gamma_G / N**gamma_N

N       parameters
D       training tokens
G       elements that share a scale; delta is 0 at G = 1
L       training loss at the end, nats per token
delta   error of the quantisation, the law qat_error

The error grows with data and falls with size more slowly than the loss does. k, gamma_D, gamma_G
and gamma_N belong to a precision setting, E, A, B, alpha and beta to the model family. Where only L
is seen, the noise of the full-precision loss is in the error.

Source: Chen et al. (2025), arXiv:2505.14302, table 1: W4A4.
"""

from lawbook import Derived, Estimate, Law, Namespace, Param, Response, StudentT
from lawbook.models.chinchilla import loss as full_precision  # pyright: ignore
from lawbook.models.qat_error import INPUTS, OF_ERROR, W4A4, error  # pyright: ignore
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops, power


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


OF_BASE = [
    Param("E", LogNormal(median=1.8, log_sd=0.3), unit="nats/token"),
    Param("A", TermSize(LogNormal(0.6, 0.5), at={"N": 3e8}, decay="alpha")),
    Param("B", TermSize(LogNormal(0.4, 0.5), at={"D": 3e10}, decay="beta")),
    Param("alpha", LogNormal(median=0.33, log_sd=0.25)),
    Param("beta", LogNormal(median=0.33, log_sd=0.25)),
]
BASE = {"E": 1.9279, "A": 237.7042, "B": 596.2490, "alpha": 0.3022, "beta": 0.3022}

LAW = Law(
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
)
