"""Revisiting, M3: a power law of an error over the examples seen, that levels off.

    revisiting_m3    y = beta (1/x + gamma)**c

x   examples (or tokens) seen
y   error, or a loss scaled to at most 1
c   positive here, as in the authors' code

Above about 1/gamma examples more of them bring little. Without a floor c is small, so it has
another prior than in revisiting_m2. Points of one curve are autocorrelated. The range seen is that
of the 72 image curves; the others go from 5e5 sentence pairs to 3e11 tokens.

Source: Alabdulmohsin et al. (2022), arXiv:2209.06640. No published estimate is included: the
paper reports extrapolation errors, and exponents in figures only.
"""

from lawbook import Law, Namespace, Param
from lawbook.models.revisiting_m1 import ERROR, X, level  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.terms import power


def m3(xp: Namespace, x, *, beta, gamma, c):
    """Follow a power law up to about 1/gamma examples, then level off."""
    return beta * power(xp, 1 / x + gamma, c)


LAW = Law(
    name="revisiting_m3",
    domain="curves",
    formula=m3,
    inputs=[X],
    response=ERROR,
    params=[
        level(0.3, decay="c"),
        Param("gamma", LogNormal(median=1e-9, log_sd=3.0), pool="partial", unit="1/examples"),
        Param("c", LogNormal(median=0.15, log_sd=0.8), pool="partial"),
    ],
)
