"""The picture of many fits: each parameter over the tables."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lawbook.columns import interval
from lawbook.plots.axes import COLOURS, entitle, plain


def draw_many(law: str, parameters: Sequence[str], table: pd.DataFrame) -> Figure:
    """Draw medians of each parameter in ascending order, with their 90% intervals.

    Parameters
    ----------
    law
        Its name.
    parameters
        A panel each.
    table
        As `lawbook.posterior.many_results.ManyFits` has it, without tables that failed.
    """
    columns = min(3, len(parameters))
    rows = -(-len(parameters) // columns)
    figure = Figure(figsize=(3.2 * columns, 0.6 + 2.2 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, name in zip(panels, parameters, strict=False):
        ends = interval(0.9, name)
        ordered = table.sort_values(f"{name}_median")
        places = np.arange(len(ordered))
        panel.fill_between(places, *(ordered[end] for end in ends), color=COLOURS[0], alpha=0.25)
        panel.plot(places, ordered[f"{name}_median"], color=COLOURS[0], lw=1.2)
        panel.set_title(name, fontsize="medium")
        panel.set_xlabel("tables, in ascending order")
        plain(panel)
    for panel in panels[len(parameters) :]:
        panel.set_axis_off()
    count = len(table)
    entitle(figure, f"{law}, fitted to {count:,} tables: medians and 90% intervals")
    return figure
