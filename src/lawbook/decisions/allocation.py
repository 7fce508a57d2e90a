"""The best use of a budget: inputs, their ratios and the response there, draw by draw.

Every posterior draw is a law of its own and has its own best inputs, so that N*, D*, D*/N* and
the loss there are distributions. `lawbook.decisions.excess` says how far planned inputs are from
them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.columns import COST, extrapolation, interval
from lawbook.data.groups import dim_of
from lawbook.decisions.best_departing import best_departing
from lawbook.decisions.best_use import Bound, best_use
from lawbook.errors import FitError
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.mixture import Asked, Mixture, about, members, mixed_draws, provenance_of
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.summaries import check_probabilities, summarised
from lawbook.posterior.uncertainty import of_backtests
from lawbook.result import Result, doubt, doubts
from lawbook.wording import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Allocation(Result):
    """The best inputs for budgets, or how far planned inputs are from them.

    Attributes
    ----------
    fit
        The fit whose law is optimised, or the mixture whose laws are.
    prob
        Probabilities of the intervals.
    unit
        Of the budget: ``"FLOP"``, or nothing where the user's own cost is spent.
    table
        One row per budget and group: ``budget``, the grouping columns, then for each quantity
        ``mean``, ``sd``, ``median`` and equal-tailed intervals, as in ``N_median`` and
        ``N_eti90_lower``. The quantities are the inputs, ``D_per_N`` for each pair of inputs that
        cost something, and the response, named as in the law, all at the optimum. Of planned
        inputs also ``planned_loss``, ``excess_loss`` (in the response's unit, never negative)
        and ``excess_cost`` (in the unit of the cost; all but a millionth at most), for a
        response ``loss``.
        ``at_bound`` is the share of draws whose optimum lies at a bound, of the user's or of
        the search; ``extrapolation_cost`` is the budget's ratio to the largest run's training cost,
        where the law's own is spent, and ``extrapolation_N`` that of the median N to the runs'
        largest, for each input N.
    draws
        The same quantities, dims ``(chain, draw, row)``.
    provenance
        What it was made of; it travels with every export.
    """

    fit: Asked
    prob: tuple[float, ...]
    unit: str
    table: pd.DataFrame
    draws: xr.Dataset
    provenance: Mapping[str, Any]

    @property
    def law(self) -> Law | Subject:
        """The law that is optimised, or the subject of a mixture of laws."""
        return about(self.fit)

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
            shown = (max(self.prob), self.unit, self.quantities)
            return draw_allocation(self.law, self.by, *shown, self.table)
        if over == "inputs":
            from lawbook.decisions.isolines import draw_plane

            if isinstance(self.fit, Mixture):
                raise FitError(
                    "over='inputs': lines of equal response are those of one law, and this is of "
                    f"{self.law.name}; expected over='budget'; or allocate with one of the fits"
                )
            return draw_plane(self.fit, self.unit, self.table)
        raise FitError(
            f"over={over!r}: there is no such picture; expected 'budget' or 'inputs'; "
            "choose one of them"
        )

    @property
    def quantities(self) -> list[str]:
        """What is optimal: the inputs, their ratios and the response."""
        y = self.law.response.name
        of_plan = (f"planned_{y}", f"excess_{y}", "excess_cost")
        return [name for name in map(str, self.draws) if name not in of_plan]

    @property
    def headline(self) -> str:
        """The best use of the last row's budget, in one line."""
        return self._verdict(-1)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the values are, and what planned inputs lack, a sentence each."""
        return (*self._more_of(-1), *doubts(self.provenance))

    def sentence(self, row: int = -1) -> str:
        """Return one row of the table in words, with the widest interval."""
        said = [f"{self._verdict(row)}.", *self._more_of(row)]
        return " ".join(said) + doubt(self.provenance)

    def paragraphs(self) -> list[str]:
        """Return all rows in words, a paragraph each, and one of what holds for all of them."""
        if len(self.table) == 1:
            return [self.sentence()]
        more = [self._more_of(row) for row in range(len(self.table))]
        of_all = [said for said in more[0] if all(said in each for each in more)]
        told = [
            " ".join([f"{self._verdict(row)}.", *(said for said in each if said not in of_all)])
            for row, each in enumerate(more)
        ]
        return [*told, " ".join(of_all) + doubt(self.provenance)]

    def _more_of(self, row: int) -> list[str]:
        found, response = self.table.iloc[row], self.law.response
        said = [
            f"Values are posterior medians under {self.law.name}, with "
            f"{100 * max(self.prob):g}% credible intervals in brackets."
        ]
        if "excess_cost" in self.draws:
            said += [
                f"The planned inputs have an excess {response.name} of "
                f"{self._told(found, f'excess_{response.name}')} {response.unit}, or an excess "
                f"cost of {self._told(found, 'excess_cost')} of their "
                f"{self._budget(found['budget'])}."
            ]
        if isinstance(response.noise, Discrepancy):
            said += [
                "Each draw has a model discrepancy, and so best inputs, of its own: a prediction "
                "tells what chosen inputs are expected to reach."
            ]
        return [*said, *of_backtests(self.law, self.table.iloc[[row]]).values()]

    def _verdict(self, row: int) -> str:
        found, response = self.table.iloc[row], self.law.response
        group = ", ".join(f"{name} {found[name]}" for name in self.by)
        units = {x.name: x.unit for x in self.law.inputs}
        inputs = (name for name in self.quantities if name != response.name)
        parts = [
            f"{n.replace('_per_', ' per ')} = {self._told(found, n)} {units.get(n, '')}".strip()
            for n in inputs
        ]
        return (
            f"The best use of {self._budget(found['budget'])}{' for ' * bool(group)}{group} is "
            f"{', '.join(parts)}, with a {response.name} of "
            f"{self._told(found, response.name, 4)} {response.unit}"
        )

    def _budget(self, value: float) -> str:
        return f"{short(value, 3)} {self.unit}".strip()

    def _told(self, row: Any, name: str, digits: int = 3) -> str:
        low, high = (row[end] for end in interval(max(self.prob), name))
        middle = short(row[f"{name}_median"], digits)
        if math.isclose(low, high, rel_tol=1e-9):
            return middle
        return f"{middle} ({short(low, digits)} to {short(high, digits)})"

    @property
    def shown(self) -> pd.DataFrame:
        """Medians with the widest interval, as text."""
        shown = {"budget": [short(value, 3) for value in self.table["budget"]]}
        shown |= {name: list(self.table[name]) for name in self.by}
        for name in map(str, self.draws):
            digits = 4 if name == self.law.response.name else 3
            shown[name] = [self._told(row, name, digits) for _, row in self.table.iterrows()]
        return pd.DataFrame(shown)


def allocate(
    fit: Asked,
    budget: float | Sequence[float] | None = None,
    *,
    planned: Any = None,
    cost: Callable[..., Any] | None = None,
    served: float = 0.0,
    subject_to: Mapping[str, Bound] | None = None,
    prob: float | Sequence[float] = 0.9,
) -> Allocation:
    """Find the best inputs for a budget, or how far planned inputs are from them.

    Parameters
    ----------
    fit
        A fitted law. Where it has a discrepancy, each draw is the law with the discrepancy of that
        draw, given the runs: best inputs and response are those of both together; see
        `lawbook.decisions.best_departing`. Of a mixture each law is optimised in its
        own draws, and of these as many are taken as its weight says.
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
    if isinstance(fit, Mixture):
        asked = {"planned": planned, "cost": cost, "served": served, "subject_to": subject_to}
        each = [allocate(one, budget, prob=probs, **asked) for _, one in members(fit)]
        return _mixed(fit, each, served)
    law, use = fit.law, best_use(fit.law, cost, served, subject_to)
    rows = use.rows(fit.runs, budget, planned)
    groups = rows.loc[:, list(fit.runs.by)]
    values = parameters_at(fit, groups, np.random.default_rng(0))
    found: list[dict[str, np.ndarray]] = []
    at_bound = []
    for i in range(len(rows)):
        params = {name: values[name][..., i].ravel() for name in law.param_names}
        row = rows.iloc[i]
        plan = None if planned is None else row[list(law.input_names)].astype("float64")
        spent = float(row["budget"])
        if isinstance(law.response.noise, Discrepancy):
            here, share = best_departing(fit, use, spent, groups.iloc[[i]], plan)
        else:
            here, share = use.quantities(spent, params, plan)
        found.append(here)
        at_bound.append(share)
    unit = "FLOP" if cost is None else ""
    return _described(fit, rows, found, at_bound, probs, unit, served)


def _said(fit: Asked, served: float, unit: str, table: pd.DataFrame) -> dict[str, Any]:
    more = {"result": "allocation", "served": served, "budget_unit": unit or "user's"}
    return provenance_of(fit, **of_backtests(about(fit), table), **more)


def _with_factors(fit: Asked, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with how far the median of each input lies beyond the runs."""
    largest = fit.runs.largest
    found = {x.name: table[f"{x.name}_median"] / largest[x.name] for x in fit.law.inputs}
    return table.assign(**{extrapolation(name): factor for name, factor in found.items()})


def _mixed(mixture: Mixture, each: Sequence[Allocation], served: float) -> Allocation:
    """Return the allocation of a mixture, given those of its fits."""
    first, dims = each[0], ("row", "chain", "draw")
    drawn = {}
    for name in first.draws:
        found = mixed_draws(mixture, [one.draws[name].transpose(*dims).to_numpy() for one in each])
        drawn[str(name)] = found
    table = first.table.copy()
    for name, values in drawn.items():
        summary = summarised(values, first.prob).add_prefix(f"{name}_")
        table = table.assign(**{str(column): summary[column] for column in summary})
    table["at_bound"] = sum(
        weight * one.table["at_bound"]
        for (weight, _), one in zip(members(mixture), each, strict=True)
    )
    variables = {
        name: (("chain", "draw", "row"), values.transpose(1, 2, 0), first.draws[name].attrs)
        for name, values in drawn.items()
    }
    coords = {n: c for n, c in first.draws.coords.items() if n not in ("chain", "draw")}
    coords |= {"chain": [0], "draw": np.arange(next(iter(drawn.values())).shape[-1])}
    draws = xr.Dataset(variables, coords)
    table = _with_factors(mixture, table)
    said = _said(mixture, served, first.unit, table)
    return Allocation(mixture, first.prob, first.unit, table, draws, said)


def _described(fit: Fitted, rows, found, at_bound, probs, unit, served) -> Allocation:
    law, sizes = fit.law, fit.posterior["posterior"].sizes
    shape = (len(rows), sizes["chain"], sizes["draw"])
    known = rows.loc[:, ["budget", *fit.runs.by]]
    parts, variables = [known], {}
    units = {x.name: x.unit for x in law.inputs}
    units |= {str(name): law.response.unit for name in found[0] if law.response.name in name}
    for name in found[0]:
        values = np.stack([row[name] for row in found]).reshape(shape)
        parts.append(summarised(values, probs).add_prefix(f"{name}_"))
        attrs = {"unit": units[name]} if name in units else {}
        variables[name] = (
            ("chain", "draw", "row"),
            values.transpose(1, 2, 0),
            attrs,
        )
    more: dict[str, Any] = {"at_bound": at_bound}
    if law.cost is not None and unit:
        more[COST] = rows["budget"].to_numpy() / fit.runs.largest["cost"]
    table = _with_factors(fit, pd.concat([*parts, pd.DataFrame(more)], axis=1))
    coords: dict[str, Any] = {
        name: fit.posterior["posterior"][name].to_numpy() for name in ("chain", "draw")
    }
    coords |= {dim_of(n): ("row", known[n].to_numpy(dtype=None)) for n in known}
    draws = xr.Dataset(variables, coords)
    said = _said(fit, served, unit, table)
    return Allocation(fit, probs, unit, table, draws, said)
