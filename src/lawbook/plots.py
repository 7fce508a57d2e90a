"""Pictures of fits and predictions; see `lawbook.figures` for what they share with others."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lawbook.checking import columns_read
from lawbook.declaration import Law
from lawbook.errors import FitError
from lawbook.figures import (
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
from lawbook.prediction import check_kind, responses, summarised

if TYPE_CHECKING:
    from lawbook.fitting import Fit
    from lawbook.prediction import Prediction

FAN = ("90", "50")  # percent of the two bands
STEPS = 60  # points along a fan


def plot_fit(fit: "Fit", *, kind: str = "mean", beyond: float = 100.0) -> Figure:
    """Draw the runs of each group and the extrapolation as a fan.

    Parameters
    ----------
    fit
        A fitted law.
    kind
        ``"mean"``: the fan holds the law's value; ``"run"``: one new training run.
    beyond
        How far the fan goes, as a ratio to the largest run's cost; where the law has no cost,
        to the largest first input. If that is no amount, as a share or a loss, the fan keeps
        to the runs.

    Returns
    -------
    Figure
        One panel a group, with the medians of the others in grey. Where the law has several
        inputs the fan keeps the group's median ratios between them, and inputs that are no
        amounts at their median, so that a run beside the fan need not contradict it.

    Raises
    ------
    FitError
        If an option does not fit.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> fit.plot().get_supylabel()
    'loss [nats/token]'
    """
    check_kind(kind)
    if not 1 <= beyond < math.inf:
        raise FitError(f"beyond={beyond!r}: expected a ratio of at least 1; write beyond=100")
    law, runs = fit.law, fit.runs
    table = fan(fit, kind, beyond)
    fans, of_runs = by_group(table, runs.by), dict(by_group(runs.frame, runs.by))
    along_path, along_runs = size_at(law, table), size_at(law, runs.frame)
    figure, panels = panels_of(len(fans))
    for i, (panel, (name, rows)) in enumerate(zip(panels, fans, strict=True)):
        for other, theirs in fans:
            if other != name:
                panel.plot(along_path[theirs], table["median"].iloc[theirs], color="0.8", lw=0.8)
        draw_fan(panel, along_path[rows], table.iloc[rows], style_of(i), FAN)
        mine = of_runs[name]
        dots = {"ms": 3, "mew": 0, "alpha": 0.7, "color": style_of(i)[0]}
        panel.plot(along_runs[mine], runs.response[mine], "o", **dots)
        if along_path.max() > along_runs.max():
            panel.axvline(along_runs.max(), color="0.5", lw=0.8, ls=":")
        panel.set_title(name, fontsize="medium", loc="left")
    scale_axes(panels[0], law.response)
    figure.supxlabel(size_label(law), fontsize="medium")
    figure.supylabel(response_label(law), fontsize="medium")
    words = f"{law.name}: {subject(kind)}, median with 50% and 90% equal-tailed bands"
    words += f"{ratios_in_words(law)}; dots: runs"
    words += "; dotted line: largest run" * bool(along_path.max() > along_runs.max())
    entitle(figure, words + "; grey: other groups" * (len(fans) > 1))
    return figure


def plot_prediction(prediction: "Prediction") -> Figure:
    """Draw a prediction: a fan where the points of a group follow one line, else intervals.

    Parameters
    ----------
    prediction
        As `lawbook.prediction.predict` or a chain returns it.

    Returns
    -------
    Figure
        The response against the one input that varies, or against the cost where several do;
        where each group has one point, the groups below each other.
    """
    law, table = prediction.law, prediction.table
    names = [str(name) for name in table]
    probs = sorted((n[3:-6] for n in names if n.endswith("_lower")), key=float, reverse=True)
    groups = by_group(table, prediction.by)
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
        if prediction.by:
            figure.legend(loc="outside right center", frameon=False, fontsize="small")
        shown = f"{probs[0]}%"
    plain(panel)
    words = f"{law.name}: {subject(prediction.kind)}, median with {shown} equal-tailed intervals"
    entitle(figure, words + "; dotted line: largest run" * (len(groups) < len(table)))
    return figure


def fan(fit: "Fit", kind: str, beyond: float) -> pd.DataFrame:
    """Return points from each group's smallest run to far beyond the largest, and what is there.

    Options are those of `plot_fit`. Next to inputs and grouping columns stand ``mean``, ``sd``,
    ``median`` and the ends of the bands, as in ``eti90_lower``.
    """
    points = _paths(fit, beyond)
    return pd.concat([points, summarised(responses(fit, points, kind, 0), (0.9, 0.5))], axis=1)


def _paths(fit: "Fit", beyond: float) -> pd.DataFrame:
    """Return `STEPS` points for each group, from its smallest run to far beyond the largest."""
    law, runs, free = fit.law, fit.runs, _free(fit.law)
    held = [name for name in columns_read(law) if name != law.response.name]
    groups = []
    for _, group in runs.groups.iterrows():
        mine = runs.frame
        for column in runs.by:
            mine = mine.loc[mine[column] == group[column]]
        middle = {name: np.full(STEPS, mine[name].median()) for name in held}
        if not free:  # nothing lies beyond, or it is no amount that one could have more of
            first = mine[law.input_names[0]]
            path = middle | {str(first.name): np.linspace(first.min(), first.max(), STEPS)}
        else:
            least, most = size_at(law, mine).min(), beyond * size_at(law, runs.frame).max()
            # the size that a common factor on all free inputs leads to, to be read backwards
            log_factor = np.linspace(-60, 60, 2401)
            wide = {n: v[0] * (np.exp(log_factor) if n in free else 1) for n, v in middle.items()}
            with np.errstate(over="ignore"):
                reached = np.log(size_at(law, wide) * np.ones_like(log_factor))
            wanted = np.linspace(math.log(least), math.log(most), STEPS)
            factor = np.exp(np.interp(wanted, reached, log_factor))
            path = {n: v * factor if n in free else v for n, v in middle.items()}
        groups.append(pd.DataFrame(path).assign(**{c: str(group[c]) for c in runs.by}))
    return pd.concat(groups, ignore_index=True)


def _free(law: Law) -> list[str]:
    """Return the inputs that a fan goes along, all by the same factor."""
    free = [x.name for x in law.inputs if x.is_amount and x.bounds[0] == 0.0]
    return free if law.cost is not None or law.input_names[0] in free else []


def ratios_in_words(law: Law) -> str:
    """Return what a fan holds fixed, as a clause that begins with a comma; empty if nothing."""
    free = _free(law)
    held = [x for x in law.input_names[0 if free else 1 :] if x not in free]
    words = [f"{' : '.join(free)} at the group's median ratio"] if len(free) > 1 else []
    words += [f"{', '.join(held)} at the group's median"] if held else []
    return ", ".join(["", *words])
