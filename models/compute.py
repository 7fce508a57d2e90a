"""Compute: an irreducible loss plus one power law in training compute.

    L(C) = E + K / C**gamma

C     training compute, FLOP
L     held-out cross-entropy, nats per token

For recipes that fix how a budget is split between size and data, so that compute is the one
input. Along Chinchilla's optimal split gamma is alpha beta / (alpha + beta), 0.15 to 0.18, and
the refit's reducible loss at 1e20 FLOP is 0.74; the priors are centred there. E and gamma trade
against each other wherever the reducible part stays below a third of the loss.

Source: Henighan et al. (2020), arXiv:2010.14701, eq. 1.1, there written (C_0/C)**alpha with C
in PF-days. No published estimate is included: theirs for text have no floor.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def loss(xp: Namespace, C, *, E, K, gamma):
    """Sum the floor and the reducible loss."""
    return E + K * power(xp, C, -gamma)


def compute_for(xp: Namespace, loss, *, E, K, gamma):
    """Training FLOPs that reach a loss; there are none for one below the floor."""
    return power(xp, (loss - E) / K, -1 / gamma)


def flops(C):
    """Training FLOPs: the input itself."""
    return C


LAW = Law(
    name="compute",
    domain="pre-training",
    formula=loss,
    inputs=[Input("C", unit="FLOP", seen=(1e18, 1e22))],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=1.8, log_sd=0.3), pool="partial", unit="nats/token"),
        Param("K", TermSize(LogNormal(0.75, 0.5), at={"C": 1e20}, decay="gamma"), pool="partial"),
        Param("gamma", LogNormal(median=0.17, log_sd=0.3)),
    ],
    cost=flops,
    derived=[Derived("compute_for", compute_for, unit="FLOP")],
)
