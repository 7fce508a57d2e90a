"""How far planned inputs are from the best ones, draw by draw.

excess loss    L(planned) - min L at the planned cost
excess cost    planned cost - the least cost at which the best inputs reach L(planned)
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lawbook.laws.law import Law


@dataclass(frozen=True)
class Saving:
    """How the cost of an equally good allocation is found.

    Attributes
    ----------
    cheapest
        Share of the planned cost at which the search begins: no more than all but this is saved.
    precision
        Of the log of that cost.
    """

    cheapest: float = 1e-6
    precision: float = 1e-8


SAVING = Saving()


def excess(
    law: Law, params: Mapping, plan: Mapping, reached: np.ndarray, best: Callable, budget: float
) -> dict[str, np.ndarray]:
    """Return how far planned inputs are from the best, each of shape ``(draws,)``.

    Parameters
    ----------
    law, params
        Draws of each parameter, shape ``(draws,)``.
    plan
        A value of each input.
    reached
        The best response for what they cost.
    best
        The best inputs given a budget and params.
    budget
        What the planned inputs cost.
    """
    there = response_at(law, params, plan)
    return of_plan(law, there, reached, saved(law, params, there, best, budget))


def of_plan(
    law: Law, there: np.ndarray, reached: np.ndarray, saving: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the columns of a plan: what it reaches, what the best does, and the cost saved."""
    y, sign = law.response.name, law.response.sign
    return {
        f"planned_{y}": there,
        f"excess_{y}": np.maximum(sign * (there - reached), 0.0),
        "excess_cost": saving,
    }


def saved(law: Law, params: Mapping, goal: np.ndarray, best: Callable, budget: float) -> np.ndarray:
    """Return how much of a budget the law's best inputs save where they reach a goal, (draws,).

    Parameters
    ----------
    law, params, best, budget
        As for `excess`.
    goal
        Responses under the law, no better than the best for the budget.
    """
    from scipy.optimize import elementwise  # takes long to import

    sign = law.response.sign

    def behind(log_share: np.ndarray, there: np.ndarray, *values: np.ndarray) -> np.ndarray:
        params_here = dict(zip(params, values, strict=True))
        inputs = best(budget * np.exp(log_share), params_here)
        return sign * (response_at(law, params_here, inputs) - there)

    low = math.log(SAVING.cheapest)
    found = elementwise.find_root(
        behind,
        (np.full(goal.shape, low), np.zeros(goal.shape)),
        args=(goal, *params.values()),
        tolerances={"xatol": SAVING.precision, "fatol": 0.0},
    )
    # no root: the plan is the best use of its cost, or the cheapest one is as good
    none = np.where(found.f_bracket[0] <= 0, low, 0.0)
    log_share = np.where(found.success, found.x, none)
    return budget * -np.expm1(log_share)


def response_at(law: Law, params: Mapping, at: Mapping) -> np.ndarray:
    """Return the law's value at inputs, one a draw, shape ``(draws,)``."""
    value = law.formula(np, *(at[name] for name in law.input_names), **params)
    return np.broadcast_to(value, next(iter(params.values())).shape)
