"""Speculative decoding: tokens that a draft model gets accepted, and how wide to verify.

    speculative_decoding_data       A(T) = a + b log10(T)
    speculative_decoding_capacity   A(n) = a + b log10(n)
    speculative_decoding_width      k(B) = u sqrt(1 + v / B) - w
    speculative_decoding_chain      A = (1 - q**(g + 1)) / (1 - q),
                                    logit q = a + b_T log(T) + b_n log(n)           (proposed)

T   pre-training tokens of the draft model, in billions
n   its layers
g   tokens that are drafted per step, as a chain
A   tokens accepted per verification step, with the one that comes for free
B   sequences decoded at once; k is the best number of draft paths for each

The lines in log T and log n must break, since A cannot pass g + 1; the chain, with each token
accepted with probability q, does. u and w are large and nearly equal: u - w, the width for many
sequences, and u v / 2, the budget of paths, are what runs tell.

Source: Yan et al. (2025), arXiv:2505.07858, theorems 1.1 to 1.3; values from public notes on it.
"""

from math import log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Normal, Share


def by_data(xp: Namespace, T, *, a, b):
    """Tokens accepted, by data of the draft model."""
    return a + b * xp.log(T) / log(10)


def by_capacity(xp: Namespace, n, *, a, b):
    """Tokens accepted, by layers of the draft model."""
    return a + b * xp.log(n) / log(10)


def width(xp: Namespace, B, *, u, v, w):
    """Best number of draft paths per sequence."""
    return u * xp.sqrt(1 + v / B) - w


def chain(xp: Namespace, T, n, g, *, a, b_T, b_n):
    """Tokens accepted of a chain."""
    logit = a + b_T * xp.log(T) + b_n * xp.log(n)
    log_q = -xp.logaddexp(0.0, -logit)
    return xp.expm1((g + 1) * log_q) / xp.expm1(log_q)


def width_of_many(xp: Namespace, *, u, w):
    """Draft paths per sequence that stay worth while however many are decoded."""
    return u - w


ACCEPTED = Response("A", "tokens", StudentT("log", LogNormal(0.02, 0.7)), better="higher")
T = Input("T", unit="billion tokens", seen=(1, 100))
LAYERS = Input("n", unit="layers", seen=(1, 5))

LAWS = (
    Law(
        name="speculative_decoding_data",
        domain="inference",
        formula=by_data,
        inputs=[T],
        response=ACCEPTED,
        params=[
            Param("a", LogNormal(median=4.6, log_sd=0.2), pool="partial", unit="tokens"),
            Param("b", LogNormal(median=0.12, log_sd=0.7), pool="partial"),
        ],
        published=[Estimate("yan2025", a=5.05, b=0.08)],
    ),
    Law(
        name="speculative_decoding_capacity",
        domain="inference",
        formula=by_capacity,
        inputs=[LAYERS],
        response=ACCEPTED,
        params=[
            Param("a", LogNormal(median=4.6, log_sd=0.2), pool="partial", unit="tokens"),
            Param("b", LogNormal(median=0.7, log_sd=0.5), pool="partial"),
        ],
        published=[Estimate("yan2025", a=4.61, b=0.74)],
    ),
    Law(
        name="speculative_decoding_width",
        domain="inference",
        formula=width,
        inputs=[Input("B", unit="sequences", seen=(1, 64))],
        response=Response("k", "paths", StudentT("log", LogNormal(0.1, 0.7))),
        params=[
            Param("u", LogNormal(median=2e4, log_sd=0.5), pool="partial"),
            Param("v", LogNormal(median=0.04, log_sd=0.5), pool="partial", unit="sequences"),
            Param("w", Share(LogitNormal(0.9997, 0.5), of="u"), pool="partial"),
        ],
        published=[Estimate("yan2025", u=27904, v=0.034, w=27897)],
        derived=[Derived("width_of_many", width_of_many, unit="paths")],
    ),
    Law(
        name="speculative_decoding_chain",
        domain="inference",
        status="proposed",
        formula=chain,
        inputs=[T, LAYERS, Input("g", unit="tokens", seen=(3, 9))],
        response=ACCEPTED,
        params=[
            Param("a", Normal(mean=0.8, sd=0.7), pool="partial"),
            Param("b_T", Normal(mean=0.2, sd=0.15)),
            Param("b_n", Normal(mean=0.2, sd=0.15)),
        ],
    ),
)
