"""What all pictures share: colours, axes with SI prefixes, panels, fans and intervals.

Functions that draw return a `matplotlib.figure.Figure` that belongs to no window: save it with
``figure.savefig``, or let a notebook show it. Colours are those of Okabe and Ito, which remain
apart for the colour-blind, without the yellow; groups beyond the seventh differ by their line.
"""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from lawbook.columns import COST, extrapolation, interval
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.laws.symbols import Response
from lawbook.laws.values import cost_at

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", "--", ":", "-.")
LETTERS = 14  # of a title, on an inch
PREFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, ""))


def by_group(table: pd.DataFrame, by: Sequence[str]) -> list[tuple[str, np.ndarray]]:
    """Return the name of each group and the positions of its rows."""
    if not by:
        return [("", np.arange(len(table)))]
    names = table[list(by)].agg(" | ".join, axis=1).to_numpy()
    return [(str(name), np.flatnonzero(names == name)) for name in dict.fromkeys(names)]


def size_at(law: Law | Subject, points: Any) -> np.ndarray:
    """Return what runs are laid out along: the cost, or without one the first input."""
    size = points[law.input_names[0]] if law.cost is None else cost_at(law, points)
    return np.asarray(size, dtype="float64")


def size_label(law: Law | Subject) -> str:
    """Return the label of the axis of size: compute, or without a cost the first input."""
    if law.cost is not None:
        return "training compute [FLOP]"
    return f"{law.inputs[0].name} [{law.inputs[0].unit}]"


def axis_of(law: Law | Subject, table: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Return positions and label of the axis along which points are laid out."""
    varied = [x for x in law.inputs if np.ptp(table[x.name].to_numpy()) > 0] or [law.inputs[0]]
    if len(varied) > 1 and law.cost is not None:
        return cost_at(law, table), size_label(law)
    return table[varied[0].name].to_numpy(), f"{varied[0].name} [{varied[0].unit}]"


def _largest_run(law: Law | Subject, table: pd.DataFrame, x: np.ndarray, label: str) -> float:
    by_cost = law.cost is not None and label == size_label(law)
    column = COST if by_cost else extrapolation(label.split(" [")[0])
    return float(x[0] / table[column].iloc[0])


def panels_of(count: int) -> tuple[Figure, list[Axes]]:
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


def entitle(figure: Figure, words: str) -> None:
    """Write in small letters what a figure shows, in as many lines as it takes."""
    width = int(LETTERS * figure.get_figwidth())
    figure.suptitle(textwrap.fill(words, width), fontsize="small", color="0.35")


def plain(*panels: Axes) -> None:
    """Take the frame off all but two sides."""
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)


def style_of(i: int) -> tuple[str, str]:
    """Return colour and line of the i-th group."""
    return COLOURS[i % len(COLOURS)], LINES[i // len(COLOURS) % len(LINES)]


def draw_fan(
    panel: Axes,
    x: np.ndarray,
    table: pd.DataFrame,
    style: tuple[str, str],
    probs: Sequence[float],
    name: str | None = None,
) -> None:
    """Draw a group's median along a line, with a band for each probability."""
    colour, line = style
    for prob in probs:
        lower, upper = (table[end] for end in interval(prob))
        panel.fill_between(x, lower, upper, color=colour, alpha=0.2, lw=0)
    panel.plot(x, table["median"], color=colour, ls=line, lw=1.4, label=name)


def draw_rows(
    panel: Axes, names: Sequence[str], table: pd.DataFrame, probs: Sequence[float]
) -> None:
    """Draw intervals of groups below each other, the wider the thinner."""
    places = np.arange(len(table))[::-1]
    colours = [style_of(i)[0] for i in range(len(table))]
    for prob, width in zip(probs, (1.2, 3.5), strict=False):
        lower, upper = (table[end] for end in interval(prob))
        panel.hlines(places, lower, upper, color=colours, lw=width)
    panel.scatter(table["median"], places, color=colours, s=30, zorder=3)
    panel.set_yticks(places, names)
    panel.set_ylim(-0.6, len(table) - 0.4)
    panel.tick_params(axis="y", length=0)


def finish(panel: Axes, law: Law | Subject, table: pd.DataFrame, x: np.ndarray, label: str) -> None:
    """Scale and label axes that show a response, and mark the largest run."""
    largest = _largest_run(law, table, x, label)
    if x.min() < largest < x.max():
        panel.axvline(largest, color="0.5", lw=0.8, ls=":")
    scale_axes(panel, law.response)
    panel.set_xlabel(label)
    panel.set_ylabel(response_label(law))


def scale_axes(panel: Axes, response: Response | None) -> None:
    """Make the axes logarithmic where what they show is positive, with ticks that read well."""
    ends = panel.dataLim.intervalx
    if ends[0] > 0 and ends[1] > 3 * ends[0]:
        panel.set_xscale("log")
        decades = math.log10(ends[1] / ends[0])
        subs = (1.0,) if decades > 2.5 else (1.0, 2.0, 5.0)
        panel.xaxis.set_major_locator(LogLocator(subs=subs, numticks=7))
        panel.xaxis.set_minor_locator(NullLocator())
    else:
        panel.xaxis.set_major_locator(MaxNLocator(5))
    panel.xaxis.set_major_formatter(FuncFormatter(tick))
    low, high = panel.dataLim.intervaly
    if response is not None and response.noise.on == "log" and low > 0:
        panel.set_yscale("log")
        many = high > 20 * low
        panel.yaxis.set_major_locator(LogLocator(numticks=7) if many else MaxNLocator(6))
        panel.yaxis.set_major_formatter(FuncFormatter(tick))
        panel.yaxis.set_minor_locator(NullLocator())


def logarithmic(panel: Axes, *, y: bool) -> None:
    """Make axes logarithmic, with ticks such as 20B."""
    plain(panel)
    axes = [("x", panel.xaxis)] + ([("y", panel.yaxis)] if y else [])
    for which, axis in axes:
        panel.set_xscale("log") if which == "x" else panel.set_yscale("log")
        low, high = panel.get_xlim() if which == "x" else panel.get_ylim()
        subs = (1.0,) if high > 300 * low else (1.0, 2.0, 5.0)
        few = which == "y" and high < 5 * low
        axis.set_major_locator(MaxNLocator(4) if few else LogLocator(subs=subs, numticks=6))
        axis.set_major_formatter(FuncFormatter(tick))
        axis.set_minor_locator(NullLocator())


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


def response_label(law: Law | Subject) -> str:
    """Return the label of the axis of the response."""
    return f"{law.response.name} [{law.response.unit}]"


def kind_in_words(kind: str) -> str:
    """Return what a prediction of this kind is of, in words."""
    return "one new run" if kind == "run" else "the law's value"
