"""What follows from a fit: quantities that a law derives from its parameters, draw by draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook import columns
from lawbook.data.points import read_points
from lawbook.errors import FitError, listed
from lawbook.laws.law import Derived, Law
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.projection import own
from lawbook.posterior.summaries import PROBS, check_probabilities, labelled, summarised
from lawbook.result import Result, doubts

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Derivation(Result):
    """A derived quantity with its uncertainty.

    Attributes
    ----------
    law
        The law that it follows from.
    quantity
        What was derived.
    by
        Grouping columns of the runs.
    table
        One row a group and set of given values, without the groups whose runs do not depend on
        what the quantity follows from. What was given, the grouping columns; ``mean``,
        ``sd``, ``median`` and the equal-tailed credible intervals, as in ``eti90_lower`` and
        ``eti90_upper``, in the quantity's unit; last ``defined``, the share of draws in which the
        quantity exists, to which the other columns are restricted.
    draws
        Dims ``(chain, draw, point)``, NaN where the quantity does not exist; what was given and
        the groups are coordinates of the points.
    provenance
        What it was made of; it travels with every export.
    """

    law: Law
    quantity: Derived
    by: tuple[str, ...]
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]

    @property
    def headline(self) -> str:
        """What was derived, and from which law."""
        unit = f" [{self.quantity.unit}]" if self.quantity.unit else ""
        return f"{self.quantity.name}{unit} by {self.law.name}"

    @property
    def shown(self) -> pd.DataFrame:
        """What was given, medians and the widest intervals."""
        known = [*self.quantity.given, *self.by, "median", *columns.widest(self.table)]
        partly = (self.table["defined"].to_numpy() < 1).any()
        return self.table.loc[:, [*known, *["defined"] * bool(partly)]]

    @property
    def notes(self) -> tuple[str, ...]:
        """Which groups have no row, and whether to trust the draws, where that is in doubt."""
        said = ()
        if without := self.provenance.get("untold"):
            said = (
                f"There is no row for {without}: no run there depends on what "
                f"{self.quantity.name} follows from, so only its prior could be shown.",
            )
        return (*said, *doubts(self.provenance))

    def plot(self) -> "Figure":
        """Draw the quantity; see `lawbook.plots.predictions.draw_derivation`."""
        from lawbook.plots.predictions import draw_derivation

        return draw_derivation(self.headline, self.quantity.given, self.by, self.table)


def derive(
    fit: Fitted,
    name: str,
    /,
    *,
    prob: float | Sequence[float] = PROBS,
    new_groups: bool = False,
    seed: int = 0,
    **given: Any,
) -> Derivation:
    """Derive a quantity from the parameters of a fit.

    Parameters
    ----------
    fit
        A fitted law. With a model discrepancy, the quantity is of the law's own parameters, those
        of the projection; see `lawbook.posterior.projection`.
    name
        One of the quantities in ``fit.law.derived``.
    prob
        Probabilities of the equal-tailed credible intervals.
    new_groups
        Whether labels that no run had are taken from the population.
    seed
        Of new groups.
    **given
        What the quantity's formula takes: values or arrays, which are broadcast against each
        other; inputs are in the law's units. Grouping columns may be given, too; those left out
        take every observed group that matches the others.

    Returns
    -------
    Derivation
        Its rows in the order given; where groups were filled in, all rows of a group follow each
        other.

    Raises
    ------
    LawError
        If the law derives no such quantity.
    RunsError
        If what is given does not fit: all findings at once.
    FitError
        If an option does not fit, or the quantity exists in no draw.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> list(lawbook.posterior.derivation.derive(fit, "compute_for", prob=0.9, loss=2.5).table)
    ['loss', 'mean', 'sd', 'median', 'eti90_lower', 'eti90_upper', 'defined']
    """
    fit = own(fit)
    law = fit.law
    quantity, probs = law.quantity(name), check_probabilities(prob)
    points = read_points(fit.law, fit.runs, given, new_groups=new_groups, given=quantity.given)
    points, untold = _told(fit, quantity, points)
    told = dict.fromkeys([*fit.runs.by, *(c for c in law.predictors if c in points)])
    groups = points.loc[:, list(told)]
    params = parameters_at(fit, groups, np.random.default_rng(seed))
    draws = fit.posterior["posterior"].sizes
    found = values_of(quantity, params, points)
    found = np.broadcast_to(found, (draws["chain"], draws["draw"], len(points)))
    values = found.transpose(2, 0, 1)
    defined = np.isfinite(values).mean(axis=(1, 2))
    if not defined.all():
        check_defined(quantity, points, defined)
    table = pd.concat([points, _summarised(values, probs)], axis=1).assign(defined=defined)
    said = provenance(fit, result="derivation", quantity=name) | untold
    named = labelled(fit, values, points).rename(name).assign_attrs(unit=quantity.unit)
    return Derivation(law, quantity, fit.runs.by, table, named, said)


def _told(
    fit: Fitted, quantity: Derived, points: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Leave out points of groups whose own parameters no run depends on, and say which.

    They are those of a reference: its runs tell of the quantity as little as any prior does.
    """
    runs, law = fit.runs, fit.law
    varying = {p: [c for c in runs.by if law.param(p).pooling(c) != "full"] for p in quantity.needs}
    untold = pd.Series(False, points.index)
    if any(varying.values()):
        code = runs.group_codes
        found = parameters_at(fit, runs.groups, np.random.default_rng(0))
        at = {p: np.median(found[p], axis=(0, 1))[code] for p in law.param_names}
        inputs = list(runs.inputs.values())
        labels = runs.groups.iloc[code].reset_index(drop=True)
        with np.errstate(all="ignore"):
            before = law.formula(np, *inputs, **at)
            for p, columns in varying.items():
                moved = at[p] + 1e-3 * np.where(at[p] == 0, 1, np.abs(at[p]))
                silent = law.formula(np, *inputs, **at | {p: moved}) == before
                silent = np.broadcast_to(silent, len(runs))
                if columns and silent.any():
                    every = labels.assign(silent=silent).groupby(columns)["silent"].all()
                    known = points[columns].merge(every.reset_index(), how="left", on=columns)
                    untold |= known["silent"].eq(True).to_numpy()
    if not untold.any():
        return points, {}
    names = points.loc[untold, list(runs.by)].drop_duplicates().itertuples(index=False)
    said = listed(" | ".join(label) for label in names)
    if untold.all():
        raise FitError(
            f"{quantity.name}: no run of {said} depends on what it follows from, "
            f"{listed(quantity.needs)}; expected groups whose runs do; ask for other groups"
        )
    return points.loc[~untold].reset_index(drop=True), {"untold": said}


