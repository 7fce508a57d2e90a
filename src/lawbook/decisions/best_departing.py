"""What a budget buys at best where the response departs from the law: a discrepancy in each draw.

What a budget buys is a surface over the inputs, the same in all draws. The model discrepancy of a
group is drawn at points of it, all of them jointly, so that each draw is a function there, and the
best of its points is where that draw has its best inputs: a parabola through its neighbours says
where between the points. How much is saved for an equal response is read off the law alone, which
says what a budget is worth.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lawbook.decisions.best_use import BestUse
from lawbook.decisions.excess import of_plan, response_at, saved
from lawbook.decisions.optimum import Bounds, Budgeted
from lawbook.laws.law import Law
from lawbook.laws.links import from_link, moved, to_link
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.joint import departures
from lawbook.posterior.parameters import parameters_at


@dataclass(frozen=True)
class Surface:
    """At which points of a budget's surface a response is drawn.

    Attributes
    ----------
    points
        Along one input; along each of several fewer, of which all together are at most `most`.
    most
        A draw of a process takes the cube of them.
    margin
        E-folds beyond the best inputs of the law, at first: doubled until they hold the best of
        all but `outside` of the draws, or up to `widest`.
    outside
        Share of draws.
    widest
        E-folds.
    """

    points: int = 96
    most: int = 1000
    margin: float = 3.0
    outside: float = 0.005
    widest: float = 12.0


SURFACE = Surface()


def best_departing(
    fit: Fitted, use: BestUse, budget: float, group: pd.DataFrame, plan: Mapping | None
) -> tuple[dict[str, np.ndarray], float]:
    """Return what a budget buys of one group, as `BestUse.quantities` does.

    Parameters
    ----------
    fit
        Its noise is a `lawbook.Discrepancy`.
    use
        How the budget may be spent.
    budget, plan
        As for `BestUse.quantities`.
    group
        One row, its labels.
    """
    law, rng = fit.law, np.random.default_rng(0)
    values = parameters_at(fit, group, rng)
    params = {name: values[name].ravel() for name in law.param_names}
    of_law = use.inputs(budget, params)
    use.check_affordable(of_law, budget)
    surface, margin = _surface(use, of_law, budget), SURFACE.margin
    while True:
        axes = _axes(surface, of_law, margin)
        grid = dict(zip(axes, np.array([*itertools.product(*axes.values())]).T, strict=True))
        found, cheap = surface.at(grid)
        at = {name: np.broadcast_to(x, cheap.shape) for name, x in found.items()}
        given = at if plan is None else {n: np.append(x, plan[n]) for n, x in at.items()}
        response = _responses(fit, group, values, params, given, rng)
        logs, reached, ends = _best(law, axes, surface.bounds, response[: len(cheap)], cheap)
        if np.mean(ends) <= SURFACE.outside or margin >= SURFACE.widest:
            break
        margin *= 2
    inputs, _ = surface.at(logs)
    inputs = {n: np.broadcast_to(x, reached.shape) for n, x in inputs.items()}
    found = use.described(inputs, reached)
    if plan is not None:
        found |= _judged(use, params, of_law, budget, response[-1], reached)
    return found, float(np.mean(use.at_bounds(inputs) | ends))


def _surface(use: BestUse, of_law: Mapping[str, np.ndarray], budget: float) -> Budgeted:
    """Return what a budget buys, with inputs that cost nothing held where the law has them best."""
    free = [n for n in use.law.input_names if n not in use.takes and np.ptp(of_law[n]) == 0]
    held = {name: (float(of_law[name][0]), float(of_law[name][0])) for name in free}
    return Budgeted(use.law, budget, use.price, {**use.bounds, **held})


def _axes(surface: Budgeted, of_law: Mapping[str, np.ndarray], margin: float) -> dict:
    """Return the logs of each input that is searched over, ascending."""
    free, axes = surface.searched, {}
    count = SURFACE.points if len(free) < 2 else int(SURFACE.most ** (1 / len(free)))
    for name in free:
        low, high = np.log(of_law[name].min()) - margin, np.log(of_law[name].max()) + margin
        least, most = np.log(surface.bounds[name])
        axes[name] = np.linspace(max(low, least), min(high, most), count)
    return axes


def _responses(
    fit: Fitted,
    group: pd.DataFrame,
    values: Mapping[str, np.ndarray],
    params: Mapping[str, np.ndarray],
    at: Mapping[str, np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the response of each draw at points, the discrepancy drawn jointly."""
    law = fit.law
    [away] = departures(fit, group, values, at, rng)
    value = law.formula(np, *(at[name][:, None] for name in law.input_names), **params)
    shape = len(next(iter(at.values()))), len(next(iter(params.values())))
    return moved(law.response.noise.on, np.broadcast_to(value, shape), away.draws)


def _best(
    law: Law, axes: Mapping[str, np.ndarray], bounds: Bounds, response: np.ndarray, cheap
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return where the best response of each draw is, in logs, what it is, and whether at an end.

    An end of the search is meant: at a bound of an input it goes no further.
    """
    on, sign = law.response.noise.on, law.response.sign
    worse = np.where(cheap[:, None], sign * to_link(on, response), np.inf)
    worse = np.where(np.isfinite(worse), worse, np.inf)
    draws = np.arange(worse.shape[1])
    least = np.argmin(worse, axis=0)
    best = worse[least, draws]
    place = np.unravel_index(least, tuple(map(len, axes.values()))) if axes else ()
    grid = worse.reshape(*map(len, axes.values()), -1)
    logs, ends = {}, np.zeros(len(draws), dtype=bool)
    for k, (name, axis) in enumerate(axes.items()):
        inner = (place[k] > 0) & (place[k] < len(axis) - 1)
        sides = []
        for step in (-1, 1):
            near = np.clip(place[k] + step, 0, len(axis) - 1)
            sides.append(grid[(*place[:k], near, *place[k + 1 :], draws)] - worse[least, draws])
        left, right = sides
        bend = left + right
        bent = inner & np.isfinite(bend) & (bend > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            by = np.where(bent, 0.5 * (left - right) / bend, 0.0)
            best = best - np.where(bent, (left - right) ** 2 / (8 * bend), 0.0)
        logs[name] = axis[place[k]] + by * (axis[1] - axis[0])
        at_bound = np.isclose(axis[place[k]], np.log(bounds[name]).reshape(2, 1)).any(axis=0)
        ends |= ~inner & ~at_bound
    return logs, from_link(on, sign * best), ends


def _judged(use: BestUse, params: Mapping, of_law, budget: float, there, reached) -> dict:
    """Return how far a plan that reaches ``there`` is from the best, draw by draw."""
    law = use.law
    on, sign = law.response.noise.on, law.response.sign
    behind = np.maximum(sign * (to_link(on, there) - to_link(on, reached)), 0.0)
    goal = moved(on, response_at(law, params, of_law), sign * behind)
    return of_plan(law, there, reached, saved(law, params, goal, use.inputs, budget))
