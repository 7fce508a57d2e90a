"""The upper tail of the standard normal, exact and with finite slopes however far out."""

import math
from dataclasses import dataclass
from typing import Any

import pytensor.tensor

pt: Any = pytensor.tensor  # which declares of many functions that they return None


@dataclass(frozen=True)
class Tail:
    """How the normal tail is taken; log densities measured against mpmath.

    Attributes
    ----------
    start
        From here on, in sigma, by its continued fraction.
    depth
        Levels of the fraction, which leave rounding error only.
    """

    start: float = 20.0
    depth: int = 6


TAIL = Tail()


def log_tail(x):
    """Return the log of the chance that a standard normal exceeds ``x``."""
    near, far = parted(x)
    log_near = pt.log(pt.erfc(near / math.sqrt(2)) / 2)
    log_far = -(x**2) / 2 - pt.log(far_fraction(far)) - math.log(2 * math.pi) / 2
    return pt.where(x < TAIL.start, log_near, log_far)


def parted(x):
    """Return ``x`` for formulas of below and of above `TAIL.start`, each finite off its side."""
    return pt.minimum(x, TAIL.start), pt.maximum(x, TAIL.start)


def far_fraction(far):
    """Return the density of the standard normal at ``far`` over its tail there."""
    fraction = far
    for n in range(TAIL.depth, 0, -1):
        fraction = far + n / fraction
    return fraction
