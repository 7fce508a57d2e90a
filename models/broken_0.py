"""Broken power laws, unbroken: one power law above a floor.

    broken_0   y = a + b x**(-c0)

x    examples, tokens, parameters or FLOPs: whatever is scaled
y    error, or any positive loss
a    what is left in the end
c0   slope on log-log axes, sign reversed

The law of broken_1 and broken_2 before any break, to be stacked with them. What x is decides where
curves lie: `between` makes a law for another range, and that of the law here is of 72 image curves.

Source: Caballero et al. (2022), arXiv:2210.14891.
"""

from lawbook import Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def unbroken(xp: Namespace, x, *, a, b, c0):
    """Follow one power law above a floor."""
    return a + b * power(xp, x, -c0)


ERROR = Response("error", unit="fraction", noise=StudentT(on="log"))
IMAGES = 4.1e6, 5.8e9


def before_breaks(low: float) -> list[Param]:
    """Return the floor and the first power law, which has its prior on its size at ``low``."""
    return [
        Param("a", LogNormal(median=0.15, log_sd=0.8), pool="partial"),
        Param("b", TermSize(LogNormal(0.5, 0.5), at={"x": low}, decay="c0"), pool="partial"),
        Param("c0", LogNormal(median=0.15, log_sd=0.7), pool="partial"),
    ]


def between(low: float, high: float, *, unit: str = "examples") -> Law:
    """Return the law for x between ``low`` and ``high``, for responses of at most about 1."""
    return Law(
        name="broken_0",
        domain="curves",
        formula=unbroken,
        inputs=[Input("x", unit=unit, seen=(low, high))],
        response=ERROR,
        params=before_breaks(low),
    )


LAW = between(*IMAGES)
