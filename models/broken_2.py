"""Twice-broken power law: a power law whose slope changes at two breaks, on a floor.

    broken_2   y = a + b x**(-c0) (1 + (x/d1)**(1/f1))**(-c1 f1) (1 + (x/d2)**(1/f2))**(-c2 f2)

x        examples, tokens, parameters or FLOPs: whatever is scaled
y        error, or any positive loss
a        what is left in the end
c0       slope on log-log axes before the first break, sign reversed
d1, d2   where the slope changes, by c1 and c2; it is c0 + c1 between them. A sum below zero is a
         rise, as in double descent
f1, f2   widths of the breaks in log x: a small one is a corner, at 1 a break takes two decades

What broken_1 says of its break holds for both. d1 is a share of d2, so that they keep their order.
Posteriors can have several modes: compare chains, and stack it with broken_0 and broken_1.

Source: Caballero et al. (2022), arXiv:2210.14891.
"""

from math import exp, log

from lawbook import Input, Law, Namespace, Param
from lawbook.models.broken_0 import ERROR, IMAGES, before_breaks  # pyright: ignore
from lawbook.models.broken_1 import rounded, width  # pyright: ignore
from lawbook.priors import LogitNormal, LogNormal, Normal, Share
from lawbook.terms import smooth_break


def twice(xp: Namespace, x, *, a, b, c0, c1, d1, f1, c2, d2, f2):
    """Change the slope twice."""
    turns = smooth_break(xp, x, c1, d1, f1) + smooth_break(xp, x, c2, d2, f2)
    return a + b * xp.exp(-c0 * xp.log(x) - turns)


def between(low: float, high: float, *, unit: str = "examples") -> Law:
    """Return the law for x between ``low`` and ``high``, where its breaks are expected."""
    log_range = log(high / low)
    second = LogNormal(rounded(low * exp(2 / 3 * log_range)), rounded(log_range / 4))
    ratio = LogitNormal(median=rounded(exp(-log_range / 3)), logit_sd=1.0)
    params = [
        *before_breaks(low),
        Param("c1", Normal(mean=0.1, sd=0.3), pool="partial"),
        Param("d1", Share(ratio, of="d2"), pool="partial"),
        width("f1"),
        Param("c2", Normal(mean=0.25, sd=0.3), pool="partial"),
        Param("d2", second, pool="partial"),
        width("f2"),
    ]
    return Law(
        name="broken_2",
        domain="curves",
        formula=twice,
        inputs=[Input("x", unit=unit, seen=(low, high))],
        response=ERROR,
        params=params,
        limits=[
            "Fits of three simulated groups of 40 runs are not to be trusted in two of three: two "
            "breaks are hardly told apart. Give more points, pool fully, or take broken_1.",
            "lawbook.fit_many does not find every mode where a break is slight: its 90% intervals "
            "held 60% of the values of 80 simulated tables whose values came from the priors, and "
            "90% where they were published ones. Fit such tables one by one, by lawbook.fit.",
        ],
    )


LAW = between(*IMAGES)
