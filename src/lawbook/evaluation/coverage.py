"""Coverage of a backtest: how often intervals held, near and far."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from lawbook import columns

HORIZON_BINS = 4  # with equally many points each


class Scored(Protocol):
    """What coverage is of: `lawbook.evaluation.backtesting.Backtest`."""

    @property
    def points(self) -> pd.DataFrame:
        """One row per law, cut and held-out run."""
        ...

    @property
    def table(self) -> pd.DataFrame:
        """One row a law."""
        ...

    def by_horizon(self, edges: Sequence[float]) -> pd.DataFrame:
        """Return the scores by law and horizon."""
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
        Per law, shares inside intervals of that level, indexed by the middle of the horizon as
        a multiple of the largest scale that was fitted.
    counts
        Per law, how many held-out runs stand behind each of these.
    """

    near: pd.DataFrame
    shown: float
    far: dict[str, pd.Series]
    counts: dict[str, pd.Series]


def coverage(backtest: Scored) -> Coverage:
    """Return how often a backtest's intervals held, by level and by horizon."""
    table = backtest.table
    levels = columns.levels_covered(table)
    near = pd.DataFrame({level: table[columns.covered(level)] for level in levels})
    shown = min(levels, key=lambda level: abs(level - 0.9))
    edges = np.unique(np.quantile(backtest.points["horizon"], np.linspace(0, 1, HORIZON_BINS + 1)))
    horizons = backtest.by_horizon([float(edge) for edge in edges[: max(1, len(edges) - 1)]])
    far, counts = {}, {}
    for law in table.index:
        held = horizons.loc[law, columns.covered(shown)]
        middle = [np.exp((max(b.left, 0) + min(b.right, edges[-1])) / 2) for b in held.index]
        far[str(law)] = pd.Series(held.to_numpy(), middle)
        counts[str(law)] = pd.Series(horizons.loc[law, "points"].to_numpy(), middle)
    return Coverage(near, shown, far, counts)
