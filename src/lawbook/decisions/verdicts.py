"""A comparison or an extrapolation in words that say no more than the draws do."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import pandas as pd
import xarray as xr

from lawbook.columns import COMPUTE, farthest, interval
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.posterior.prediction import Prediction
from lawbook.posterior.support import impossible_in_words
from lawbook.posterior.uncertainty import of_backtests
from lawbook.result import doubt
from lawbook.wording import in_words, records, short


class Compared(Protocol):
    """What a verdict is about; `lawbook.decisions.comparison.Comparison` explains each."""

    @property
    def law(self) -> Law | Subject:
        """The law, or what stands for several."""
        ...

    @property
    def between(self) -> str:
        """The grouping column that is compared."""
        ...

    @property
    def by(self) -> tuple[str, ...]:
        """All grouping columns."""
        ...

    @property
    def reference(self) -> str:
        """The level held against."""
        ...

    @property
    def kind(self) -> str:
        """What is compared."""
        ...

    @property
    def table(self) -> pd.DataFrame:
        """One row per point and level."""
        ...

    @property
    def draws(self) -> xr.DataArray:
        """Dims chain, draw, point, level."""
        ...

    @property
    def provenance(self) -> Mapping[str, Any]:
        """What it was made of."""
        ...


CLEAR = 0.5  # probability below which nothing is said to be best
INVERSE = {"at least": "at most", "at most": "at least"}


class _Place(NamedTuple):
    """One point of a comparison: its rows by level, the best level, and where it is in words.

    ``where`` is how far it lies from the runs, ``inputs`` what it is.
    """

    levels: Mapping[str, Mapping[str, Any]]
    leader: str
    where: str
    inputs: str
    sound: bool


def headline(comparison: Compared, point: int = -1) -> str:
    """Return the verdict at one point in one line, without a full stop.

    Parameters
    ----------
    comparison
        Of any kind.
    point
        Counted from 0; by default the last one.

    Returns
    -------
    str
        The level that is best, where, its probability with Monte Carlo error, and the odds over
        the reference (or, where it is the reference, over the level that comes closest). It says
        so where no level has half of the probability, and where the draws cannot tell it from
        certainty.

    Raises
    ------
    IndexError
        If there is no such point.
    """
    response, here = comparison.law.response, _at(comparison, point)
    if not here.sound:
        return f"Nothing can be said at {here.where}: some draws of {response.name} are not finite"
    leader, row = here.leader, here.levels[here.leader]
    rival, odds, odds_kind = comparison.reference, row["odds"], str(row["odds_kind"])
    if leader == rival:
        rival = _closest(here)
        odds, odds_kind = 1 / here.levels[rival]["odds"], str(here.levels[rival]["odds_kind"])
        odds_kind = INVERSE.get(odds_kind, odds_kind)
    who = f"one run of {leader}" if comparison.kind == "run" else leader
    draws = comparison.draws.sizes["chain"] * comparison.draws.sizes["draw"]
    chance = in_words(row["p_best"], row["p_best_mcse"], draws)
    against = f"({_odds(odds, odds_kind)} over {rival})"
    if row["p_best"] < CLEAR:
        return (
            f"No {comparison.between} stands out at {here.where}: {who} is best {chance} {against}"
        )
    return f"{who} is best at {here.where}, {chance} {against}"


def details(comparison: Compared, point: int = -1) -> list[str]:
    """Return what else is known at one point, in whole sentences.

    Parameters
    ----------
    comparison, point
        As for `headline`.

    Returns
    -------
    list of str
        What is best, and the response expected of the best level; where it is known, the compute
        that one of the two needs to match the reference; with a region of practical equivalence,
        the probability that the gap lies in it; how often intervals have held at that distance,
        where that was measured.
    """
    law, here = comparison.law, _at(comparison, point)
    if not here.sound:
        return ["Stay nearer to the runs, or mend the law."]
    row, response = here.levels[here.leader], law.response
    low, high = row["eti90_lower"], row["eti90_upper"]
    mean, low, high = _like_interval([row["mean"], low, high], high - low)
    what = f"{response.name} of one run" if comparison.kind == "run" else response.name
    said = [
        f"Best is the {response.best_word} expected {what}: {here.leader} has {mean} "
        f"{response.unit} (90% credible interval {low} to {high}) at {here.inputs}, "
        f"under {law.name}."
    ]
    other = _closest(here) if here.leader == comparison.reference else here.leader
    if "equivalent_median" in here.levels[other]:
        said.append(_equivalent(comparison, here.levels[other], other))
    if "p_equivalent" in here.levels[other]:
        rope, chance = short(comparison.provenance["rope"]), here.levels[other]["p_equivalent"]
        said.append(
            f"The gap between {other} and {comparison.reference} is smaller than {rope} "
            f"{law.response.unit} with posterior probability {chance:.2f}."
        )
    return [*said, *_impossible(comparison, point), *_held(comparison, point)]


def _held(comparison: Compared, point: int) -> list[str]:
    """Say how often intervals at a point's distance have held in backtests."""
    rows = comparison.table.iloc[_rows_of(comparison, point)]
    return list(of_backtests(comparison.law, rows).values())


def _impossible(comparison: Compared, point: int) -> list[str]:
    """Say which draws at a point lie outside of what the response can be, in some level."""
    law, draws = comparison.law, comparison.draws.to_numpy()[:, :, point]
    rows = comparison.table.iloc[_rows_of(comparison, point)]
    names = [name for name in (*law.input_names, *comparison.by) if name in rows]
    flat = draws.reshape(-1, draws.shape[-1]).T
    return list(filter(None, [impossible_in_words(law.response, flat, records(rows), names)]))


