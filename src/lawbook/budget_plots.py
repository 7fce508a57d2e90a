"""Pictures of budgets: where one goes, and which runs come next."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lawbook.figures import (
    COLOURS,
    by_group,
    draw_rows,
    entitle,
    logarithmic,
    plain,
    scale_axes,
    style_of,
)
from lawbook.information import noise_scale
from lawbook.isolines import plane, two_paid
from lawbook.priors import short

if TYPE_CHECKING:
    from lawbook.allocation import Allocation
    from lawbook.planning import Plan

NAMED = 3  # runs in one place whose numbers are written


def plot_allocation(allocation: "Allocation") -> Figure:
    """Draw the best inputs and the response there against the budget.

    Parameters
    ----------
    allocation
        As `lawbook.allocation.allocate` returns it.

    Returns
    -------
    Figure
        A panel for each input, each ratio and the response: median and the widest interval, by
        group; for a single budget with the groups below each other.
    """
    law, table = allocation.law, allocation.table
    wide = f"{100 * max(allocation.prob):g}"
    units = {x.name: x.unit for x in law.inputs} | {law.response.name: law.response.unit}
    shown = list(allocation.draws)[: list(allocation.draws).index(law.response.name) + 1]
    names = [str(name) for name in shown]
    columns = min(len(names), 4)
    rows = -(-len(names) // columns)
    groups = by_group(table, allocation.by)
    alone = len(groups) == len(table) and len(set(table["budget"])) == 1
    height = 0.6 + 0.3 * len(table) if alone else 2.6
    figure = Figure(figsize=(max(6.4, 3.0 * columns), 0.8 + height * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=alone).ravel()
    for panel, name in zip(panels, names, strict=False):
        if alone:
            told = table.filter(regex=f"^{name}_(median|eti)").rename(
                columns=lambda column, name=name: column.removeprefix(f"{name}_")
            )
            draw_rows(panel, [group for group, _ in groups], told, [wide])
            scale_axes(panel, None)
            plain(panel)
        for i, (group, at) in enumerate([] if alone else groups):
            part = table.iloc[at].sort_values("budget")
            middle = part[f"{name}_median"].to_numpy()
            ends = [part[f"{name}_eti{wide}_{end}"].to_numpy() for end in ("lower", "upper")]
            colour, line = style_of(i)
            told = {"color": colour, "label": group or None}
            if len(part) == 1:
                arms = np.abs([middle - ends[0], ends[1] - middle])
                panel.errorbar(part["budget"], middle, yerr=arms, fmt="o", capsize=3, **told)
            else:
                panel.fill_between(part["budget"], *ends, alpha=0.2, lw=0, color=colour)
                panel.plot(part["budget"], middle, marker="o", ms=3, ls=line, **told)
        unit = f" [{units[name]}]" if name in units else ""
        panel.set_title(f"{name.replace('_per_', ' per ')}{unit}", fontsize="medium", loc="left")
        if not alone:
            logarithmic(panel, y=name != law.response.name)
    for panel in panels[len(names) :]:
        panel.set_visible(False)
    if allocation.by and not alone:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", frameon=False, fontsize="small")
    budget = "a budget"
    if alone:
        budget = f"{short(table['budget'].iloc[0], 3)} {allocation.unit}".strip()
    else:
        unit = f" [{allocation.unit}]" if allocation.unit else ""
        figure.supxlabel(f"budget{unit}", fontsize="medium")
    entitle(figure, f"{law.name}: best use of {budget}, median with {wide}% equal-tailed interval")
    return figure


def plot_isolines(allocation: "Allocation") -> Figure:
    """Draw where the optimum goes as the budget grows, over lines of equal response.

    Parameters
    ----------
    allocation
        As `lawbook.allocation.allocate` returns it, for a law whose cost takes two inputs.

    Returns
    -------
    Figure
        Dots: the fitted runs. Lines with markers: medians of the best inputs, by group. Lines of
        equal response are those of the group with the best response at the largest budget;
        dotted, the budgets where they are in FLOPs.

    Raises
    ------
    FitError
        If the law's cost does not take two inputs.
    """
    fit, law, table = allocation.fit, allocation.law, allocation.table
    x, y = (next(z for z in law.inputs if z.name == name) for name in two_paid(law))
    best = by_group(table, allocation.by)
    last = [table.iloc[at].sort_values("budget").iloc[-1] for _, at in best]
    ends = [row[f"{law.response.name}_median"] for row in last]
    first = int(np.argmin(ends) if law.response.better == "lower" else np.argmax(ends))
    over = plane(fit, allocation, first)
    figure = Figure(figsize=(7.4, 5.0), layout="constrained")
    panel = figure.subplots()
    lines = panel.contour(over.x, over.y, over.response, over.levels, colors="0.75", linewidths=1)
    panel.clabel(lines, fmt=lambda level: short(level, 4), fontsize="x-small", colors="0.4")
    if allocation.unit:
        budgets = np.unique(table["budget"])
        spent = panel.contour(over.x, over.y, over.cost, budgets, colors="0.5", linewidths=0.8)
        spent.set_linestyle(":")
    runs = dict(by_group(fit.runs.frame, allocation.by))
    for i, (group, at) in enumerate(best):
        colour, line = style_of(i)
        mine, part = fit.runs.frame.iloc[runs[group]], table.iloc[at].sort_values("budget")
        panel.plot(mine[x.name], mine[y.name], "o", ms=2.5, mew=0, alpha=0.5, color=colour)
        middle = part[f"{x.name}_median"], part[f"{y.name}_median"]
        panel.plot(*middle, "o", ls=line, ms=5, mec="w", color=colour, label=group or None)
    logarithmic(panel, y=True)
    panel.set_xlabel(f"{x.name} [{x.unit}]")
    panel.set_ylabel(f"{y.name} [{y.unit}]")
    if allocation.by:
        figure.legend(loc="outside right center", frameon=False, fontsize="small")
    words = f"{law.name}: best use of a budget, medians; lines of equal {law.response.name}"
    words += f" of {best[first][0]}" * (len(best) > 1)
    words += "; dots: runs" + "; dotted: budgets" * bool(allocation.unit)
    entitle(figure, words)
    return figure


def plot_plan(plan: "Plan") -> Figure:
    """Draw where the chosen runs lie, and how far each narrows the target.

    Parameters
    ----------
    plan
        As `lawbook.planning.plan` returns it.

    Returns
    -------
    Figure
        Left the fitted runs in grey and the chosen ones by number, in the first two inputs; of
        a law with one input, that input. Right the target's width that is left after each; for
        a choice between groups, how much it gains.
    """
    law, table = plan.law, plan.table
    figure = Figure(figsize=(9.0, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    x = law.inputs[0]
    y = law.inputs[1] if len(law.inputs) > 1 else None
    known, chosen = plan.runs, table[x.name].to_numpy()
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
        text = ", ".join(map(str, here[:NAMED])) + ", ..." * (len(here) > NAMED)
        apart = {"xytext": (6, 4), "textcoords": "offset points", "fontsize": "small"}
        left.annotate(text, place, **apart)
    left.set_xlabel(f"{x.name} [{x.unit}]")
    logarithmic(left, y=y is not None)
    figure.legend(loc="outside lower left", frameon=False, fontsize="small", ncols=2)
    between = "regret_saved" in table
    values = [0.0, *table["regret_saved"]] if between else [1.0, *table["narrowing"]]
    right.plot(range(len(table) + 1), values, "o-", ms=4, color=COLOURS[0])
    right.set_ylim(0, max(values) * 1.05)
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.set_xlabel("runs trained")
    right.set_ylabel("expected width, relative to today")
    if between:
        right.set_ylabel(f"what the choice is expected to gain [{noise_scale(law)}]")
    plain(right)
    entitle(figure, f"{law.name}: runs to know {plan.target}")
    return figure
