"""What public learning curves say of a curve that nobody has seen: constants, and their file.

`benchmarks/learn_priors.py` learns them from all public curves and writes the file that is shipped;
for a benchmark it learns them without a source.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lawbook.evaluation.populations import Prior

FILE = Path(__file__).with_name("public_curves.json")
DIGITS = 5  # of what is written


@dataclass(frozen=True, eq=False)
class OfLaw:
    """What public curves say of a law.

    Attributes
    ----------
    population
        Mean and covariance of its unconstrained coordinates, over curves of all sources.
    factor, df
        How wide its forecasts are to be, and their tails: see `recalibration`.
    weight
        In the mixture of laws.
    """

    population: Prior
    factor: float = 1.0
    df: float = math.inf
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class PublicCurves:
    """What public curves say, law by law.

    Attributes
    ----------
    laws
        By the name of a member, see `lawbook.evaluation.member_laws`; the first one's errors on
        relatives are used.
    coverage
        (from, to, share, curves): factors beyond the last scale, the share of held-out points that
        90% intervals held there, each curve weighted equally, and the number of curves.
    """

    laws: Mapping[str, OfLaw]
    coverage: tuple[tuple[float, float, float, int], ...] = ()

    @property
    def weights(self) -> dict[str, float]:
        """Share of each law in the mixture."""
        total = sum(of.weight for of in self.laws.values())
        return {name: of.weight / total for name, of in self.laws.items()}

    def covered_at(self, factor: float) -> tuple[float, int]:
        """Return the share that 90% intervals held at a distance, and of how many curves."""
        for low, high, share, count in self.coverage:
            if low < factor <= high:
                return share, count
        return math.nan, 0

    def in_json(self) -> dict[str, Any]:
        """Return the constants as JSON holds them."""
        laws = {
            name: {
                "mean": _rounded(of.population[0]),
                "covariance": _rounded(of.population[1]),
                "factor": float(f"{of.factor:.{DIGITS}g}"),
                "df": None if math.isinf(of.df) else of.df,
                "weight": float(f"{of.weight:.{DIGITS}g}"),
            }
            for name, of in self.laws.items()
        }
        return {"laws": laws, "coverage": self.coverage}


@cache
def public_curves() -> PublicCurves:
    """Return the constants that are shipped."""
    return read_public_curves(FILE)


def read_public_curves(path: Path) -> PublicCurves:
    """Return the constants that a file holds."""
    found = json.loads(path.read_text("utf-8"))
    laws = {
        name: OfLaw(
            (np.array(of["mean"]), np.array(of["covariance"])),
            of["factor"],
            math.inf if of["df"] is None else of["df"],
            of["weight"],
        )
        for name, of in found["laws"].items()
    }
    return PublicCurves(laws, tuple(map(tuple, found["coverage"])))


def _rounded(values: np.ndarray) -> list:
    return [_rounded(value) if np.ndim(value) else float(f"{value:.{DIGITS}g}") for value in values]
