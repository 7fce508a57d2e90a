"""Runs that may be trained, and what they are to sharpen, ready to be chosen from."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lawbook.data.points import read_points
from lawbook.decisions.greedy import Batch, Greedy
from lawbook.decisions.information import link_draws, noise_variance
from lawbook.errors import FitError
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.values import cost_at, on_scale
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.responses import responses
from lawbook.posterior.thinning import thinned


@dataclass(frozen=True)
class Scope:
    """What is searched where nobody says: chosen so that a plan takes seconds.

    Attributes
    ----------
    further
        Times the largest run's cost: how far the default grid of candidates goes.
    per_input
        Points of that grid along each input.
    draws
        At most so many, where the noise is a discrepancy.
    together
        Points of a group at which a discrepancy is drawn together, at most: one block of numbers
        for so many draws.
    deciding
        Runs that are looked through for those that decide a choice.
    """

    further: float = 10.0
    per_input: int = 7
    draws: int = 1000
    together: int = 1000
    deciding: int = 8


SCOPE = Scope()


class Search:
    """Candidates and a target, ready to be chosen from; arguments are those of `plan`."""

    def __init__(
        self,
        fit: Fitted,
        points: pd.DataFrame,
        goal: str | pd.DataFrame,
        between: str | None,
        until: float | None,
    ) -> None:
        if isinstance(fit.law.response.noise, Discrepancy):
            fit = thinned(fit, SCOPE.draws)
        law, count = fit.law, len(points)
        self.fit = fit
        self.law, self.points, self.between = law, points, between
        self.values = _values(fit, points, goal)
        both = on_scale(law, self.values.reshape(len(self.values), -1))
        noise = noise_variance(fit, points, self.values[:count].mean(axis=(1, 2)))
        at = link_draws(fit, goal).reshape(1, -1) if isinstance(goal, str) else both[count:]
        cost = np.ones(count) if law.cost is None else cost_at(law, points)
        self.cost = np.broadcast_to(cost, count).astype("float64")
        signed = law.response.sign if between else None
        self.greedy = Greedy(both[:count], at, noise, self.cost, signed, until)

    def batch(self, budget: float | None, n: int | None) -> Batch:
        """Choose runs."""
        return self.greedy.batch(budget, n)

    def tabulated(self, found: Batch) -> pd.DataFrame:
        """Return the table of a plan."""
        table = self.points.iloc[found.chosen].reset_index(drop=True)
        if self.law.cost is not None:
            table["cost"] = self.cost[found.chosen]
            table["cost_so_far"] = np.cumsum(self.cost[found.chosen])
        table["target_sd"] = found.sd
        table["relative_sd"] = table["target_sd"] / self.greedy.sd
        if self.between:
            table["regret_reduction"] = found.gain
            table["p_best"] = found.sure
        return table


def within_reach(fit: Fitted) -> pd.DataFrame:
    """Return a grid over the range of the runs, and beyond it as far as `SCOPE` says."""
    law, axes = fit.law, {}
    for x in law.inputs:
        seen = fit.runs.inputs[x.name]
        top = min(seen.max() * SCOPE.further, x.support[1])
        most = top if x.support[1] == math.inf else seen.max()
        if seen.min() > 0:
            axes[x.name] = np.geomspace(seen.min(), most, SCOPE.per_input)
        else:
            axes[x.name] = np.linspace(seen.min(), most, SCOPE.per_input)
    points = pd.DataFrame(list(itertools.product(*axes.values())), columns=list(axes))
    if law.cost is not None:
        points = points.loc[cost_at(law, points) <= SCOPE.further * fit.runs.largest["cost"]]
    return read_points(fit.law, fit.runs, points.reset_index(drop=True))


def _values(fit: Fitted, points: pd.DataFrame, goal: str | pd.DataFrame) -> np.ndarray:
    """Return the law's values at candidates, and after them at a target of points."""
    rows = points if isinstance(goal, str) else pd.concat([points, goal], ignore_index=True)
    by, most = list(fit.runs.by), SCOPE.together
    count = (
        max(np.unique(rows[by].agg("|".join, axis=1), return_counts=True)[1]) if by else len(rows)
    )
    if isinstance(fit.law.response.noise, Discrepancy) and count > most:
        raise FitError(
            f"plan: {count:,} candidates and targets of a group, for a fit with a discrepancy; "
            f"expected at most {most:,}, which its process is drawn for together; give fewer"
        )
    return responses(fit, rows, "mean", 0, together=most)
