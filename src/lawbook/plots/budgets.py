"""Pictures of budgets: where one goes, and which runs come next."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lawbook.columns import interval, percent
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.laws.values import noise_scale
from lawbook.plots.axes import (
    COLOURS,
    by_group,
    draw_rows,
    entitle,
    logarithmic,
    plain,
    scale_axes,
    style_of,
)
from lawbook.wording import short

NUMBERED = 3  # runs in one place whose numbers are written


def draw_allocation(
    law: Law | Subject,
    by: Sequence[str],
    prob: float,
    unit: str,
    names: Sequence[str],
    table: pd.DataFrame,
) -> Figure:
    """Draw the best inputs and the response there against the budget.

    Parameters
    ----------
    law
        It names the inputs and the response.
    by
        Grouping columns.
    prob
        Probability of the interval that is drawn.
    unit
        Of the budget; empty where it is the user's own.
    names
        The quantities: inputs, their ratios and the response.
    table
        As `lawbook.decisions.allocation.Allocation` has it.

    Returns
    -------
    Figure
        A panel for each input, each ratio and the response: median and the widest interval, by
        group; for a single budget with the groups below each other.
    """
    units = {x.name: x.unit for x in law.inputs} | {law.response.name: law.response.unit}
    columns = min(len(names), 4)
    count = -(-len(names) // columns)
    groups = by_group(table, by)
    alone = len(groups) == len(table) and len(set(table["budget"])) == 1
    height = 0.6 + 0.3 * len(table) if alone else 2.6
    figure = Figure(figsize=(max(6.4, 3.0 * columns), 0.8 + height * count), layout="constrained")
    panels = figure.subplots(count, columns, squeeze=False, sharey=alone).ravel()
    for panel, name in zip(panels, names, strict=False):
        if alone:
            own = [f"{name}_median", *interval(prob, name)]
            as_rows = zip(["median", *interval(prob)], own, strict=True)
            told = pd.DataFrame({column: table[its] for column, its in as_rows})
            draw_rows(panel, [group for group, _ in groups], told, [prob])
            scale_axes(panel, None)
            plain(panel)
        for i, (group, at) in enumerate([] if alone else groups):
            part = table.iloc[at].sort_values("budget")
            middle = part[f"{name}_median"].to_numpy()
            ends = [part[end].to_numpy() for end in interval(prob, name)]
            colour, line = style_of(i)
            look = {"color": colour, "label": group or None}
            if len(part) == 1:
                arms = np.abs([middle - ends[0], ends[1] - middle])
                panel.errorbar(part["budget"], middle, yerr=arms, fmt="o", capsize=3, **look)
            else:
                panel.fill_between(part["budget"], *ends, alpha=0.2, lw=0, color=colour)
                panel.plot(part["budget"], middle, marker="o", ms=3, ls=line, **look)
        own = f" [{units[name]}]" if name in units else ""
        panel.set_title(f"{name.replace('_per_', ' per ')}{own}", fontsize="medium", loc="left")
        if not alone:
            logarithmic(panel, y=name != law.response.name)
    for panel in panels[len(names) :]:
        panel.set_visible(False)
    if by and not alone:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", frameon=False, fontsize="small")
    budget = "a budget"
    if alone:
        budget = f"{short(table['budget'].iloc[0], 3)} {unit}".strip()
    else:
        figure.supxlabel(f"budget [{unit}]" if unit else "budget", fontsize="medium")
    entitle(
        figure, f"{law.name}: best use of {budget}, median with {percent(prob)} credible interval"
    )
    return figure


class Plane(Protocol):
    """A law's response over two inputs; `lawbook.decisions.isolines.Plane` explains each."""

    @property
    def x(self) -> np.ndarray:
        """Values of the first input."""
        ...

    @property
    def y(self) -> np.ndarray:
        """Values of the second input."""
        ...

    @property
    def response(self) -> np.ndarray:
        """Shape (y, x)."""
        ...

    @property
    def cost(self) -> np.ndarray:
        """Shape (y, x)."""
        ...

    @property
    def levels(self) -> list[float]:
        """Responses worth a line."""
        ...


