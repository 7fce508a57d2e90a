"""The picture of an identification: how far the runs narrowed each parameter."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lawbook.laws.law import Law
from lawbook.plots.axes import COLOURS, entitle, plain


def draw_identification(law: Law, table: pd.DataFrame, least: float) -> Figure:
    """Draw the prior-to-posterior contraction of each parameter.

    Parameters
    ----------
    law
        The law.
    table
        As `lawbook.decisions.identification.Identification` has it.
    least
        Contraction from which on a parameter is identified.

    Returns
    -------
    Figure
        A bar for each parameter, in the law's order from above; those that are not identified in
        another colour. A posterior that is wider than its prior has a bar of no length.
    """
    figure = Figure(figsize=(6.4, 1.4 + 0.3 * len(table)), layout="constrained")
    panel = figure.subplots()
    places = np.arange(len(table))[::-1]
    colours = [COLOURS[0] if known else COLOURS[1] for known in table["identified"]]
    panel.barh(places, table["contraction"].clip(lower=0.0), color=colours, height=0.6)
    panel.axvline(least, color="0.5", lw=0.8, ls=":")
    panel.set_yticks(places, list(table.index))
    panel.tick_params(axis="y", length=0)
    panel.set_xlim(0, 1)
    panel.xaxis.set_major_formatter(PercentFormatter(1))
    panel.set_xlabel("prior-to-posterior contraction")
    plain(panel)
    entitle(figure, f"{law.name}: parameters identified by the runs lie beyond the dotted line")
    return figure
