"""The best inputs that a budget buys, for many draws of a law's parameters at once.

One input that costs something takes what the others leave of the budget, so that all other free
inputs are searched over without a constraint, on the log scale:

    minimise  f(x, x_last(x))  over log x,  where  cost(x, x_last) = budget

With one of them, a grid brackets each draw's minimum, and bisection on the slope along the
surface of the budget closes in on it. With several, a small grid moves and shrinks around each
draw's best point. Both compare values only: what a budget cannot buy is infinitely bad, and root
and minimum finders that interpolate, as SciPy's, stop at an infinity.
"""

import inspect
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lawbook.errors import FitError, argument, given, listed
from lawbook.laws.law import Law

type Bounds = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Search:
    """How the best inputs are found: to a millionth, as tests against closed forms ask.

    Attributes
    ----------
    grid
        Points that bracket a minimum in one input: less than an e-fold apart over the usual reach.
    bisections
        They leave less of such a bracket than a float can tell.
    coarse
        Points per input of the first grid over several.
    rounds
        Of the moving grid, at most.
    close
        Half-width in log input at which the moving grid stops.
    step
        In log input, for slopes: about the cube root of a float's precision would be best for
        smooth values, and this is still well above their rounding.
    newton
        Steps to the input that spends what is left, at most; a handful is usual.
    exact
        Relative size of a step of Newton's at which it is done.
    least, most
        Times the range that the paper saw: how far an input is searched where nobody bounds it.
    """

    grid: int = 97
    bisections: int = 48
    coarse: int = 13
    rounds: int = 80
    close: float = 1e-8
    step: float = 1e-4
    newton: int = 60
    exact: float = 1e-13
    least: float = 1e-6
    most: float = 1e12


SEARCH = Search()


def reach(law: Law) -> dict[str, tuple[float, float]]:
    """Return how far each input is searched where nobody bounds it."""
    found = {}
    for x in law.inputs:
        (least, most), (low, high) = x.support, x.seen
        found[x.name] = (max(least, low * SEARCH.least), min(most, high * SEARCH.most))
    return found


def best_inputs(
    law: Law,
    params: Mapping[str, np.ndarray],
    budget: float | np.ndarray,
    cost: Callable,
    bounds: Bounds,
) -> dict[str, np.ndarray]:
    """Return the inputs with the best response whose cost is at most the budget.

    Parameters
    ----------
    law
        Its formula and what it calls better; response and inputs in its units.
    params
        Draws of each parameter, shape ``(draws,)``.
    budget
        One for all draws, or one a draw, in the unit of ``cost``.
    cost
        ``f(*inputs)`` with the inputs' names, increasing in each. It spends the budget unless
        bounds forbid that.
    bounds
        Least and largest value of each input, positive where they differ; the same value twice
        holds an input.

    Returns
    -------
    dict
        Each input, shape ``(draws,)``; NaN where nothing within the bounds is so cheap.
    """
    surface = Budgeted(law, np.atleast_1d(np.asarray(budget, "float64")), cost, bounds)
    return _Search(surface, params).run()


def in_closed_form(law: Law, params: Mapping, budget: float | np.ndarray) -> dict[str, np.ndarray]:
    """Return what the law's own ``optimum`` says, each input of shape ``(draws,)``."""
    assert law.optimum is not None
    shape = next(iter(params.values())).shape
    found = law.optimum(np, budget, **params)
    pairs = zip(law.input_names, found, strict=True)
    return {name: np.broadcast_to(value, shape) for name, value in pairs}


def price_of(law: Law, cost: Callable | None, served: float) -> Callable:
    """Return the cost that is spent, as a function of the law's inputs."""
    price = law.cost if cost is None else cost
    if price is None:
        raise FitError(
            f"law {law.name!r}: it has no cost; expected one in its inputs "
            f"{listed(law.input_names)}; declare the law with one, or in Python give cost="
        )
    takes = list(inspect.signature(price).parameters)
    if unknown := [name for name in takes if name not in law.input_names]:
        raise FitError(
            f"cost= takes {listed(unknown)}; expected some of the inputs "
            f"{listed(law.input_names)} of law {law.name!r}; name its arguments so"
        )
    if not 0 <= served < math.inf:
        raise FitError(
            f"{given('served', served)}: expected a number of tokens, at least 0; correct it"
        )
    if served == 0:
        return price
    if "N" not in takes:
        raise FitError(
            f"{argument('served', served)} for law {law.name!r}, whose cost takes {listed(takes)}; "
            "expected a cost with N, the parameters that serve; leave it out, or in Python write "
            "the whole cost as cost="
        )

    def with_serving(**inputs):
        return price(**inputs) + 2 * inputs["N"] * served

    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in takes]
    with_serving.__signature__ = inspect.Signature(parameters)  # pyright: ignore
    return with_serving