def draw_isolines(
    law: Law,
    paid: tuple[str, str],
    by: Sequence[str],
    unit: str,
    table: pd.DataFrame,
    runs: pd.DataFrame,
    over: Plane,
    of: str,
) -> Figure:
    """Draw where the optimum goes as the budget grows, over lines of equal response.

    Parameters
    ----------
    law, by, unit, table
        As for `draw_allocation`.
    paid
        The two inputs that cost something.
    runs
        Inputs and labels of the fitted runs.
    over
        The response of one group over these inputs.
    of
        That group; empty where there is one.

    Returns
    -------
    Figure
        Dots: the fitted runs. Lines with markers: medians of the best inputs, by group. Lines of
        equal response; dotted, the budgets where they are in FLOPs.
    """
    x, y = (next(z for z in law.inputs if z.name == name) for name in paid)
    figure = Figure(figsize=(7.4, 5.0), layout="constrained")
    panel = figure.subplots()
    lines = panel.contour(over.x, over.y, over.response, over.levels, colors="0.75", linewidths=1)
    panel.clabel(lines, fmt=lambda level: short(level, 4), fontsize="x-small", colors="0.4")
    if unit:
        budgets = np.unique(table["budget"])
        spent = panel.contour(over.x, over.y, over.cost, budgets, colors="0.5", linewidths=0.8)
        spent.set_linestyle(":")
    of_runs = dict(by_group(runs, by))
    for i, (group, at) in enumerate(by_group(table, by)):
        colour, line = style_of(i)
        mine, part = runs.iloc[of_runs[group]], table.iloc[at].sort_values("budget")
        panel.plot(mine[x.name], mine[y.name], "o", ms=2.5, mew=0, alpha=0.5, color=colour)
        middle = part[f"{x.name}_median"], part[f"{y.name}_median"]
        panel.plot(*middle, "o", ls=line, ms=5, mec="w", color=colour, label=group or None)
    logarithmic(panel, y=True)
    panel.set_xlabel(f"{x.name} [{x.unit}]")
    panel.set_ylabel(f"{y.name} [{y.unit}]")
    if by:
        figure.legend(loc="outside right center", frameon=False, fontsize="small")
    words = f"{law.name}: best use of a budget, medians; lines of equal {law.response.name}"
    words += f" of {of}" * bool(of) + "; dots: runs" + "; dotted: budgets" * bool(unit)
    entitle(figure, words)
    return figure


def draw_plan(law: Law, target: str, runs: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Draw where the chosen runs lie, and how far each narrows the target.

    Parameters
    ----------
    law, target, runs, table
        As `lawbook.decisions.planning.Plan` has them.

    Returns
    -------
    Figure
        Left the fitted runs in grey and the chosen ones by number, in the first two inputs; of
        a law with one input, that input. Right the target's standard deviation after each; for
        a choice between groups, by how much its expected regret falls.
    """
    figure = Figure(figsize=(9.0, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    x = law.inputs[0]
    y = law.inputs[1] if len(law.inputs) > 1 else None
    known, chosen = runs, table[x.name].to_numpy()
    order = np.arange(1, len(table) + 1)
    height = table[y.name].to_numpy() if y else order
    if y:
        left.plot(known[x.name], known[y.name], "o", ms=3, color="0.6", label="fitted runs")
        left.set_ylabel(f"{y.name} [{y.unit}]")
    else:
        left.plot(known[x.name], np.zeros(len(known)), "|", color="0.6", label="fitted runs")
        left.set_ylabel("order")
        left.yaxis.set_major_locator(MaxNLocator(integer=True))
    left.plot(chosen, height, "D", ms=6, color=COLOURS[1], label="runs to train")
    for place in sorted(set(zip(chosen, height, strict=True))):
        here = [n for n, *at in zip(order, chosen, height, strict=True) if tuple(at) == place]
        text = ", ".join(map(str, here[:NUMBERED])) + ", ..." * (len(here) > NUMBERED)
        apart = {"xytext": (6, 4), "textcoords": "offset points", "fontsize": "small"}
        left.annotate(text, place, **apart)
    left.set_xlabel(f"{x.name} [{x.unit}]")
    logarithmic(left, y=y is not None)
    figure.legend(loc="outside lower left", frameon=False, fontsize="small", ncols=2)
    between = "regret_reduction" in table
    values = [0.0, *table["regret_reduction"]] if between else [1.0, *table["relative_sd"]]
    right.plot(range(len(table) + 1), values, "o-", ms=4, color=COLOURS[0])
    right.set_ylim(0, max(values) * 1.05)
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.set_xlabel("runs trained")
    right.set_ylabel("expected sd, relative to today's")
    if between:
        right.set_ylabel(f"expected reduction of regret [{noise_scale(law)}]")
    plain(right)
    entitle(figure, f"{law.name}: runs to know {target}")
    return figure
