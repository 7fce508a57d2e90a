"""Laws of learning curves in relative units, with a process: those that forecasts are stacked of.

x is a multiple of the largest fitted scale, and ``level`` the response there; see the law
`learning_curve` of the book. Their priors are wide: what public curves have in common takes their
place.

    learning_curve         y = level (floor + (1 - floor) ((x + shift) / (1 + shift))**-c)
    learning_curve_plain   y = level (floor + (1 - floor) x**-c)
    one_break              the plain one with a break, where its slope changes
    two_breaks             the same with two
"""

import inspect
from dataclasses import replace
from functools import cache

from lawbook.laws.catalogue import load_law
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.priors import LogitNormal, LogNormal, Normal
from lawbook.laws.symbols import Param
from lawbook.laws.terms import smooth_break

MEMBERS = ("learning_curve", "one_break", "two_breaks", "learning_curve_plain")
LEFT_OUT = Discrepancy(
    sigma=LogNormal(median=0.004, log_sd=1.0),
    amplitude=LogNormal(median=0.03, log_sd=0.9),
    length=LogNormal(median=1.1, log_sd=0.5),
    checkpoint=LogNormal(median=0.004, log_sd=1.0),
)
PRIORS = {
    "level": LogNormal(median=1.0, log_sd=0.05),
    "floor": LogitNormal(median=0.4, logit_sd=1.2),
    "c": LogNormal(median=0.5, log_sd=0.5),
    "shift": LogNormal(median=0.05, log_sd=1.2),
    "c1": Normal(mean=0.1, sd=0.3),
    "d1": LogNormal(median=0.15, log_sd=1.0),
    "f1": LogNormal(median=0.3, log_sd=0.8),
    "c2": Normal(mean=0.1, sd=0.3),
    "d2": LogNormal(median=0.6, log_sd=0.7),
    "f2": LogNormal(median=0.3, log_sd=0.8),
}


def one_break(xp, x, *, level, floor, c, c1, d1, f1):
    """Change the slope once."""
    fallen = xp.exp(
        -c * xp.log(x) - smooth_break(xp, x, c1, d1, f1) + smooth_break(xp, 1.0, c1, d1, f1)
    )
    return level * (floor + (1 - floor) * fallen)


def two_breaks(xp, x, *, level, floor, c, c1, d1, f1, c2, d2, f2):
    """Change the slope twice."""
    first = smooth_break(xp, x, c1, d1, f1) - smooth_break(xp, 1.0, c1, d1, f1)
    second = smooth_break(xp, x, c2, d2, f2) - smooth_break(xp, 1.0, c2, d2, f2)
    fallen = xp.exp(-c * xp.log(x) - first - second)
    return level * (floor + (1 - floor) * fallen)


BROKEN = {"one_break": one_break, "two_breaks": two_breaks}


@cache
def member(name: str) -> Law:
    """Return one of the `MEMBERS`; of a law of the book only the priors differ."""
    book = load_law("learning_curve" if name in BROKEN else name)
    formula, params = book.formula, book.param_names
    if name in BROKEN:
        formula = BROKEN[name]
        params = [p for p in inspect.signature(formula).parameters if p not in ("xp", "x")]
    return Law(
        name=name,
        formula=formula,
        inputs=book.inputs,
        response=replace(book.response, noise=LEFT_OUT),
        params=[Param(p, PRIORS[p], pool="partial") for p in params],
    )
