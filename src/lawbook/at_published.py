"""A law at the values that a paper reports: what it says with no runs and no posterior.

    lawbook.published("chinchilla", "besiroglu2024").predict({"N": 7e10, "D": 1.4e12})

A `Published` answers some of the questions that a `lawbook.Fit` answers, from one set of values in
place of draws. Papers seldom report what is uncertain about them, so that answers are point values
and say so: they have no intervals.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lawbook.columns import PAPER
from lawbook.data.points import read_points
from lawbook.decisions.best_use import Bound, best_use
from lawbook.errors import FitError
from lawbook.laws.catalogue import load_law
from lawbook.laws.estimates import Estimate
from lawbook.laws.law import Law
from lawbook.laws.values import beyond_paper
from lawbook.posterior.derivation import check_defined, values_of
from lawbook.result import Result
from lawbook.wording import records, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINT = "none: these are point values"  # what a result's provenance says of its uncertainty


@dataclass(frozen=True, eq=False, repr=False)
class PointValues(Result):
    """What a law says at published values: numbers without uncertainty.

    Attributes
    ----------
    law
        The law.
    source
        Whose values its parameters have, one of ``law.sources``.
    asked
        What was asked, in words.
    table
        One row a point, or a budget. Of a prediction the inputs, then the response under its
        name; of a derived quantity what was given, then the quantity under its name; of an
        allocation ``budget``, the best inputs, their ratios and the response there, of planned
        inputs also ``planned_loss``, ``excess_loss`` and ``excess_cost`` for a response
        ``loss``, and ``at_bound``, 1 where a bound holds an input. Last ``extrapolation_paper``,
        the largest factor by which an input leaves the range that the law's paper saw, 1 inside;
        it is left out where no input of the law is in the table.
    units
        Unit of each column that has one.
    provenance
        What it was made of; it travels with every export.
    """

    law: Law
    source: str
    asked: str
    table: pd.DataFrame
    units: Mapping[str, str]
    provenance: Mapping[str, Any]

    draws = None

    @property
    def headline(self) -> str:
        """What was asked, of which law, at whose values."""
        return f"{self.asked} by {self.law.name} at the values of {self.source}"

    @property
    def notes(self) -> tuple[str, ...]:
        """That there is no uncertainty here, and how far the paper's range is left."""
        said = [
            f"These are point values of {self.source}, without their uncertainty: they have no "
            "interval. Fit the law to runs for one."
        ]
        if self.law.estimate(self.source).recalled:
            said.append(
                f"The values of {self.source} were recalled, not read in their source: check them "
                "before they are used."
            )
        beyond = self.table[PAPER].to_numpy() if PAPER in self.table else np.ones(1)
        if (farthest := float(np.max(beyond))) > 1:
            said.append(
                "The farthest row lies outside the range of inputs that the law's paper saw, by a "
                f"factor of {farthest:.3g}: it is an extrapolation."
            )
        elif PAPER not in self.table and len(self.table.columns) > 1:  # something was given
            said.append("How far that lies from the inputs that the law's paper saw is not known.")
        if outside := self._impossible():
            said.append(
                f"In {outside:,} of {len(self.table):,} rows the law gives a value that no "
                f"{self.law.response.name} has: it does not hold there."
            )
        return tuple(said)

    def _impossible(self) -> int:
        """Count the rows whose response is not possible."""
        response = self.law.response
        if response.name not in self.table or response.name not in self.units:
            return 0
        (low, high), values = response.support, self.table[response.name].to_numpy()
        return int(np.sum(~((values > low) & (values < high))))

    def plot(self) -> "Figure":
        """Refuse: points without intervals are not drawn as results that have some.

        Raises
        ------
        FitError
            Always.
        """
        raise FitError(
            f"{self.headline}: there is no picture of point values; expected a fit, whose results "
            "are drawn with their intervals; draw the columns of its table yourself"
        )