def read_bounds(law: Law, subject_to: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the range of each input, the same value twice where it is held."""
    if unknown := [name for name in subject_to if name not in law.input_names]:
        raise FitError(
            f"{argument('subject_to')} has {listed(unknown)}; expected inputs of law {law.name!r}, "
            f"{listed(law.input_names)}; rename it"
        )
    found = reach(law)
    for x in law.inputs:
        if x.name not in subject_to:
            continue
        asked = subject_to[x.name]
        low, high = asked if isinstance(asked, tuple | list) else (asked, asked)
        low = found[x.name][0] if low is None else float(low)
        high = found[x.name][1] if high is None else float(high)
        if not x.support[0] < low <= high < x.support[1]:
            raise FitError(
                f"{given('subject_to', {x.name: asked})}: no range of {x.unit}; expected a value "
                f"or its bounds, inside {x.support}; correct it, as in "
                f"{argument('subject_to', {x.name: (None, x.seen[1])})}"
            )
        found[x.name] = (low, high)
    return found


def check_free(law: Law, takes: Sequence[str], bounds: Mapping) -> None:
    """Raise `FitError` where a budget could not be spent, or not be searched."""
    if not any(bounds[name][0] < bounds[name][1] for name in takes):
        raise FitError(
            f"{argument('subject_to')} holds {listed(takes)}: nothing is left to spend a budget "
            "on; expected one of them free; leave it out"
        )
    usual = reach(law)
    open_ended = [n for n in law.input_names if n not in takes and bounds[n][1] == usual[n][1]]
    if open_ended:
        raise FitError(
            f"law {law.name!r}: its input {listed(open_ended)} costs nothing; expected a value or "
            "an upper bound; give it, as in "
            f"{argument('subject_to', {open_ended[0]: (None, 1e12)})}"
        )
    for name, (low, high) in bounds.items():
        if low < high and low <= 0:
            raise FitError(
                f"input {name!r}: its range {low:g} to {high:g} cannot be searched on the log "
                f"scale; expected positive values; hold or bound it in "
                f"{argument('subject_to')}"
            )


def check_budgets(
    budgets: np.ndarray, price: Callable, bounds: Mapping, takes: Sequence[str]
) -> None:
    """Raise `FitError` for a budget that no allocation within the bounds costs."""
    least, most = (price(**{name: bounds[name][end] for name in takes}) for end in (0, 1))
    for value in budgets:
        if not least <= value <= most:
            raise FitError(
                f"{argument('budget', float(value))}: within the bounds of the inputs, allocations "
                f"cost from {least:.4g} to {most:.4g}; expected a budget in that range; "
                f"change it, or the bounds in {argument('subject_to')}"
            )


class Budgeted:
    """The surface of inputs that cost a budget; parameters are those of `best_inputs`.

    Attributes
    ----------
    searched
        Inputs that lie on it freely; the last one that costs something takes what they leave.
    """

    def __init__(
        self, law: Law, budget: float | np.ndarray, cost: Callable, bounds: Bounds
    ) -> None:
        self.law, self.cost, self.bounds = law, cost, bounds
        self.budget = np.atleast_1d(np.asarray(budget, "float64"))
        self.takes = list(inspect.signature(cost).parameters)
        self.held = {name: low for name, (low, high) in bounds.items() if low == high}
        self.range = {n: np.log(ends) for n, ends in bounds.items() if n not in self.held}
        self.last = [name for name in self.range if name in self.takes][-1]
        self.searched = [name for name in self.range if name != self.last]

    def at(self, logs: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return all inputs given the logs of those searched over, and whether they are cheap."""
        point: dict[str, Any] = {name: np.exp(value) for name, value in logs.items()}
        point |= self.held
        low, high = self.range[self.last]
        shape = np.broadcast_shapes(self.budget.shape, *(np.shape(v) for v in logs.values()))

        def log_cost(t: np.ndarray) -> np.ndarray:
            at = point | {self.last: np.exp(t)}
            return np.log(self.cost(**{name: at[name] for name in self.takes}))

        wanted = np.log(self.budget)
        feasible = np.broadcast_to(log_cost(np.array([low])) <= wanted, shape)
        t = np.full(shape, high)
        for _ in range(
            SEARCH.newton
        ):  # from the right: costs are convex in logs, so it stays there
            here = log_cost(t)
            slope = (log_cost(t + SEARCH.step) - log_cost(t - SEARCH.step)) / (2 * SEARCH.step)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = np.nan_to_num((wanted - here) / slope, nan=0.0)
            moved = np.clip(t + step, low, high)
            done = np.max(np.abs(moved - t), initial=0.0) < SEARCH.exact * (1 + abs(high))
            t = moved
            if done:
                break
        point |= {self.last: np.exp(t)}
        return {name: point[name] for name in self.law.input_names}, feasible


class _Search:
    def __init__(self, surface: Budgeted, params: Mapping[str, np.ndarray]) -> None:
        self.law, self.params, self.surface = surface.law, params, surface
        self.searched, self.range = surface.searched, surface.range
        self.draws = max(len(surface.budget), *(len(value) for value in params.values()))

    def run(self) -> dict[str, np.ndarray]:
        """Search, and return the point found for each draw."""
        match self.searched:
            case []:
                logs = {}
            case [one]:
                logs = {one: self._bisected(one)}
            case _:
                logs = self._zoomed()
        inputs, feasible = self.surface.at(logs)
        return {
            name: np.where(feasible, np.broadcast_to(value, self.draws), np.nan)
            for name, value in inputs.items()
        }

    def _objective(self, logs: Mapping[str, np.ndarray]) -> np.ndarray:
        inputs, feasible = self.surface.at(logs)
        value = self.law.response.sign * self.law.formula(np, *inputs.values(), **self.params)
        return np.where(feasible & np.isfinite(value), value, np.inf)

    def _bisected(self, name: str) -> np.ndarray:
        start, stop = self.range[name]
        grid = np.linspace(start, stop, SEARCH.grid)
        best = np.broadcast_to(
            np.argmin(self._objective({name: grid[:, None]}), axis=0), self.draws
        )
        low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, SEARCH.grid - 1)]
        for _ in range(SEARCH.bisections):
            middle = (low + high) / 2
            left = self._objective({name: np.maximum(middle - SEARCH.step, start)})
            right = self._objective({name: np.minimum(middle + SEARCH.step, stop)})
            falling = right < left
            low, high = np.where(falling, middle, low), np.where(falling, high, middle)
        return (low + high) / 2

    def _zoomed(self) -> dict[str, np.ndarray]:
        names = self.searched
        ends = np.stack([self.range[name] for name in names])
        lines = [np.linspace(start, stop, SEARCH.coarse) for start, stop in ends]
        grid = np.array(list(itertools.product(*lines))).T
        value = self._objective({n: grid[i][:, None] for i, n in enumerate(names)})
        centre = grid[:, np.broadcast_to(np.argmin(value, axis=0), self.draws)]
        width = np.broadcast_to(
            (ends[:, 1:] - ends[:, :1]) / (SEARCH.coarse - 1), (len(names), self.draws)
        )
        offsets = np.array(list(itertools.product([-1.0, -0.5, 0.0, 0.5, 1.0], repeat=len(names))))
        offsets = offsets[np.argsort(np.abs(offsets).sum(axis=1), kind="stable")].T
        lanes = np.arange(self.draws)
        for _ in range(SEARCH.rounds):
            tried = centre[:, None] + offsets[:, :, None] * width[:, None]
            tried = np.clip(tried, ends[:, :1, None], ends[:, 1:, None])
            value = self._objective({name: tried[i] for i, name in enumerate(names)})
            chosen = np.argmin(value, axis=0)
            centre = tried[:, chosen, lanes]
            inside = np.abs(offsets[:, chosen]).max(axis=0) < 1
            width = np.where(inside, width / 2, width)
            if math.isclose(width.max(), 0.0, abs_tol=SEARCH.close):
                break
        return dict(zip(names, centre, strict=True))
