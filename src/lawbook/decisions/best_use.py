"""What a budget buys at best, given draws of a law's parameters: one draw a fit's, or a paper's.

`BestUse` reads what is asked once, costs and bounds, and answers for any parameters.
"""

import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.points import read_points
from lawbook.data.runs import Runs
from lawbook.decisions.excess import excess, response_at
from lawbook.decisions.optimum import (
    Bounds,
    best_inputs,
    check_budgets,
    check_free,
    in_closed_form,
    price_of,
    read_bounds,
)
from lawbook.errors import FitError, argument, given
from lawbook.laws.law import Law

type Bound = float | tuple[float | None, float | None]

AT_BOUND = 1e-6  # relative distance from a bound at which an input counts as held there


@dataclass(frozen=True)
class BestUse:
    """How a budget may be spent on a law's inputs.

    Attributes
    ----------
    law
        Its response is what a budget is spent for.
    price
        Cost of a run as a function of inputs, by their names.
    bounds
        Range of each input, the same value twice where it is held.
    closed
        Whether the law's own formula of the optimum answers.
    """

    law: Law
    price: Callable
    bounds: Bounds
    closed: bool

    @property
    def takes(self) -> list[str]:
        """Names of the inputs that cost something."""
        return list(inspect.signature(self.price).parameters)

    def inputs(self, budget: float | np.ndarray, params: Mapping) -> dict[str, np.ndarray]:
        """Return the best inputs, each of shape ``(draws,)``."""
        if not self.closed:
            return best_inputs(self.law, params, budget, self.price, self.bounds)
        found = in_closed_form(self.law, params, budget)
        lacking = np.any([np.isnan(values) for values in found.values()], axis=0)
        if not lacking.any():
            return found
        # where the formula finds none, a search does, if only at its bounds
        some = {name: values[lacking] for name, values in params.items()}
        of = np.broadcast_to(budget, lacking.shape)[lacking]
        searched = best_inputs(self.law, some, of, self.price, self.bounds)
        for name, values in searched.items():
            found[name] = np.array(found[name])
            found[name][lacking] = values
        return found

    def quantities(
        self, budget: float, params: Mapping, plan: Mapping | None
    ) -> tuple[dict[str, np.ndarray], float]:
        """Return what a budget buys, and the share of draws in which a bound holds an input.

        Parameters
        ----------
        budget
            In the unit of the price.
        params
            Draws of each parameter, shape ``(draws,)``.
        plan
            A value of each input whose cost is the budget, if there is a plan.

        Returns
        -------
        dict
            The best inputs, the ratio of each pair that costs something, the response there and,
            of a plan, what `excess` says; each of shape ``(draws,)``, NaN where nothing within
            the bounds is so cheap.
        """
        law, inputs = self.law, self.inputs(budget, params)
        found = self.described(inputs, response_at(law, params, inputs))
        if plan is not None:
            found |= excess(law, params, plan, found[law.response.name], self.inputs, budget)
        self.check_affordable(found, budget)
        return found, float(np.mean(self.at_bounds(inputs)))

    def described(
        self, inputs: Mapping[str, np.ndarray], response: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Return inputs, the ratio of each pair that costs something, and the response there."""
        paid = [name for name in self.law.input_names if name in self.takes]
        ratios = {f"{b}_per_{a}": inputs[b] / inputs[a] for a, b in itertools.combinations(paid, 2)}
        return {**inputs, **ratios, self.law.response.name: response}

    def check_affordable(self, found: Mapping[str, np.ndarray], budget: float) -> None:
        """Raise `FitError` where nothing within the bounds is so cheap, which is NaN."""
        if any(np.isnan(values).any() for values in found.values()):
            raise FitError(
                f"allocate: no inputs within the bounds keep a budget of {budget:g}; expected a "
                f"larger one; change {argument('budget')} or {argument('subject_to')}"
            )

    def at_bounds(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return whether a bound holds an input, draw by draw."""
        free = {name: ends for name, ends in self.bounds.items() if ends[0] < ends[1]}
        touched = [
            np.isclose(inputs[name], end, rtol=AT_BOUND, atol=0)
            for name, ends in free.items()
            for end in ends
        ]
        return np.any(touched, axis=0)

    def rows(self, runs: Runs | None, budget: Any, planned: Any) -> pd.DataFrame:
        """Return one row per budget or plan and group: ``budget``, groups, and planned inputs.

        Raises
        ------
        FitError
            If there is neither budget nor plan, or both, or a budget cannot be spent.
        """
        if (budget is None) == (planned is None):
            raise FitError(
                "allocate: expected either a budget or planned inputs, whose cost is the budget; "
                f"give one of the two, as in {argument('budget', 1e24)}"
            )
        if planned is not None:
            plans = read_points(self.law, runs, planned)
            spent = self.price(**{name: plans[name] for name in self.takes})
            spent = np.broadcast_to(spent, len(plans))
            rows = pd.concat([pd.DataFrame({"budget": spent}), plans], axis=1)
        else:
            budgets = _numbers(budget)
            groups = pd.DataFrame(index=range(1)) if runs is None else runs.groups
            rows = groups.loc[groups.index.repeat(len(budgets))].reset_index(drop=True)
            column = pd.DataFrame({"budget": np.tile(budgets, len(groups))})
            rows = pd.concat([column, rows], axis=1)
        check_budgets(rows["budget"].to_numpy(), self.price, self.bounds, self.takes)
        return rows


def best_use(
    law: Law,
    cost: Callable[..., Any] | None,
    served: float,
    subject_to: Mapping[str, Bound] | None,
) -> BestUse:
    """Return how a budget may be spent; the parameters are those of `allocate`.

    Raises
    ------
    FitError
        If there is no cost, or a bound does not fit.
    """
    price, bounds = price_of(law, cost, served), read_bounds(law, subject_to or {})
    closed = cost is None and served == 0 and not subject_to and law.optimum is not None
    found = BestUse(law, price, bounds, closed)
    check_free(law, found.takes, bounds)
    return found


def _numbers(budget: float | Sequence[float]) -> np.ndarray:
    try:
        budgets = np.atleast_1d(np.asarray(budget, dtype="float64")).ravel()
    except (TypeError, ValueError):
        budgets = np.array([])
    if not budgets.size or not np.all((budgets > 0) & np.isfinite(budgets)):
        raise FitError(
            f"{given('budget', budget)}: no budgets; expected positive numbers in the unit of the "
            f"cost; write {argument('budget', 1e24)} or {argument('budget', [1e23, 1e24])}"
        )
    return budgets
