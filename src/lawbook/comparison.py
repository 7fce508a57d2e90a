r"""Which group is better: probabilities, odds, gaps and regret from shared posterior draws.

In every draw all groups are predicted from the same parameters of the population, so what they
share cancels. With y the response, signed so that less is better,

    P(better) = mean over draws of [y_a < y_reference]
    P(best)   = mean over draws of [y_a = min_g y_g]
    regret    = mean over draws of (y_a - min_g y_g)

Draws cannot show that something is certain. Where none of n effective draws is an exception, the
probability of an exception is below :math:`1 - 0.05^{1/n}`, about 3/n, with 95% confidence (the
rule of three): then the odds are reported as that bound.
"""

import difflib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base.array import array_stats

from lawbook.declaration import Law
from lawbook.errors import ComparisonError, listed
from lawbook.points import read_points
from lawbook.prediction import (
    PROBS,
    SHOWN,
    beyond,
    check_kind,
    labelled,
    responses,
    summarised,
)
from lawbook.tables import export, in_text, provenance
from lawbook.verdicts import sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lawbook.fitting import Fit


@dataclass(frozen=True, eq=False)
class Comparison:
    """Groups against each other at given points.

    Attributes
    ----------
    law
        The law that predicts them.
    between
        Grouping column whose levels are compared.
    reference
        Level that the others are held against.
    kind
        ``"mean"``: the law's values are compared; ``"run"``: single training runs.
    table
        One row per point and level. The inputs and grouping columns; ``mean``, ``sd``,
        ``median`` and equal-tailed intervals of the response as in `lawbook.prediction`; then

        ``p_better``
            Probability of a better response than the reference's; ties count half. Like the
            odds it is NaN for the reference itself.
        ``odds``, ``odds_kind``
            ``p_better / (1 - p_better)``, and whether that is an ``"estimate"``, or, where all
            draws agree, a bound: ``"at least"`` or ``"at most"``.
        ``p_best``
            Probability of the best response of all levels; ties share.
        ``p_better_mcse``, ``p_best_mcse``
            Monte Carlo standard errors, from effective draws. Where all draws agree, that of a
            probability with one more draw of either outcome, so that it is not zero.
        ``gap``, ``gap_eti90_lower``, ``gap_eti90_upper``
            Response minus the reference's: mean and 90% equal-tailed interval.
        ``expected_regret``
            How much worse than the best level the response is expected to be if this level is
            chosen; never negative.
        ``beyond_...``
            As in `lawbook.prediction.Prediction`.

        Responses, gaps and regrets are in the response's unit.
    draws
        Dims ``(chain, draw, point, level)``, the last named after the grouping column.
    provenance
        What it was made of; it travels with every export.
    """

    law: Law
    between: str
    reference: str
    kind: str
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]

    def plot(self, **options) -> "Figure":
        """Draw the probabilities; see `lawbook.plots.plot_comparison`."""
        from lawbook.plots import plot_comparison

        return plot_comparison(self, **options)

    def export(self, path: str | os.PathLike) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.tables.export`."""
        export(self.table, path, self.provenance, self.draws)

    def sentence(self, point: int = -1) -> str:
        """Return the verdict at a point in words; see `lawbook.verdicts.sentence`."""
        return sentence(self, point)

    def __repr__(self) -> str:
        columns = ["p_best", "p_better", "odds", "odds_kind", "gap", "expected_regret"]
        known = list(self.table)[: list(self.table).index("mean")]
        shown = self.table.loc[:, [*known, "mean", *columns]].tail(SHOWN)
        more = len(self.table) - len(shown)
        above = f"{more:,} rows more, then\n" if more else ""
        return f"{self.sentence()}\nAgainst {self.reference}:\n{above}{in_text(shown)}"


def compare(
    fit: "Fit",
    at: Any,
    *,
    between: str | None = None,
    reference: str | None = None,
    kind: str = "mean",
    new_groups: bool = False,
    seed: int = 0,
) -> Comparison:
    """Compare the levels of a grouping column at given points.

    Parameters
    ----------
    fit
        A fitted law whose runs are grouped.
    at
        The points, as for `lawbook.prediction.predict`, without the column that is compared.
        Other grouping columns must be given, unless they have one level; those nested in the
        one compared, such as ``recipe/seed`` in ``recipe``, are new levels if left out.
    between
        The grouping column; by default the only one.
    reference
        Level that the others are held against. By default the one with the best expected
        response at the last point.
    kind
        ``"mean"`` to compare the law's values; ``"run"`` for one new training run of each.
    new_groups
        Whether labels of other grouping columns may be new.
    seed
        Of new groups and of noise.

    Returns
    -------
    Comparison
        Its rows by point, levels next to each other.

    Raises
    ------
    ComparisonError
        If there are fewer than two groups, or it is not clear what is compared.
    RunsError
        If the points do not fit law and groups: all findings at once.
    FitError
        If there is no such kind.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> runs = lawbook.simulate(law, n=30, groups=["gru", "lstm"], seed=1)
    >>> fit = lawbook.fit(law, runs, draws=200)
    >>> float(fit.compare({"C": 1e23}).table["p_best"].sum().round(6))
    1.0
    """
    check_kind(kind)
    between = _column(fit, between)
    levels = fit.runs.levels(between)
    if reference is not None and reference not in levels:
        near = difflib.get_close_matches(str(reference), levels, n=len(levels), cutoff=0.0)
        raise ComparisonError(
            f"reference={reference!r}: no run has this {between}; expected one of {listed(near)}; "
            "correct it, or leave it out"
        )
    points = read_points(fit, at, new_groups=new_groups, trials=kind == "run", between=between)
    values = responses(fit, points, kind, seed)
    values = values.reshape(len(levels), -1, *values.shape[1:])
    signed = values if fit.law.response.better == "lower" else -values
    if reference is None:
        reference = levels[int(np.argmin(signed[:, -1].mean(axis=(1, 2))))]
    held = levels.index(reference)
    count = values.shape[1]
    judged = pd.concat([_judged(signed[:, i], values[:, i], held) for i in range(count)])
    by_point = np.arange(len(points)).reshape(len(levels), count).T.ravel()
    found = [summarised(values.reshape(len(points), *values.shape[2:]), PROBS)]
    table = pd.concat([points, *found, beyond(fit, points)], axis=1).iloc[by_point]
    table = table.reset_index(drop=True)
    where = list(table).index(f"beyond_{fit.law.inputs[0].name}")
    parts = [table.iloc[:, :where], judged.reset_index(drop=True), table.iloc[:, where:]]
    others = [c for c in points if c not in _along(fit.runs.by, between)]
    same = points.iloc[:count].loc[:, others]
    draws = labelled(fit, values, same, pd.Index(levels, name=between))
    said = provenance(
        fit,
        result="comparison",
        between=between,
        reference=reference,
        kind=kind,
        comparison_seed=seed,
    )
    return Comparison(fit.law, between, reference, kind, pd.concat(parts, axis=1), draws, said)


def _along(by: Sequence[str], between: str) -> list[str]:
    """Return the grouping columns that vary with the one compared: itself, parents, children."""
    return [c for c in by if f"{c}/".startswith(f"{between}/") or between.startswith(f"{c}/")]


def _column(fit: "Fit", between: str | None) -> str:
    """Return the grouping column that is compared."""
    by = list(fit.runs.by)
    if not by:
        raise ComparisonError(
            f"law {fit.law.name!r}: its runs are not grouped; expected two groups or more to "
            'compare; name their column in by=, as in by="recipe", and fit again'
        )
    if between is None and len(by) > 1:
        raise ComparisonError(
            f"between: the runs are grouped by {listed(by)}; expected the one to compare; "
            f"give it, as in between={by[0]!r}, and the others in at="
        )
    between = by[0] if between is None else between
    if between not in by:
        raise ComparisonError(
            f"between={between!r}: the runs are not grouped by it; expected one of {listed(by)}; "
            "choose one of them, or name it in by= and fit again"
        )
    if len(levels := list(fit.runs.levels(between))) < 2:
        raise ComparisonError(
            f"grouping column {between!r}: all runs have {levels[0]!r}; expected two groups or "
            "more to compare; add runs of another and fit again"
        )
    return between


def _judged(signed: np.ndarray, values: np.ndarray, held: int) -> pd.DataFrame:
    """Judge levels at one point.

    Parameters
    ----------
    signed
        Responses of which less is better, shape ``(level, chain, draw)``.
    values
        Responses as they are.
    held
        The reference's position.
    """
    ordered = np.partition(signed, 1, axis=0)
    first, second = ordered[0], ordered[1]
    shares = signed == first
    best, best_error, _ = _probability(
        shares / shares.sum(axis=0), signed - np.where(signed == first, second, first)
    )
    ahead = signed[held] - signed
    better, better_error, effective = _probability((ahead > 0) + 0.5 * (ahead == 0), ahead)
    odds, odds_kind = _odds(better, effective)
    gaps = (values - values[held]).reshape(len(values), -1)
    low, high = np.quantile(gaps, [0.05, 0.95], axis=1)
    table = pd.DataFrame(
        {
            "p_better": better,
            "p_better_mcse": better_error,
            "odds": odds,
            "odds_kind": odds_kind,
            "p_best": best,
            "p_best_mcse": best_error,
            "gap": gaps.mean(axis=1),
            "gap_eti90_lower": low,
            "gap_eti90_upper": high,
            "expected_regret": (signed - first).mean(axis=(1, 2)),
        }
    )
    table.loc[held, ["p_better", "p_better_mcse", "odds"]] = np.nan
    table.loc[held, "odds_kind"] = None
    return table


def _probability(
    shares: np.ndarray, margin: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities, their Monte Carlo errors and the effective draws behind them.

    Parameters
    ----------
    shares
        Whether it holds in a draw, 0 to 1, shape ``(level, chain, draw)``.
    margin
        By how much it holds. Where all draws agree their effective number is that of the
        margin's bulk or tail, whichever is less, since the shares tell nothing of it.
    """
    chance, total = shares.mean(axis=(1, 2)), shares[0].size
    effective, error = np.full(len(shares), float(total)), np.zeros(len(shares))
    agreed = (chance == 0) | (chance == 1)
    if agreed.any():
        bulk = array_stats.ess(margin[agreed], method="bulk")
        tail = array_stats.ess(margin[agreed], method="tail", prob=(0.05, 0.95))
        effective[agreed] = np.fmin(np.fmin(bulk, tail), total)
        # as if one more draw had gone either way
        near = (effective[agreed] + 1) / (effective[agreed] + 2)
        error[agreed] = np.sqrt(near * (1 - near) / effective[agreed])
    if not agreed.all():
        error[~agreed] = array_stats.mcse(shares[~agreed], method="mean")
    return chance, error, effective


def _odds(chance: np.ndarray, effective: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return odds, or their bounds where all draws agree, and which of the two they are."""
    exception = -np.expm1(math.log(0.05) / effective)
    bounded = np.clip(chance, exception, 1 - exception)
    agreed = (chance == 0) | (chance == 1)
    used = np.where(agreed, bounded, chance)
    kind = np.select([chance == 1, chance == 0], ["at least", "at most"], "estimate")
    return used / (1 - used), kind.astype(object)
