"""Speculative decoding, throughput: tokens a second by the sequences decoded at once.

    speculative_decoding_throughput   S(B) = s_1 log2(B) + s_0

B     sequences decoded at once, each with its best number of draft paths
S     tokens a second, of all sequences together
s_1   what twice the sequences add; s_0, what one sequence gets

Group by method and machine. The line is of the range where the machine's memory is what waits; it
cannot go on when its arithmetic is busy. The paper's line is of its model of the machine: its
measured table, 250 tokens a second for one sequence and 2150 for 64, is 352.4 log2(B) + 183.9.

Source: Yan et al. (2025), arXiv:2505.07858, theorem 1.3 (Qwen2.5-72B on four H800); values from
public notes on it.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.terms import log2


def throughput(xp: Namespace, B, *, s_1, s_0):
    """Tokens a second of all sequences."""
    return s_1 * log2(xp, B) + s_0


def for_one(xp: Namespace, B, *, s_1, s_0):
    """Tokens a second that each of B sequences gets."""
    return throughput(xp, B, s_1=s_1, s_0=s_0) / B


LAW = Law(
    name="speculative_decoding_throughput",
    domain="inference",
    formula=throughput,
    inputs=[Input("B", unit="sequences", seen=(1, 64), support=(1, float("inf")))],
    response=Response("S", "tokens/second", StudentT("log", LogNormal(0.1, 0.7)), better="higher"),
    params=[
        Param("s_1", LogNormal(median=300, log_sd=0.6), pool="partial", unit="tokens/second"),
        Param("s_0", LogNormal(median=80, log_sd=1.0), pool="partial", unit="tokens/second"),
    ],
    published=[Estimate("yan2025", s_1=286.79, s_0=7.54)],
    derived=[Derived("for_one", for_one, unit="tokens/second")],
)
