"""Revisiting, M2: a power law of an error over the examples seen, above a floor.

    revisiting_m2    y = e_inf + beta x**c

x       examples (or tokens) seen
y       error, or a loss scaled to at most 1
c       negative
e_inf   error that no number of examples takes away

c and e_inf are the main ridge: c from -0.24 to -0.40 fits one ImageNet curve equally well. Points
of one curve are autocorrelated. The range seen is that of the 72 image curves; the others go from
5e5 sentence pairs to 3e11 tokens.

Source: Alabdulmohsin et al. (2022), arXiv:2209.06640. No published estimate is included: the
paper reports extrapolation errors, and exponents in figures only.
"""

from lawbook import Law, Namespace, Param
from lawbook.models.revisiting_m1 import ERROR, X, level  # pyright: ignore
from lawbook.priors import LogitNormal, LogNormal, Negative
from lawbook.terms import power


def m2(xp: Namespace, x, *, e_inf, beta, c):
    """Follow a power law above a floor."""
    return e_inf + beta * power(xp, x, c)


STEEP = Param("c", Negative(LogNormal(median=0.4, log_sd=0.5)), pool="partial")
FLOOR = LogitNormal(median=0.18, logit_sd=1.0)

LAW = Law(
    name="revisiting_m2",
    domain="curves",
    formula=m2,
    inputs=[X],
    response=ERROR,
    params=[Param("e_inf", FLOOR, pool="partial"), level(0.2, growth="c"), STEEP],
)
