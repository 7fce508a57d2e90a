"""Error of quantisation-aware training: what training at few bits costs in loss.

    qat_error   delta(N, D, G) = k D**gamma_D log2(G)**gamma_G / N**gamma_N

N       parameters
D       training tokens
G       elements that share a scale; delta is 0 at G = 1
delta   loss less that of the same run at full precision, nats per token

The error grows with data and falls with size more slowly than the loss does. The parameters
belong to a precision setting, such as W4A4: weights and activations at 4 bits. Between G = 32 and
256 log2(G) spans little, so gamma_G is the weak one.

Source: Chen et al. (2025), arXiv:2505.14302, table 1: W4A4, W4A16, W16A4, then W4A4 and W16A4
with the input of the second feed-forward layer at 8 bits (W4A4/8, W16A4/8).
"""

from math import log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def error(xp: Namespace, N, D, G, *, k, gamma_N, gamma_D, gamma_G):
    """Loss that the quantisation adds."""
    coarseness = power(xp, xp.log(G) / log(2), gamma_G)
    return k * power(xp, D, gamma_D) * coarseness * power(xp, N, -gamma_N)


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
    LogNormal(0.017, 0.8), {"N": 3e8, "D": 3e10}, decay={"N": "gamma_N"}, growth={"D": "gamma_D"}
)
OF_ERROR = [
    Param("k", ERROR_AT_TWO, pool="partial"),
    Param("gamma_N", LogNormal(median=0.25, log_sd=0.4), pool="partial"),
    Param("gamma_D", LogNormal(median=0.08, log_sd=0.8), pool="partial"),
    Param("gamma_G", LogNormal(median=0.55, log_sd=0.6), pool="partial"),
]
W4A4 = {"k": 0.1582, "gamma_N": 0.2186, "gamma_D": 0.0745, "gamma_G": 0.7779}

LAW = Law(
    name="qat_error",
    domain="compression",
    formula=error,
    inputs=INPUTS,
    response=Response("delta", "nats/token", StudentT("log", LogNormal(0.05, 0.7))),
    params=OF_ERROR,
    published=[
        Estimate("chen2025", "W4A4", **W4A4),
        Estimate("chen2025", "W4A16", k=0.2522, gamma_N=0.3589, gamma_D=0.1610, gamma_G=0.3533),
        Estimate("chen2025", "W16A4", k=0.1004, gamma_N=0.1816, gamma_D=0.0331, gamma_G=0.9812),
        Estimate("chen2025", "W4A4/8", k=0.3519, gamma_N=0.2637, gamma_D=0.0964, gamma_G=0.3407),
        Estimate("chen2025", "W16A4/8", k=0.1273, gamma_N=0.2347, gamma_D=0.0827, gamma_G=0.4491),
    ],
    derived=[Derived("largest_group", largest_group, unit="elements")],
)