def values_of(quantity: Derived, params: Mapping[str, Any], points: pd.DataFrame) -> np.ndarray:
    """Return a quantity where parameters and points are broadcast; NaN where it does not exist."""
    found = quantity.value((points[x].to_numpy() for x in quantity.given), params)
    return np.where(np.isfinite(found), found, np.nan)


def check_defined(
    quantity: Derived, points: pd.DataFrame, defined: np.ndarray, source: str = ""
) -> None:
    """Raise `FitError` if no draw, or the values of a source, have the quantity at a point."""
    never = points.loc[defined == 0, list(quantity.given)]
    if len(never):
        at = ", ".join(f"{x}={value:g}" for x, value in never.iloc[0].items())
        wrong = (
            f"does not exist at the values of {source}" if source else "exists in no posterior draw"
        )
        raise FitError(
            f"{quantity.name}{f' at {at}' if at else ''}: it {wrong}; expected values of "
            f"{listed(quantity.given)} for which it exists{'' if source else ' in some'}; "
            "change them"
        )


def _summarised(values: np.ndarray, probs: Sequence[float]) -> pd.DataFrame:
    """Summarise each point's draws in which the quantity exists."""
    rows = [summarised(row[np.isfinite(row)][None], probs) for row in values]
    return pd.concat(rows, ignore_index=True)
