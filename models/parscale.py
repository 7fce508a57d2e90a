"""ParScale: parallel streams of one model count like more parameters, by their logarithm.

    L(N, P) = E + (A / (N (k log P + 1)))**alpha

N   parameters without embeddings, of which each stream uses the same
P   streams: times that a token passes the model with other learned prefixes, added up at the end
L   held-out cross-entropy, nats per token; corpora have values of their own
k   worth of streams: P of them are worth k log P times the model beside the one that there is

All models of a corpus see the same tokens. A is an extrapolation to where the reducible loss is 1
nat; the prior sits on that loss at 1e9 parameters. Streams cost time and no memory.

Source: Chen et al. (2025), arXiv:2505.10475, whose released points these values are refitted to.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import power


def effective_size(xp: Namespace, N, P, *, k):
    """Parameters of the model without streams that has the same loss."""
    return N * (k * xp.log(P) + 1)


def loss(xp: Namespace, N, P, *, E, A, alpha, k):
    """Fall along a power law in the size as it counts."""
    return E + power(xp, A / effective_size(xp, N, P, k=k), alpha)


LAW = Law(
    name="parscale",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="non-embedding parameters", seen=(5.3e8, 4.5e9)),
        Input("P", unit="streams", seen=(1, 8), support=(1, float("inf"))),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.003, 0.7))),
    params=[
        Param("E", LogNormal(median=1.0, log_sd=0.5), pool="partial", unit="nats/token"),
        Param("A", RatioSize(LogNormal(0.55, 0.5), {"N": 1e9}, "alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.25, log_sd=0.4)),
        Param("k", LogNormal(median=0.35, log_sd=0.5), pool="partial"),
    ],
    published=[
        Estimate(
            "chen2025parscale", "Stack v2 Python", E=0.69121, A=1.1307e7, alpha=0.18936, k=0.39346
        ),
        Estimate("chen2025parscale", "Pile", E=1.28859, A=1.9752e8, alpha=0.19628, k=0.33444),
    ],
    derived=[Derived("effective_size", effective_size, unit="non-embedding parameters")],
)
