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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.groups import check_comparable, grouping_column, levels_compared, varying
from lawbook.data.points import read_points
from lawbook.decisions.comparison_table import best_at_last, tabulated
from lawbook.decisions.decided import Decision, decide
from lawbook.decisions.equivalent_compute import along_path, around_points
from lawbook.decisions.paths import Path, points_along, scale_name, scale_range
from lawbook.decisions.usual_path import usual_end
from lawbook.decisions.verdicts import details, headline, sentence
from lawbook.errors import ComparisonError, FitError, argument, given, listed
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.posterior.mixture import Asked, about, provenance_of
from lawbook.posterior.responses import responses
from lawbook.posterior.summaries import check_kind, labelled
from lawbook.posterior.uncertainty import of_backtests
from lawbook.result import Result, doubts

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class AlongPath:
    """How a path is walked: chosen so that a picture is smooth, not measured.

    Attributes
    ----------
    points
        Of the path, even on the log of its scale.
    beyond
        Times the path's end: how far equivalent compute is searched.
    points_beyond
        Of that search; responses are log-linear between them.
    """

    points: int = 60
    beyond: float = 1e3
    points_beyond: int = 12


ALONG = AlongPath()


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """Groups against each other at given points.

    Attributes
    ----------
    law
        The law that predicts them, or the subject of a mixture of laws.
    between
        Grouping column whose levels are compared.
    by
        All grouping columns of the table, the one compared among them.
    reference
        Level that the others are held against.
    kind
        ``"mean"``: expected values, as `lawbook.posterior.prediction.predict` has them;
        ``"run"``: single training runs.
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
    fit
        What was asked, for `decided`; None where its runs are not of the levels.
    """

    law: Law | Subject
    between: str
    by: tuple[str, ...]
    reference: str
    kind: str
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]
    fit: Asked | None = None

    @property
    def ranks(self) -> pd.DataFrame:
        """Probability of each rank, 1 the best: a row per point and level; ties by chance.

        The inputs and grouping columns, then one column per rank.
        """
        values = self.draws.to_numpy()
        signed = self.law.response.sign * values
        places = signed.argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable")
        count = values.shape[-1]
        chances = [(places == k).mean(axis=(0, 1)).ravel() for k in range(count)]
        ranks = pd.DataFrame(dict(enumerate(chances, start=1)))
        return self.table.loc[:, self.places].join(ranks)

    def plot(self) -> "Figure":
        """Draw the probabilities; see `lawbook.plots.comparisons.draw_comparison`."""
        from lawbook.plots.comparisons import draw_comparison

        return draw_comparison(self.law, self.between, self.kind, self.table)

    @property
    def places(self) -> list[str]:
        """Columns that say what a row is of: inputs, trials of a single run, and groups."""
        named = (*self.law.input_names, *self.law.response.noise.reads, *self.by)
        return [name for name in named if name in self.table]

    @property
    def headline(self) -> str:
        """The verdict at the last point in one line; see `lawbook.decisions.verdicts.headline`."""
        return headline(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is known at the last point, and what the table's columns are against."""
        against = f"In the table, odds, gaps and equivalents are against {self.reference}."
        return (*details(self), against, *doubts(self.provenance))

    def sentence(self, point: int = -1) -> str:
        """Return the verdict at a point in words; see `lawbook.decisions.verdicts.sentence`."""
        return sentence(self, point)

    def decided(self, prob: float = 0.9, point: int = -1) -> Decision:
        """Say whether it is decided at a point, and else by which runs it is expected to be.

        Parameters
        ----------
        prob
            Probability that the best level has to have, from 0.5 to less than 1.
        point
            Counted from 0; by default the last one.

        Returns
        -------
        lawbook.decisions.decided.Decision
            True if it is decided; it prints as a sentence, and its ``runs`` are a table.

        Raises
        ------
        ComparisonError
            If there is no such probability, or draws at the point are not finite.
        IndexError
            If there is no such point.
        """
        return decide(self, self.fit, prob, point)

    @property
    def shown(self) -> pd.DataFrame:
        """The columns that decide, the last point first, since the headline is of that."""
        columns = ["mean", "p_best", "p_better", "odds", "odds_kind", "gap", "expected_regret"]
        columns += [name for name in ("p_equivalent", "equivalent_median") if name in self.table]
        points, levels = self.draws.shape[2:]
        last_first = np.arange(points * levels).reshape(points, levels)[::-1].ravel()
        shown = self.table.loc[:, [*self.places, *columns]].iloc[last_first]
        return shown.reset_index(drop=True)


def compare(
    fit: Asked,
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
        A fitted law, or a mixture of some, whose runs are grouped.
    at
        The points, as for `lawbook.posterior.prediction.predict`, without the column that is
        compared. Other grouping columns must be given, unless they have one level; those nested in
        the one compared, such as ``recipe/seed`` in ``recipe``, are new levels if left out.
        Without points and path it is where the runs go: see `lawbook.decisions.usual_path`.
    along
        Instead of ``at``, a path through the inputs, such as
        ``lawbook.FixedRatio("D", "N", 20)``: 60 points from the runs' median scale on.
        Other grouping columns that have several levels are given in ``within``.
    upto
        Scale at which the path ends (FLOPs, or the input that varies); by default 100 times the
        largest run's, or that itself where it is a loss or has an end.
    within
        Labels in the other grouping columns, as in ``{"corpus": "c4"}``, where no points are given.
    between
        The grouping column; by default the only one.
    among
        Those of its levels that are compared, by default all.
    reference
        Level that the others are held against. By default the one with the best expected
        response at the last point.
    kind
        ``"mean"`` to compare expected values: the law's, with the model discrepancy of each
        group where the fit has one; ``"run"`` to compare one new training run of each.
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
        If there is no such kind, both ``at`` and ``along``, or an option of paths without one.

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
    at = usual_end(fit, within) if at is None and along is None else at
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
    table = tabulated(fit, points, values, held, rope, asked.equivalents(held))
    said = provenance_of(
        fit,
        **of_backtests(about(fit), table),
        result="comparison",
        between=between,
        reference=reference,
        kind=kind,
        comparison_seed=seed,
        **({} if along is None else _provenance_of(fit, along)),
        **({} if within is None else {"within": dict(within)}),
        **({} if rope is None else {"rope": rope}),
    )
    by = fit.runs.by
    return Comparison(about(fit), between, by, reference, kind, table, draws, said, fit)


def _provenance_of(fit: Asked, along: Path) -> dict[str, str]:
    """Return a path in words and exactly, and its scale."""
    return {"along": str(along), "path": repr(along), "scale": scale_name(fit.law, along)}


@dataclass(frozen=True, eq=False)
class _Asked:
    """Points, level by level; responses there, (level, point, chain, draw); and equivalents.

    The last are columns of a `Comparison` by the position of the reference.
    """

    points: pd.DataFrame
    values: np.ndarray
    equivalents: Callable[[int], dict[str, np.ndarray]]


def _at_points(fit: Asked, at: Any, kind: str, seed: int, reading: Mapping[str, Any]) -> _Asked:
    points = read_points(fit.law, fit.runs, at, **reading)
    levels = len(reading["among"])
    values = responses(fit, points, kind, seed)
    values = values.reshape(levels, -1, *values.shape[1:])
    return _Asked(points, values, lambda held: around_points(fit, points, levels, held, seed))


def _on_path(
    fit: Asked, along: Path, upto: float | None, kind: str, seed: int, reading: Mapping[str, Any]
) -> _Asked:
    """Ask along a path, and beyond its end, where only equivalents are looked for."""
    start, stop = scale_range(fit, along, upto)
    near = np.geomspace(start, stop, ALONG.points)
    far = np.geomspace(stop, ALONG.beyond * stop, ALONG.points_beyond + 1)
    scales, points = points_along(fit, along, near, far[1:], **reading)
    shape = (len(reading["among"]), len(scales))
    values = mean = responses(fit, points, kind, seed)
    if kind != "mean":
        mean = responses(fit, points, "mean", seed)
    signed = fit.law.response.sign * mean.reshape(*shape, *mean.shape[1:])
    on_path = np.tile(np.arange(len(scales)) < ALONG.points, shape[0])
    return _Asked(
        points.loc[on_path].reset_index(drop=True),
        values.reshape(*shape, *values.shape[1:])[:, : ALONG.points],
        lambda held: along_path(signed, scales, held, ALONG.points),
    )


def _check_options(fit: Asked, at: Any, along: Path | None, upto, within, rope) -> None:
    if rope is not None and not (isinstance(rope, int | float) and rope > 0):
        raise FitError(
            f"{given('rope', rope)}: it is no gap; expected a positive number in "
            f"{fit.law.response.unit}; correct it, or leave it out"
        )
    if at is not None and along is not None:
        raise FitError(
            f"compare: expected one of {argument('at')} (points) and {argument('along')} (a path), "
            "or neither, for where the runs go; leave one out"
        )
    if along is None and upto is not None:
        raise FitError(
            f"{given('upto', upto)}: it ends a path; expected {argument('along')} with it; leave "
            "it out"
        )
    if at is not None and within is not None:
        raise FitError(
            f"{given('within', dict(within))}: it is for a path; expected {argument('along')} with "
            f"it; give labels of points in {argument('at')}"
        )
