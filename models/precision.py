"""Precision: the loss of training at few bits, and of quantising afterwards.

    precision       L = A N_eff**-alpha + B D**-beta + E,
                    N_eff = N f(P_w, gamma_w, n_w) f(P_a, gamma_a, n_a) f(P_kv, gamma_kv, n_kv),
                    f(P, gamma, n) = 1 - exp(n - P / gamma)
    precision_ptq   delta = C_T D**gamma_D / N**gamma_N exp(-P_post / gamma_post)

N, D             parameters without embeddings, tokens
P_w, P_a, P_kv   training bits of weights, activations, key-value cache; 16 is full precision
P_post           bits of the weights after training
L, delta         loss and what quantising adds to it, nats per token

At three bits of activations the released f is below zero, where runs diverge; here it stays above
a twentieth. gamma and n are correlated: the bits at which f is 0.9 are what runs tell. The paper
adds an offset b to the second exponent, whose sign its text leaves open and which C_T takes up,
so no estimate of that law is included. Constants do not carry over to another set-up.

Source: Kumar et al. (2024), arXiv:2411.04330, table 2 in appendix K, where alpha = beta.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import flops, power, root


def share(xp: Namespace, P, gamma, n):
    """Share of the parameters that count at P bits."""
    return -xp.expm1(-xp.maximum(P / gamma - n, 0.05))


def loss(
    xp: Namespace,
    N,
    D,
    P_w,
    P_a,
    P_kv,
    *,
    E,
    A,
    B,
    alpha,
    beta,
    gamma_w,
    n_w,
    gamma_a,
    n_a,
    gamma_kv,
    n_kv,
):
    """Sum the floor and the terms of effective parameters and of data."""
    of_weights = share(xp, P_w, gamma_w, n_w)
    N_eff = N * of_weights * share(xp, P_a, gamma_a, n_a) * share(xp, P_kv, gamma_kv, n_kv)
    return E + A * power(xp, N_eff, -alpha) + B * power(xp, D, -beta)


def effective_share(xp: Namespace, P, *, gamma_w, n_w, gamma_a, n_a, gamma_kv, n_kv):
    """Share of the parameters that count where all is at P bits."""
    of_weights = share(xp, P, gamma_w, n_w)
    return of_weights * share(xp, P, gamma_a, n_a) * share(xp, P, gamma_kv, n_kv)


def optimal_bits(xp: Namespace, *, gamma_w, n_w, gamma_a, n_a, gamma_kv, n_kv):
    """Bits for weights, activations and cache alike that are best at a cost of N D P."""

    def fall(P):
        """Rise of log P less that of the log effective share, times P."""
        kinds = ((gamma_w, n_w), (gamma_a, n_a), (gamma_kv, n_kv))
        return 1 - sum(P / gamma / xp.expm1(P / gamma - n) for gamma, n in kinds)

    lowest = xp.maximum(gamma_w * n_w, xp.maximum(gamma_a * n_a, gamma_kv * n_kv))
    return root(xp, fall, xp.maximum(lowest, 0) + 1e-6, 64.0)


def added(xp: Namespace, N, D, P_post, *, C_T, gamma_D, gamma_N, gamma_post):
    """Loss that quantising after training adds."""
    per_bit = xp.exp(-P_post / gamma_post)
    return C_T * power(xp, D, gamma_D) * power(xp, N, -gamma_N) * per_bit


def bits(name: str) -> Input:
    """Bits of one kind of number."""
    return Input(name, unit="bits", seen=(3, 16))


N = Input("N", unit="non-embedding parameters", seen=(3e7, 2.2e8))
D = Input("D", unit="tokens", seen=(1.5e9, 2.6e10))
ADDED_AT_FOUR = TermSize(  # at no bits; at four exp(-4 / gamma_post) of it, 0.03 nats
    LogNormal(5.0, 0.8),
    at={"N": 1e8, "D": 1e10},
    decay={"N": "gamma_N"},
    growth={"D": "gamma_D"},
)

LAWS = (
    Law(
        name="precision",
        domain="compression",
        formula=loss,
        inputs=[N, D, bits("P_w"), bits("P_a"), bits("P_kv")],
        response=Response("loss", "nats/token", StudentT("log", LogNormal(0.004, 1.0))),
        params=[
            Param("E", LogNormal(median=2.2, log_sd=0.3), pool="partial", unit="nats/token"),
            Param("A", TermSize(LogNormal(0.5, 0.5), at={"N": 1e8}, decay="alpha")),
            Param("B", TermSize(LogNormal(0.4, 0.5), at={"D": 1e10}, decay="beta")),
            Param("alpha", LogNormal(median=0.38, log_sd=0.25)),
            Param("beta", LogNormal(median=0.38, log_sd=0.25)),
            Param("gamma_w", LogNormal(median=2.0, log_sd=0.5)),
            Param("n_w", Normal(mean=0.7, sd=0.7)),
            Param("gamma_a", LogNormal(median=2.0, log_sd=0.5)),
            Param("n_a", Normal(mean=0.7, sd=0.7)),
            Param("gamma_kv", LogNormal(median=2.0, log_sd=0.5)),
            Param("n_kv", Normal(mean=0.7, sd=0.7)),
        ],
        published=[
            Estimate(
                "kumar2024",
                E=2.7648,
                A=4299,
                B=18060,
                alpha=0.4965,
                beta=0.4965,
                gamma_w=2.6745,
                n_w=0.3037,
                gamma_a=2.2102,
                n_a=1.4072,
                gamma_kv=0.9578,
                n_kv=2.4185,
            )
        ],
        cost=flops,
        derived=[
            Derived("effective_share", effective_share),
            Derived("optimal_bits", optimal_bits, unit="bits"),
        ],
    ),
    Law(
        name="precision_ptq",
        domain="compression",
        formula=added,
        inputs=[N, D, Input("P_post", unit="bits", seen=(3, 6))],
        response=Response("delta", "nats/token", StudentT("log", LogNormal(0.1, 0.7))),
        params=[
            Param("C_T", ADDED_AT_FOUR, pool="partial"),
            Param("gamma_D", LogNormal(median=0.4, log_sd=0.4)),
            Param("gamma_N", LogNormal(median=0.35, log_sd=0.4)),
            Param("gamma_post", LogNormal(median=0.8, log_sd=0.25), pool="partial"),
        ],
    ),
)
