"""Revisiting, M1: a power law of an error over the examples seen, without a floor.

    revisiting_m1    y = beta x**c

x   examples (or tokens) seen
y   error, or a loss scaled to at most 1
c   negative

Without a floor c is smaller than in revisiting_m2, so it has another prior. Points of one curve
are autocorrelated. The range seen is that of the 72 image curves; the others go from 5e5 sentence
pairs to 3e11 tokens.

Source: Alabdulmohsin et al. (2022), arXiv:2209.06640. No published estimate is included: the
paper reports extrapolation errors, and exponents in figures only.
"""

from lawbook import Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Negative, TermSize
from lawbook.terms import power


def m1(xp: Namespace, x, *, beta, c):
    """Follow a power law."""
    return beta * power(xp, x, c)


X = Input("x", unit="examples", seen=(4.1e6, 5.8e9))
ERROR = Response("error", unit="fraction", noise=StudentT(on="log"))


def level(median: float, **power: str) -> Param:
    """Prior on the power law's value after 1e8 examples."""
    size = TermSize(LogNormal(median, log_sd=0.8), at={"x": 1e8}, **power)
    return Param("beta", size, pool="partial")


SHALLOW = Param("c", Negative(LogNormal(median=0.15, log_sd=0.8)), pool="partial")

LAW = Law(
    name="revisiting_m1",
    domain="curves",
    formula=m1,
    inputs=[X],
    response=ERROR,
    params=[level(0.3, growth="c"), SHALLOW],
)
