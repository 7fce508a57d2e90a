"""The picture of a backtest: whether intervals hold what they promise, near and far."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, PercentFormatter

from lawbook.columns import in_words, percent
from lawbook.plots.axes import plain, style_of

LEGEND_COLUMNS = 4


def draw_backtest(
    near: pd.DataFrame, shown: float, far: Mapping[str, pd.Series], order: str
) -> Figure:
    """Draw coverage against its level, and coverage of 90% intervals against the horizon.

    Parameters
    ----------
    near, shown, far
        As `lawbook.evaluation.coverage.Coverage` has them.
    order
        What the runs were cut along.

    Returns
    -------
    Figure
        On the left the diagonal is perfect calibration, below it intervals are too narrow. On
        the right the horizon is a multiple of the largest scale that was fitted, and the dashed
        line what the interval promises: 90%, or the level that was asked for and is nearest.
    """
    levels = list(near)
    figure = Figure(figsize=(9, 4.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="0.6", lw=1)
    right.axhline(shown, color="0.6", lw=1, ls="--")
    for i, (law, held) in enumerate(far.items()):
        colour, line = style_of(i)
        style: dict[str, Any] = {"color": colour, "ls": line, "marker": "o", "ms": 4}
        style["clip_on"] = False
        left.plot(levels, near.loc[law], label=law, **style)
        right.plot(held.index, held, **style)
    left.set(xlabel="probability of the interval", ylabel="held-out runs inside")
    left.set(xlim=(min(0.4, levels[0]), 1), ylim=(0, 1.02))
    right.set_xlabel(f"{in_words(order)} as a multiple of the largest fitted")
    right.set(ylabel=f"held-out runs inside {percent(shown)} intervals", ylim=(0, 1.02))
    right.set_xscale("log")
    right.set_xlim(1, 1.1 * max(2, *right.dataLim.intervalx))
    right.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    right.xaxis.set_minor_locator(NullLocator())
    right.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}×"))
    for axes in (left, right):
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    plain(left, right)
    left.xaxis.set_major_formatter(PercentFormatter(1))
    figure.legend(loc="outside upper center", ncols=LEGEND_COLUMNS, frameon=False)
    return figure
