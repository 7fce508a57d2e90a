"""What follows from the law `fp_quant`: harmful amounts of data, and the best number of bits.

After Sun et al. (2025); the best number of bits at a cost is derived here from their law.
"""

from lawbook.laws.namespace import Namespace
from lawbook.laws.terms import log2, power, root
from lawbook.models.fp_quant_error import error  # pyright: ignore


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
