"""Curse of multilinguality: loss on a language by size, its tokens and the number of languages.

    multilingual_languages   L = E + A K**phi / N**alpha + B K**psi / D**beta

K     languages that the model is trained on, as many tokens each
N     parameters
D     tokens of each language
L     held-out loss on one of them, nats per token
phi   by how much languages crowd a model, about 0.11
psi   by how much they help each other's data, about -0.04

For the same loss with r times the languages, a model needs r**(phi / alpha) times the size and
r**(1 + psi / beta) times the tokens in all: size_factor, data_factor and, both together,
compute_factor. The paper has r**0.243, r**0.728 and r**0.97.

Source: Longpre et al. (2025), arXiv:2510.22037 (ATLAS), by public notes, which give phi and psi
and these factors only; so no estimate is included, and priors of phi and psi are around them.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


def loss(xp: Namespace, K, N, D, *, E, A, alpha, phi, B, beta, psi):
    """Add both terms, each with its power of the number of languages, to the floor."""
    crowded = A * power(xp, K, phi) * power(xp, N, -alpha)
    return E + crowded + B * power(xp, K, psi) * power(xp, D, -beta)


def size_factor(xp: Namespace, r, *, alpha, phi):
    """Factor by which r times the languages need more parameters for the same term of size."""
    return power(xp, r, phi / alpha)


def data_factor(xp: Namespace, r, *, beta, psi):
    """Factor by which r times the languages need more tokens in all for the same term of data."""
    return power(xp, r, 1 + psi / beta)


def compute_factor(xp: Namespace, r, *, alpha, phi, beta, psi):
    """Factor by which r times the languages need more compute for the same loss."""
    return power(xp, r, phi / alpha + 1 + psi / beta)


LAW = Law(
    name="multilingual_languages",
    domain="data",
    formula=loss,
    inputs=[
        Input("K", unit="languages", seen=(1, 50), support=(1, float("inf"))),
        Input("N", unit="parameters", seen=(1e7, 8e9)),
        Input("D", unit="tokens", seen=(1e9, 2e11)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=1.5, log_sd=0.4), pool="partial", unit="nats/token"),
        Param("A", TermSize(LogNormal(0.4, 0.6), {"N": 5e8}, decay="alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.4, log_sd=0.3)),
        Param("phi", LogNormal(median=0.11, log_sd=0.6)),
        Param("B", TermSize(LogNormal(0.4, 0.6), {"D": 2e10}, decay="beta"), pool="partial"),
        Param("beta", LogNormal(median=0.25, log_sd=0.4)),
        Param("psi", Normal(mean=-0.04, sd=0.05)),
    ],
    derived=[
        Derived("size_factor", size_factor),
        Derived("data_factor", data_factor),
        Derived("compute_factor", compute_factor),
    ],
)
