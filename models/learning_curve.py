"""Learning curve: a shifted power law on a floor, in units of the runs themselves.

    learning_curve        loss = level (floor + (1 - floor) ((x + shift) / (1 + shift))**-c)

x       scale (examples, tokens, parameters, compute), as a multiple of the largest one trained
loss    any positive metric, as a multiple of what the largest trained scales reached
level   loss at x = 1
floor   share of it that no scale takes away
shift   what the curve starts with: flat for x far below it, a power law far above

The law is `shifted` without units, so that all learning curves of science are draws from one
population. Its priors are that population: they, and those of the process that takes up what the
law leaves out, were learned from public curves (`benchmarks/learn_priors.py`). Of a curve's own
shape a few early points say little, so most of what is known of its floor comes from there.

`lawbook.backtest` puts runs in any unit into these, cut by cut.

Source: the curve pow4 of Domhan, Springenberg & Hutter (2015), IJCAI; the form in relative units
and the population are this project's.
"""

from lawbook import Input, Law, Namespace, Param, Response
from lawbook.laws.public_curves import EXPONENT, FLOOR, LEVEL, OF_CURVES, SHIFT


def loss(xp: Namespace, x, *, level, floor, c, shift):
    """Fall along a power law to the floor, through the level at x = 1."""
    fallen = xp.exp(-c * (xp.log(x + shift) - xp.log(1 + shift)))
    return level * (floor + (1 - floor) * fallen)


X = Input("x", unit="largest trained", seen=(1e-3, 4))
LOSS = Response("loss", unit="last level", noise=OF_CURVES)
SHAPE = [
    Param("level", LEVEL, pool="partial"),
    Param("floor", FLOOR, pool="partial"),
    Param("c", EXPONENT, pool="partial"),
]

LAW = Law(
    name="learning_curve",
    domain="curves",
    formula=loss,
    inputs=[X],
    response=LOSS,
    params=[*SHAPE, Param("shift", SHIFT, pool="partial")],
)
