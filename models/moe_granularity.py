"""Granularity of mixtures of experts: loss by size, tokens, and how finely experts are cut.

    moe_granularity   L = c + (g / G**gamma + a) / N**alpha + b / D**beta

N, D   parameters of all experts, without embeddings; training tokens
G      granularity: into how many each expert is cut, of which a token sees as many more
L      held-out cross-entropy, nats per token, with 64 times a dense model's feed-forward layers

Finer experts help the term of size alone, the less the finer they are. Routing costs grow with G
and are not in 6 N D of what a token sees. g and gamma share what a table with few G tells.

Source: Krajewski et al. (2024), arXiv:2402.07871; values by a public digest.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def loss(xp: Namespace, N, D, G, *, a, alpha, b, beta, g, gamma, c):
    """Sum the floor, the term of size at a granularity and that of data."""
    coarse = g * power(xp, G, -gamma) + a
    return c + coarse * power(xp, N, -alpha) + b * power(xp, D, -beta)


def worth(xp: Namespace, G, *, a, alpha, g, gamma):
    """Parameters that experts of granularity 1 would need for the same loss, as a multiple."""
    return power(xp, (g + a) / (g * power(xp, G, -gamma) + a), 1 / alpha)


LAW = Law(
    name="moe_granularity",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="non-embedding parameters", seen=(1.3e8, 3.7e9)),
        Input("D", unit="tokens", seen=(1.6e10, 1.3e11)),
        Input("G", unit="experts per expert", seen=(1, 16), support=(1, float("inf"))),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.005, 0.7))),
    params=[
        Param("a", TermSize(LogNormal(1.5, 0.4), {"N": 1e9}, decay="alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.15, log_sd=0.4)),
        Param("b", TermSize(LogNormal(0.8, 0.5), {"D": 5e10}, decay="beta"), pool="partial"),
        Param("beta", LogNormal(median=0.18, log_sd=0.4)),
        Param("g", TermSize(LogNormal(0.2, 0.7), {"N": 1e9}, decay="alpha"), pool="partial"),
        Param("gamma", LogNormal(median=0.6, log_sd=0.4)),
        Param("c", LogNormal(median=0.7, log_sd=0.5), pool="partial", unit="nats/token"),
    ],
    published=[
        Estimate(
            "krajewski2024",
            **dict(a=18.1, alpha=0.115, b=30.8, beta=0.147, g=2.1, gamma=0.58, c=0.47),
            recalled=True,
        )
    ],
    derived=[Derived("worth", worth)],
    limits=[
        "Fits of three simulated groups are slow, and not all are to be trusted: over a decade of "
        "sizes and of tokens each group's floor c trades off with its a and b.",
    ],
)
