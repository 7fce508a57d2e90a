"""Chinchilla for byte-level models a million times smaller than those of the paper.

The formula is the paper's. Units and priors are those of `lawbook.datasets.tiny_lm`: a byte of
source code costs a good model well below 1 nat, and the two terms are each within a factor of a
few of half a nat at the middle of the runs. Recipes are architectures of their own, so that
their exponents may differ, too.
"""

from lawbook import Input, Law, Param, Response, StudentT, load_law
from lawbook.priors import LogNormal, TermSize

CHINCHILLA = load_law("chinchilla")
TERM = LogNormal(median=0.5, log_sd=0.8)
EXPONENT = LogNormal(median=0.35, log_sd=0.35)

LAW = Law(
    name="chinchilla_bytes",
    formula=CHINCHILLA.formula,
    inputs=[
        Input("N", unit="non-embedding parameters", seen=(1.5e3, 6.3e5)),
        Input("D", unit="bytes", seen=(2.6e5, 1.7e7)),
    ],
    response=Response("loss", unit="nats/byte", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=0.8, log_sd=0.5), pool="partial", unit="nats/byte"),
        Param("A", TermSize(TERM, at={"N": 3e4}, decay="alpha"), pool="partial"),
        Param("B", TermSize(TERM, at={"D": 2e6}, decay="beta"), pool="partial"),
        Param("alpha", EXPONENT, pool="partial"),
        Param("beta", EXPONENT, pool="partial"),
    ],
    cost=CHINCHILLA.cost,
)
