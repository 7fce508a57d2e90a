"""What makes a prediction uncertain, and how often intervals at its distance have held.

Of the variance of one new run, on the noise's own scale,

    parameters    the variance over draws of what is expected given the runs
    discrepancy   the mean variance of the model discrepancy, given the runs
    noise         the median variance of a run's noise, so that a few heavy-tailed draws, whose
                  variance is infinite, do not make it all there is

Counts and fractions have no such scale of finite variance: theirs is the response itself.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lawbook import columns
from lawbook.laws import public_tables as learned
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.links import to_link
from lawbook.laws.public_tables import Distances, Held
from lawbook.laws.subject import Subject, subject_of
from lawbook.posterior.fitted import Fitted
from lawbook.wording import between, named, records, short

if TYPE_CHECKING:
    from lawbook.laws.law import Law
    from lawbook.posterior.responses import Drawn

PARTS = ("share_parameters", "share_discrepancy", "share_noise")
BACKTESTS = "backtests"  # what a provenance calls that sentence
TOO_NARROW = 0.1  # coverage this far below what an interval promises is told as a warning
IN_WORDS = dict(zip(PARTS, ("parameters", "model discrepancy", "noise"), strict=True))
OF_CHAIN = {  # of each law its three parts, in their order
    law: tuple(part.replace("share_", f"share_{law}_") for part in PARTS)
    for law in ("first", "second")
}
IN_WORDS |= {
    column: f"{IN_WORDS[part]} of the {law} law"
    for law, columns_of in OF_CHAIN.items()
    for part, column in zip(PARTS, columns_of, strict=True)
}


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
    return as_shares(variances(fit, drawn))


def as_shares(parts: np.ndarray) -> np.ndarray:
    """Return variances as shares of their sum, (points, 3 or 6): noise without one is all of it."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # where more than half of the draws have nu below 2
        endless = np.isinf(parts) & (np.arange(parts.shape[1]) % len(PARTS) == len(PARTS) - 1)
        some = endless.any(axis=1, keepdims=True)
        parts = np.where(some, endless.astype("float64"), parts)
        return parts / parts.sum(axis=1, keepdims=True)


def variances(fit: Fitted, drawn: "Drawn") -> np.ndarray:
    """Return the variances whose shares `shares` returns, (points, 3), on the noise's scale."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        expected, of_noise = expected_and_noise(fit, drawn)
        return np.stack(
            [
                expected.var(axis=1),
                np.zeros(len(expected))
                if drawn.departure is None
                else drawn.departure.process.mean(axis=1),
                np.median(np.broadcast_to(of_noise, expected.shape), axis=1),
            ],
            axis=1,
        )


def expected_and_noise(fit: Fitted, drawn: "Drawn") -> tuple[np.ndarray, np.ndarray]:
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


def statement(table: pd.DataFrame) -> str:
    """Return in a clause how far the farthest point lies, and why it is uncertain.

    Parameters
    ----------
    table
        Of a `lawbook.posterior.prediction.Prediction`.
    """
    row, what, factor = farthest_of(table)
    if not factor > 1:
        return f"no point goes beyond the largest of the runs; {_of_variance(row)}"
    said = f"the farthest point has an extrapolation factor of {factor:.3g} in {what}"
    return f"{said}; {_of_variance(row)}"


def tested(subject: Subject, table: pd.DataFrame) -> str:
    """Return a sentence on how often intervals at the farthest point's distance have held.

    It is a warning where they held far fewer new runs than they promise, and where nobody has
    measured it. Empty where no point goes beyond the runs.

    Parameters
    ----------
    subject
        What predicts: coverage was measured with the usual model discrepancy and without one.
    table
        As for `statement`.
    """
    _, what, factor = farthest_of(table)
    factor /= 1 + columns.AS_FAR  # rounding puts nothing into the next bin, as in backtests
    if not factor > 1:
        return ""
    measured = _measured(subject, what)
    for held in measured:
        if held.above < factor <= held.upto:
            return _found(subject, held, what)
    most = max((held.upto for held in measured), default=0.0)
    if 1 < most < factor:
        return (
            f"Nobody has measured how often intervals hold at this distance: backtests end at "
            f"{short(most, 3)} times the largest fitted {what}. Take them for too narrow."
        )
    return "Nobody has measured how often such intervals hold at this distance."


def of_backtests(law: "Law | Subject", table: pd.DataFrame) -> dict[str, str]:
    """Return what a decision says of backtests, by its name in provenances, where there is any.

    That is the sentence of `tested`, but nothing where nothing was measured of such laws.

    Parameters
    ----------
    law
        The law, or the subject, that is asked.
    table
        As for `tested`; its extrapolation factors are read.
    """
    subject = subject_of(law)
    said = tested(subject, table) if _measured(subject, farthest_of(table)[1]) else ""
    return {BACKTESTS: said} if said else {}


def _found(subject: Subject, held: Held, what: str) -> str:
    sort = "curves" if len(subject.inputs) == 1 else "tables"
    far = f"{between(held.above, held.upto)} times the largest fitted {what}"
    found = f"90% intervals held {held.share:.0%} of new runs of {held.number:,} public {sort}"
    if held.share < 0.9 - TOO_NARROW:
        return f"Take these intervals for too narrow: in backtests at {far}, {found}."
    return f"In backtests at {far}, {found}."


def _measured(subject: Subject, what: str) -> Distances:
    """Return what was measured for such a prediction, by distance; nothing where nothing was."""
    if subject.response.noise.on != "log" or subject.chained:
        return ()
    by = "compute" if what == columns.COMPUTE else "input"
    if subject.discrepancy:
        return learned.COVERAGE["curve" if len(subject.inputs) == 1 else by]
    return learned.COVERAGE_ALONE[by] if subject.alone and len(subject.inputs) > 1 else ()


def farthest_of(table: pd.DataFrame) -> tuple[Mapping, str, float]:
    """Return the row that lies farthest beyond the runs, in what, and its factor."""
    row = max(records(table), key=lambda one: columns.farthest(one)[1])
    return row, *columns.farthest(row)


def _of_variance(row: Mapping) -> str:
    found = {what: row[part] for part, what in IN_WORDS.items() if part in row}
    if not np.all(np.isfinite(list(found.values()))):
        return "the variance there is not finite"
    parts = [f"{what} ({share:.0%})" for what, share in found.items() if share > 0]
    return f"the variance there comes from {named(parts, len(parts))}"
