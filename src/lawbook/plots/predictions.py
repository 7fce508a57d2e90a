"""Pictures of fits and predictions; see `lawbook.plots.axes` for what they share with others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lawbook.laws.law import Law
from lawbook.plots.axes import (
    axis_of,
    by_group,
    draw_fan,
    draw_rows,
    entitle,
    finish,
    panels_of,
    plain,
    response_label,
    scale_axes,
    size_at,
    size_label,
    style_of,
    subject,
)

FAN = ("90", "50")  # percent of the two bands


def draw_prediction(law: Law, by: Sequence[str], kind: str, table: pd.DataFrame) -> Figure:
    """Draw a prediction: a fan where the points of a group follow one line, else intervals.

    Parameters
    ----------
    law
        It names the inputs and the response.
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
    names = [str(name) for name in table]
    probs = sorted((n[3:-6] for n in names if n.endswith("_lower")), key=float, reverse=True)
    groups = by_group(table, by)
    if len(groups) == len(table):
        figure = Figure(figsize=(6.4, 1.4 + 0.3 * len(table)), layout="constrained")
        panel = figure.subplots()
        draw_rows(panel, [name for name, _ in groups], table, [probs[0], probs[-1]])
        panel.set_xlabel(response_label(law))
        shown = " and ".join(f"{prob}%" for prob in dict.fromkeys((probs[-1], probs[0])))
    else:
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        panel = figure.subplots()
        x, label = axis_of(law, table)
        for i, (name, rows) in enumerate(groups):
            rows = rows[np.argsort(x[rows], kind="stable")]
            here, style = table.iloc[rows], style_of(i)
            inputs = here.loc[:, list(law.input_names)].to_numpy()
            if np.all(np.diff(inputs, axis=0) >= 0) and np.all(np.diff(x[rows]) > 0):
                draw_fan(panel, x[rows], here, style, probs[:1], name)
                continue
            arms = [here["median"] - here[f"eti{probs[0]}_lower"]]
            arms += [here[f"eti{probs[0]}_upper"] - here["median"]]
            bars = {"fmt": "o", "ms": 4, "lw": 1, "color": style[0], "label": name}
            panel.errorbar(x[rows], here["median"], yerr=np.abs(arms), **bars)
        finish(panel, law, table, x, label)
        if by:
            figure.legend(loc="outside right center", frameon=False, fontsize="small")
        shown = f"{probs[0]}%"
    plain(panel)
    words = f"{law.name}: {subject(kind)}, median with {shown} equal-tailed intervals"
    entitle(figure, words + "; dotted line: largest run" * (len(groups) < len(table)))
    return figure


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
    law, by, kind
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
    words = f"{law.name}: {subject(kind)}, median with 50% and 90% credible bands"
    words += f"{held}; dots: runs" + "; hollow: held-out runs" * (held_out is not None)
    words += "; dotted line: largest run" * bool(along_path.max() > along_runs.max())
    entitle(figure, words + "; grey: other groups" * (len(fans) > 1))
    return figure
