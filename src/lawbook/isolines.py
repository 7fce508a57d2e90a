"""Lines of equal response over the two inputs that cost something."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lawbook.errors import FitError
from lawbook.paths import priced
from lawbook.population import parameters_at
from lawbook.prediction import cost_at

if TYPE_CHECKING:
    from lawbook.allocation import Allocation
    from lawbook.declaration import Law
    from lawbook.fitting import Fit

GRID = 60  # points of either input
DRAWS = 200  # of the parameters
LEVELS = 12  # of the response
MARGIN = 1.5  # times what runs and best inputs reach


@dataclass(frozen=True, eq=False)
class Plane:
    """A law's response over two inputs.

    Attributes
    ----------
    x, y
        Values of the inputs, ascending, shape ``(GRID,)``.
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


def two_paid(law: "Law") -> tuple[str, str]:
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


def plane(fit: "Fit", found: "Allocation", group: int) -> Plane:
    """Return the response of one group around its runs and best inputs.

    Parameters
    ----------
    fit
        A fitted law.
    found
        What it says of the best inputs; those that cost nothing are held where they are best for
        the last budget.
    group
        Position among the groups of the runs.
    """
    law, paid = fit.law, two_paid(fit.law)
    held = {n: found.table[f"{n}_median"].iloc[-1] for n in law.input_names if n not in paid}
    lines = []
    for name in paid:
        reached = [fit.runs.inputs[name], found.table[f"{name}_median"]]
        low, high = min(map(np.min, reached)), max(map(np.max, reached))
        lines.append(np.geomspace(low / MARGIN, high * MARGIN, GRID))
    at = dict(zip(paid, np.meshgrid(*lines), strict=True))
    params = parameters_at(fit, fit.runs.groups.iloc[[group]], np.random.default_rng(0))
    flat = {name: params[name][..., 0].ravel() for name in law.param_names}
    thin = slice(None, None, max(1, len(next(iter(flat.values()))) // DRAWS))
    draws = {name: values[thin] for name, values in flat.items()}
    inputs = [at[n][..., None] if n in at else held[n] for n in law.input_names]
    response = np.median(law.formula(np, *inputs, **draws), axis=-1)
    reached = [*fit.runs.response, *found.table[f"{law.response.name}_median"]]
    x, y = lines
    return Plane(x, y, response, cost_at(law, at), _levels(law, response, reached))


def _levels(law: "Law", response: np.ndarray, reached: list[float]) -> list[float]:
    ends = max(response.min(), min(reached)), min(response.max(), max(reached))
    log = law.response.noise.on == "log" and ends[0] > 0
    steps = (np.geomspace if log else np.linspace)(*ends, LEVELS)
    levels: list[float] = []
    for digits in (2, 3, 4):
        levels = sorted({float(f"{step:.{digits}g}") for step in steps})
        if len(levels) > LEVELS // 2:
            break
    return levels
