"""Extrapolation: the response at points that nobody has trained yet, draw by draw."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.points import read_points
from lawbook.export import export, in_text
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.responses import _by_chain, _room, blocks
from lawbook.posterior.summaries import (
    PROBS,
    SHOWN,
    beyond,
    check_kind,
    check_probabilities,
    labelled,
    summarised,
    widest,
)
from lawbook.posterior.uncertainty import PARTS, shares, statement

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a fit predicts at points.

    Attributes
    ----------
    law
        The law that predicts; of a `lawbook.Chain` one that stands for both.
    by
        Grouping columns of its runs.
    kind
        ``"mean"``: the law's value, with what it leaves out where the fit has a discrepancy;
        ``"run"``: one new training run.
    table
        One row a point. The inputs and grouping columns; ``mean``, ``sd``, ``median`` of the draws,
        and per probability the equal-tailed interval, as in ``eti90_lower`` and ``eti90_upper``,
        all in the response's unit. Then how far the point lies beyond what is known, as ratios:
        ``extrapolation_N`` to the largest N of the fitted runs for each input N,
        ``extrapolation_cost`` to their largest cost where the law has one, and
        ``extrapolation_paper``, the largest factor by which an input leaves the range that the
        paper saw, at either end; 1 inside. Last, the shares of one
        new run's variance that are due to the parameters, to what the law leaves out and to noise,
        ``share_parameters``, ``share_discrepancy`` and ``share_noise``; see
        `lawbook.posterior.uncertainty`. Heavy-tailed noise on the log has no finite mean: of a run,
        trust the median.
    draws
        Dims ``(chain, draw, point)``, in the response's unit; inputs and groups are coordinates
        of the points.
    provenance
        What it was made of; it travels with every export.
    """

    law: Law
    by: tuple[str, ...]
    kind: str
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]

    def plot(self) -> "Figure":
        """Draw the prediction; see `lawbook.plots.predictions.draw_prediction`."""
        from lawbook.plots.predictions import draw_prediction

        return draw_prediction(self.law, self.by, self.kind, self.table)

    def export(self, path: str | os.PathLike) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.export.export`."""
        export(self.table, path, self.provenance, self.draws)

    def __repr__(self) -> str:
        response, count = self.law.response, len(self.table)
        mean = "the law's value"
        if isinstance(self.law.response.noise, Discrepancy):
            mean += " and what it leaves out"
        what = "one new run" if self.kind == "run" else mean
        beyond = [name for name in self.table if str(name).startswith("extrapolation_")]
        low, high = widest(self.table)
        shown = [*self.law.input_names, *self.by, "median", low, high, *beyond]
        text = in_text(self.table.loc[:, shown].head(SHOWN))
        more = f"\n... and {count - SHOWN:,} more" if count > SHOWN else ""
        return (
            f"Prediction of {response.name} [{response.unit}] by {self.law.name} at {count:,} "
            f"point{'s' * (count != 1)}: {what}\n{text}{more}\n{statement(self.law, self.table)}"
        )


def predict(
    fit: Fitted,
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
        A fitted law.
    at
        The points: a mapping from input names to values or arrays, which are broadcast against
        each other, or a table with a row a point, in the law's units. Grouping columns may be
        given, too; those left out take every observed group that goes with the others.
        ``"recipe/seed"`` may be given as ``recipe`` and ``seed``.
    prob
        Probabilities of the equal-tailed intervals.
    kind
        ``"mean"`` for what runs scatter around: the law's value, times the process of the group
        given its runs where the fit has a discrepancy; ``"run"`` for one new training run, noise
        added. For binomial noise, points then have the column of the trials.
    new_groups
        Whether to predict labels that no run had from the population.
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
    values = _room(fit, points)
    risk = np.empty((len(points), len(PARTS)))
    for block in blocks(fit, points, kind, seed):
        values[block.rows] = block.drawn
        risk[block.rows] = shares(fit, block)
    values = _by_chain(fit, values)
    found = [summarised(values, probs), beyond(fit, points), pd.DataFrame(risk, columns=PARTS)]
    table = pd.concat([points, *found], axis=1)
    draws = labelled(fit, values, points)
    said = provenance(fit, result="prediction", kind=kind, prediction_seed=seed)
    return Prediction(fit.law, fit.runs.by, kind, table, draws, said)
