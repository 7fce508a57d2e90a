"""Best use of a budget: lines of equal response over two inputs, and the best split of compute."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from contourpy import contour_generator

from lawbook.decisions.allocation import Allocation, allocate
from lawbook.decisions.isolines import Plane, plane, two_paid
from lawbook.decisions.paths import GROWTH
from lawbook.plots.axes import by_group
from lawbook.posterior.fitted import Fitted
from lawbook.report.charts import axis, dots, hover, layout, line, numbers, plain
from lawbook.report.content import Chart, Section, Table
from lawbook.report.recipes import hidden_at_first
from lawbook.wording import brief, place, records

BUDGETS = 9  # from the median run's cost to the horizon
PLANE_HEIGHT = 480  # pixels


def spending(fit: Fitted, upto: float, order: Sequence[str], groups: Sequence[str]) -> Section:
    """Show how compute is best split between the two inputs that cost something.

    Parameters
    ----------
    fit
        A fitted law.
    upto
        The largest budget.
    order
        Groups, the best first.
    groups
        All of them, in the order of their colours.

    Raises
    ------
    FitError
        If the law has no two inputs with a cost.
    """
    law, runs = fit.law, fit.runs
    paid = two_paid(law)
    assert runs.cost is not None
    held = {n: float(np.median(v)) for n, v in runs.inputs.items() if n not in paid}
    budgets = np.geomspace(np.median(runs.cost), upto, BUDGETS)
    found = allocate(fit, list(budgets), subject_to=held)
    x, y = (next(x for x in law.inputs if x.name == name) for name in paid)
    lines = dict(by_group(found.table, runs.by))
    of_runs = dict(by_group(runs.frame, runs.by))
    first = order[0]
    over = plane(fit, found.table, [*lines].index(first))
    traces = _isolines(fit, over)
    for i, name in enumerate(groups):
        mine, best = runs.frame.iloc[of_runs[name]], found.table.iloc[lines[name]]
        told = [_run_told(fit, row) for row in records(mine)]
        traces.append(dots(i, name, mine[x.name], mine[y.name], told))
        told = [_best_told(found, row) for row in records(best)]
        at, there = best[f"{x.name}_median"], best[f"{y.name}_median"]
        traces.append(line(i, name, at, there, told, mode="lines+markers"))
    chart = Chart(
        "spending-chart",
        f"Lines of equal {law.response.name} over {x.name} and {y.name}, runs, and best splits",
        traces,
        layout(
            *(
                axis(f"{z.name} [{z.unit}]", log=True, range=np.log10(at[[0, -1]]).tolist())
                for z, at in zip((x, y), (over.x, over.y), strict=True)
            ),
            height=PLANE_HEIGHT,
        ),
        tuple(enumerate(groups)),
        hidden_at_first(order, groups),
        f"Dots: runs. Lines with markers: the best split of budgets up to {place(upto)} FLOP, "
        f"medians. Contours: {law.response.name} under the law"
        + (f" for {first}" if len(groups) > 1 else "")
        + "; dotted: the largest run's compute, and the horizon's.",
    )
    said = [found.sentence(int(lines[first][-1]))]
    if held:
        kept = ", ".join(f"{name} = {place(value)}" for name, value in held.items())
        said.append(f"Other inputs are held at the runs' median: {kept}.")
    table = _table(found, [lines[name][-1] for name in order])
    return Section("spending", "Best use of a budget", tuple(said), (chart,), (table,))


def _isolines(fit: Fitted, over: Plane) -> list[dict[str, Any]]:
    """Return lines of equal response, and those of the largest run's compute and the horizon's."""
    name, unit = fit.law.response.name, fit.law.response.unit
    traces = []
    for level in over.levels:
        told = f"{name} {brief(level)} {unit}"
        labelled = {"mode": "lines+text", "textfont": {"size": 10, "color": "var(--quiet)"}}
        traces.append(_contour(over, over.response, level, told, brief(level)) | labelled)
    largest = fit.runs.largest["cost"]
    for spent in (largest, largest * GROWTH):
        drawn = _contour(over, np.log(over.cost), math.log(spent), f"{place(spent)} FLOP")
        traces.append(drawn | {"line": {"color": "var(--quiet)", "width": 1.2, "dash": "dot"}})
    return traces


def _contour(
    over: Plane, values: np.ndarray, level: float, told: str, label: str = ""
) -> dict[str, Any]:
    """Return the line on which values over a grid are at a level, with a label on it."""
    pieces = []
    if values.min() < level < values.max():
        lines: Any = contour_generator(np.log(over.x), np.log(over.y), values).lines(level)
        pieces = [np.exp(piece).tolist() for piece in lines]
    points = [point for piece in pieces for point in [*piece, [math.nan, math.nan]]]
    texts = [""] * len(points)
    if pieces:
        texts[len(pieces[0]) // 4] = label
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(point[0] for point in points),
        "y": numbers(point[1] for point in points),
        "text": texts,
        "customdata": [plain(told)] * len(points),
        "hovertemplate": hover(""),
        "line": {"color": "var(--rule)", "width": 1.2},
    }


def _run_told(fit: Fitted, row: dict[str, Any]) -> str:
    said = ", ".join(f"{x.name} = {place(row[x.name])}" for x in fit.law.inputs)
    return f"run: {said}, {fit.law.response.name} {brief(row[fit.law.response.name])}"


def _best_told(found: Allocation, row: Any) -> str:
    names = [str(name) for name in found.draws]
    said = (f"{n.replace('_per_', ' per ')} {_told(row, n, ' (')})" for n in names)
    return f"{place(row['budget'])} FLOP at best: {', '.join(said)}"


def _table(found: Allocation, rows: Sequence[int]) -> Table:
    """Return what the largest budget is best spent on, a row a group."""
    names = [str(name) for name in found.draws]
    units = {x.name: x.unit for x in found.law.inputs}
    units[found.law.response.name] = found.law.response.unit
    heads = [n.replace("_per_", " per ") + (f" [{units[n]}]" if n in units else "") for n in names]
    chosen = found.table.iloc[list(rows)]
    cells = [
        [*(str(row[c]) for c in found.by), *(_told(row, n, "\n") for n in names)]
        for row in records(chosen)
    ]
    caption = (
        f"The best use of {place(chosen['budget'].iloc[0])} FLOP: medians with 90% credible "
        "intervals"
    )
    return Table([*found.by, *heads], cells, caption, len(found.by))


def _told(row: Any, name: str, between: str) -> str:
    """Return the median of a quantity and, after what goes between, its interval."""
    middle, low, high = (
        place(float(row[f"{name}_{n}"])) for n in ("median", "eti90_lower", "eti90_upper")
    )
    return f"{middle}{between}{low} to {high}"
