"""Pictures of fits, predictions and comparisons.

Each function returns a `matplotlib.figure.Figure` that belongs to no window: save it with
``figure.savefig``, or let a notebook show it. Colours are those of Okabe and Ito, which remain
apart for the colour-blind, without the yellow; groups beyond the seventh differ by their line.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from lawbook.checking import columns_read
from lawbook.declaration import Law
from lawbook.errors import FitError
from lawbook.prediction import check_kind, cost_at, responses, summarised
from lawbook.symbols import Response

if TYPE_CHECKING:
    from lawbook.chaining import ChainPrediction
    from lawbook.comparison import Comparison
    from lawbook.fitting import Fit
    from lawbook.prediction import Prediction

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", "--", ":", "-.")
FAN = ("90", "50")  # percent of the two bands
STEPS = 60  # points along a fan
PREFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, ""))


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
        to the largest first input.

    Returns
    -------
    Figure
        One panel a group, with the medians of the others in grey. Where the law has several
        inputs the fan keeps the group's median ratios between them, and inputs that are bounded
        above at their median, so that a run beside the fan need not contradict it.

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
    figure, panels = _panels(len(fans))
    for i, (panel, (name, rows)) in enumerate(zip(panels, fans, strict=True)):
        for other, theirs in fans:
            if other != name:
                panel.plot(along_path[theirs], table["median"].iloc[theirs], color="0.8", lw=0.8)
        _draw_fan(panel, along_path[rows], table.iloc[rows], _style(i), FAN)
        mine = of_runs[name]
        dots = {"ms": 3, "mew": 0, "alpha": 0.7, "color": _style(i)[0]}
        panel.plot(along_runs[mine], runs.response[mine], "o", **dots)
        panel.axvline(along_runs.max(), color="0.5", lw=0.8, ls=":")
        panel.set_title(name, fontsize="medium", loc="left")
    scale_axes(panels[0], law.response)
    figure.supxlabel(size_label(law), fontsize="medium")
    figure.supylabel(response_label(law), fontsize="medium")
    words = f"{law.name}: {subject(kind)}, median with 50% and 90% equal-tailed bands"
    words += f"{ratios_in_words(law)}\ndots: runs; dotted line: largest run"
    words += "; grey: other groups" if len(fans) > 1 else ""
    figure.suptitle(words, fontsize="small", color="0.35")
    return figure


def plot_prediction(prediction: "Prediction | ChainPrediction") -> Figure:
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
        _draw_rows(panel, [name for name, _ in groups], table, [probs[0], probs[-1]])
        panel.set_xlabel(response_label(law))
        shown = " and ".join(f"{prob}%" for prob in dict.fromkeys((probs[-1], probs[0])))
    else:
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        panel = figure.subplots()
        x, label = _axis(law, table)
        for i, (name, rows) in enumerate(groups):
            rows = rows[np.argsort(x[rows], kind="stable")]
            here, style = table.iloc[rows], _style(i)
            inputs = here.loc[:, list(law.input_names)].to_numpy()
            if np.all(np.diff(inputs, axis=0) >= 0) and np.all(np.diff(x[rows]) > 0):
                _draw_fan(panel, x[rows], here, style, probs[:1], name)
                continue
            arms = [here["median"] - here[f"eti{probs[0]}_lower"]]
            arms += [here[f"eti{probs[0]}_upper"] - here["median"]]
            bars = {"fmt": "o", "ms": 4, "lw": 1, "color": style[0], "label": name}
            panel.errorbar(x[rows], here["median"], yerr=np.abs(arms), **bars)
        _finish(panel, law, table, x, label)
        if prediction.by:
            figure.legend(loc="outside right center", frameon=False, fontsize="small")
        shown = f"{probs[0]}%"
    plain(panel)
    words = f"{law.name}: {subject(prediction.kind)}, median with {shown} equal-tailed intervals"
    words += "" if len(groups) == len(table) else "; dotted line: largest run"
    panel.set_title(words, fontsize="small", color="0.35", loc="left")
    return figure


def plot_comparison(comparison: "Comparison") -> Figure:
    """Draw the response of each group and the probability that it is the best.

    Parameters
    ----------
    comparison
        As `lawbook.comparison.compare` returns it.

    Returns
    -------
    Figure
        Left the response with its 90% interval, right the probability of being best with two
        Monte Carlo standard errors either way; against the one input that varies, or the cost
        where several do, or with the groups below each other where there is one point.
    """
    law, table = comparison.law, comparison.table
    groups = by_group(table, (comparison.between,))
    alone = len(groups) == len(table)
    height = 1.4 + 0.3 * len(table) if alone else 3.8
    figure = Figure(figsize=(9.0, height), layout="constrained")
    left, right = figure.subplots(1, 2)
    word = "lowest" if law.response.better == "lower" else "highest"
    chance = f"probability of the {word} {law.response.name}"
    if alone:
        _draw_rows(left, [name for name, _ in groups], table, ("90",))
        left.set_xlabel(response_label(law))
        places = np.arange(len(table))[::-1]
        colours = [_style(i)[0] for i in range(len(table))]
        right.barh(places, table["p_best"], color=colours, height=0.5)
        error = 2 * table["p_best_mcse"]
        right.errorbar(table["p_best"], places, xerr=error, fmt="none", color="0.2", lw=1)
        right.set_yticks([])
        right.set_ylim(left.get_ylim())
        right.set_xlim(0, 1)
        right.set_xlabel(chance)
    else:
        x, label = _axis(law, table)
        for i, (name, rows) in enumerate(groups):
            rows = rows[np.argsort(x[rows], kind="stable")]
            here, style = table.iloc[rows], _style(i)
            _draw_fan(left, x[rows], here, style, ("90",), name)
            low, high = (here["p_best"] + sign * 2 * here["p_best_mcse"] for sign in (-1, 1))
            right.plot(x[rows], here["p_best"], color=style[0], ls=style[1], lw=1.4)
            right.fill_between(x[rows], low, high, color=style[0], alpha=0.2, lw=0)
        _finish(left, law, table, x, label)
        _finish(right, law, table, x, label)
        right.set_yscale("linear")
        right.set_ylim(-0.03, 1.03)
        right.set_ylabel(chance)
        figure.legend(loc="outside right center", frameon=False, fontsize="small")
    plain(left, right)
    words = f"{law.name}: {subject(comparison.kind)}, median with 90% equal-tailed interval"
    words += "; probability with two Monte Carlo errors; dotted line: largest run"
    figure.suptitle(words.split("; dotted")[0] if alone else words, fontsize="small", color="0.35")
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
        if not free:  # it ends with the first input's support: nothing lies beyond
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
    free = [x.name for x in law.inputs if x.bounds == (0.0, math.inf)]
    return free if law.cost is not None or law.input_names[0] in free else []


def size_at(law: Law, points: Any) -> np.ndarray:
    """Return what runs are laid out along: the cost, or without one the first input."""
    size = points[law.input_names[0]] if law.cost is None else cost_at(law, points)
    return np.asarray(size, dtype="float64")


def size_label(law: Law) -> str:
    """Return the label of the axis of size: compute, or without a cost the first input."""
    if law.cost is not None:
        return "training compute [FLOP]"
    return f"{law.inputs[0].name} [{law.inputs[0].unit}]"


def ratios_in_words(law: Law) -> str:
    """Return what a fan holds fixed, as a clause that begins with a comma; empty if nothing."""
    free = _free(law)
    held = [x for x in law.input_names[0 if free else 1 :] if x not in free]
    words = [f"{' : '.join(free)} at the group's median ratio"] if len(free) > 1 else []
    words += [f"{', '.join(held)} at the group's median"] if held else []
    return ", ".join(["", *words])


def _axis(law: Law, table: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Return positions and label of the axis along which points are laid out."""
    varied = [x for x in law.inputs if np.ptp(table[x.name].to_numpy()) > 0] or [law.inputs[0]]
    if len(varied) > 1 and law.cost is not None:
        return cost_at(law, table), size_label(law)
    return table[varied[0].name].to_numpy(), f"{varied[0].name} [{varied[0].unit}]"


