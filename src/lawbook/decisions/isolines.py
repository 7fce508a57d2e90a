"""Lines of equal response over the two inputs that cost something."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lawbook.errors import FitError
from lawbook.laws.law import Law
from lawbook.laws.values import cost_at, priced
from lawbook.plots.axes import by_group
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.thinning import step_to

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawing:
    """How finely lines are drawn: chosen so that they look smooth and take a second.

    Attributes
    ----------
    grid
        Points of either input.
    draws
        Of the parameters, about so many, for the median.
    lines
        Of equal response.
    margin
        Times what runs and best inputs reach, at either end.
    """

    grid: int = 60
    draws: int = 200
    lines: int = 12
    margin: float = 1.5


DRAWING = Drawing()


@dataclass(frozen=True, eq=False)
class Plane:
    """A law's response over two inputs.

    Attributes
    ----------
    x, y
        Values of the inputs, ascending, shape ``(grid,)``.
    response
        Posterior median of the law's value, shape ``(y, x)``, in the response's unit.
    cost
        In FLOPs, of the same shape.
    levels
        Responses worth a line: between those of the runs and of the best inputs, in as few
        digits as tell them apart.
    """

    x: np.ndarray
    y: np.ndarray
    response: np.ndarray
    cost: np.ndarray
    levels: list[float]


def two_paid(law: Law) -> tuple[str, str]:
    """Return the two inputs that a budget is split between.

    Raises
    ------
    FitError
        If not just two inputs cost something.
    """
    paid = priced(law)
    if len(paid) != 2:
        has = f"its cost takes {', '.join(paid)}" if paid else "it has no cost"
        raise FitError(
            f"law {law.name!r}: {has}; a budget is split where two inputs cost something"
        )
    return paid[0], paid[1]


def plane(fit: Fitted, best: pd.DataFrame, group: int) -> Plane:
    """Return the response of one group around its runs and best inputs.

    Parameters
    ----------
    fit
        A fitted law.
    best
        The table of an `lawbook.decisions.allocation.Allocation`; those that cost nothing are held
        where they are best for the last budget.
    group
        Position among the groups of the runs.
    """
    law, paid = fit.law, two_paid(fit.law)
    held = {n: best[f"{n}_median"].iloc[-1] for n in law.input_names if n not in paid}
    lines = []
    for name in paid:
        reached = [fit.runs.inputs[name], best[f"{name}_median"]]
        low, high = min(map(np.min, reached)), max(map(np.max, reached))
        lines.append(np.geomspace(low / DRAWING.margin, high * DRAWING.margin, DRAWING.grid))
    at = dict(zip(paid, np.meshgrid(*lines), strict=True))
    params = parameters_at(fit, fit.runs.groups.iloc[[group]], np.random.default_rng(0))
    flat = {name: params[name][..., 0].ravel() for name in law.param_names}
    thin = slice(None, None, step_to(DRAWING.draws, len(next(iter(flat.values())))))
    draws = {name: values[thin] for name, values in flat.items()}
    inputs = [at[n][..., None] if n in at else held[n] for n in law.input_names]
    response = np.median(law.formula(np, *inputs, **draws), axis=-1)
    reached = [*fit.runs.response, *best[f"{law.response.name}_median"]]
    x, y = lines
    return Plane(x, y, response, cost_at(law, at), _levels(law, response, reached))


def _levels(law: Law, response: np.ndarray, reached: list[float]) -> list[float]:
    ends = max(response.min(), min(reached)), min(response.max(), max(reached))
    log = law.response.noise.on == "log" and ends[0] > 0
    steps = (np.geomspace if log else np.linspace)(*ends, DRAWING.lines)
    levels: list[float] = []
    for digits in (2, 3, 4):
        levels = sorted({float(f"{step:.{digits}g}") for step in steps})
        if len(levels) > DRAWING.lines // 2:
            break
    return levels


def draw_plane(fit: Fitted, unit: str, best: pd.DataFrame) -> "Figure":
    """Draw the best inputs over lines of equal response of the group that is best in the end.

    Parameters
    ----------
    fit, best
        As for `plane`.
    unit
        Of the budget; empty where it is the user's own.

    Raises
    ------
    FitError
        If the law's cost does not take two inputs.
    """
    from lawbook.plots.budgets import draw_isolines

    law, by = fit.law, fit.runs.by
    paid, groups = two_paid(law), by_group(best, by)
    last = [best.iloc[at].sort_values("budget").iloc[-1] for _, at in groups]
    ends = [row[f"{law.response.name}_median"] for row in last]
    first = int(np.argmin(law.response.sign * np.array(ends)))
    of = groups[first][0] if len(groups) > 1 else ""
    over = plane(fit, best, first)
    return draw_isolines(law, paid, by, unit, best, fit.runs.frame, over, of)
