"""The picture of laws against each other: how each predicts."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lawbook.plots.axes import entitle, plain, style_of

SCORES = {  # columns of a score and of its standard error, and what the axis says
    "elpd_diff": ("elpd_diff_se", "left-out runs [nats below the best]"),
    "held_out": (None, "held-out largest runs [nats a run]"),
    "log_evidence": ("log_evidence_mcse", "evidence [nats]"),
}


def draw_laws(table: pd.DataFrame) -> Figure:
    """Draw the scores of laws side by side, the larger the better.

    Parameters
    ----------
    table
        As `lawbook.evaluation.law_comparison.LawComparison` has it.

    Returns
    -------
    Figure
        A panel for each score that some law has, with one standard error either way where it is
        known; the laws below each other, the best predictor of left-out runs first.
    """
    scores = [name for name in SCORES if name in table and np.isfinite(table[name]).any()]
    height = 1.6 + 0.35 * len(table)
    figure = Figure(figsize=(max(6.4, 3.2 * len(scores)), height), layout="constrained")
    if not scores:
        entitle(figure, "No law has a score: leave-one-out failed, and no other was asked for")
        return figure
    places = np.arange(len(table))[::-1]
    colours = [style_of(i)[0] for i in range(len(table))]
    panels = figure.subplots(1, len(scores), squeeze=False, sharey=True).ravel()
    for panel, name in zip(panels, scores, strict=True):
        error, label = SCORES[name]
        panel.scatter(table[name], places, color=colours, s=30, zorder=3)
        if error is not None:
            ends = (table[name] + sign * table[error] for sign in (-1, 1))
            panel.hlines(places, *ends, color=colours, lw=1.2)
        panel.set_xlabel(label)
        panel.tick_params(axis="y", length=0)
    panels[0].set_yticks(places, list(map(str, table.index)))
    panels[0].set_ylim(-0.6, len(table) - 0.4)
    plain(*panels)
    entitle(figure, "Log predictive density by law, with one standard error: larger is better")
    return figure
