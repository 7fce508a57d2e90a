"""Sparsity of mixtures of experts: loss by size, tokens, and the share of experts that is asleep.

    moe_sparsity   L = a / N**alpha + b / D**beta + c / (1 - S)**lam + d / ((1 - S)**delta N**gamma)
                       + e

N, D   parameters of all experts; training tokens
S      share of the experts that a token does not see; L, held-out cross-entropy, nats per token
lam    lambda, below zero: sparsity helps; delta, by which it makes the last term of size larger

Sparsity at fixed N takes compute away from each token, so that the last term grows as the third
falls. c, d and e trade.

Source: Abnar et al. (2025), arXiv:2501.12370; values by a public digest.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Negative, TermSize
from lawbook.terms import power, root


def loss(xp: Namespace, N, D, S, *, a, alpha, b, beta, c, lam, d, delta, gamma, e):
    """Sum the terms of size, of data, of sparsity, and of size and sparsity."""
    awake, log_N = xp.log1p(-S), xp.log(N)
    sparse = c * xp.exp(-lam * awake) + d * xp.exp(-delta * awake - gamma * log_N)
    return a * power(xp, N, -alpha) + b * power(xp, D, -beta) + sparse + e


def best_sparsity(xp: Namespace, N, *, c, lam, d, delta, gamma):
    """Sparsity of least loss at a size and tokens, whatever it saves; NaN where that is none."""

    def slope(S):  # of the loss; the factor 1 / (1 - S) does not matter
        awake = xp.log1p(-S)
        sparse = delta * d * xp.exp(-delta * awake - gamma * xp.log(N))
        return sparse + lam * c * xp.exp(-lam * awake)

    return root(xp, slope, 0.0, 1 - 1e-9)


AT = dict(a=16612.5, alpha=0.5962, b=5455.67, beta=0.3954, c=0.4598, lam=-0.1666)
AT |= dict(d=17.26, delta=0.1603, gamma=0.1595, e=0.94)

LAW = Law(
    name="moe_sparsity",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="parameters", seen=(3e7, 3.5e10)),
        Input("D", unit="tokens", seen=(5e9, 5e11)),
        Input("S", unit="share", seen=(0, 0.98), support=(0, 1)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.005, 0.7))),
    params=[
        Param("a", TermSize(LogNormal(0.1, 0.7), {"N": 1e9}, decay="alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.55, log_sd=0.25)),
        Param("b", TermSize(LogNormal(0.4, 0.5), {"D": 2e10}, decay="beta"), pool="partial"),
        Param("beta", LogNormal(median=0.38, log_sd=0.25)),
        Param("c", LogNormal(median=0.4, log_sd=0.5), pool="partial", unit="nats/token"),
        Param("lam", Negative(LogNormal(median=0.17, log_sd=0.5))),
        Param("d", TermSize(LogNormal(0.6, 0.5), {"N": 1e9}, decay="gamma"), pool="partial"),
        Param("delta", LogNormal(median=0.16, log_sd=0.4)),
        Param("gamma", LogNormal(median=0.16, log_sd=0.3)),
        Param("e", LogNormal(median=1.0, log_sd=0.4), pool="partial", unit="nats/token"),
    ],
    published=[Estimate("abnar2025", recalled=True, **AT)],
    derived=[Derived("best_sparsity", best_sparsity, unit="share")],
    limits=["Fits of several groups are slow: three of 40 runs each take many minutes."],
)
