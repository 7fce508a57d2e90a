"""Train and test compute: what a move of an agent costs for a rating, by the cost of its training.

    train_test_compute   T = 10**(t - s log10(C / 1e15) + e (r + 1000) / 1000)

C   training compute, FLOP
r   rating in Elo points, 0 for perfect play at Hex in the paper
T   compute of a search at test time, FLOP a move
s   decades of test compute that a decade of training saves
e   decades of it that a thousand Elo points cost
t   log10 T at 1e15 FLOP and -1000 points

The paper writes log10(test) = -1.2 log10(train) + 0.004 Elo + 29. A decade of training saves 15
times the search at test time, until the search is that of one node.

Source: Jones (2021), arXiv:2104.03113; its line by a public digest.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import log10, power10


def test_compute(xp: Namespace, C, r, *, t, s, e):
    """Compute of a move that reaches the rating."""
    return power10(xp, t - s * log10(xp, C / 1e15) + e * (r + 1000) / 1000)


def saved_by_decade(xp: Namespace, *, s):
    """Factor by which test compute falls with ten times the training."""
    return power10(xp, s)


LAW = Law(
    name="train_test_compute",
    domain="inference",
    formula=test_compute,
    inputs=[
        Input("C", unit="FLOP", seen=(1e12, 1e17)),
        Input("r", unit="Elo points", seen=(-2000, 0), support=(float("-inf"), float("inf"))),
    ],
    response=Response("T", "FLOP", StudentT("log", LogNormal(0.3, 0.7))),
    params=[
        Param("t", Normal(mean=7, sd=1), pool="partial"),
        Param("s", LogNormal(median=1.1, log_sd=0.3), pool="partial"),
        Param("e", LogNormal(median=4.0, log_sd=0.3), pool="partial"),
    ],
    published=[Estimate("jones2021", t=7.0, s=1.2, e=4.0, recalled=True)],
    derived=[Derived("saved_by_decade", saved_by_decade)],
)
