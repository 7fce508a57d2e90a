"""Laws of learning curves in relative units, with a process: the members of the stack.

x is a multiple of the largest fitted scale, and ``level`` the loss there; see the law
`learning_curve` of the book. Priors are wide: it is from them that the populations are learned.

    m1          y = level x**-c
    m2          y = level (floor + (1 - floor) x**-c)
    m3          y = level ((1/x + gamma) / (1 + gamma))**c
    m4          falls from level (1 + above) to level floor as revisiting_m4 does
    shifted     y = level (floor + (1 - floor) ((x + shift) / (1 + shift))**-c)
    broken_1    m2 with a break, broken_2 with two
"""

import inspect
from dataclasses import replace

import lawbook
from lawbook import Law, Param
from lawbook.models.revisiting_m4 import fraction
from lawbook.priors import LogitNormal, LogNormal, Normal
from lawbook.terms import smooth_break

BOOK = lawbook.load_law("learning_curve")
LEFT_OUT = lawbook.Discrepancy(
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
    "gamma": LogNormal(median=0.2, log_sd=1.2),
    "above": LogNormal(median=3.0, log_sd=1.0),
    "alpha": LogNormal(median=0.5, log_sd=0.7),
    "c1": Normal(mean=0.1, sd=0.3),
    "d1": LogNormal(median=0.15, log_sd=1.0),
    "f1": LogNormal(median=0.3, log_sd=0.8),
    "c2": Normal(mean=0.1, sd=0.3),
    "d2": LogNormal(median=0.6, log_sd=0.7),
    "f2": LogNormal(median=0.3, log_sd=0.8),
}


def m1(xp, x, *, level, c):
    """Follow a power law."""
    return level * xp.exp(-c * xp.log(x))


def m3(xp, x, *, level, gamma, c):
    """Follow a power law that levels off."""
    return level * xp.exp(c * (xp.log(1 / x + gamma) - xp.log(1 + gamma)))


def m4(xp, x, *, level, floor, above, c, alpha):
    """Fall from a height to the floor."""
    height = 1 - floor + above
    share = (1 - floor) / height
    t = xp.log(share) - alpha * xp.log1p(-share) - c * xp.log(x)
    return level * (floor + height * fraction(xp, t, alpha))


def broken_1(xp, x, *, level, floor, c, c1, d1, f1):
    """Change the slope once."""
    fallen = xp.exp(
        -c * xp.log(x) - smooth_break(xp, x, c1, d1, f1) + smooth_break(xp, 1.0, c1, d1, f1)
    )
    return level * (floor + (1 - floor) * fallen)


def broken_2(xp, x, *, level, floor, c, c1, d1, f1, c2, d2, f2):
    """Change the slope twice."""
    first = smooth_break(xp, x, c1, d1, f1) - smooth_break(xp, 1.0, c1, d1, f1)
    second = smooth_break(xp, x, c2, d2, f2) - smooth_break(xp, 1.0, c2, d2, f2)
    fallen = xp.exp(-c * xp.log(x) - first - second)
    return level * (floor + (1 - floor) * fallen)


FORMULAS = {"m1": m1, "m3": m3, "m4": m4, "broken_1": broken_1, "broken_2": broken_2}


def member(name: str) -> Law:
    """Return a member of the stack."""
    if name in ("shifted", "m2"):  # a law of the book but for its priors
        law = lawbook.load_law({"shifted": "learning_curve", "m2": "learning_curve_plain"}[name])
        formula, params = law.formula, law.param_names
    else:
        formula = FORMULAS[name]
        params = [p for p in inspect.signature(formula).parameters if p not in ("xp", "x")]
    return Law(
        name=name,
        formula=formula,
        inputs=BOOK.inputs,
        response=replace(BOOK.response, noise=LEFT_OUT),
        params=[Param(p, PRIORS[p], pool="partial") for p in params],
    )
