"""Where a budget goes: lines of equal response over two inputs, and the best split of compute."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from lawbook.allocation import Allocation
from lawbook.errors import FitError
from lawbook.figures import by_group
from lawbook.paths import GROWTH, priced
from lawbook.population import parameters_at
from lawbook.prediction import cost_at
from lawbook.report.charts import axis, dots, hover, layout, line, numbers, plain
from lawbook.report.content import Chart, Section, Table
from lawbook.report.recipes import beyond_first
from lawbook.terminal import brief, place, records

if TYPE_CHECKING:
    from lawbook.fitting import Fit

GRID = 60  # points of either input
DRAWS = 200  # of the parameters, for the lines of equal response
LEVELS = 12  # of the response
BUDGETS = 9  # from the median run's cost to the horizon
HEIGHT = 480


def spending(fit: "Fit", upto: float, order: Sequence[str], groups: Sequence[str]) -> Section:
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
    paid = priced(law)
    if len(paid) != 2:
        has = f"its cost takes {', '.join(paid)}" if paid else "it has no cost"
        raise FitError(
            f"law {law.name!r}: {has}; a budget is split where two inputs cost something"
        )
    assert runs.cost is not None
    held = {n: float(np.median(v)) for n, v in runs.inputs.items() if n not in paid}
    budgets = np.geomspace(np.median(runs.cost), upto, BUDGETS)
    found = fit.allocate(list(budgets), subject_to=held)
    x, y = (next(x for x in law.inputs if x.name == name) for name in paid)
    lines = dict(by_group(found.table, runs.by))
    of_runs = dict(by_group(runs.frame, runs.by))
    first = order[0]
    plane = _plane(fit, [*lines].index(first), paid, held, found)
    traces = _isolines(fit, plane, found)
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
                for z, at in zip((x, y), plane[0], strict=True)
            ),
            height=HEIGHT,
        ),
        tuple(enumerate(groups)),
        beyond_first(order, groups),
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
    return Section("spending", "Where a budget goes", tuple(said), (chart,), (table,))


def _plane(fit: "Fit", group: int, paid: Sequence[str], held: dict, found: Allocation) -> Any:
    """Return a grid over the two inputs, and the law's median response and the cost there."""
    law = fit.law
    lines = []
    for name in paid:
        reached = [fit.runs.inputs[name], found.table[f"{name}_median"]]
        low, high = min(map(np.min, reached)), max(map(np.max, reached))
        lines.append(np.geomspace(low / 1.5, high * 1.5, GRID))
    at = dict(zip(paid, np.meshgrid(*lines), strict=True))
    groups = fit.runs.groups.iloc[[group]]
    params = parameters_at(fit, groups, np.random.default_rng(0))
    flat = {name: params[name][..., 0].ravel() for name in law.param_names}
    thin = slice(None, None, max(1, len(next(iter(flat.values()))) // DRAWS))
    draws = {name: values[thin] for name, values in flat.items()}
    inputs = [at[n][..., None] if n in at else held[n] for n in law.input_names]
    response = np.median(law.formula(np, *inputs, **draws), axis=-1)
    return lines, response, cost_at(law, at)


def _isolines(fit: "Fit", plane: Any, found: Allocation) -> list[dict[str, Any]]:
    """Return lines of equal response, and those of the largest run's compute and the horizon's."""
    (x, y), response, cost = plane
    name, unit = fit.law.response.name, fit.law.response.unit
    traces = []
    for level in _levels(fit, response, found.table[f"{name}_median"]):
        told = f"{name} {brief(level)} {unit}"
        labelled = {"mode": "lines+text", "textfont": {"size": 10, "color": "var(--quiet)"}}
        traces.append(_contour(x, y, response, level, told, brief(level)) | labelled)
    largest = fit.runs.largest["cost"]
    for spent in (largest, largest * GROWTH):
        drawn = _contour(x, y, np.log(cost), math.log(spent), f"{place(spent)} FLOP")
        traces.append(drawn | {"line": {"color": "var(--quiet)", "width": 1.2, "dash": "dot"}})
    return traces


def _levels(fit: "Fit", response: np.ndarray, best: Any) -> list[float]:
    """Return responses between those of runs and best splits, in as few digits as will do."""
    reached = [*fit.runs.response, *best]
    ends = max(response.min(), min(reached)), min(response.max(), max(reached))
    log = fit.law.response.noise.on == "log" and ends[0] > 0
    steps = (np.geomspace if log else np.linspace)(*ends, LEVELS)
    for digits in (2, 3, 4):
        levels = sorted({float(f"{step:.{digits}g}") for step in steps})
        if len(levels) > LEVELS // 2:
            break
    return levels


def _contour(
    x: np.ndarray, y: np.ndarray, values: np.ndarray, level: float, told: str, label: str = ""
) -> dict[str, Any]:
    """Return the line on which values over a grid are at a level, with a label on it."""
    pieces = []
    if values.min() < level < values.max():
        drawn = Figure().subplots().contour(np.log(x), np.log(y), values, [level])
        pieces = [np.exp(piece).tolist() for piece in drawn.allsegs[0]]
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


def _run_told(fit: "Fit", row: dict[str, Any]) -> str:
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
        f"The best use of {place(chosen['budget'].iloc[0])} FLOP: medians with 90% equal-tailed "
        "intervals"
    )
    return Table([*found.by, *heads], cells, caption, len(found.by))


def _told(row: Any, name: str, between: str) -> str:
    """Return the median of a quantity and, after what goes between, its interval."""
    middle, low, high = (
        place(float(row[f"{name}_{n}"])) for n in ("median", "eti90_lower", "eti90_upper")
    )
    return f"{middle}{between}{low} to {high}"
