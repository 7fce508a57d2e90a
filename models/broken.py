"""Broken: a power law whose slope changes at up to two breaks, on a floor.

    broken_0    y = a + b x**(-c0)
    broken_1    y = a + b x**(-c0) (1 + (x/d1)**(1/f1))**(-c1 f1)
    broken_2    y = a + b x**(-c0) (1 + (x/d1)**(1/f1))**(-c1 f1) (1 + (x/d2)**(1/f2))**(-c2 f2)

x       examples, tokens, parameters or FLOPs: whatever is scaled
y       error, or any positive loss
a       what is left in the end
c0      slope on log-log axes before the first break, sign reversed
d1, d2  where the slope changes, by c1 and c2; it is c0 + c1 between them. A sum below zero is a
        rise, as in double descent
f1, f2  widths of the breaks in log x: a small one is a corner, at 1 a break takes two decades

A break beyond the data cannot be seen, and one at their edge trades off with its slope: trust a
forecast across such a break as little as its prior. A sharp break is told by c1 f1 more than by
either. Posteriors can have several modes; compare chains, and stack the three laws.

Where the breaks may lie depends on what x is: `between` makes a law for another range, and the
range of the laws here is that of 72 image curves. d1 is a share of d2, so breaks keep their order.

Source: Caballero et al. (2022), arXiv:2210.14891. Its released fit, the loss on 4-digit additions
over 160 to 736 examples, has a = 0.41388453, b = 2.27727229, c0 = 0.0550773484, c1 = 5.66290382,
d1 = 612.583617, f1 = 0.0591930364.
"""

import math

from lawbook import Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Normal, Share, TermSize
from lawbook.terms import power, smooth_break


def unbroken(xp: Namespace, x, *, a, b, c0):
    """Follow one power law above a floor."""
    return a + b * power(xp, x, -c0)


def once(xp: Namespace, x, *, a, b, c0, c1, d1, f1):
    """Change the slope once."""
    return a + b * xp.exp(-c0 * xp.log(x) - smooth_break(xp, x, c1, d1, f1))


def twice(xp: Namespace, x, *, a, b, c0, c1, d1, f1, c2, d2, f2):
    """Change the slope twice."""
    turns = smooth_break(xp, x, c1, d1, f1) + smooth_break(xp, x, c2, d2, f2)
    return a + b * xp.exp(-c0 * xp.log(x) - turns)


ERROR = Response("error", unit="fraction", noise=StudentT(on="log"))


def between(low: float, high: float, *, breaks: int, unit: str = "examples") -> Law:
    """Return the law with 0, 1 or 2 breaks for x between ``low`` and ``high``.

    Breaks are expected in that range, and ``b`` has its prior on the term's size at ``low``,
    before any break, for responses of at most about 1.

    >>> from lawbook.models.broken import between
    >>> law = between(160, 928, breaks=1)
    """
    log_range = math.log(high / low)

    def place(share: float) -> LogNormal:
        return LogNormal(rounded(low * math.exp(share * log_range)), rounded(log_range / 4))

    def width(name: str) -> Param:
        return Param(name, LogNormal(median=0.3, log_sd=0.8))

    params = [
        Param("a", LogNormal(median=0.15, log_sd=0.8), pool="partial"),
        Param("b", TermSize(LogNormal(0.5, 0.5), at={"x": low}, decay="c0"), pool="partial"),
        Param("c0", LogNormal(median=0.15, log_sd=0.7), pool="partial"),
    ]
    if breaks == 1:
        params += [
            Param("c1", Normal(mean=0.25, sd=0.3), pool="partial"),
            Param("d1", place(1 / 2), pool="partial"),
            width("f1"),
        ]
    if breaks == 2:
        ratio = LogitNormal(median=rounded(math.exp(-log_range / 3)), logit_sd=1.0)
        params += [
            Param("c1", Normal(mean=0.1, sd=0.3), pool="partial"),
            Param("d1", Share(ratio, of="d2"), pool="partial"),
            width("f1"),
            Param("c2", Normal(mean=0.25, sd=0.3), pool="partial"),
            Param("d2", place(2 / 3), pool="partial"),
            width("f2"),
        ]
    return Law(
        name=f"broken_{breaks}",
        domain="curves",
        formula=(unbroken, once, twice)[breaks],
        inputs=[Input("x", unit=unit, seen=(low, high))],
        response=ERROR,
        params=params,
    )


def rounded(value: float) -> float:
    """Keep two digits: a prior claims no more."""
    return float(f"{value:.2g}")


LAWS = tuple(between(4.1e6, 5.8e9, breaks=n) for n in (0, 1, 2))
