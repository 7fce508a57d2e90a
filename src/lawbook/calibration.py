"""The picture of a backtest: whether intervals hold what they promise, near and far."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, PercentFormatter

from lawbook.figures import COLOURS, LINES

if TYPE_CHECKING:
    from lawbook.backtesting import Backtest

BINS = 4  # of the horizon, equally many points each
COLUMNS = 4  # of the legend


class Coverage(NamedTuple):
    """How often intervals of a backtest held.

    Attributes
    ----------
    near
        Share of hidden runs inside: a row a law, a column a level, ascending.
    shown
        The level nearest to 90%.
    far
        Per law, shares inside intervals of that level, indexed by the middle of the horizon as
        a multiple of the largest scale that was fitted.
    counts
        Per law, how many hidden runs stand behind each of these.
    """

    near: pd.DataFrame
    shown: float
    far: dict[str, pd.Series]
    counts: dict[str, pd.Series]


def coverage(backtest: "Backtest") -> Coverage:
    """Return how often a backtest's intervals held, by level and by horizon."""
    table = backtest.table
    covered = [str(name) for name in table if str(name).startswith("covered_")]
    columns = {float(name.removeprefix("covered_")) / 100: name for name in covered}
    near = pd.DataFrame({level: table[columns[level]] for level in sorted(columns)})
    shown = min(columns, key=lambda level: abs(level - 0.9))
    edges = np.unique(np.quantile(backtest.points["horizon"], np.linspace(0, 1, BINS + 1)))
    horizons = backtest.by_horizon([float(edge) for edge in edges[: max(1, len(edges) - 1)]])
    far, counts = {}, {}
    for law in table.index:
        held = horizons.loc[law, columns[shown]]
        middle = [np.exp((max(b.left, 0) + min(b.right, edges[-1])) / 2) for b in held.index]
        far[str(law)] = pd.Series(held.to_numpy(), middle)
        counts[str(law)] = pd.Series(horizons.loc[law, "points"].to_numpy(), middle)
    return Coverage(near, shown, far, counts)


def plot_backtest(backtest: "Backtest") -> Figure:
    """Draw coverage against its level, and coverage of 90% intervals against the horizon.

    Parameters
    ----------
    backtest
        What `lawbook.backtest` returned.

    Returns
    -------
    Figure
        On the left the diagonal is perfect calibration, below it intervals are too narrow. On
        the right the horizon is a multiple of the largest scale that was fitted, and the dashed
        line what the interval promises: 90%, or the level that was asked for and is nearest.
    """
    found = coverage(backtest)
    levels = list(found.near)
    figure = Figure(figsize=(9, 4.3), layout="constrained")
    near, far = figure.subplots(1, 2)
    near.plot([0, 1], [0, 1], color="0.6", lw=1)
    far.axhline(found.shown, color="0.6", lw=1, ls="--")
    for i, (law, held) in enumerate(found.far.items()):
        style: dict[str, Any] = {
            "color": COLOURS[i % len(COLOURS)],
            "ls": LINES[i // len(COLOURS) % len(LINES)],
            "marker": "o",
            "ms": 4,
            "clip_on": False,
        }
        near.plot(levels, found.near.loc[law], label=law, **style)
        far.plot(held.index, held, **style)
    near.set(xlabel="probability of the interval", ylabel="hidden runs inside")
    near.set(xlim=(min(0.4, levels[0]), 1), ylim=(0, 1.02))
    far.set_xlabel(f"{backtest.order} as a multiple of the largest fitted")
    far.set(ylabel=f"hidden runs inside {100 * found.shown:g}% intervals", ylim=(0, 1.02))
    far.set_xscale("log")
    far.set_xlim(1, 1.1 * max(2, *far.dataLim.intervalx))
    far.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    far.xaxis.set_minor_locator(NullLocator())
    far.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}×"))
    for axes in (near, far):
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.spines[["top", "right"]].set_visible(False)
    near.xaxis.set_major_formatter(PercentFormatter(1))
    figure.legend(loc="outside upper center", ncols=COLUMNS, frameon=False)
    return figure
