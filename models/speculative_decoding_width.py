"""Speculative decoding, width: how many draft paths to verify, by the sequences decoded at once.

    speculative_decoding_width   k(B) = u sqrt(1 + v / B) - w

B   sequences decoded at once
k   the best number of draft paths for each

u and w are large and nearly equal: u - w, the width for many sequences, and u v / 2, the budget of
paths, are what runs tell.

Source: Yan et al. (2025), arXiv:2505.07858, theorem 1.3; values from public notes on it.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Share


def width(xp: Namespace, B, *, u, v, w):
    """Best number of draft paths per sequence."""
    return u * xp.sqrt(1 + v / B) - w


def width_of_many(xp: Namespace, *, u, w):
    """Draft paths per sequence that stay worth while however many are decoded."""
    return u - w


LAW = Law(
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
)
