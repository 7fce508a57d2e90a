r"""Which group is better: probabilities, odds, gaps and regret from shared posterior draws.

In every draw all groups are predicted from the same parameters of the population, so what they
share cancels. With y the response, signed so that less is better,

    P(better) = mean over draws of [y_a < y_reference]
    P(best)   = mean over draws of [y_a = min_g y_g]
    regret    = mean over draws of (y_a - min_g y_g)

`lawbook.decisions.odds` says how probabilities become odds, `lawbook.decisions.equivalent_compute`
what the equivalent compute of two recipes is.
"""

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.groups import check_comparable, grouping_column, levels_compared, varying
from lawbook.data.points import read_points
from lawbook.decisions.equivalent_compute import along_path, around_points
from lawbook.decisions.odds import judged
from lawbook.decisions.paths import Path, points_along, scale_name, scale_range
from lawbook.decisions.verdicts import sentence
from lawbook.errors import ComparisonError, FitError, argument, given, listed
from lawbook.export import export, in_text
from lawbook.laws.law import Law
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.responses import responses
from lawbook.posterior.summaries import PROBS, beyond, check_kind, labelled, summarised
from lawbook.result import SHOWN

if TYPE_CHECKING:
    from matplotlib.figure import Figure


POINTS = 60  # of a path
FAR, FAR_POINTS = 1e3, 12  # times the path's end, where equivalents are looked for


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
        ``"mean"``: what runs scatter around is compared, as `lawbook.posterior.prediction.predict`
        has it; ``"run"``: single training runs.
    table
        One row per point and level. The inputs and grouping columns; ``mean``, ``sd``, ``median``
        and equal-tailed intervals of the response as in `lawbook.posterior.prediction`; then

        ``p_better``
            Probability of a better response than the reference's; ties count half. Like the
            odds it is NaN for the reference itself.
        ``odds``, ``odds_kind``
            ``p_better / (1 - p_better)``, and whether that is an ``"estimate"``, or, where all
            draws agree, a bound: ``"at least"`` or ``"at most"``.
        ``prior_odds``, ``bayes_factor``
            Odds beforehand, 1 since levels are exchangeable, and by how much the runs have
            changed them.
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
        ``p_equivalent``
            With ``rope=``: probability that the gap is smaller than that.
        ``equivalent_median``, ``equivalent_eti90_lower``, ``equivalent_eti90_upper``
            How many times the reference's compute this level needs for the response that the
            reference is expected to have there; see `lawbook.decisions.equivalent_compute`.
            Infinite where that is not reached on the path, nor up to a thousand times beyond its
            end. With ``at=`` for at most 8 points, and where the law has a cost or one input.
        ``extrapolation_...``
            As in `lawbook.posterior.prediction.Prediction`.

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

    @property
    def ranks(self) -> pd.DataFrame:
        """Probability of each rank, 1 the best: a row per point and level; ties by chance.

        The inputs and grouping columns, then one column per rank.
        """
        values = self.draws.to_numpy()
        signed = values if self.law.response.better == "lower" else -values
        places = signed.argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable")
        count = values.shape[-1]
        chances = [(places == k).mean(axis=(0, 1)).ravel() for k in range(count)]
        known = self.table.iloc[:, : list(self.table).index("mean")]
        return known.join(pd.DataFrame(dict(enumerate(chances, start=1))))

    def plot(self) -> "Figure":
        """Draw the probabilities; see `lawbook.plots.comparisons.draw_comparison`."""
        from lawbook.plots.comparisons import draw_comparison

        return draw_comparison(self.law, self.between, self.kind, self.table)

    def export(self, path: str | os.PathLike) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.export.export`."""
        export(self.table, path, self.provenance, self.draws)

    def sentence(self, point: int = -1) -> str:
        """Return the verdict at a point in words; see `lawbook.decisions.verdicts.sentence`."""
        return sentence(self, point)

    def __repr__(self) -> str:
        columns = ["p_best", "p_better", "odds", "odds_kind", "gap", "expected_regret"]
        columns += [name for name in ("p_equivalent", "equivalent_median") if name in self.table]
        known = list(self.table)[: list(self.table).index("mean")]
        shown = self.table.loc[:, [*known, "mean", *columns]].tail(SHOWN)
        more = len(self.table) - len(shown)
        above = f"{more:,} rows more, then\n" if more else ""
        return f"{self.sentence()}\nAgainst {self.reference}:\n{above}{in_text(shown)}"


def compare(
    fit: Fitted,
    at: Any = None,
    *,
    along: Path | None = None,
    upto: float | None = None,
    within: Mapping[str, str] | None = None,
    between: str | None = None,
    among: Sequence[str] | None = None,
    reference: str | None = None,
    kind: str = "mean",
    rope: float | None = None,
    new_groups: bool = False,
    seed: int = 0,
) -> Comparison:
    """Compare the levels of a grouping column at given points.

    Parameters
    ----------
    fit
        A fitted law whose runs are grouped.
    at
        The points, as for `lawbook.posterior.prediction.predict`, without the column that is
        compared. Other grouping columns must be given, unless they have one level; those nested in
        the one compared, such as ``recipe/seed`` in ``recipe``, are new levels if left out.
    along
        Instead of ``at``, a path through the inputs, such as
        ``lawbook.FixedRatio("D", "N", 20)``: 60 points from the runs' median scale on.
        Other grouping columns that have several levels are given in ``within``.
    upto
        Scale at which the path ends (FLOPs, or the input that varies); by default 100 times the
        largest run's, or that itself where it is a loss or has an end.
    within
        Labels in the other grouping columns, as in ``{"corpus": "c4"}``, all along the path.
    between
        The grouping column; by default the only one.
    among
        Those of its levels that are compared, by default all.
    reference
        Level that the others are held against. By default the one with the best expected
        response at the last point.
    kind
        ``"mean"`` to compare what runs scatter around: the law's values, with what the law
        leaves out of each group where the fit has a discrepancy; ``"run"`` for one new training
        run of each.
    rope
        Region of practical equivalence: a gap below which two responses are as good as equal,
        in the response's unit.
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
        If there are fewer than two groups, it is not clear what is compared, or the levels'
        responses were not measured alike (``comparable=`` of `lawbook.read_runs`).
    RunsError
        If the points do not fit law and groups: all findings at once.
    FitError
        If there is no such kind, not one of ``at`` and ``along``, or an option of paths is given
        without one.

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
    _check_options(fit, at, along, upto, within, rope)
    between = grouping_column(fit.runs, between)
    levels = levels_compared(fit.runs, between, among)
    check_comparable(fit.runs, between, levels)
    if reference is not None and reference not in levels:
        near = difflib.get_close_matches(str(reference), levels, n=len(levels), cutoff=0.0)
        raise ComparisonError(
            f"{given('reference', reference)}: no {between} of this name is compared; expected one "
            f"of {listed(near)}; correct it, or leave it out"
        )
    reading = {"new_groups": new_groups, "trials": kind == "run"}
    reading |= {"between": between, "among": levels}
    if along is None:
        asked = _at_points(fit, at, kind, seed, reading)
    else:
        asked = _on_path(fit, along, upto, kind, seed, reading | {"within": within})
    points, values = asked.points, asked.values
    if reference is None:
        reference = levels[best_at_last(fit, values)]
    held = levels.index(reference)
    others = [c for c in points if c not in varying(fit.runs.by, between)]
    same = points.iloc[: values.shape[1]].loc[:, others]
    draws = labelled(fit, values, same, pd.Index(levels, name=between))
    said = provenance(
        fit,
        result="comparison",
        between=between,
        reference=reference,
        kind=kind,
        comparison_seed=seed,
        **({} if along is None else {"along": str(along), "scale": scale_name(fit.law, along)}),
        **({} if within is None else {"within": dict(within)}),
        **({} if rope is None else {"rope": rope}),
    )
    table = tabulated(fit, points, values, held, rope, asked.equivalents(held))
    return Comparison(fit.law, between, reference, kind, table, draws, said)


def best_at_last(fit: Fitted, values: np.ndarray) -> int:
    """Return the position of the level with the best expected response at the last point.

    Parameters
    ----------
    values
        Responses, shape ``(level, point, chain, draw)``.
    """
    signed = values[:, -1] if fit.law.response.better == "lower" else -values[:, -1]
    return int(np.argmin(signed.mean(axis=(1, 2))))


def tabulated(
    fit: Fitted,
    points: pd.DataFrame,
    values: np.ndarray,
    held: int,
    rope: float | None = None,
    equivalents: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Return the table of a `Comparison`.

    Parameters
    ----------
    points
        Inputs and labels, level by level.
    values
        Responses, shape ``(level, point, chain, draw)``.
    held
        Position of the level that the others are held against.
    rope
        As for `compare`.
    equivalents
        Columns that join the verdict.
    """
    verdict = judged(values, fit.law.response.better, held, rope).assign(**(equivalents or {}))
    by_point = np.arange(len(points)).reshape(values.shape[:2]).T.ravel()
    found = [summarised(values.reshape(len(points), *values.shape[2:]), PROBS)]
    table, far = (
        part.iloc[by_point].reset_index(drop=True)
        for part in (pd.concat([points, *found], axis=1), beyond(fit, points))
    )
    return pd.concat([table, verdict, far], axis=1)


@dataclass(frozen=True, eq=False)
class _Asked:
    """Points, level by level; responses there, (level, point, chain, draw); and equivalents.

    The last are columns of a `Comparison` by the position of the reference.
    """

    points: pd.DataFrame
    values: np.ndarray
    equivalents: Callable[[int], dict[str, np.ndarray]]


def _at_points(fit: Fitted, at: Any, kind: str, seed: int, reading: Mapping[str, Any]) -> _Asked:
    points = read_points(fit.law, fit.runs, at, **reading)
    levels = len(reading["among"])
    values = responses(fit, points, kind, seed)
    values = values.reshape(levels, -1, *values.shape[1:])
    return _Asked(points, values, lambda held: around_points(fit, points, levels, held, seed))


def _on_path(
    fit: Fitted, along: Path, upto: float | None, kind: str, seed: int, reading: Mapping[str, Any]
) -> _Asked:
    """Ask along a path, and beyond its end, where only equivalents are looked for."""
    start, stop = scale_range(fit, along, upto)
    near = np.geomspace(start, stop, POINTS)
    far = np.geomspace(stop, FAR * stop, FAR_POINTS + 1)
    scales, points = points_along(fit, along, near, far[1:], **reading)
    shape = (len(reading["among"]), len(scales))
    values = mean = responses(fit, points, kind, seed)
    if kind != "mean":
        mean = responses(fit, points, "mean", seed)
    signed = mean if fit.law.response.better == "lower" else -mean
    signed = signed.reshape(*shape, *mean.shape[1:])
    on_path = np.tile(np.arange(len(scales)) < POINTS, shape[0])
    return _Asked(
        points.loc[on_path].reset_index(drop=True),
        values.reshape(*shape, *values.shape[1:])[:, :POINTS],
        lambda held: along_path(signed, scales, held, POINTS),
    )


def _check_options(fit: Fitted, at: Any, along: Path | None, upto, within, rope) -> None:
    if rope is not None and not (isinstance(rope, int | float) and rope > 0):
        raise FitError(f"{given('rope', rope)}: expected a positive gap in {fit.law.response.unit}")
    if (at is None) == (along is None):
        raise FitError(
            f"compare: expected one of {argument('at')} (points) and {argument('along')} (a path); "
            "give one of them"
        )
    if along is None and upto is not None:
        raise FitError(
            f"{given('upto', upto)}: it ends a path; expected {argument('along')} with it; leave "
            "it out"
        )
    if along is None and within is not None:
        raise FitError(
            f"{given('within', dict(within))}: it is for a path; expected {argument('along')} with "
            f"it; give labels of points in {argument('at')}"
        )
