"""Chinchilla: an irreducible loss plus one power law in size and one in data.

    L(N, D) = E + A / N**alpha + B / D**beta

N     parameters, embeddings included
D     training tokens, each seen once
L     held-out cross-entropy, nats per token; its floor E belongs to a corpus and a
      tokenizer, so recipes share E, A and B only through a common prior

The paper minimises a Huber loss on log L over about 400 runs; Student-t noise on log L
takes its place here, so one stray run cannot steer the fit. A and alpha, and B and beta,
are correlated at 0.999; the size of each term at mid-range is what the runs tell.

Source: Hoffmann et al. (2022), arXiv:2203.15556, approach 3.
Refit:  Besiroglu et al. (2024), arXiv:2404.10102, from points read off its figure 4.
"""

from math import exp

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize


def loss(xp: Namespace, N, D, *, E, A, B, alpha, beta):
    """Sum the floor and the two terms; exp(log) keeps branches out of the gradient."""
    size_limited = A * xp.exp(-alpha * xp.log(N))
    data_limited = B * xp.exp(-beta * xp.log(D))
    return E + size_limited + data_limited


def flops(N, D):
    """Training FLOPs: six for each parameter and token."""
    return 6 * N * D


LAW = Law(
    name="chinchilla",
    formula=loss,
    inputs=[
        Input("N", unit="parameters", seen=(7e7, 1.6e10)),
        Input("D", unit="tokens", seen=(5e9, 5e11)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=1.8, log_sd=0.3), pool="partial", unit="nats/token"),
        Param("A", TermSize(LogNormal(0.38, 0.5), at={"N": 8e8}, decay="alpha"), pool="partial"),
        Param("B", TermSize(LogNormal(0.38, 0.5), at={"D": 1.7e10}, decay="beta"), pool="partial"),
        Param("alpha", LogNormal(median=0.35, log_sd=0.25)),
        Param("beta", LogNormal(median=0.35, log_sd=0.25)),
    ],
    published=[
        Estimate("hoffmann2022", E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28),
        Estimate(  # the same before rounding, which moves the optimal size by a fifth
            "hoffmann2022",
            E=exp(0.5267228),
            A=exp(6.0073404),
            B=exp(6.0179186),
            alpha=0.33917084,
            beta=0.2849083,
        ),
        Estimate("besiroglu2024", E=1.81686, A=482.00572, B=2085.4342, alpha=0.34781, beta=0.36585),
    ],
    cost=flops,
)
