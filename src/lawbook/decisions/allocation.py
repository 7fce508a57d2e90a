"""The best use of a budget: inputs, their ratios and the response there, draw by draw.

Every posterior draw is a law of its own and has its own best inputs, so that N*, D*, D*/N* and
the loss there are distributions. A planned allocation gives away, in each draw,

    loss    L(planned) - min L at the planned cost
    cost    planned cost - the least cost at which the best inputs reach L(planned)
"""

import inspect
import itertools
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.columns import COST
from lawbook.data.groups import dim_of
from lawbook.data.points import read_points
from lawbook.decisions.optimum import best_inputs, check_budgets, check_free, price_of, read_bounds
from lawbook.errors import FitError, argument, given
from lawbook.export import export, in_text
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.summaries import check_probabilities, summarised
from lawbook.result import SHOWN
from lawbook.wording import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure


type Bound = float | tuple[float | None, float | None]

HALVINGS = 30  # of the span in which the cost of an equally good allocation is sought
CHEAPEST = 1e-6  # share of the planned cost at which that span begins
NEAR = 1e-6  # relative distance from a bound at which an input counts as held there


@dataclass(frozen=True, eq=False)
class Allocation:
    """The best inputs for budgets, or what planned inputs give away.

    Attributes
    ----------
    fit
        The fit whose law is optimised.
    prob
        Probabilities of the intervals.
    unit
        Of the budget: ``"FLOP"``, or nothing where the user's own cost is spent.
    table
        One row per budget and group: ``budget``, the grouping columns, then for each quantity
        ``mean``, ``sd``, ``median`` and equal-tailed intervals, as in ``N_median`` and
        ``N_eti90_lower``. The quantities are the inputs, ``D_per_N`` for each pair of inputs that
        cost something, and the response, named as in the law, all at the optimum. Of planned
        inputs also ``planned_loss``, ``loss_given_away`` (in the response's unit, never
        negative) and ``cost_given_away`` (in the unit of the cost; all but a millionth at most),
        for a response ``loss``.
        ``at_bound`` is the share of draws whose optimum lies at a bound, of the user's or of
        the search; ``extrapolation_cost`` is the budget's ratio to the largest run's training cost,
        where the law has one.
    draws
        The same quantities, dims ``(chain, draw, row)``.
    provenance
        What it was made of; it travels with every export.
    """

    fit: Fitted
    prob: tuple[float, ...]
    unit: str
    table: pd.DataFrame
    draws: xr.Dataset
    provenance: Mapping[str, Any]

    @property
    def law(self) -> Law:
        """The law that is optimised."""
        return self.fit.law

    @property
    def by(self) -> tuple[str, ...]:
        """Grouping columns of its runs."""
        return self.fit.runs.by

    def plot(self, over: str = "budget") -> "Figure":
        """Draw the optimum.

        Parameters
        ----------
        over
            ``"budget"``: everything against the budget, see
            `lawbook.plots.budgets.draw_allocation`; ``"inputs"``: the path of the optimum over the
            two inputs that cost something, with lines of equal response, see
            `lawbook.plots.budgets.draw_isolines`.
        """
        from lawbook.plots.budgets import draw_allocation

        if over == "budget":
            return draw_allocation(self.law, self.by, max(self.prob), self.unit, self.table)
        if over == "inputs":
            from lawbook.decisions.isolines import draw_plane

            return draw_plane(self.fit, self.unit, self.table)
        raise FitError(
            f"over={over!r}: there is no such picture; expected 'budget' or 'inputs'; "
            "choose one of them"
        )

    def export(self, path: str | os.PathLike) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.export.export`."""
        export(self.table, path, self.provenance, self.draws)

    def sentence(self, row: int = -1) -> str:
        """Return one row of the table in words, with the widest interval."""
        found = self.table.iloc[row]
        group = "".join(f", {name} {found[name]}" for name in self.by)
        units = {x.name: x.unit for x in self.law.inputs}
        parts = [
            f"{n.replace('_per_', ' per ')} = {self._told(found, n)} {units.get(n, '')}".strip()
            for n in self._inputs
        ]
        response, unit = self.law.response, f" {self.unit}" if self.unit else ""
        text = (
            f"Under {self.law.name}, {short(found['budget'], 3)}{unit} is best spent{group} at "
            f"{', '.join(parts)}, for a {response.name} of {self._told(found, response.name, 4)} "
            f"{response.unit} ({100 * max(self.prob):g}% equal-tailed intervals)."
        )
        if f"{response.name}_given_away" in self.draws:
            text += (
                f" The plan gives away {self._told(found, f'{response.name}_given_away')} "
                f"{response.unit}, or {self._told(found, 'cost_given_away')} of the "
                f"{short(found['budget'], 3)}{unit} that it costs."
            )
        if isinstance(self.law.response.noise, Discrepancy):
            text += " This is of the law alone: what it leaves out of the runs is no part of it."
        if not self.provenance["trusted"]:
            text += f" But the fit is not to be trusted: {self.provenance['problems']}."
        return text

    @property
    def _inputs(self) -> list[str]:
        first = list(self.draws).index(self.law.response.name)
        return [str(name) for name in list(self.draws)[:first]]

    def _told(self, row: Any, name: str, digits: int = 3) -> str:
        low, high = (row[f"{name}_eti{100 * max(self.prob):g}_{end}"] for end in ("lower", "upper"))
        middle = short(row[f"{name}_median"], digits)
        if math.isclose(low, high, rel_tol=1e-9):
            return middle
        return f"{middle} ({short(low, digits)} to {short(high, digits)})"

    def __repr__(self) -> str:
        rows = self.table.head(SHOWN)
        shown = {"budget": [short(value, 3) for value in rows["budget"]]}
        shown |= {name: list(rows[name]) for name in self.by}
        for name in map(str, self.draws):
            digits = 4 if name == self.law.response.name else 3
            shown[name] = [self._told(row, name, digits) for _, row in rows.iterrows()]
        count = len(self.table)
        more = f"\n... and {count - SHOWN:,} more" if count > SHOWN else ""
        return (
            f"Best allocation under {self.law.name}: medians and "
            f"{100 * max(self.prob):g}% equal-tailed intervals\n"
            f"{in_text(pd.DataFrame(shown))}{more}"
        )


def allocate(
    fit: Fitted,
    budget: float | Sequence[float] | None = None,
    *,
    planned: Any = None,
    cost: Callable | None = None,
    served: float = 0.0,
    subject_to: Mapping[str, Bound] | None = None,
    prob: float | Sequence[float] = 0.9,
) -> Allocation:
    """Find the best inputs for a budget, or what planned inputs give away.

    Parameters
    ----------
    fit
        A fitted law. A discrepancy is no part of the optimum: the law alone is optimised, and the
        response there is the law's. The sentence says so.
    budget
        One or several, in the unit of the cost: FLOPs unless ``cost`` has another.
    planned
        Instead of a budget: inputs as for `lawbook.posterior.prediction.predict`. Their costs are
        the budgets.
    cost
        ``f(*inputs)`` with the inputs' names, increasing in each; by default the law's.
    served
        Tokens that the model is to serve over its life: each costs 2 N FLOPs on top of the
        training cost, so the law needs an input ``N``.
    subject_to
        Per input a value that is held, or a pair of bounds, of which None leaves one open:
        ``{"U_D": (None, 2e12)}`` is "at most 2e12 unique tokens". An input that costs nothing
        needs an upper bound; of equally good values the least is reported.
    prob
        Probabilities of the equal-tailed intervals.

    Returns
    -------
    Allocation
        A row for each budget or plan and each group of the runs.

    Raises
    ------
    FitError
        If there is no budget or cost, a budget cannot be spent or not be kept within the bounds,
        or a bound does not fit.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("chinchilla")
    >>> runs = lawbook.simulate(law, n=60, noise=0.005, seed=1)
    >>> fit = lawbook.fit(law, runs, draws=200)
    >>> list(fit.allocate(1e24).table)[:4]
    ['budget', 'N_mean', 'N_sd', 'N_median']
    """
    probs = check_probabilities(prob)
    law = fit.law
    price, bounds = price_of(law, cost, served), read_bounds(law, subject_to or {})
    takes = list(inspect.signature(price).parameters)
    check_free(law, takes, bounds)
    closed = cost is None and served == 0 and not subject_to and law.optimum is not None
    rows = _rows(fit, budget, planned, lambda at: price(**{name: at[name] for name in takes}))
    check_budgets(rows["budget"].to_numpy(), price, bounds, takes)
    groups = rows.loc[:, list(fit.runs.by)]
    values = parameters_at(fit, groups, np.random.default_rng(0))
    found: list[dict[str, np.ndarray]] = []
    at_bound = []
    for i in range(len(rows)):
        params = {name: values[name][..., i].ravel() for name in law.param_names}

        def best(budget, params=params) -> dict[str, np.ndarray]:
            if closed:
                return _in_closed_form(law, params, budget)
            return best_inputs(law, params, budget, price, bounds)

        plan = None if planned is None else rows.iloc[i][list(law.input_names)].astype("float64")
        inputs = best(float(rows["budget"].iloc[i]))
        at_bound.append(_share_at_bounds(inputs, bounds))
        found.append(_quantities(law, params, inputs, takes, plan, best, rows["budget"].iloc[i]))
    unit = "FLOP" if cost is None else ""
    said = provenance(fit, result="allocation", served=served, budget_unit=unit or "user's")
    return _described(fit, rows, found, at_bound, probs, unit, said)


def _quantities(law, params, inputs, takes, plan, best, budget) -> dict[str, np.ndarray]:
    """Return what is reported of one row, each of shape ``(draws,)``."""
    y = law.response.name

    def response(at: Mapping) -> np.ndarray:
        value = law.formula(np, *(at[name] for name in law.input_names), **params)
        return np.broadcast_to(value, next(iter(params.values())).shape)

    paid = [name for name in law.input_names if name in takes]
    ratios = {f"{b}_per_{a}": inputs[b] / inputs[a] for a, b in itertools.combinations(paid, 2)}
    reached = response(inputs)
    if plan is None:
        return {**inputs, **ratios, y: reached}
    sign = 1 if law.response.better == "lower" else -1
    there = response(plan)
    low, high = np.full(reached.shape, math.log(CHEAPEST)), np.zeros(reached.shape)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        good = sign * (response(best(budget * np.exp(middle))) - there) <= 0
        low, high = np.where(good, low, middle), np.where(good, middle, high)
    away = {
        f"planned_{y}": there,
        f"{y}_given_away": np.maximum(sign * (there - reached), 0.0),
        "cost_given_away": budget * -np.expm1(high),
    }
    return {**inputs, **ratios, y: reached, **away}


def _in_closed_form(law: Law, params: Mapping, budget: float | np.ndarray) -> dict:
    assert law.optimum is not None
    shape = next(iter(params.values())).shape
    found = law.optimum(np, budget, **params)
    pairs = zip(law.input_names, found, strict=True)
    return {name: np.broadcast_to(value, shape) for name, value in pairs}


def _rows(fit: Fitted, budget: Any, planned: Any, price: Callable) -> pd.DataFrame:
    """Return one row per budget or plan and group: ``budget``, groups, and planned inputs."""
    if (budget is None) == (planned is None):
        raise FitError(
            "allocate: expected either a budget or planned inputs, whose cost is the budget; "
            f"give one of the two, as in {argument('budget', 1e24)}"
        )
    if planned is not None:
        rows = read_points(fit.law, fit.runs, planned)
        spent = np.broadcast_to(price(rows), len(rows))
        return pd.concat([pd.DataFrame({"budget": spent}), rows], axis=1)
    try:
        budgets = np.atleast_1d(np.asarray(budget, dtype="float64")).ravel()
    except (TypeError, ValueError):
        budgets = np.array([])
    if not budgets.size or not np.all((budgets > 0) & np.isfinite(budgets)):
        raise FitError(
            f"{given('budget', budget)}: no budgets; expected positive numbers in the unit of the "
            f"cost; write {argument('budget', 1e24)} or {argument('budget', [1e23, 1e24])}"
        )
    groups = fit.runs.groups
    rows = groups.loc[groups.index.repeat(len(budgets))].reset_index(drop=True)
    return pd.concat([pd.DataFrame({"budget": np.tile(budgets, len(groups))}), rows], axis=1)


def _share_at_bounds(inputs: Mapping[str, np.ndarray], bounds: Mapping) -> float:
    free = {name: ends for name, ends in bounds.items() if ends[0] < ends[1]}
    touched = [
        np.isclose(inputs[name], end, rtol=NEAR, atol=0) for name, e in free.items() for end in e
    ]
    return float(np.mean(np.any(touched, axis=0)))


def _described(fit: Fitted, rows, found, at_bound, probs, unit, said) -> Allocation:
    law, sizes = fit.law, fit.posterior["posterior"].sizes
    shape = (len(rows), sizes["chain"], sizes["draw"])
    known = rows.loc[:, ["budget", *fit.runs.by]]
    parts, variables = [known], {}
    units = {x.name: x.unit for x in law.inputs}
    units |= {str(name): law.response.unit for name in found[0] if law.response.name in name}
    for name in found[0]:
        values = np.stack([row[name] for row in found]).reshape(shape)
        if np.isnan(values).any():
            raise FitError(
                f"allocate: no inputs within the bounds keep a budget of "
                f"{rows['budget'].min():g}; expected a larger one; "
                f"change {argument('budget')} or {argument('subject_to')}"
            )
        parts.append(summarised(values, probs).add_prefix(f"{name}_"))
        attrs = {"unit": units[name]} if name in units else {}
        variables[name] = (
            ("chain", "draw", "row"),
            values.transpose(1, 2, 0),
            attrs,
        )
    more: dict[str, Any] = {"at_bound": at_bound}
    if law.cost is not None:
        more[COST] = rows["budget"].to_numpy() / fit.runs.largest["cost"]
    table = pd.concat([*parts, pd.DataFrame(more)], axis=1)
    coords: dict[str, Any] = {
        name: fit.posterior["posterior"][name].to_numpy() for name in ("chain", "draw")
    }
    coords |= {dim_of(n): ("row", known[n].to_numpy(dtype=None)) for n in known}
    draws = xr.Dataset(variables, coords)
    return Allocation(fit, probs, unit, table, draws, said)
