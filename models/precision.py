"""Precision: the loss of training at few bits.

    precision   L = A N_eff**-alpha + B D**-beta + E,
                N_eff = N f(P_w, gamma_w, n_w) f(P_a, gamma_a, n_a) f(P_kv, gamma_kv, n_kv),
                f(P, gamma, n) = 1 - exp(n - P / gamma)

N, D             parameters without embeddings, tokens
P_w, P_a, P_kv   training bits of weights, activations, key-value cache; 16 is full precision
L                loss, nats per token

At three bits the released f is below zero, where runs diverge; here it stays above a twentieth.
gamma and n are correlated: runs tell the bits at which f is 0.9. Constants do not carry over.

Source: Kumar et al. (2024), arXiv:2411.04330, table 2 in appendix K, where alpha = beta.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.laws.signatures import takes
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import best_bits, flops, kept, power


@takes("P_w", "P_a", "P_kv")
def loss(xp: Namespace, N, D, *P, E, A, B, alpha, beta, gamma_w, n_w, gamma_a, n_a, gamma_kv, n_kv):
    """Sum the floor and the terms of effective parameters and of data."""
    w_and_a = kept(xp, P[0], gamma_w, n_w) * kept(xp, P[1], gamma_a, n_a)
    N_eff = N * w_and_a * kept(xp, P[2], gamma_kv, n_kv)
    return E + A * power(xp, N_eff, -alpha) + B * power(xp, D, -beta)


def effective_share(xp: Namespace, P, *, gamma_w, n_w, gamma_a, n_a, gamma_kv, n_kv):
    """Share of the parameters that count where all is at P bits."""
    return kept(xp, P, gamma_w, n_w) * kept(xp, P, gamma_a, n_a) * kept(xp, P, gamma_kv, n_kv)


def optimal_bits(xp: Namespace, *, gamma_w, n_w, gamma_a, n_a, gamma_kv, n_kv):
    """Bits for weights, activations and cache alike that are best at a cost of N D P."""
    return best_bits(xp, ((gamma_w, n_w), (gamma_a, n_a), (gamma_kv, n_kv)))


N, D = Input("N", "non-embedding parameters", (3e7, 2.2e8)), Input("D", "tokens", (1.5e9, 2.6e10))
BITS = [Input(name, unit="bits", seen=(3, 16)) for name in ("P_w", "P_a", "P_kv")]
BASE = {"E": 2.7648, "A": 4299, "B": 18060, "alpha": 0.4965, "beta": 0.4965}
SHARES = {"gamma_w": 2.6745, "n_w": 0.3037, "gamma_a": 2.2102, "n_a": 1.4072}

LAW = Law(
    name="precision",
    domain="compression",
    formula=loss,
    inputs=[N, D, *BITS],
    response=Response("loss", "nats/token", StudentT("log", LogNormal(0.004, 1.0))),
    params=[
        Param("E", LogNormal(median=2.2, log_sd=0.3), pool="partial", unit="nats/token"),
        Param("A", TermSize(LogNormal(0.5, 0.5), at={"N": 1e8}, decay="alpha")),
        Param("B", TermSize(LogNormal(0.4, 0.5), at={"D": 1e10}, decay="beta")),
        *(Param(name, LogNormal(median=0.38, log_sd=0.25)) for name in ("alpha", "beta")),
        *(Param(f"gamma_{kind}", LogNormal(median=2.0, log_sd=0.5)) for kind in ("w", "a", "kv")),
        *(Param(f"n_{kind}", Normal(mean=0.7, sd=0.7)) for kind in ("w", "a", "kv")),
    ],
    published=[Estimate("kumar2024", **BASE, **SHARES, gamma_kv=0.9578, n_kv=2.4185)],
    cost=flops,
    derived=[
        Derived("effective_share", effective_share),
        Derived("optimal_bits", optimal_bits, unit="bits"),
    ],
)
