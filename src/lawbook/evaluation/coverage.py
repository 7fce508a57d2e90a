"""Coverage of a backtest: how often intervals held, near and far."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from lawbook import columns
from lawbook.posterior.uncertainty import TOO_NARROW
from lawbook.wording import between, short

HORIZON_BINS = 4  # with equally many points each, where no horizons were asked for
TOO_FEW = 10  # held-out runs that say nothing of coverage


class Scored(Protocol):
    """What coverage is of: `lawbook.evaluation.backtest_results.Backtest`."""

    @property
    def order(self) -> str:
        """What the runs were cut along."""
        ...

    @property
    def scales(self) -> tuple[str, ...]:
        """What distances are along."""
        ...

    @property
    def horizons(self) -> Sequence[float]:
        """Factors that were asked for."""
        ...

    @property
    def points(self) -> pd.DataFrame:
        """One row per law, cut and held-out run."""
        ...

    @property
    def table(self) -> pd.DataFrame:
        """One row a law."""
        ...

    def by_horizon(self, horizons: Sequence[float] | None = None) -> pd.DataFrame:
        """Return the scores by law, scale and distance."""
        ...


class Coverage(NamedTuple):
    """How often intervals of a backtest held.

    Attributes
    ----------
    near
        Share of held-out runs inside: a row a law, a column a level, ascending.
    shown
        The level nearest to 90%.
    far
        Per law, shares inside intervals of that level, indexed by the middle of the distance as
        a multiple of the largest scale that was fitted.
    """

    near: pd.DataFrame
    shown: float
    far: dict[str, pd.Series]


def coverage(backtest: Scored) -> Coverage:
    """Return how often a backtest's intervals held, by level and by distance along its order."""
    table = backtest.table
    levels = columns.levels_covered(table)
    near = pd.DataFrame({level: table[columns.covered(level)] for level in levels})
    shown = nearest_level(levels)
    factors = backtest.points[columns.extrapolation(backtest.order)]
    inner = np.quantile(factors, np.linspace(0, 1, HORIZON_BINS + 1)[1:-1])
    apart = np.unique(inner[inner > 1])
    found = backtest.by_horizon(backtest.horizons or [float(edge) for edge in apart])
    far = {}
    for law in table.index:
        held = {}
        for bin_, row in _along(found, law, backtest.order):
            low, high = max(bin_.left, factors.min()), min(bin_.right, factors.max())
            held[float(np.sqrt(low * high))] = row[columns.covered(shown)]
        far[str(law)] = pd.Series(held)
    return Coverage(near, shown, far)


def nearest_level(levels: Sequence[float]) -> float:
    """Return the probability of the intervals that stand for all: the one nearest to 90%."""
    return min(levels, key=lambda level: abs(level - 0.9))


def not_held(backtest: Scored) -> list[str]:
    """Return a sentence for each law whose intervals held far fewer runs than they promise.

    It names the least distance along the backtest's order at which that was so.
    """
    found, said = backtest.by_horizon(), []
    level = nearest_level(columns.levels_covered(found))
    for law in backtest.table.index:
        for far, row in _along(found, law, backtest.order):
            held = row[columns.covered(level)]
            if row["points"] >= TOO_FEW and held < level - TOO_NARROW:
                said.append(
                    f"The intervals of {law} are too narrow at {between(far.left, far.right)} "
                    f"times the largest fitted {columns.in_words(backtest.order)}: "
                    f"{columns.percent(level)} intervals held {held:.0%} of {row['points']:,.0f} "
                    "held-out runs."
                )
                break
    return said


def held_at(backtest: Scored, law: str, what: str, factor: float) -> str:
    """Return a sentence on how often intervals of a law held at one distance.

    It is empty where that is within the runs, or the backtest knows no such distance.

    Parameters
    ----------
    backtest
        Of that law, and perhaps others.
    law
        Its name.
    what, factor
        What the distance is in, an input or compute, and how far that is.
    """
    cost = what == columns.COMPUTE
    scale = backtest.order if cost and "cost" not in backtest.scales else "cost" if cost else what
    if not factor > 1 or scale not in backtest.scales:
        return ""
    found = backtest.by_horizon()
    level = nearest_level(columns.levels_covered(found))
    for far, row in _along(found, law, scale):
        if far.left < factor <= far.right:
            return (
                f"At {between(far.left, far.right)} times the largest fitted {what}, as far as "
                f"this report looks, {columns.percent(level)} intervals of {law} held "
                f"{row[columns.covered(level)]:.0%} of {row['points']:,.0f} held-out runs."
            )
    most = float(np.max(backtest.points[columns.extrapolation(scale)]))
    return (
        f"No held-out run lies about as far as this report looks, {short(factor, 3)} times the "
        f"largest {what}: the farthest lies {short(most, 3)} times beyond the fitted runs."
    )


def _along(found: pd.DataFrame, law: object, scale: str) -> Iterator[tuple[pd.Interval, dict]]:
    """Yield each distance of a law along a scale, and the scores there."""
    some = found.xs((law, scale), level=("law", "along"))
    yield from zip(some.index.to_list(), pd.DataFrame(some).to_dict("records"), strict=True)
