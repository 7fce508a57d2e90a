r"""Which runs to train next, from the draws alone.

Greedily, as `lawbook.decisions.greedy` says, on the scale of the noise; covariances are taken
across posterior draws. For a choice between groups the value of a batch is how much better than the
choice of today the choice after it is expected to be.

No refit is made, so a plan is as good as this linear picture of the posterior.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.points import read_points
from lawbook.decisions.candidates import Search, within_reach
from lawbook.errors import FitError, argument, given, listed
from lawbook.laws.law import Law
from lawbook.laws.values import noise_scale
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.result import Result, doubt, doubts
from lawbook.wording import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure


NAMED = 3  # runs that a sentence lists
NEAR = 0.01  # how much above its last value the target's sd is near that


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Result):
    """Runs to train next, in order.

    Attributes
    ----------
    law
        The fitted law.
    by
        Grouping columns of its runs.
    target
        What the runs are to sharpen, in words.
    runs
        The fitted runs.
    table
        One row a run, in the order chosen, or within a budget for a target by what each adds, the
        most first: its inputs and grouping columns; ``cost`` and
        ``cost_so_far`` in FLOPs where the law has a cost; ``target_sd``, the standard deviation
        of the target that is expected after this run (of several targets, the root of the mean
        variance), on the scale of the noise or of the parameter's prior; ``relative_sd``, its
        ratio to that of today; and for a choice between groups ``regret_reduction``, by how much
        the expected regret of the choice at the target falls, on the scale of the noise, and
        ``p_best``, the probability that the best group is expected to have then.
    draws
        Of the law's value at the runs, dims ``(chain, draw, run)``, in the response's unit.
    provenance
        What it was made of; it travels with every export.
    """

    law: Law
    by: tuple[str, ...]
    target: str
    runs: pd.DataFrame
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]

    def plot(self) -> "Figure":
        """Draw where the runs lie and what they gain; see `lawbook.plots.budgets.draw_plan`."""
        from lawbook.plots.budgets import draw_plan

        return draw_plan(self.law, self.target, self.runs, self.table)

    @property
    def headline(self) -> str:
        """How many runs, for what, and what they are expected to gain, in one line."""
        last, total = self.table.iloc[-1], len(self.table)
        spent = f" for {short(last['cost_so_far'], 3)} FLOP" if "cost_so_far" in last else ""
        train = f"To know {self.target} better, train {total} run{'s' * (total != 1)}{spent}"
        if "regret_reduction" in last:
            gain = f"{short(last['regret_reduction'], 2)} {noise_scale(self.law)}"
            return f"{train}: the expected regret of the choice falls by {gain}"
        share = f"{last['relative_sd']:.0%}"
        return f"{train}: its posterior sd is expected to fall to {share} of today's"

    @property
    def notes(self) -> tuple[str, ...]:
        """After which run little is left to gain; what speaks against the fit."""
        return (*self._enough, *doubts(self.provenance))

    @property
    def _enough(self) -> tuple[str, ...]:
        """Say how many of the runs bring nearly all of the gain, where that is half of them."""
        sds = self.table["target_sd"].to_numpy()
        first = 1 + int(np.argmax(sds <= (1 + NEAR) * sds[-1]))
        if "regret_reduction" in self.table or 2 * first > len(sds):
            return ()
        spent = self.table.get("cost_so_far")
        cost = "" if spent is None else f", for {short(spent.iloc[first - 1], 3)} FLOP,"
        which, bring = (f"first {first} of them", "bring") if first > 1 else ("first", "brings")
        return (f"The {which}{cost} {bring} the sd within {NEAR:.0%} of that.",)

    def sentence(self) -> str:
        """Return the plan in words: the headline, and the first runs."""
        units = {x.name: x.unit for x in self.law.inputs}
        runs = []
        for row in self.table.head(NAMED).to_dict("records"):
            at = [f"{name} = {short(row[name], 3)} {unit}" for name, unit in units.items()]
            runs.append(", ".join([*at, *(f"{name} {row[name]}" for name in self.by)]))
        total = len(self.table)
        runs += [f"and {total - NAMED} more"] if total > NAMED else []
        which = "The run: " if total == 1 else "The runs, in order: "
        said = " ".join([f"{self.headline}.", *self._enough])
        return f"{said} {which}{'; '.join(runs)}.{doubt(self.provenance)}"


def plan(
    fit: Fitted,
    *,
    target: Any,
    candidates: Any = None,
    grid: Mapping[str, Sequence[float]] | None = None,
    budget: float | None = None,
    n: int | None = None,
    between: str | None = None,
    until: float | None = None,
) -> Plan:
    """Choose the runs after which the answer at a target is expected to be sharpest.

    Parameters
    ----------
    fit
        A fitted law.
    target
        Points, as for `lawbook.posterior.prediction.predict`; or the name of a parameter of the
        law.
    candidates
        Runs that may be trained, as points. Each is chosen at most once.
    grid
        In place of candidates, values per input, all combinations of which are candidates, for
        every group. Without both, a grid over the range of the runs and up to ten times the
        largest run's cost.
    budget
        Cost of all runs together, in the unit of the law's cost. Runs are then chosen by what
        they gain per unit of cost, also after each of the runs that gain most, or by what they
        gain, whichever ends best; for a choice between groups without those that add next to
        nothing. Without it all runs count alike.
    n
        Largest number of runs; 2 if neither it nor a budget is given.
    between
        Grouping column, where the choice between its levels at the target counts rather than the
        width there.
    until
        With ``between``: no more runs are chosen once the best group is expected to have this
        probability.

    Returns
    -------
    Plan
        Fewer runs than ``n`` where the budget is spent or nothing is left to gain.

    Raises
    ------
    RunsError
        If points do not fit law and groups.
    FitError
        If an option does not fit, no candidate is within the budget, or the choice between groups
        is settled.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> chosen = fit.plan(target={"C": 1e24}, grid={"C": [1e20, 1e21, 1e22]}, n=2)
    >>> len(chosen.table)
    2
    """
    _check_options(fit, candidates, grid, budget, n, between)
    _check_until(between, until)
    n = 2 if n is None and budget is None else n
    points = _candidates(fit, candidates, grid)
    goal, told = _target(fit, target, between)
    asked = Search(fit, points, goal, between, until)
    found, cost = asked.batch(budget, n), asked.cost
    if not found.chosen and between and (budget is None or cost.min() <= budget):
        raise FitError(
            f"{given('between', between)}: the choice is settled, no candidate is expected to "
            "change it; "
            f"expected one that is open; plan for another target, or without {argument('between')}"
        )
    if not found.chosen:
        raise FitError(
            f"{given('budget', budget)}: no candidate is within it that is informative; the "
            f"cheapest costs {cost.min():.4g}; expected room for a run; raise it or add candidates"
        )
    table = asked.tabulated(found)
    sizes = asked.fit.posterior["posterior"]
    coords: dict[str, Any] = {name: sizes[name].to_numpy() for name in ("chain", "draw")}
    coords["run"] = np.arange(len(table))
    y = fit.law.response
    drawn = asked.values[found.chosen].transpose(1, 2, 0)
    draws = xr.DataArray(drawn, coords, ["chain", "draw", "run"], y.name, {"unit": y.unit})
    said = provenance(fit, result="plan", target=told, candidates=len(points))
    return Plan(fit.law, fit.runs.by, told, fit.runs.frame, table, draws, said)


def _candidates(fit: Fitted, candidates: Any, grid: Mapping | None) -> pd.DataFrame:
    if candidates is not None:
        return read_points(fit.law, fit.runs, candidates)
    if grid is None:
        return within_reach(fit)
    rows = list(itertools.product(*(np.atleast_1d(values) for values in grid.values())))
    return read_points(fit.law, fit.runs, pd.DataFrame(rows, columns=list(grid)))


def _target(fit: Fitted, target: Any, between: str | None) -> tuple[str | pd.DataFrame, str]:
    """Return the parameter or the points that are the target, and what they are called."""
    law = fit.law
    if isinstance(target, str) and target in law.param_names:
        return target, f"the parameter {target}"
    if isinstance(target, str):
        raise FitError(
            f"{given('target', target)}: law {law.name!r} has no such parameter; expected a point, "
            f"as {argument('target', {x.name: x.seen[1] for x in law.inputs})}, or one of "
            f"{listed(law.param_names)}; correct it"
        )
    points = read_points(fit.law, fit.runs, target)
    first = points.iloc[0]
    where = ", ".join(f"{name} = {short(first[name], 3)}" for name in law.input_names)
    places = points.loc[:, list(law.input_names)].drop_duplicates()
    if len(places) > 1:
        where += f" and {len(points) - 1} more"
    elif len(points) > 1:
        where += f" in {len(points)} groups"
    if between is None:
        return points, f"the {law.response.name} at {where}"
    labels = pd.Series(points[between])
    if labels.nunique() < 2 or len(places) > 1:
        raise FitError(
            f"{given('between', between)}: the target has {labels.nunique()} of its levels at "
            f"{len(points)} points; expected two levels or more at one point; leave the column "
            f"out of {argument('target')}"
        )
    return points, f"the best {between} at {where.rpartition(' in ')[0]}"


def _check_until(between: str | None, until: float | None) -> None:
    if until is None:
        return
    if between is None:
        raise FitError(
            f"{given('until', until)}: it is of a choice between groups; expected "
            f"{argument('between')} with it; name the grouping column, or leave it out"
        )
    if not 0.5 <= until < 1:
        raise FitError(
            f"{given('until', until)}: expected a probability from 0.5 to less than 1; correct it"
        )


def _check_options(fit: Fitted, candidates, grid, budget, n, between) -> None:
    if candidates is not None and grid is not None:
        raise FitError("plan: candidates= and grid= given; expected one of them; drop the other")
    if n is not None and (not isinstance(n, int | np.integer) or n < 1):
        raise FitError(f"{given('n', n)}: expected a whole number of runs, at least 1; correct it")
    if budget is not None and not 0 < budget < math.inf:
        raise FitError(
            f"{given('budget', budget)}: expected a positive number of FLOPs; correct it"
        )
    if budget is not None and fit.law.cost is None:
        raise FitError(
            f"{argument('budget', budget)}: law {fit.law.name!r} has no cost; expected "
            f"{argument('n')}, the number of runs; give that instead"
        )
    if between is not None and between not in fit.runs.by:
        raise FitError(
            f"{given('between', between)}: the runs are not grouped by it; expected one of "
            f"{listed(fit.runs.by)}; choose one of them"
        )
