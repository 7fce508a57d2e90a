"""The upper tail of the standard normal, exact and with finite slopes however far out."""

import math
from typing import Any

import pytensor.tensor

pt: Any = pytensor.tensor  # which declares of many functions that they return None

FAR = 20.0  # from here on the tail is taken from its continued fraction
DEPTH = 6  # levels of it that leave rounding error only


def log_tail(x):
    """Return the log of the chance that a standard normal exceeds ``x``."""
    near, far = parted(x)
    log_near = pt.log(pt.erfc(near / math.sqrt(2)) / 2)
    log_far = -(x**2) / 2 - pt.log(far_fraction(far)) - math.log(2 * math.pi) / 2
    return pt.where(x < FAR, log_near, log_far)


def parted(x):
    """Return ``x`` for formulas of below and of above `FAR`, each finite off its side."""
    return pt.minimum(x, FAR), pt.maximum(x, FAR)


def far_fraction(far):
    """Return the density of the standard normal at ``far`` over its tail there."""
    fraction = far
    for n in range(DEPTH, 0, -1):
        fraction = far + n / fraction
    return fraction
