"""Skaling: Chinchilla's two terms, coupled by a power of their sum.

    L(N, D) = E + A * (N**-alpha + R * D**-beta)**k

N     parameters
D     training tokens, each seen once
L     held-out cross-entropy, nats per token
k     coupling: k = 1 is Chinchilla with B = A R; k < 1 lets the larger shortage rule, since
      relieving the smaller one then gains less

With data without limit the reducible loss is A N**-(alpha k), so alpha and k are told apart
only by runs that are short of both; expect them to be strongly and negatively correlated. The
prior of A is on that reducible loss, that of R on the data term relative to the size term.

Source: Videau et al. (2026), arXiv:2608.07222, for the coupled form. No published estimate is
included.
"""

from lawbook import Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops


def loss(xp: Namespace, N, D, *, E, A, R, alpha, beta, k):
    """Add the coupled shortages to the floor; their sum is taken on the log scale."""
    size_short = -alpha * xp.log(N)
    data_short = xp.log(R) - beta * xp.log(D)
    return E + A * xp.exp(k * xp.logaddexp(size_short, data_short))


SIZE_LIMITED = TermSize(LogNormal(0.38, 0.5), at={"N": 8e8}, decay="alpha * k")
DATA_TO_SIZE = TermSize(
    LogNormal(median=1.0, log_sd=0.8),
    at={"N": 8e8, "D": 1.7e10},
    decay={"D": "beta"},
    growth={"N": "alpha"},
)

LAW = Law(
    name="skaling",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="parameters", seen=(7e7, 1.6e10)),
        Input("D", unit="tokens", seen=(5e9, 5e11)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=1.8, log_sd=0.3), pool="partial", unit="nats/token"),
        Param("A", SIZE_LIMITED, pool="partial"),
        Param("R", DATA_TO_SIZE, pool="partial"),
        Param("alpha", LogNormal(median=0.35, log_sd=0.25)),
        Param("beta", LogNormal(median=0.35, log_sd=0.25)),
        Param("k", LogNormal(median=1.0, log_sd=0.3)),
    ],
    cost=flops,
)
