"""Pictures of recipes against each other: who is ahead at each scale, and where that changes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.plots.axes import (
    COLOURS,
    axis_of,
    by_group,
    draw_fan,
    draw_rows,
    entitle,
    finish,
    kind_in_words,
    plain,
    response_label,
    scale_axes,
    size_label,
    style_of,
)

FLIP_BINS = 40  # of the scale at which an order flips


def draw_comparison(law: Law | Subject, between: str, kind: str, table: pd.DataFrame) -> Figure:
    """Draw the response of each group and the probability that it is the best.

    Parameters
    ----------
    law
        It names the inputs and the response.
    between
        The grouping column whose levels are compared.
    kind
        ``"mean"`` or ``"run"``.
    table
        As `lawbook.decisions.comparison.Comparison` has it.

    Returns
    -------
    Figure
        Left the response with its 90% interval, right the probability of being best with two
        Monte Carlo standard errors either way; against the one input that varies, or the cost
        where several do, or with the groups below each other where there is one point.
    """
    groups = by_group(table, (between,))
    alone = len(groups) == len(table)
    height = 1.4 + 0.3 * len(table) if alone else 3.8
    figure = Figure(figsize=(9.0, height), layout="constrained")
    left, right = figure.subplots(1, 2)
    chance = f"probability of the {law.response.best_word} {law.response.name}"
    if alone:
        draw_rows(left, [name for name, _ in groups], table, (0.9,))
        left.set_xlabel(response_label(law))
        places = np.arange(len(table))[::-1]
        colours = [style_of(i)[0] for i in range(len(table))]
        right.barh(places, table["p_best"], color=colours, height=0.5)
        error = 2 * table["p_best_mcse"]
        right.errorbar(table["p_best"], places, xerr=error, fmt="none", color="0.2", lw=1)
        right.set_yticks([])
        right.set_ylim(left.get_ylim())
        right.set_xlim(0, 1)
        right.set_xlabel(chance)
    else:
        x, label = axis_of(law, table)
        for i, (name, rows) in enumerate(groups):
            rows = rows[np.argsort(x[rows], kind="stable")]
            here, style = table.iloc[rows], style_of(i)
            draw_fan(left, x[rows], here, style, (0.9,), name)
            low, high = (here["p_best"] + sign * 2 * here["p_best_mcse"] for sign in (-1, 1))
            right.plot(x[rows], here["p_best"], color=style[0], ls=style[1], lw=1.4)
            right.fill_between(x[rows], low, high, color=style[0], alpha=0.2, lw=0)
        finish(left, law, table, x, label)
        finish(right, law, table, x, label)
        right.set_yscale("linear")
        right.set_ylim(-0.03, 1.03)
        right.set_ylabel(chance)
        figure.legend(loc="outside right center", frameon=False, fontsize="small")
    plain(left, right)
    words = f"{law.name}: {kind_in_words(kind)}, median with 90% credible interval"
    words += "; probability with two Monte Carlo standard errors"
    entitle(figure, words + "; dotted line: largest run" * (not alone))
    return figure


def draw_crossover(
    law: Law | Subject,
    levels: tuple[str, str],
    along: str,
    scale: str,
    horizon: tuple[float, float],
    table: pd.DataFrame,
    draws: np.ndarray,
) -> Figure:
    """Draw where the order flips as a histogram, and the chances that it does not.

    Parameters
    ----------
    law, levels, along, scale, horizon, table
        As `lawbook.decisions.crossover.Crossover` has them.
    draws
        The scale in every draw, infinite beyond the horizon, NaN for never.

    Returns
    -------
    Figure
        Left the probability of a flip per bin of the scale within the horizon, right those of a
        flip within the horizon, beyond it and never, with two Monte Carlo standard errors either
        way.
    """
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    draws = draws.ravel()
    within = draws[np.isfinite(draws)]
    edges = np.geomspace(*horizon, FLIP_BINS + 1)
    weights = np.full(within.shape, 1 / draws.size)
    left.hist(within, bins=list(edges), weights=weights, color=COLOURS[0], alpha=0.8)
    left.plot(horizon, [0, 0], alpha=0)  # the axis shows all of the horizon
    scale_axes(left, None)
    left.set_xlim(horizon)
    left.set_ylim(bottom=0)
    if not within.size:
        left.set_yticks([])
        left.text(
            0.5, 0.5, "no draw flips here", color="0.5", ha="center", transform=left.transAxes
        )
    if scale == "cost":
        label = size_label(law)
    else:
        unit = next(x.unit for x in law.inputs if x.name == scale)
        label = f"{scale} [{unit}]"
    left.set_xlabel(label)
    left.set_ylabel("probability per bin")
    row = table.iloc[0]
    names = ["flips here", "beyond", "never"]
    shares = [row[name] for name in ("p_flip", "p_beyond", "p_never")]
    errors = [2 * row[f"{name}_mcse"] for name in ("p_flip", "p_beyond", "p_never")]
    colours = [COLOURS[0], COLOURS[4], "0.6"]
    right.bar(names, shares, yerr=errors, color=colours, width=0.6, ecolor="0.2")
    right.set_ylim(0, 1)
    right.set_ylabel("probability")
    plain(left, right)
    words = f"{law.name}: where the order of {levels[0]} and {levels[1]} flips"
    entitle(figure, f"{words}, along {along}")
    return figure
