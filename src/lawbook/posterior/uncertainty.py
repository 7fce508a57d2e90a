"""What makes a prediction uncertain, and how often intervals at its distance have held.

Of the variance of one new run, on the noise's own scale,

    parameters    the variance over draws of what is expected given the runs
    discrepancy   the mean variance of the model discrepancy, given the runs
    noise         the median variance of a run's noise, so that a few heavy-tailed draws, whose
                  variance is infinite, do not make it all there is

Counts and fractions have no such scale of finite variance: theirs is the response itself.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lawbook import columns
from lawbook.laws import public_curves as learned
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.links import to_link
from lawbook.posterior.fitted import Fitted
from lawbook.wording import named, records

if TYPE_CHECKING:
    from lawbook.laws.subject import Subject
    from lawbook.posterior.responses import Drawn

PARTS = ("share_parameters", "share_discrepancy", "share_noise")
IN_WORDS = dict(zip(PARTS, ("parameters", "model discrepancy", "noise"), strict=True))
IN_WORDS |= {"share_first": "the first law", "share_second": "the second law"}  # of a chain


def shares(fit: Fitted, drawn: "Drawn") -> np.ndarray:
    """Return the shares of a new run's variance at points, in the order of `PARTS`.

    Parameters
    ----------
    fit
        Its law's noise decides the scale.
    drawn
        Draws at the points. Where they are of the law's value, a new run's share in the noise
        of neighbouring checkpoints counts as independent of that of the runs.

    Returns
    -------
    numpy.ndarray
        Shape (points, 3), each row adding up to 1; NaN where a variance is not a number.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        expected, of_noise = _expected_and_noise(fit, drawn)
        parts = np.stack(
            [
                expected.var(axis=1),
                np.zeros(len(expected))
                if drawn.departure is None
                else drawn.departure.process.mean(axis=1),
                np.median(np.broadcast_to(of_noise, expected.shape), axis=1),
            ],
            axis=1,
        )
        endless = np.isinf(parts[:, 2])  # more than half of the draws have nu below 2
        parts[endless] = (0.0, 0.0, 1.0)
        return parts / parts.sum(axis=1, keepdims=True)


def _expected_and_noise(fit: Fitted, drawn: "Drawn") -> tuple[np.ndarray, np.ndarray]:
    """Return, per draw, what is expected of a new run and the variance of its noise."""
    noise, params, value = fit.law.response.noise, drawn.params, drawn.value
    if isinstance(noise, Discrepancy):
        assert drawn.departure is not None
        return to_link(noise.on, value) + drawn.departure.mean, drawn.departure.noise
    at = dict(drawn.at)
    for column in noise.reads:
        if column not in at:  # of the law's value no trials are given: as many as the runs had
            assert fit.runs.trials is not None
            at[column] = np.median(fit.runs.trials)
    better = fit.law.response.better
    return noise.expected(value, params, better=better), noise.variance(value, params, at)


def statement(subject: "Subject", table: pd.DataFrame) -> str:
    """Return in a clause how far the farthest point lies, why it is uncertain, and the coverage.

    Parameters
    ----------
    subject
        Whether it has a discrepancy: only with one was coverage measured.
    table
        Of a `lawbook.posterior.prediction.Prediction`.
    """
    rows = records(table)
    row = max(rows, key=lambda one: columns.farthest(one)[1])
    what, factor = columns.farthest(row)
    if not factor > 1:
        return f"no point goes beyond the largest of the runs; {_of_variance(row)}"
    said = f"the farthest point has an extrapolation factor of {factor:.3g} in {what}"
    return f"{said}; {_of_variance(row)}; {_of_backtests(subject, row)}"


def _of_variance(row: Mapping) -> str:
    found = {what: row[part] for part, what in IN_WORDS.items() if part in row}
    if not np.all(np.isfinite(list(found.values()))):
        return "the variance there is not finite"
    parts = [f"{what} ({share:.0%})" for what, share in found.items() if share > 0]
    return f"the variance there comes from {named(parts, len(parts))}"


def _of_backtests(subject: "Subject", row: Mapping) -> str:
    # measured on curves, so it says nothing of laws in several inputs
    if subject.discrepancy and len(subject.inputs) == 1:
        horizon = math.log(row[columns.extrapolation(subject.inputs[0].name)])
        for start, stop, share, number in learned.COVERAGE:
            if start <= horizon < stop:
                return (
                    f"in backtests, 90% intervals at this distance covered {share:.0%} of the "
                    f"held-out points of {number:,} public curves"
                )
    return "the coverage of intervals at this distance was not measured"