def _rows_of(comparison: Compared, point: int) -> slice:
    """Return which rows of the table are of a point, counted from 0 or from the end."""
    place = range(comparison.draws.sizes["point"])[point]
    count = comparison.draws.shape[-1]
    return slice(place * count, (place + 1) * count)


def leader_at(comparison: Compared, point: int = -1) -> tuple[str, float, pd.DataFrame]:
    """Return the best level at a point, the probability that it is, and the rows of the point.

    Parameters
    ----------
    comparison, point
        As for `headline`.
    """
    here = _at(comparison, point)
    chance = here.levels[here.leader]["p_best"] if here.sound else math.nan
    return here.leader, float(chance), comparison.table.iloc[_rows_of(comparison, point)]


def where_at(comparison: Compared, point: int = -1) -> str:
    """Say how far a point lies from the runs, and else what it is."""
    return _at(comparison, point).where


def sentence(comparison: Compared, point: int = -1) -> str:
    """Return the `headline`, the `details`, and what speaks against the fit."""
    said = [f"{headline(comparison, point)}.", *details(comparison, point)]
    return " ".join(said) + doubt(comparison.provenance)


def outlook(prediction: Prediction, row: int = -1) -> str:
    """Return what is expected at one point in one line, without a full stop.

    Parameters
    ----------
    prediction
        With 90% intervals.
    row
        Of its table, counted from 0; by default the last one.
    """
    of, found = prediction.subject, prediction.table.iloc[row].to_dict()
    low, high = (found[end] for end in interval(0.9))
    middle, low, high = _like_interval([found["median"], low, high], high - low)
    what = f"{of.response.name} of one run" if prediction.kind == "run" else of.response.name
    return (
        f"The expected {what} at {_where(of, prediction.by, found)} is "
        f"{middle} {of.response.unit} (90% credible interval {low} to {high})"
    )


def inputs_in_words(prediction: Prediction, row: int = -1) -> str:
    """Return the inputs of one point and the law, in a sentence.

    Parameters
    ----------
    prediction, row
        As for `outlook`.
    """
    of, found = prediction.subject, prediction.table.iloc[row].to_dict()
    return f"That is at {_inputs(of, (), found)}, under {of.name}."


def _at(comparison: Compared, point: int) -> _Place:
    between = comparison.between
    rows = comparison.table.iloc[_rows_of(comparison, point)].set_index(between)
    given = [name for name in comparison.by if name != between and rows[name].nunique() == 1]
    levels = {str(name): row.to_dict() for name, row in rows.iterrows()}
    leader = max(levels, key=lambda n: (levels[n]["p_best"], -levels[n]["expected_regret"]))
    sound = not any(math.isnan(row["p_best"]) for row in levels.values())
    law, row = comparison.law, levels[leader]
    return _Place(levels, leader, _where(law, given, row), _inputs(law, given, row), sound)


def _closest(here: _Place) -> str:
    """Return the level that comes closest to the leader."""
    others = {name: row for name, row in here.levels.items() if name != here.leader}
    return max(others, key=lambda n: (others[n]["p_better"], -others[n]["expected_regret"]))


def _equivalent(comparison: Compared, row: Mapping[str, Any], name: str) -> str:
    """Say what a level needs to match the reference."""
    middle, low, high = (row[f"equivalent_{n}"] for n in ("median", "eti90_lower", "eti90_upper"))
    law = comparison.law
    what = "compute" if law.cost is not None else law.inputs[0].name
    goal = f"{comparison.reference}'s expected {law.response.name} there"
    if math.isinf(middle):
        return f"{name} does not match {goal} at any {what} in the range searched."
    if middle == 0:
        return f"{name} matches {goal} even at the least {what} searched."
    least = f"{_rounded(low, 2)}x" if low > 0 else "below the range searched"
    most = f"{_rounded(high, 2)}x" if math.isfinite(high) else "beyond the range searched"
    return (
        f"To match {goal}, {name} would need about {_rounded(middle, 2)} times the {what} "
        f"(90% interval: {least} to {most})."
    )


def _where(law: Law | Subject, given: Sequence[str], row: Mapping[str, Any]) -> str:
    """Return how far a point lies from the runs; the inputs themselves where it does not."""
    what, factor = farthest(row)
    if not factor > 1:
        return _inputs(law, given, row)
    largest = "the largest run's compute" if what == COMPUTE else f"the runs' largest {what}"
    where = f"{_rounded(factor)}x {largest}"
    if math.isinf(factor):
        where = f"{what} = {_rounded(row[what])}, of which no run has any"
    return ", ".join([where, *(f"{name} {row[name]}" for name in given)])


def _inputs(law: Law | Subject, given: Sequence[str], row: Mapping[str, Any]) -> str:
    places = [f"{x.name} = {_rounded(row[x.name])} {x.unit}" for x in law.inputs]
    return ", ".join([*places, *(f"{name} {row[name]}" for name in given)])


def _odds(odds: float, kind: str) -> str:
    bound = "" if kind == "estimate" else f"{kind} "
    ratio = f"{_rounded(odds)} to 1" if odds >= 1 else f"1 to {_rounded(1 / odds)}"
    return f"odds {bound}{ratio}"


def _rounded(value: float, digits: int = 3) -> str:
    """Return so many digits of a number: ``1.5``, ``12,300`` or ``2e10``."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:,.0f}" if 1000 <= rounded < 1e6 else short(rounded)


def _like_interval(values: list[float], width: float) -> list[str]:
    """Write numbers with as many places as an interval of this width is worth."""
    places = max(0, 1 - math.floor(math.log10(width))) if width > 0 else 4
    return [f"{value:.{places}f}" for value in values]
