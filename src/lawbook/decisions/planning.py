r"""Which runs to train next, from the draws alone.

Greedily, as `lawbook.decisions.greedy` says, on the scale of the noise; covariances are taken
across posterior draws. For a choice between groups the value of a batch is how much better than the
choice of today the choice after it is expected to be.

No refit is made, so a plan is as good as this linear picture of the posterior.
"""

import itertools
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.points import read_points
from lawbook.decisions.greedy import Greedy
from lawbook.decisions.information import link_draws, noise_variance
from lawbook.errors import FitError, listed
from lawbook.export import export, in_text
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.values import cost_at, noise_scale, on_scale
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.responses import BLOCK, responses
from lawbook.posterior.summaries import SHOWN
from lawbook.wording import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure


NAMED = 3  # runs that a sentence lists
THINNED = 1000  # draws, where the noise is a discrepancy
FURTHER = 10.0  # times the largest run's cost: how far the default grid of candidates goes
PER_INPUT = 7  # points of that grid along each input


@dataclass(frozen=True, eq=False)
class Plan:
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
        One row a run, in the order chosen: its inputs and grouping columns; ``cost`` and
        ``cost_so_far`` in FLOPs where the law has a cost; ``target_sd``, the standard deviation
        of the target that is expected after this run (of several targets, the root of the mean
        variance), on the scale of the noise or of the parameter's prior; ``narrowing``, its
        ratio to that of today; and ``regret_saved``, for a choice between groups: how much the
        choice at the target is expected to gain, on the scale of the noise.
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

    def export(self, path: str | os.PathLike) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.export.export`."""
        export(self.table, path, self.provenance, self.draws)

    def sentence(self) -> str:
        """Return the plan in words."""
        units = {x.name: x.unit for x in self.law.inputs}
        runs = []
        for row in self.table.head(NAMED).to_dict("records"):
            at = [f"{name} = {short(row[name], 3)} {unit}" for name, unit in units.items()]
            runs.append(", ".join([*at, *(f"{name} {row[name]}" for name in self.by)]))
        last = self.table.iloc[-1]
        total = len(self.table)
        runs += [f"and {total - NAMED} more"] if total > NAMED else []
        count = f"{total} run{'s' * (total != 1)}"
        spent = f" for {short(last['cost_so_far'], 3)} FLOP" if "cost_so_far" in last else ""
        text = (
            f"To know {self.target} better, train {count}{spent}: {'; '.join(runs)}. "
            f"{'That is' if total == 1 else 'They are'} expected to "
        )
        if "regret_saved" in last:
            gain = f"{short(last['regret_saved'], 2)} {noise_scale(self.law)}"
            text += f"gain {gain} by a better choice."
        else:
            text += f"narrow it to {last['narrowing']:.0%} of today's width."
        if not self.provenance["trusted"]:
            text += f" But the fit is not to be trusted: {self.provenance['problems']}."
        return text

    def __repr__(self) -> str:
        return f"{self.sentence()}\n{in_text(self.table.head(SHOWN))}"


def plan(
    fit: Fitted,
    *,
    target: Any,
    candidates: Any = None,
    grid: Mapping[str, Sequence[float]] | None = None,
    budget: float | None = None,
    n: int | None = None,
    between: str | None = None,
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
        gain, whichever ends best. Without it all runs count alike.
    n
        Largest number of runs; 2 if neither it nor a budget is given.
    between
        Grouping column, where the choice between its levels at the target counts rather than the
        width there.

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
    n = 2 if n is None and budget is None else n
    fit = _thinned(fit) if isinstance(fit.law.response.noise, Discrepancy) else fit
    points = _candidates(fit, candidates, grid)
    goal, told = _target(fit, target, between)
    values = _values(fit, points, goal)
    both = on_scale(fit.law, values.reshape(len(values), -1))
    flat = both[: len(points)]
    noise = noise_variance(fit, points, values[: len(points)].mean(axis=(1, 2)))
    goal = link_draws(fit, goal)[None] if isinstance(goal, str) else both[len(points) :]
    cost = np.ones(len(points)) if fit.law.cost is None else cost_at(fit.law, points)
    cost = np.broadcast_to(cost, len(points)).astype("float64")
    search = Greedy(flat, goal, noise, cost, signed=_sign(fit.law) if between else None)
    found = search.batch(budget, n)
    if not found.chosen and between and (budget is None or cost.min() <= budget):
        raise FitError(
            f"between={between!r}: the choice is settled, no candidate is expected to change it; "
            "expected one that is open; plan for another target, or without between="
        )
    if not found.chosen:
        raise FitError(
            f"budget={budget}: no candidate is within it that tells anything; the cheapest costs "
            f"{cost.min():.4g}; expected room for a run; raise it or add candidates"
        )
    table = points.iloc[found.chosen].reset_index(drop=True)
    if fit.law.cost is not None:
        table["cost"] = cost[found.chosen]
        table["cost_so_far"] = np.cumsum(cost[found.chosen])
    table["target_sd"] = found.sd
    table["narrowing"] = table["target_sd"] / search.sd
    if between:
        table["regret_saved"] = found.gain
    sizes = fit.posterior["posterior"]
    coords: dict[str, Any] = {name: sizes[name].to_numpy() for name in ("chain", "draw")}
    coords["run"] = np.arange(len(table))
    y = fit.law.response
    drawn = values[found.chosen].transpose(1, 2, 0)
    draws = xr.DataArray(drawn, coords, ["chain", "draw", "run"], y.name, {"unit": y.unit})
    said = provenance(fit, result="plan", target=told, candidates=len(points))
    return Plan(fit.law, fit.runs.by, told, fit.runs.frame, table, draws, said)


def _sign(law: Law) -> float:
    return 1.0 if law.response.better == "lower" else -1.0


def _candidates(fit: Fitted, candidates: Any, grid: Mapping | None) -> pd.DataFrame:
    if candidates is not None:
        return read_points(fit.law, fit.runs, candidates)
    if grid is None:
        return _within_reach(fit)
    rows = list(itertools.product(*(np.atleast_1d(values) for values in grid.values())))
    return read_points(fit.law, fit.runs, pd.DataFrame(rows, columns=list(grid)))


def _within_reach(fit: Fitted) -> pd.DataFrame:
    """Return a grid over the range of the runs, and beyond it up to `FURTHER` times the cost."""
    law, axes = fit.law, {}
    for x in law.inputs:
        seen = fit.runs.inputs[x.name]
        top = min(seen.max() * FURTHER, x.support[1])
        most = top if x.support[1] == math.inf else seen.max()
        if seen.min() > 0:
            axes[x.name] = np.geomspace(seen.min(), most, PER_INPUT)
        else:
            axes[x.name] = np.linspace(seen.min(), most, PER_INPUT)
    points = pd.DataFrame(list(itertools.product(*axes.values())), columns=list(axes))
    if law.cost is not None:
        points = points.loc[cost_at(law, points) <= FURTHER * fit.runs.largest["cost"]]
    return read_points(fit.law, fit.runs, points.reset_index(drop=True))


def _thinned(fit: Fitted) -> Fitted:
    """Return a fit with few enough draws for a process to be drawn at all points together."""
    posterior = fit.posterior["posterior"].dataset
    step = -(-posterior.sizes["chain"] * posterior.sizes["draw"] // THINNED)
    tree = xr.DataTree.from_dict({"posterior": posterior.isel(draw=slice(None, None, step))})
    return replace(fit, posterior=tree)


def _values(fit: Fitted, points: pd.DataFrame, goal: str | pd.DataFrame) -> np.ndarray:
    """Return the law's values at candidates, and after them at a target of points."""
    rows = points if isinstance(goal, str) else pd.concat([points, goal], ignore_index=True)
    by, most = list(fit.runs.by), BLOCK // THINNED
    count = (
        max(np.unique(rows[by].agg("|".join, axis=1), return_counts=True)[1]) if by else len(rows)
    )
    if isinstance(fit.law.response.noise, Discrepancy) and count > most:
        raise FitError(
            f"plan: {count:,} candidates and targets of a group, for a fit with a discrepancy; "
            f"expected at most {most:,}, which its process is drawn for together; give fewer"
        )
    return responses(fit, rows, "mean", 0)


def _target(fit: Fitted, target: Any, between: str | None) -> tuple[str | pd.DataFrame, str]:
    """Return the parameter or the points that are the target, and what they are called."""
    law = fit.law
    if isinstance(target, str) and target in law.param_names:
        return target, f"the parameter {target}"
    if isinstance(target, str):
        raise FitError(
            f"target={target!r}: law {law.name!r} has no such parameter; expected points such as "
            f"{{{law.input_names[0]!r}: 1e9}}, or one of {listed(law.param_names)}; correct it"
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
            f"between={between!r}: the target has {labels.nunique()} of its levels at "
            f"{len(points)} points; expected two levels or more at one point; leave the column "
            "out of target="
        )
    return points, f"the best {between} at {where.rpartition(' in ')[0]}"


def _check_options(fit: Fitted, candidates, grid, budget, n, between) -> None:
    if candidates is not None and grid is not None:
        raise FitError("plan: candidates= and grid= given; expected one of them; drop the other")
    if n is not None and (not isinstance(n, int | np.integer) or n < 1):
        raise FitError(f"n={n!r}: expected a whole number of runs, at least 1; correct it")
    if budget is not None and not 0 < budget < math.inf:
        raise FitError(f"budget={budget!r}: expected a positive number of FLOPs; correct it")
    if budget is not None and fit.law.cost is None:
        raise FitError(
            f"budget={budget:g}: law {fit.law.name!r} has no cost; expected n=, the number of "
            "runs; give that instead"
        )
    if between is not None and between not in fit.runs.by:
        raise FitError(
            f"between={between!r}: the runs are not grouped by it; expected one of "
            f"{listed(fit.runs.by)}; choose one of them"
        )
