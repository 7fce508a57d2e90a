"""The picture of a backtest: do intervals hold what they promise, near and far?"""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lawbook.plots import COLOURS, LINES

if TYPE_CHECKING:
    from lawbook.backtesting import Backtest

BINS = 4  # of the horizon, equally many points each


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
        the right the horizon is a multiple of the largest scale that was fitted; the dashed
        line is 90%.
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    level, far = figure.subplots(1, 2)
    table = backtest.table
    covered = [str(name) for name in table if str(name).startswith("covered_")]
    levels = [float(name.removeprefix("covered_")) / 100 for name in covered]
    edges = np.unique(np.quantile(backtest.points.horizon, np.linspace(0, 1, BINS + 1)))
    by_horizon = backtest.by_horizon(edges[:-1]) if len(edges) > 1 else None
    for i, law in enumerate(table.index):
        style = {
            "color": COLOURS[i % len(COLOURS)],
            "ls": LINES[i // len(COLOURS) % len(LINES)],
            "marker": "o",
            "ms": 4,
            "label": law,
        }
        level.plot(levels, table.loc[law, covered], **style)
        if by_horizon is not None and "covered_90" in by_horizon:
            rows = by_horizon.loc[law]
            middle = [np.exp((max(b.left, 0) + min(b.right, edges[-1])) / 2) for b in rows.index]
            far.plot(middle, rows["covered_90"], **style)
    level.plot([0, 1], [0, 1], color="0.6", lw=1)
    level.set(xlabel="interval", ylabel="held-out runs inside", xlim=(0.4, 1), ylim=(0, 1.02))
    far.axhline(0.9, color="0.6", lw=1, ls="--")
    far.set_xlabel(f"{backtest.order} as a multiple of the largest fitted")
    far.set(ylabel="inside 90% intervals", ylim=(0, 1.02))
    for axes in (level, far):
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.spines[["top", "right"]].set_visible(False)
    level.xaxis.set_major_formatter(PercentFormatter(1))
    level.legend(frameon=False, fontsize=8)
    return figure
