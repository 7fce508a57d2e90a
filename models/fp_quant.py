"""Floating-point quantisation (fp_quant): the loss by exponent and mantissa bits.

    L = n / N**alpha + d / D**beta + eps
        + D**beta / N**alpha * log2(B) / (gamma (E + 0.5)**delta (M + 0.5)**nu_M)

N      parameters
D      training tokens
E, M   exponent and mantissa bits; with the sign P = E + M + 1 bits in all
B      elements that share a scale
L      nats per token

nu_M is the paper's nu, a name that Student-t noise has taken. The quantisation term, the law
fp_quant_error, grows with D**beta, so there is a number of tokens beyond which more of them do
harm. Formats of 8 bits and more inform of the first three terms only, and delta and nu_M are told
apart by formats of equal width only.

Source: Sun et al. (2025), arXiv:2501.02423, table 2.
"""

from lawbook import Derived, Estimate, Law, Namespace, Param, Response, StudentT
from lawbook.models._formats import critical_data, optimal_bits, optimal_bits_at  # pyright: ignore
from lawbook.models.chinchilla import loss as full_precision  # pyright: ignore
from lawbook.models.fp_quant_error import FITTED, INPUTS, LAYOUT, PARAMS, error  # pyright: ignore
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops


def loss(xp: Namespace, N, D, E, M, B, *, n, d, eps, alpha, beta, gamma, delta, nu_M):
    """Add what the format costs to the loss at full precision."""
    base = full_precision(xp, N, D, E=eps, A=n, B=d, alpha=alpha, beta=beta)
    of_format = {"gamma": gamma, "delta": delta, "nu_M": nu_M}
    return base + error(xp, N, D, E, M, B, alpha=alpha, beta=beta, **of_format)


LAW = Law(
    name="fp_quant",
    domain="compression",
    formula=loss,
    inputs=INPUTS,
    response=Response("loss", "nats/token", noise=StudentT("log", LogNormal(0.004, 1.0))),
    params=[
        Param("n", TermSize(LogNormal(0.6, 0.5), at={"N": 3e8}, decay="alpha")),
        Param("d", TermSize(LogNormal(0.3, 0.5), at={"D": 3e10}, decay="beta")),
        Param("eps", LogNormal(median=1.8, log_sd=0.17), pool="partial", unit="nats/token"),
        *PARAMS,
    ],
    published=[Estimate("sun2025", n=69.2343, d=68973.0621, eps=1.9061, **FITTED)],
    cost=flops,
    derived=[
        Derived("critical_data", critical_data, unit="tokens"),
        *LAYOUT,
        Derived("optimal_bits", optimal_bits, unit="bits"),
        Derived("optimal_bits_at", optimal_bits_at, unit="bits"),
    ],
)