def _largest_run(law: Law, table: pd.DataFrame, x: np.ndarray, label: str) -> float:
    beyond = "beyond_cost" if law.cost is not None and label == size_label(law) else None
    beyond = beyond or f"beyond_{label.split(' [')[0]}"
    return float(x[0] / table[beyond].iloc[0])


def by_group(table: pd.DataFrame, by: Sequence[str]) -> list[tuple[str, np.ndarray]]:
    """Return the name of each group and the positions of its rows."""
    if not by:
        return [("", np.arange(len(table)))]
    names = table[list(by)].agg(" | ".join, axis=1).to_numpy()
    return [(str(name), np.flatnonzero(names == name)) for name in dict.fromkeys(names)]


def _panels(count: int) -> tuple[Figure, list[Axes]]:
    """Return a figure with so many panels that share their axes."""
    columns = min(count, 4)
    rows = math.ceil(count / columns)
    width, height = (6.4, 4.2) if count == 1 else (1.2 + 2.4 * columns, 0.9 + 2.2 * rows)
    figure = Figure(figsize=(max(width, 6.4), height), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    panels = list(axes.ravel())
    for panel in panels[count:]:
        panel.set_visible(False)
    for panel in panels[count - columns : count]:
        panel.tick_params(labelbottom=True)
    plain(*panels)
    return figure, panels[:count]


def plain(*panels: Axes) -> None:
    """Take the frame off all but two sides."""
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)


