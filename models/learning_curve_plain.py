"""Learning curve without a shift: a power law on a floor, in units of the runs themselves.

    learning_curve_plain  loss = level (floor + (1 - floor) x**-c)

x       scale (examples, tokens, parameters, compute), as a multiple of the largest one trained
loss    any positive metric, as a multiple of what the largest trained scales reached
level   loss at x = 1
floor   share of it that no scale takes away

The law of learning_curve for curves that are power laws from their first point on, with the same
population as its priors.

Source: the curve pow3 of Domhan, Springenberg & Hutter (2015), IJCAI; the form in relative units
and the population are this project's.
"""

from lawbook import Law, Namespace
from lawbook.models.learning_curve import LOSS, SHAPE, X  # pyright: ignore


def plain(xp: Namespace, x, *, level, floor, c):
    """Fall along a power law from the first point on: no shift."""
    return level * (floor + (1 - floor) * xp.exp(-c * xp.log(x)))


LAW = Law(
    name="learning_curve_plain",
    domain="curves",
    formula=plain,
    inputs=[X],
    response=LOSS,
    params=SHAPE,
)
