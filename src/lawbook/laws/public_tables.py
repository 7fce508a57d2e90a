"""How often intervals held in backtests at a distance: made by ``benchmarks/horizons.py``.

Each run that was held out lies some factor beyond the largest of the fitted runs. Of laws in
several inputs that factor is in compute, or in one input where runs were cut along it. Tables of
one source have equal weights, and so have sources.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from lawbook.laws import public_curves


class Held(NamedTuple):
    """How often 90% intervals held new runs at a distance.

    Attributes
    ----------
    above, upto
        Factors beyond the largest fitted run, or scale, between which the held-out runs lay.
    share
        Of the held-out runs inside.
    number
        Of public tables, or curves, that have such runs.
    """

    above: float
    upto: float
    share: float
    number: int


Distances = tuple[Held, ...]

# what the distance is in: "compute" or one "input", of a law in several; "curve", of a law in one
# which has no other. Chinchilla's law with its usual model discrepancy; of curves `learning_curve`
COVERAGE: Mapping[str, Distances] = {
    "compute": (
        Held(1, 2, 0.98, 26),
        Held(2, 10, 0.99, 32),
        Held(10, 100, 0.96, 32),
        Held(100, math.inf, 1.00, 15),
    ),
    "input": (
        Held(1, 2, 0.89, 32),
        Held(2, 10, 0.89, 32),
        Held(10, 100, 0.77, 31),
        Held(100, math.inf, 0.88, 16),
    ),
    "curve": tuple(
        Held(math.exp(above), math.exp(upto), share, number)
        for above, upto, share, number in public_curves.COVERAGE
    ),
}

# the same of Chinchilla's law alone, without a model discrepancy
COVERAGE_ALONE: Mapping[str, Distances] = {
    "compute": (
        Held(1, 2, 0.79, 26),
        Held(2, 10, 0.55, 32),
        Held(10, 100, 0.43, 32),
        Held(100, math.inf, 0.44, 15),
    ),
    "input": (
        Held(1, 2, 0.78, 32),
        Held(2, 10, 0.65, 32),
        Held(10, 100, 0.62, 31),
        Held(100, math.inf, 0.59, 16),
    ),
}
