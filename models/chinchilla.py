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

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models._chinchilla_values import REPLICATED, UNROUNDED  # pyright: ignore
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import best_split, flops, power


def loss(xp: Namespace, N, D, *, E, A, B, alpha, beta):
    """Sum the floor and the two terms."""
    return E + A * power(xp, N, -alpha) + B * power(xp, D, -beta)


def optimal_size(xp: Namespace, C, *, A, B, alpha, beta):
    """Parameters that C FLOPs of training serve best: the paper's eq. 4."""
    return best_split(xp, C, E=0.0, A=A, B=B, alpha=alpha, beta=beta)[0]


def optimal_data(xp: Namespace, C, *, A, B, alpha, beta):
    """Tokens that C FLOPs of training serve best."""
    return best_split(xp, C, E=0.0, A=A, B=B, alpha=alpha, beta=beta)[1]


def size_exponent(xp: Namespace, *, alpha, beta):
    """Exponent a of the optimal size in compute: N_opt grows like C**a."""
    return beta / (alpha + beta)


LAW = Law(
    name="chinchilla",
    domain="pre-training",
    formula=loss,
    inputs=[Input("N", "parameters", seen=(7e7, 1.6e10)), Input("D", "tokens", seen=(5e9, 5e11))],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=1.8, log_sd=0.3), pool="partial", unit="nats/token"),
        Param("A", TermSize(LogNormal(0.38, 0.5), at={"N": 8e8}, decay="alpha"), pool="partial"),
        Param("B", TermSize(LogNormal(0.38, 0.5), at={"D": 1.7e10}, decay="beta"), pool="partial"),
        Param("alpha", LogNormal(median=0.35, log_sd=0.25)),
        Param("beta", LogNormal(median=0.35, log_sd=0.25)),
    ],
    published=[
        Estimate("hoffmann2022", "as printed", E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28),
        Estimate("hoffmann2022", "unrounded", **UNROUNDED),  # the best size differs by a fifth
        REPLICATED,
    ],
    cost=flops,
    derived=[
        Derived("optimal_size", optimal_size, unit="parameters"),
        Derived("optimal_data", optimal_data, unit="tokens"),
        Derived("size_exponent", size_exponent),
    ],
    optimum=best_split,
)
