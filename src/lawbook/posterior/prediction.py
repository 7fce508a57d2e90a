"""Extrapolation: the response at points that nobody has trained yet, draw by draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook import columns
from lawbook.data.points import read_points
from lawbook.laws.subject import Subject, subject_of
from lawbook.posterior.mixture import Asked, Mixture, about, members, mixed_draws, provenance_of
from lawbook.posterior.responses import blocks, by_chain, room_for_draws
from lawbook.posterior.summaries import (
    PROBS,
    beyond,
    check_kind,
    check_probabilities,
    labelled,
    summarised,
)
from lawbook.posterior.support import impossible_in_words
from lawbook.posterior.uncertainty import (
    PARTS,
    of_backtests,
    shares,
    statement,
    tested,
)
from lawbook.result import Result, doubt
from lawbook.wording import records

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Prediction(Result):
    """What a fit predicts at points.

    Attributes
    ----------
    subject
        What predicts: its name, inputs, response and cost. It stands for a law, or for all laws of
        a `lawbook.Chain` or a mixture.
    by
        Grouping columns of its runs.
    kind
        ``"mean"``: the law's value, times the model discrepancy where the fit has one;
        ``"run"``: one new training run.
    table
        One row a point. The inputs and grouping columns; ``mean``, ``sd``, ``median`` of the draws,
        and per probability the equal-tailed credible interval, as in ``eti90_lower`` and
        ``eti90_upper``, all in the response's unit. Then the extrapolation factors:
        ``extrapolation_N``, the ratio of the point's N to the largest N of the fitted runs, for
        each input N; ``extrapolation_cost``, the same of the training cost, where the law has one;
        ``extrapolation_paper``, the largest factor by which an input leaves the range that the
        paper saw, at either end; 1 inside. Last, the shares of one new run's variance that are due
        to the parameters, to model discrepancy and to noise, ``share_parameters``,
        ``share_discrepancy`` and ``share_noise``; see `lawbook.posterior.uncertainty`. Heavy-tailed
        noise on the log has no finite mean: of a run, trust the median.
    draws
        Dims ``(chain, draw, point)``, in the response's unit; inputs and groups are coordinates
        of the points.
    provenance
        What it was made of; it travels with every export.
    """

    subject: Subject
    by: tuple[str, ...]
    kind: str
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]

    @property
    def headline(self) -> str:
        """What is predicted, by what and at how many points."""
        response, count = self.subject.response, len(self.table)
        mean = "the law's value" + " with model discrepancy" * self.subject.discrepancy
        return (
            f"Prediction of {response.name} [{response.unit}] by {self.subject.name} at "
            f"{count:,} point{'s' * (count != 1)}: "
            f"{'one new run' if self.kind == 'run' else mean}"
        )

    @property
    def shown(self) -> pd.DataFrame:
        """Points, medians, the widest intervals and the extrapolation factors."""
        known = [*self.subject.input_names, *self.by, "median", *columns.widest(self.table)]
        return self.table.loc[:, [*known, *columns.extrapolations(self.table)]]

    @property
    def notes(self) -> tuple[str, ...]:
        """How far the farthest point lies, why it is uncertain, and whether to trust the draws.

        Before that, whether draws lie outside of what the response can be, and where; after it, how
        often intervals at that distance have held.
        """
        said = statement(self.table)
        past = tested(self.subject, self.table)
        far = f"{said[0].upper()}{said[1:]}.{doubt(self.provenance)}"
        return tuple(filter(None, [self.impossible, far, past]))

    @property
    def impossible(self) -> str:
        """Say which draws lie outside of what the response can be; empty where none does."""
        values = self.draws.transpose("point", "chain", "draw").to_numpy()
        names = [*self.subject.input_names, *self.by]
        flat = values.reshape(len(values), -1)
        return impossible_in_words(self.subject.response, flat, records(self.table), names)

    def plot(self) -> "Figure":
        """Draw the prediction; see `lawbook.plots.predictions.draw_prediction`."""
        from lawbook.plots.predictions import draw_prediction

        return draw_prediction(self.subject, self.by, self.kind, self.table)


def predict(
    fit: Asked,
    at: Any,
    *,
    prob: float | Sequence[float] = PROBS,
    kind: str = "mean",
    new_groups: bool = False,
    seed: int = 0,
) -> Prediction:
    """Predict the response at points.

    Parameters
    ----------
    fit
        A fitted law, or a mixture of some.
    at
        The points: a mapping from input names to values or arrays, which are broadcast against
        each other, or a table with a row a point, in the law's units. Grouping columns may be
        given, too; a column that is left out takes every observed group that matches the others.
        ``"recipe/seed"`` may be given as ``recipe`` and ``seed``.
    prob
        Probabilities of the equal-tailed credible intervals.
    kind
        ``"mean"`` for what runs scatter around: the law's value, times the model discrepancy of
        the group given its runs where the fit has one; ``"run"`` for one new training run, noise
        added. For binomial noise, points of a run need the column of the trials.
    new_groups
        Whether labels that no run had are predicted from the population.
    seed
        Of new groups and of noise. The mean of groups that had runs does not depend on it.

    Returns
    -------
    Prediction
        Its rows in the order of the points; where groups were filled in, all points of a group
        follow each other.

    Raises
    ------
    RunsError
        If the points do not fit law and groups: all findings at once.
    FitError
        If an option does not fit.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> list(fit.predict({"C": 1e23}, prob=0.9).table)[:6]
    ['C', 'mean', 'sd', 'median', 'eti90_lower', 'eti90_upper']
    """
    probs = check_probabilities(prob)
    check_kind(kind)
    points = read_points(fit.law, fit.runs, at, new_groups=new_groups, trials=kind == "run")
    values, risk = _drawn(fit, points, kind, seed)
    found = [summarised(values, probs), beyond(fit, points), pd.DataFrame(risk, columns=PARTS)]
    table = pd.concat([points, *found], axis=1)
    draws = labelled(fit, values, points)
    more = {"result": "prediction", "kind": kind, "prediction_seed": seed}
    said = provenance_of(fit, **of_backtests(about(fit), table), **more)
    subject = fit.subject if isinstance(fit, Mixture) else subject_of(fit.law)
    return Prediction(subject, fit.runs.by, kind, table, draws, said)


def _drawn(fit: Asked, points: pd.DataFrame, kind: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return draws at points, (points, chain, draw), and the parts of a run's variance there.

    Those of a mixture are its fits', averaged by weight: the variance between the fits is part of
    none of them.
    """
    if isinstance(fit, Mixture):
        found = [(weight, *_drawn(one, points, kind, seed)) for weight, one in members(fit)]
        risk = np.sum([weight * parts for weight, _, parts in found], axis=0)
        return mixed_draws(fit, [values for _, values, _ in found]), risk
    values = room_for_draws(fit, points)
    risk = np.empty((len(points), len(PARTS)))
    for some in blocks(fit, points, kind, seed):
        values[some.rows] = some.drawn
        risk[some.rows] = shares(fit, some)
    return by_chain(fit, values), risk