@dataclass(frozen=True, eq=False)
class Published:
    """A law at published values of its parameters: ask it as you would ask a `lawbook.Fit`.

    Attributes
    ----------
    law
        The law.
    source
        One of ``law.sources``.
    """

    law: Law
    source: str

    def __post_init__(self) -> None:
        self.law.estimate(self.source)

    @property
    def estimate(self) -> Estimate:
        """The values."""
        return self.law.estimate(self.source)

    @cached_property
    def _params(self) -> dict[str, np.ndarray]:
        values = dict(self.estimate.at)
        return {name: np.array([values[name]]) for name in self.law.param_names}

    def __repr__(self) -> str:
        values = dict(self.estimate.at)
        said = ", ".join(f"{name} = {short(values[name], 6)}" for name in self.law.param_names)
        recalled = ", recalled and not read in the source" * self.estimate.recalled
        return (
            f"{self.law.name} at the values of {self.source}{recalled}: {said}; point values, "
            "without uncertainty"
        )

    def predict(self, at: Any) -> PointValues:
        """Return the law's value at points.

        Parameters
        ----------
        at
            The points: a mapping from input names to values or arrays, which are broadcast
            against each other, or a table with a row a point, in the law's units.

        Raises
        ------
        RunsError
            If the points do not fit the law: all findings at once.

        Examples
        --------
        >>> import lawbook
        >>> published = lawbook.published("chinchilla", "besiroglu2024")
        >>> float(published.predict({"N": 7e10, "D": 1.4e12}).table["loss"].round(3)[0])
        1.973
        """
        law, response = self.law, self.law.response
        points = read_points(law, None, at)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            inputs = (points[name].to_numpy() for name in law.input_names)
            found = np.broadcast_to(law.formula(np, *inputs, **self._params), len(points))
        table = points.assign(**{response.name: found})
        asked = f"Prediction of {response.name} [{response.unit}]"
        return self._found("prediction", asked, table, {response.name: response.unit})

    def derive(self, name: str, /, **given: Any) -> PointValues:
        """Return a quantity that follows from the values.

        Parameters
        ----------
        name
            One of the quantities in ``law.derived``.
        **given
            What the quantity's formula takes: values or arrays, which are broadcast against each
            other; inputs are in the law's units.

        Raises
        ------
        LawError
            If the law derives no such quantity.
        RunsError
            If what is given does not fit: all findings at once.
        FitError
            If the quantity does not exist at one of the points.

        Examples
        --------
        >>> import lawbook
        >>> published = lawbook.published("chinchilla", "besiroglu2024")
        >>> float(published.derive("optimal_size", C=5.76e23).table["optimal_size"].round(-8)[0])
        72400000000.0
        """
        quantity = self.law.quantity(name)
        points = read_points(self.law, None, given, given=quantity.given)
        found = np.broadcast_to(values_of(quantity, self._params, points), len(points))
        check_defined(quantity, points, np.isfinite(found), self.source)
        asked = f"{name} [{quantity.unit}]" if quantity.unit else name
        return self._found(
            "derivation", asked, points.assign(**{name: found}), {name: quantity.unit}
        )

    def allocate(
        self,
        budget: float | Sequence[float] | None = None,
        *,
        planned: Any = None,
        cost: Callable[..., Any] | None = None,
        served: float = 0.0,
        subject_to: Mapping[str, Bound] | None = None,
    ) -> PointValues:
        """Return the best inputs for a budget, or how far planned inputs are from them.

        Parameters
        ----------
        budget, planned, cost, served, subject_to
            As for `lawbook.Fit.allocate`.

        Raises
        ------
        FitError
            If there is no budget or cost, a budget cannot be spent or not be kept within the
            bounds, or a bound does not fit.

        Examples
        --------
        >>> import lawbook
        >>> published = lawbook.published("chinchilla", "besiroglu2024")
        >>> list(published.allocate(1e24).table)[:4]
        ['budget', 'N', 'D', 'D_per_N']
        """
        law, use = self.law, best_use(self.law, cost, served, subject_to)
        asked = use.rows(None, budget, planned)
        rows = []
        for row in records(asked.astype("float64")):
            plan = None if planned is None else {name: row[name] for name in law.input_names}
            found, at_bound = use.quantities(row["budget"], self._params, plan)
            numbers = {name: float(values[0]) for name, values in found.items()}
            rows.append({"budget": row["budget"], **numbers, "at_bound": int(at_bound)})
        unit = "FLOP" if cost is None else ""
        y = law.response
        units = {x.name: x.unit for x in law.inputs}
        units |= {name: y.unit for name in (y.name, f"planned_{y.name}", f"excess_{y.name}")}
        units |= {"budget": unit, "excess_cost": unit}
        table = pd.DataFrame(rows)
        more = {"served": served, "budget_unit": unit or "user's"}
        best = f"Best use of a budget{f' [{unit}]' * bool(unit)}"
        return self._found("allocation", best, table, units, **more)

    def _found(
        self, result: str, asked: str, table: pd.DataFrame, units: Mapping[str, str], **more: Any
    ) -> PointValues:
        if set(self.law.input_names) & set(table):
            table = table.assign(**{PAPER: beyond_paper(self.law, table)})
        said = {
            "result": result,
            "law": self.law.name,
            "law_version": self.law.version,
            "published": self.source,
            "recalled": int(self.estimate.recalled),
            "values": json.dumps(dict(self.estimate.at)),
            "uncertainty": POINT,
            "lawbook": version("lawbook"),
        }
        told = {name: unit for name, unit in units.items() if unit and name in table}
        return PointValues(self.law, self.source, asked, table, told, said | more)


def published(law: Law | str, source: str) -> Published:
    """Return a law at the values that a paper reports, to ask without a fit.

    Parameters
    ----------
    law
        A law, or as for `lawbook.load_law` its name or the path of its file.
    source
        One of ``law.sources``: the paper's key, with a number where it reports several sets, as
        in ``"hoffmann2022:1"``.

    Raises
    ------
    LawError
        If there is no such law, or it has no such values.

    Examples
    --------
    >>> import lawbook
    >>> lawbook.published("chinchilla", "besiroglu2024").source
    'besiroglu2024'
    """
    return Published(load_law(law) if isinstance(law, str) else law, source)
