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
from lawbook.models.chinchilla import loss as full_precision  # pyright: ignore
from lawbook.models.fp_quant_error import FITTED, INPUTS, LAYOUT, PARAMS, error  # pyright: ignore
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops, log2, power, root


def loss(xp: Namespace, N, D, E, M, B, *, n, d, eps, alpha, beta, gamma, delta, nu_M):
    """Add what the format costs to the loss at full precision."""
    base = full_precision(xp, N, D, E=eps, A=n, B=d, alpha=alpha, beta=beta)
    of_format = {"gamma": gamma, "delta": delta, "nu_M": nu_M}
    return base + error(xp, N, D, E, M, B, alpha=alpha, beta=beta, **of_format)


def critical_data(xp: Namespace, N, E, M, B, *, d, alpha, beta, gamma, delta, nu_M):
    """Tokens beyond which more of them raise the loss."""
    at = {"alpha": alpha, "beta": beta, "gamma": gamma, "delta": delta, "nu_M": nu_M}
    return power(xp, d / error(xp, N, 1.0, E, M, B, **at), 1 / (2 * beta))


def optimal_bits_at(xp: Namespace, C, B, *, n, d, alpha, beta, gamma, delta, nu_M):
    """Bits in all that are best for a cost of 6 N D P / 16 FLOP, with N and D at their best."""
    at = {"n": n, "alpha": alpha, "beta": beta, "gamma": gamma, "delta": delta, "nu_M": nu_M}
    both = delta + nu_M

    def bits(log_D):
        return optimal_bits(xp, xp.exp(log_D), B, **at)

    def rise(log_D):  # of the loss along D, with P at its best and N from what is left
        D, P = xp.exp(log_D), bits(log_D)
        N = 16 * C / (6 * D * P)
        term_N = n * power(xp, N, -alpha)
        of_format = term_N * alpha / (both - alpha)  # what the best number of bits leaves of it
        term_D = d * power(xp, D, -beta)
        return alpha * term_N + (alpha + beta) * of_format - beta * term_D

    return bits(root(xp, rise, 10.0, 80.0))


def optimal_bits(xp: Namespace, D, B, *, n, alpha, beta, gamma, delta, nu_M):
    """Bits in all that are best for a budget of N D P, at fixed D."""
    both = delta + nu_M
    split = power(xp, delta / both, delta) * power(xp, nu_M / both, nu_M)
    harm = log2(xp, B) * power(xp, D, beta) / (gamma * split)
    return power(xp, (both - alpha) * harm / (alpha * n), 1 / both)


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
