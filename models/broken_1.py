"""Broken power law: a power law whose slope changes at a break, on a floor.

    broken_1   y = a + b x**(-c0) (1 + (x/d1)**(1/f1))**(-c1 f1)

x    examples, tokens, parameters or FLOPs: whatever is scaled
y    error, or any positive loss
a    what is left in the end
c0   slope on log-log axes before the break, sign reversed
d1   where the slope changes, by c1: to c0 + c1, which below zero is a rise
f1   width of the break in log x: a small one is a corner, at 1 a break takes two decades

A break beyond the data cannot be seen, and one at their edge trades off with its slope: trust a
forecast across it as little as its prior. A sharp break is told by c1 f1 more than by either.
Where it may lie depends on what x is: `between` makes a law for another range, and the range here
is that of 72 image curves. Stack it with broken_0 and broken_2.

Source: Caballero et al. (2022), arXiv:2210.14891. Its released fit, the loss on 4-digit additions
over 160 to 736 examples, has a = 0.41388453, b = 2.27727229, c0 = 0.0550773484, c1 = 5.66290382,
d1 = 612.583617, f1 = 0.0591930364.
"""

from math import log, sqrt

from lawbook import Input, Law, Namespace, Param
from lawbook.models.broken_0 import ERROR, IMAGES, before_breaks  # pyright: ignore
from lawbook.priors import LogNormal, Normal
from lawbook.terms import smooth_break


def once(xp: Namespace, x, *, a, b, c0, c1, d1, f1):
    """Change the slope once."""
    return a + b * xp.exp(-c0 * xp.log(x) - smooth_break(xp, x, c1, d1, f1))


def width(name: str) -> Param:
    """Prior on the width of a break."""
    return Param(name, LogNormal(median=0.3, log_sd=0.8))


def between(low: float, high: float, *, unit: str = "examples") -> Law:
    """Return the law for x between ``low`` and ``high``, where its break is expected.

    >>> from lawbook.models.broken_1 import between
    >>> law = between(160, 928)
    """
    middle = LogNormal(rounded(sqrt(low * high)), rounded(log(high / low) / 4))
    params = [
        *before_breaks(low),
        Param("c1", Normal(mean=0.25, sd=0.3), pool="partial"),
        Param("d1", middle, pool="partial"),
        width("f1"),
    ]
    return Law(
        name="broken_1",
        domain="curves",
        formula=once,
        inputs=[Input("x", unit=unit, seen=(low, high))],
        response=ERROR,
        params=params,
        limits=["Slight breaks: 90% intervals of lawbook.fit_many hold 74%; use lawbook.fit."],
    )


def rounded(value: float) -> float:
    """Keep two digits: a prior claims no more."""
    return float(f"{value:.2g}")


LAW = between(*IMAGES)
