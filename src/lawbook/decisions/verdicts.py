"""A comparison or an extrapolation in one sentence that says no more than the draws do."""

import math
from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd
import xarray as xr

from lawbook.columns import COST, extrapolation, interval
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.posterior.prediction import Prediction
from lawbook.wording import in_words, short


class Compared(Protocol):
    """What a verdict is about; `lawbook.decisions.comparison.Comparison` explains each."""

    @property
    def law(self) -> Law:
        """The law."""
        ...

    @property
    def between(self) -> str:
        """The grouping column."""
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


def sentence(comparison: Compared, point: int = -1) -> str:
    """Return the verdict at one point.

    Parameters
    ----------
    comparison
        Of any kind.
    point
        Counted from 0; by default the last one.

    Returns
    -------
    str
        The level that is best, its probability with Monte Carlo error, the odds over the
        reference (or, where it is the reference, over the level that comes closest), and its
        response. It says so where no level has half of the probability, where the draws cannot
        tell it from certainty, and where the fit is not to be trusted. Where it is known, the
        compute that one of the two needs for the response that the reference has; with a region
        of practical equivalence, the probability that the gap lies in it.

    Raises
    ------
    IndexError
        If there is no such point.
    """
    between, response = comparison.between, comparison.law.response
    place = range(comparison.draws.sizes["point"])[point]
    count = comparison.draws.shape[-1]
    rows = comparison.table.iloc[place * count : (place + 1) * count].set_index(between)
    given = [name for name in list(rows)[: list(rows).index("mean")] if rows[name].nunique() == 1]
    given = [name for name in given if name not in comparison.law.input_names]
    levels: dict[str, dict[str, Any]] = {str(name): row.to_dict() for name, row in rows.iterrows()}
    if any(math.isnan(row["p_best"]) for row in levels.values()):
        where = _where(comparison.law, given, next(iter(levels.values())))
        return (
            f"Under {comparison.law.name}, at {where}, nothing can be said: some draws of "
            f"{response.name} are not finite there; stay nearer to the runs, or mend the law."
        )
    leader = max(levels, key=lambda n: (levels[n]["p_best"], -levels[n]["expected_regret"]))
    rival, row = comparison.reference, levels[leader]
    odds, odds_kind = row["odds"], str(row["odds_kind"])
    if leader == rival:
        others = [name for name in levels if name != leader]
        rival = max(others, key=lambda n: (levels[n]["p_better"], -levels[n]["expected_regret"]))
        odds, odds_kind = 1 / levels[rival]["odds"], str(levels[rival]["odds_kind"])
        odds_kind = INVERSE.get(odds_kind, odds_kind)
    who = f"one run of {leader}" if comparison.kind == "run" else leader
    what = "" if comparison.kind == "run" else "expected "
    best = f"the {'lowest' if response.better == 'lower' else 'highest'} {what}{response.name}"
    draws = comparison.draws.sizes["chain"] * comparison.draws.sizes["draw"]
    chance = in_words(row["p_best"], row["p_best_mcse"], draws)
    verdict = f"{who} has {best} {chance}"
    if row["p_best"] < CLEAR:
        verdict = f"no {between} stands out: {who} comes first, having {best} {chance}"
    low, high = row["eti90_lower"], row["eti90_upper"]
    mean, low, high = _like_interval([row["mean"], low, high], high - low)
    text = (
        f"Under {comparison.law.name}, at {_where(comparison.law, given, row)}, {verdict} "
        f"({_odds(odds, odds_kind)} over {rival}); its expected {response.name} is "
        f"{mean} {response.unit} (90% equal-tailed interval {low} to {high})"
    )
    other = rival if leader == comparison.reference else leader
    return f"{text}{''.join(_also(comparison, levels[other], other))}.{_doubt(comparison)}"


def outlook(prediction: Prediction, row: int = -1) -> str:
    """Return what is expected at one point.

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
    what = f"one run's {of.response.name}" if prediction.kind == "run" else of.response.name
    return (
        f"Under {of.name}, at {_where(of, list(prediction.by), found)}, the expected {what} is "
        f"{middle} {of.response.unit} (90% equal-tailed interval {low} to {high})."
        f"{_doubt(prediction)}"
    )


def _doubt(result: Compared | Prediction) -> str:
    if result.provenance["trusted"]:
        return ""
    return f" But the fit is not to be trusted: {result.provenance['problems']}."


def _also(comparison: Compared, row: dict[str, Any], name: str) -> list[str]:
    """Return what else is known of a level against the reference, as clauses."""
    said = []
    if "equivalent_median" in row:
        low, high = row["equivalent_eti90_lower"], row["equivalent_eti90_upper"]
        law, reference = comparison.law, comparison.reference
        what = "compute" if law.cost is not None else f"{law.inputs[0].name}"
        if math.isinf(row["equivalent_median"]):
            said.append(f"; {name} reaches what {reference} has there at no {what} looked at")
        elif row["equivalent_median"] == 0:
            said.append(f"; {name} has what {reference} has there at the least {what} looked at")
        else:
            most = f"to {_rounded(high)}" if math.isfinite(high) else "upwards"
            said.append(
                f"; {name} needs {_rounded(row['equivalent_median'])} times the {what} of "
                f"{reference} for what that has there (90% interval {_rounded(low)} {most})"
            )
    if "p_equivalent" in row:
        rope = short(comparison.provenance["rope"])
        said.append(
            f"; they differ by less than {rope} {comparison.law.response.unit} with probability "
            f"{row['p_equivalent']:.2f}"
        )
    return said


def _where(law: Law | Subject, given: list[str], row: dict[str, Any]) -> str:
    places = [f"{x.name} = {_rounded(row[x.name])} {x.unit}" for x in law.inputs]
    places += [f"{name} {row[name]}" for name in given]
    where = ", ".join(places)
    if row.get(COST, 0) > 1:
        return f"{where} ({_rounded(row[COST])} times the largest run's compute)"
    most = max(law.input_names, key=lambda name: row[extrapolation(name)])
    if row[extrapolation(most)] > 1:
        return f"{where} ({_rounded(row[extrapolation(most)])} times the runs' largest {most})"
    return f"{where} (no larger than the runs)"


def _odds(odds: float, kind: str) -> str:
    bound = "" if kind == "estimate" else f"{kind} "
    ratio = f"{_rounded(odds)} to 1" if odds >= 1 else f"1 to {_rounded(1 / odds)}"
    return f"odds of {bound}{ratio}"


def _rounded(value: float) -> str:
    """Return three digits of a number: ``1.5``, ``12,300`` or ``2e10``."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if 1000 <= rounded < 1e6 else short(rounded)


def _like_interval(values: list[float], width: float) -> list[str]:
    """Write numbers with as many places as an interval of this width is worth."""
    places = max(0, 1 - math.floor(math.log10(width))) if width > 0 else 4
    return [f"{value:.{places}f}" for value in values]
