"""What makes a prediction uncertain, and how often intervals at its distance have held.

Of the variance of one new run, on the noise's own scale,

    parameters    the variance over draws of what is expected given the runs
    discrepancy   the mean variance of the process that takes up what the law leaves out
    noise         the median variance of a run's noise, so that a few heavy-tailed draws, whose
                  variance is infinite, do not make it all there is

Counts and fractions have no such scale of finite variance: theirs is the response itself.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lawbook.laws import public_curves as learned
from lawbook.laws.discrepancy import Discrepancy
from lawbook.posterior.fitted import Fitted

if TYPE_CHECKING:
    from lawbook.laws.law import Law
    from lawbook.posterior.responses import Block

PARTS = ("share_parameters", "share_discrepancy", "share_noise")
IN_WORDS = dict(zip(PARTS, ("parameters", "what the law leaves out", "noise"), strict=True))

IN_WORDS |= {"share_first": "the first law", "share_second": "the second law"}  # of a chain


def shares(fit: Fitted, block: "Block") -> np.ndarray:
    """Return the shares of a new run's variance at points, in the order of `PARTS`.

    Parameters
    ----------
    fit
        Its law's noise decides the scale.
    block
        Draws at the points. Where they are of the law's value, a new run's share in the noise
        of neighbouring checkpoints counts as independent of that of the runs.

    Returns
    -------
    numpy.ndarray
        Shape (points, 3), each row adding up to 1; NaN where a variance is not a number.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        expected, of_noise = _expected_and_noise(fit, block)
        parts = np.stack(
            [
                expected.var(axis=1),
                np.zeros(len(expected))
                if block.departure is None
                else block.departure.process.mean(axis=1),
                np.median(np.broadcast_to(of_noise, expected.shape), axis=1),
            ],
            axis=1,
        )
        endless = np.isinf(parts[:, 2])  # more than half of the draws have nu below 2
        parts[endless] = (0.0, 0.0, 1.0)
        return parts / parts.sum(axis=1, keepdims=True)


def _expected_and_noise(fit: Fitted, block: "Block") -> tuple[np.ndarray, np.ndarray]:
    """Return, per draw, what is expected of a new run and the variance of its noise."""
    noise, params, value = fit.law.response.noise, block.params, block.value
    if isinstance(noise, Discrepancy):
        assert block.departure is not None
        return np.log(value) + block.departure.mean, block.departure.noise
    at = dict(block.at)
    for column in noise.reads:
        if column not in at:  # of the law's value no trials are given: as many as the runs had
            assert fit.runs.trials is not None
            at[column] = np.median(fit.runs.trials)
    better = fit.law.response.better
    return noise.expected(value, params, better=better), noise.variance(value, params, at)


def statement(law: "Law", table: pd.DataFrame) -> str:
    """Say in one sentence how far the farthest point lies, why it is uncertain, and what held.

    Parameters
    ----------
    law
        Its noise tells whether there is a discrepancy: only with one was coverage measured.
    table
        Of a `lawbook.posterior.prediction.Prediction`.
    """
    ratios = _beyond(law, table)
    row = table.iloc[int(np.argmax(ratios))]
    ratio = float(ratios.max())
    where = f"{ratio:.3g}x beyond the runs" if ratio > 1 else "within the runs"
    said = f"largest point lies {where}; {_of_variance(row)}"
    return f"{said}; {_of_backtests(law, row)}" if ratio > 1 else said


def _beyond(law: "Law", table: pd.DataFrame) -> np.ndarray:
    """How far points lie beyond the runs: in cost, or else in the input that is farthest."""
    if law.cost is not None:
        return table["extrapolation_cost"].to_numpy()
    return table[[f"extrapolation_{x.name}" for x in law.inputs]].max(axis=1).to_numpy()


def _of_variance(row: Mapping) -> str:
    found = {what: row[part] for part, what in IN_WORDS.items() if part in row}
    if not np.all(np.isfinite(list(found.values()))):
        return "its variance is not finite"
    told = [f"{share:.0%} {what}" for what, share in found.items() if share > 0]
    return "its variance: " + ", ".join(told)


def _of_backtests(law: "Law", row: Mapping) -> str:
    # measured on curves, so it says nothing of laws in several inputs
    if isinstance(law.response.noise, Discrepancy) and len(law.inputs) == 1:
        horizon = math.log(row[f"extrapolation_{law.inputs[0].name}"])
        for start, stop, share, number in learned.COVERAGE:
            if start <= horizon < stop:
                return (
                    f"in backtests 90% intervals at this distance covered {share:.0%} of the "
                    f"held-out points of {number:,} public curves"
                )
    return "how often intervals hold at this distance was not measured"