def _style(i: int) -> tuple[str, str]:
    """Return colour and line of the i-th group."""
    return COLOURS[i % len(COLOURS)], LINES[i // len(COLOURS) % len(LINES)]


def _draw_fan(
    panel: Axes,
    x: np.ndarray,
    table: pd.DataFrame,
    style: tuple[str, str],
    probs: Sequence[str],
    name: str | None = None,
) -> None:
    colour, line = style
    for prob in probs:
        lower, upper = table[f"eti{prob}_lower"], table[f"eti{prob}_upper"]
        panel.fill_between(x, lower, upper, color=colour, alpha=0.2, lw=0)
    panel.plot(x, table["median"], color=colour, ls=line, lw=1.4, label=name)


def _draw_rows(
    panel: Axes, names: Sequence[str], table: pd.DataFrame, probs: Sequence[str]
) -> None:
    """Draw intervals of groups below each other, the wider the thinner."""
    places = np.arange(len(table))[::-1]
    colours = [_style(i)[0] for i in range(len(table))]
    for prob, width in zip(probs, (1.2, 3.5), strict=False):
        lower, upper = table[f"eti{prob}_lower"], table[f"eti{prob}_upper"]
        panel.hlines(places, lower, upper, color=colours, lw=width)
    panel.scatter(table["median"], places, color=colours, s=30, zorder=3)
    panel.set_yticks(places, names)
    panel.set_ylim(-0.6, len(table) - 0.4)
    panel.tick_params(axis="y", length=0)


def _finish(panel: Axes, law: Law, table: pd.DataFrame, x: np.ndarray, label: str) -> None:
    """Scale and label axes that show a response, and mark the largest run."""
    largest = _largest_run(law, table, x, label)
    if x.min() < largest < x.max():
        panel.axvline(largest, color="0.5", lw=0.8, ls=":")
    scale_axes(panel, law.response)
    panel.set_xlabel(label)
    panel.set_ylabel(response_label(law))


def scale_axes(panel: Axes, response: Response | None) -> None:
    """Make the axes logarithmic where what they show is positive, with ticks that read well."""
    low, high = panel.get_xlim()
    ends = panel.dataLim.intervalx
    if ends[0] > 0 and ends[1] > 3 * ends[0]:
        panel.set_xscale("log")
        decades = math.log10(ends[1] / ends[0])
        subs = (1.0,) if decades > 2.5 else (1.0, 2.0, 5.0)
        panel.xaxis.set_major_locator(LogLocator(subs=subs, numticks=7))
        panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(FuncFormatter(tick))
    low, high = panel.dataLim.intervaly
    if response is not None and response.noise.on == "log" and low > 0:
        panel.set_yscale("log")
        many = high > 20 * low
        panel.yaxis.set_major_locator(LogLocator(numticks=7) if many else MaxNLocator(6))
        panel.yaxis.set_major_formatter(FuncFormatter(tick))
        panel.yaxis.set_minor_locator(NullLocator())


def tick(value: float, _: int | None = None) -> str:
    """Return ``20B`` for 2e10; powers of ten where no letter helps."""
    if value == 0 or 1e-3 <= abs(value) < 1e15:
        for unit, letter in PREFIXES:
            if abs(value) >= unit:
                return f"{value / unit:g}{letter}"
        return f"{value:g}"
    power = math.floor(math.log10(abs(value)) + 1e-9)
    mantissa = value / 10.0**power
    lead = "" if math.isclose(mantissa, 1) else rf"{mantissa:g}\times"
    return rf"${lead}10^{{{power}}}$"


def response_label(law: Law) -> str:
    """Return the label of the axis of the response."""
    return f"{law.response.name} [{law.response.unit}]"


def subject(kind: str) -> str:
    """Return what a prediction of this kind is of, in words."""
    return "one new run" if kind == "run" else "the law's value"
