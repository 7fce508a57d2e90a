"""Shifted: a power law of a shifted input, on a floor.

    y = e_inf + beta (x + d)**c

x       examples (or tokens) seen
y       error, or a loss scaled to at most 1
c       negative
d       what the curve starts with, as if it had seen d examples before the first: flat for x
        far below d, a power law far above it

This is revisiting_m2 where d = 0, and a broken law with one early break: broken_1 with c0 = 0,
b = beta d**c, c1 = -c, d1 = d and f1 = 1. One number more than m2 buys the bend that most
learning curves begin with, which otherwise passes for a small c and a low floor.

c, d and e_inf form a ridge: a larger d goes with a steeper c and a higher floor, and only points
well above d tell them apart. d is positive here; x must not be shifted the other way.

Source: the curve pow4 of Domhan, Springenberg & Hutter (2015), IJCAI, which is e - (a x + b)**c
for accuracies. No published estimate is included.
"""

from lawbook import Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Negative, TermSize
from lawbook.terms import power


def error(xp: Namespace, x, *, e_inf, beta, c, d):
    """Fall from a plateau along a power law to the floor."""
    return e_inf + beta * power(xp, x + d, c)


# far above d, so that it is the size of the term to within a few per cent
SIZE = TermSize(LogNormal(median=0.12, log_sd=0.8), at={"x": 1e9}, growth="c")

LAW = Law(
    name="shifted",
    domain="curves",
    formula=error,
    inputs=[Input("x", unit="examples", seen=(4.1e6, 5.8e9))],
    response=Response("error", unit="fraction", noise=StudentT(on="log")),
    params=[
        Param("e_inf", LogitNormal(median=0.18, logit_sd=1.0), pool="partial"),
        Param("beta", SIZE, pool="partial"),
        Param("c", Negative(LogNormal(median=0.4, log_sd=0.5)), pool="partial"),
        Param("d", LogNormal(median=5e7, log_sd=1.5), pool="partial", unit="examples"),
    ],
)
