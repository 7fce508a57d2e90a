"""Pictures of fits and predictions; see `lawbook.plots.axes` for what they share with others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lawbook.columns import interval, percent, probabilities
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.plots.axes import (
    axis_of,
    by_group,
    draw_fan,
    draw_rows,
    entitle,
    finish,
    kind_in_words,
    panels_of,
    plain,
    response_label,
    scale_axes,
    size_at,
    size_label,
    style_of,
)

FAN = (0.9, 0.5)  # probabilities of the two bands


def draw_prediction(subject: Subject, by: Sequence[str], kind: str, table: pd.DataFrame) -> Figure:
    """Draw a prediction: a fan where the points of a group follow one line, else intervals.

    Parameters
    ----------
    subject
        What predicts.
    by
        Grouping columns.
    kind
        ``"mean"`` or ``"run"``.
    table
        As `lawbook.posterior.prediction.Prediction` has it.

    Returns
    -------
    Figure
        The response against the one input that varies, or against the cost where several do;
        where each group has one point, the groups below each other.
    """
    low, high = probabilities(table)[0], probabilities(table)[-1]
    groups = by_group(table, by)
    alone = len(groups) == len(table)
    if alone:
        figure = Figure(figsize=(6.4, 1.4 + 0.3 * len(table)), layout="constrained")
        panel = figure.subplots()
        draw_rows(panel, [name for name, _ in groups], table, [high, low])
        panel.set_xlabel(response_label(subject))
        shown = " and ".join(percent(prob) for prob in dict.fromkeys((low, high)))
    else:
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        panel = figure.subplots()
        x, label = axis_of(subject, table)
        for i, (name, rows) in enumerate(groups):
            rows = rows[np.argsort(x[rows], kind="stable")]
            here = table.iloc[rows]
            inputs = here.loc[:, list(subject.input_names)].to_numpy()
            line = np.all(np.diff(inputs, axis=0) >= 0) and np.all(np.diff(x[rows]) > 0)
            draw = draw_fan if line else _draw_bars
            draw(panel, x[rows], here, style_of(i), (high,), name)
        finish(panel, subject, table, x, label)
        if by:
            figure.legend(loc="outside right center", frameon=False, fontsize="small")
        shown = percent(high)
    plain(panel)
    words = f"{subject.name}: {kind_in_words(kind)}, median with {shown} credible intervals"
    entitle(figure, words + "; dotted line: largest run" * (not alone))
    return figure


def draw_derivation(
    headline: str, given: Sequence[str], by: Sequence[str], table: pd.DataFrame
) -> Figure:
    """Draw a derived quantity: a fan along what was given, else intervals below each other.

    Parameters
    ----------
    headline
        What was derived, with its unit.
    given
        Columns of what the quantity was derived at.
    by
        Grouping columns.
    table
        As `lawbook.posterior.derivation.Derivation` has it.

    Returns
    -------
    Figure
        The quantity with its widest interval, against the one given value that varies; where none
        does, or several do, a row for each row of the table.
    """
    high = probabilities(table)[-1]
    groups = by_group(table, by)
    varied = [name for name in given if len(set(table[name])) > 1]
    if len(varied) == 1 and len(groups) < len(table):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        panel = figure.subplots()
        x = table[varied[0]].to_numpy(dtype="float64")
        for i, (name, rows) in enumerate(groups):
            rows = rows[np.argsort(x[rows], kind="stable")]
            draw_fan(panel, x[rows], table.iloc[rows], style_of(i), (high,), name)
        scale_axes(panel, None)
        panel.set_xlabel(varied[0])
        panel.set_ylabel(headline)
        if by:
            figure.legend(loc="outside right center", frameon=False, fontsize="small")
    else:
        figure = Figure(figsize=(6.4, 1.4 + 0.3 * len(table)), layout="constrained")
        panel = figure.subplots()
        of_row = {row: name for name, rows in groups for row in rows}
        at = [[f"{name} = {table[name].iloc[i]:.3g}" for name in varied] for i in range(len(table))]
        names = [", ".join(filter(None, [of_row[i], *at[i]])) for i in range(len(table))]
        draw_rows(panel, names, table, (high,))
        panel.set_xlabel(headline)
    plain(panel)
    entitle(figure, f"{headline}, median with {percent(high)} credible interval")
    return figure


def _draw_bars(panel, x, table: pd.DataFrame, style, probs: Sequence[float], name: str) -> None:
    """Draw points of a group that follow no line; arguments as of `draw_fan`."""
    low, high = interval(probs[0])
    arms = np.abs([table["median"] - table[low], table[high] - table["median"]])
    bars = {"fmt": "o", "ms": 4, "lw": 1, "color": style[0], "label": name}
    panel.errorbar(x, table["median"], yerr=arms, **bars)


def draw_fit(
    law: Law,
    by: Sequence[str],
    kind: str,
    table: pd.DataFrame,
    runs: pd.DataFrame,
    held: str,
    *,
    held_out: pd.DataFrame | None = None,
) -> Figure:
    """Draw the runs of each group and the extrapolation as a fan.

    Parameters
    ----------
    law
        It names the inputs and the response.
    by, kind
        As for `draw_prediction`.
    table
        As `lawbook.posterior.fan.fan` returns it.
    runs
        Inputs, response and labels of the fitted runs.
    held
        What the fan holds fixed, as a clause; empty if nothing.
    held_out
        Inputs, response and labels of runs that were not fitted.
    """
    fans, of_runs = by_group(table, by), dict(by_group(runs, by))
    along_path, along_runs = size_at(law, table), size_at(law, runs)
    response = runs[law.response.name].to_numpy()
    figure, panels = panels_of(len(fans))
    for i, (panel, (name, rows)) in enumerate(zip(panels, fans, strict=True)):
        for other, theirs in fans:
            if other != name:
                panel.plot(along_path[theirs], table["median"].iloc[theirs], color="0.8", lw=0.8)
        draw_fan(panel, along_path[rows], table.iloc[rows], style_of(i), FAN)
        mine = of_runs[name]
        dots = {"ms": 3, "mew": 0, "alpha": 0.7, "color": style_of(i)[0]}
        panel.plot(along_runs[mine], response[mine], "o", **dots)
        if held_out is not None:
            rows = dict(by_group(held_out, by)).get(name, [])
            theirs = held_out.iloc[rows]
            hollow = {"ms": 4, "mew": 1, "mfc": "none", "color": style_of(i)[0]}
            panel.plot(size_at(law, theirs), theirs[law.response.name], "o", **hollow)
        if along_path.max() > along_runs.max():
            panel.axvline(along_runs.max(), color="0.5", lw=0.8, ls=":")
        panel.set_title(name, fontsize="medium", loc="left")
    scale_axes(panels[0], law.response)
    figure.supxlabel(size_label(law), fontsize="medium")
    figure.supylabel(response_label(law), fontsize="medium")
    words = f"{law.name}: {kind_in_words(kind)}, median with 50% and 90% credible bands"
    words += f"{held}; dots: runs" + "; hollow: held-out runs" * (held_out is not None)
    words += "; dotted line: largest run" * bool(along_path.max() > along_runs.max())
    entitle(figure, words + "; grey: other groups" * (len(fans) > 1))
    return figure
