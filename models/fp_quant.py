"""Floating-point quantisation (fp_quant): the loss by exponent and mantissa bits.

    L = n / N**alpha + d / D**beta + eps
        + D**beta / N**alpha * log2(B) / (gamma (E + 0.5)**delta (M + 0.5)**nu_M)

N      parameters
D      training tokens
E, M   exponent and mantissa bits; with the sign P = E + M + 1 bits in all
B      elements that share a scale
L      nats per token

nu_M is the paper's nu, a name that Student-t noise has taken. The quantisation term grows with
D**beta, so there is a number of tokens beyond which more of them do harm. Formats of 8 bits and
more inform of the first three terms only, and delta and nu_M are told apart by formats of equal
width only.

Source: Sun et al. (2025), arXiv:2501.02423, table 2.
"""

from math import log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops, power


def loss(xp: Namespace, N, D, E, M, B, *, n, d, eps, alpha, beta, gamma, delta, nu_M):
    """Add what the format costs to the loss at full precision."""
    intensity = power(xp, D, beta) * power(xp, N, -alpha)
    bits = power(xp, E + 0.5, delta) * power(xp, M + 0.5, nu_M)
    base = n * power(xp, N, -alpha) + d * power(xp, D, -beta) + eps
    return base + intensity * xp.log(B) / log(2) / (gamma * bits)


def critical_data(xp: Namespace, N, E, M, B, *, d, alpha, beta, gamma, delta, nu_M):
    """Tokens beyond which more of them raise the loss."""
    bits = power(xp, E + 0.5, delta) * power(xp, M + 0.5, nu_M)
    ratio = d * gamma * power(xp, N, alpha) * bits * log(2) / xp.log(B)
    return power(xp, ratio, 1 / (2 * beta))


def exponent_bits(xp: Namespace, P, *, delta, nu_M):
    """Exponent bits of the best format of P bits, not rounded."""
    return P * delta / (delta + nu_M) - 0.5


def mantissa_bits(xp: Namespace, P, *, delta, nu_M):
    """Mantissa bits of the best format of P bits, not rounded."""
    return P * nu_M / (delta + nu_M) - 0.5


def optimal_bits(xp: Namespace, D, B, *, n, alpha, beta, gamma, delta, nu_M):
    """Bits in all that are best for a budget of N D P, at fixed D."""
    both = delta + nu_M
    split = power(xp, delta / both, delta) * power(xp, nu_M / both, nu_M)
    harm = xp.log(B) / log(2) * power(xp, D, beta) / (gamma * split)
    return power(xp, (both - alpha) * harm / (alpha * n), 1 / both)


GAMMA = TermSize(  # its inverse is the term's size: 0.03 nats for E2M1 and B = 128
    LogNormal(4.5, 1.0), at={"N": 3e8, "D": 3e10}, decay={"D": "beta"}, growth={"N": "alpha"}
)

LAW = Law(
    name="fp_quant",
    domain="compression",
    formula=loss,
    inputs=[
        Input("N", unit="parameters", seen=(4.1e7, 6.79e8)),
        Input("D", unit="tokens", seen=(1e10, 1e11)),
        Input("E", unit="bits", seen=(1, 5), support=(-0.5, float("inf"))),
        Input("M", unit="bits", seen=(1, 7), support=(-0.5, float("inf"))),
        Input("B", unit="elements", seen=(32, 512), support=(1, float("inf"))),
    ],
    response=Response("loss", "nats/token", noise=StudentT("log", LogNormal(0.004, 1.0))),
    params=[
        Param("n", TermSize(LogNormal(0.6, 0.5), at={"N": 3e8}, decay="alpha")),
        Param("d", TermSize(LogNormal(0.3, 0.5), at={"D": 3e10}, decay="beta")),
        Param("eps", LogNormal(median=1.8, log_sd=0.17), pool="partial", unit="nats/token"),
        Param("alpha", LogNormal(median=0.30, log_sd=0.3)),
        Param("beta", LogNormal(median=0.40, log_sd=0.35)),
        Param("gamma", GAMMA, pool="partial"),
        Param("delta", LogNormal(median=3.0, log_sd=0.35)),
        Param("nu_M", LogNormal(median=3.0, log_sd=0.35)),
    ],
    published=[
        Estimate(
            "sun2025",
            n=69.2343,
            alpha=0.2368,
            d=68973.0621,
            beta=0.5162,
            eps=1.9061,
            gamma=11334.5197,
            delta=3.1926,
            nu_M=2.9543,
        )
    ],
    cost=flops,
    derived=[
        Derived("critical_data", critical_data, unit="tokens"),
        Derived("exponent_bits", exponent_bits, unit="bits"),
        Derived("mantissa_bits", mantissa_bits, unit="bits"),
        Derived("optimal_bits", optimal_bits, unit="bits"),
    ],
)
