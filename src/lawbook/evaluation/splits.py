"""Runs cut at a scale: what is fitted, and what is held out."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from lawbook import columns
from lawbook.data.runs import Runs
from lawbook.errors import FitError, RunsError, argument, given, listed
from lawbook.wording import named, short

FEWEST_FITTED = 4  # runs that a cut must leave to fit a curve to
FEWEST_SCALES = 3  # of theirs, where a horizon chooses the cut: two do not tell how a law bends
SHOWN = 4  # groups that are named


@dataclass(frozen=True, eq=False)
class Split:
    """One curve, or one table of several groups, cut at a scale.

    Attributes
    ----------
    cut
        Share of the scales that are fitted; or how many times beyond the fitted runs the largest
        lies, at least, where a horizon was asked for.
    fitted, held
        Runs up to there, and the held-out runs beyond.
    """

    cut: float
    fitted: Runs
    held: Runs


@dataclass(frozen=True, eq=False)
class Reach:
    """Cuts that reach horizons, and what is out of reach.

    Attributes
    ----------
    splits
        For each horizon those of the groups that reach it.
    missed
        A sentence for each horizon that some groups do not reach.
    """

    splits: list[Split] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def check_horizons(horizons: Sequence[float]) -> None:
    """Raise `FitError` unless horizons are ascending factors above 1."""
    fits = np.ndim(horizons) == 1 and all(isinstance(h, int | float) for h in horizons)
    if not fits or not all(a < b < math.inf for a, b in pairwise((1.0, *horizons))):
        raise FitError(
            f"{given('horizons', horizons)}: they are no distances from near to far; expected "
            "factors above 1, each larger than the one before; write "
            f"{argument('horizons', (2, 10, 100))}"
        )


def splits_at(runs: Runs, order: str, cuts: Sequence[float], apart: bool) -> Iterator[Split]:
    """Cut each group of the runs; together again unless the groups are curves of their own."""
    scales, groups, codes = scales_along(runs, order), runs.groups, runs.group_codes
    for cut in cuts:
        kept = np.zeros(len(runs), dtype=bool)
        for code in range(len(groups)):
            here = codes == code
            limit = np.quantile(np.unique(scales[here]), cut)
            kept |= here & (scales <= limit)
            labels = {str(k): str(v) for k, v in groups.iloc[code].items()}
            few, hidden = (here & kept).sum(), (here & ~kept).sum()
            if few < FEWEST_FITTED or hidden < 1:
                raise RunsError(
                    f"cut {cut:g} of {labels or 'the runs'}: it fits {few} runs and hides "
                    f"{hidden}; expected at least {FEWEST_FITTED} and 1; choose another cut, or "
                    "leave the group out"
                )
            if apart:
                yield Split(cut, runs.take(here & kept), runs.take(here & ~kept))
        if not apart:
            yield Split(cut, runs.take(kept), runs.take(~kept))


def splits_beyond(
    runs: Runs, order: str, horizons: Sequence[float], apart: bool, fewest: int
) -> Reach:
    """Cut each group as deep as its largest run has to lie beyond the fitted ones.

    Parameters
    ----------
    runs, order, apart
        As for `splits_at`.
    horizons
        Factors of the scale. Of each group as much is fitted as leaves the largest run so far
        beyond. A group that does not span so much takes no part in that cut.
    fewest
        Runs of a group that a cut must leave.

    Raises
    ------
    RunsError
        If no group reaches any of the horizons.
    """
    scales, groups, codes = scales_along(runs, order), runs.groups, runs.group_codes
    each = [codes == code for code in range(len(groups))]
    within = [_reach(scales[here], fewest) for here in each]
    what, found, seen = columns.in_words(order), Reach(), set()
    for horizon in horizons:
        reached = [most >= (1 - columns.AS_FAR) * horizon for most in within]
        fitted = [
            here & (scales <= (1 + columns.AS_FAR) * scales[here].max() / horizon) for here in each
        ]
        masks = [(mask, here) for mask, here, yes in zip(fitted, each, reached, strict=True) if yes]
        if masks and not apart:
            masks = [(np.any([m for m, _ in masks], axis=0), np.any([h for _, h in masks], axis=0))]
        for mask, here in masks:
            if mask.tobytes() in seen:  # the scales are so far apart that a nearer horizon had it
                continue
            seen.add(mask.tobytes())
            found.splits.append(Split(horizon, runs.take(mask), runs.take(here & ~mask)))
        if not all(reached):
            far = max(most for most, yes in zip(within, reached, strict=True) if not yes)
            labels = ["/".join(groups.iloc[i]) for i, yes in enumerate(reached) if not yes]
            of = f" of {named(labels[:SHOWN], len(labels))}, left out there" if runs.by else ""
            found.missed.append(
                f"{short(horizon, 3)} times the {what} is out of reach{of}: with {fewest} runs of "
                f"{FEWEST_SCALES} scales fitted, {_in_words(far)}."
            )
    if not found.splits:
        raise RunsError(
            f"{given('horizons', list(horizons))}: the runs do not span so much; expected at least "
            f"{fewest} runs of {FEWEST_SCALES} scales to fit, and then {_in_words(max(within))}; "
            f"choose less, or shares of the scales with {argument('cuts')}"
        )
    return found


def _reach(scales: np.ndarray, fewest: int) -> float:
    """Return how far the largest run of a group lies beyond the fewest that can be fitted."""
    distinct = np.unique(scales)
    if len(scales) <= fewest or len(distinct) <= FEWEST_SCALES:
        return 1.0
    last = max(np.sort(scales)[fewest - 1], distinct[FEWEST_SCALES - 1])
    return float(distinct[-1] / last) if last > 0 else 1.0


def _in_words(reach: float) -> str:
    if reach <= 1:
        return "none is left beyond"
    return f"the largest lies {short(reach, 3)} times beyond"


def splits_from(runs: Runs, larger: Runs, order: str, apart: bool) -> Iterator[Split]:
    """Hold out larger runs of the same groups; a group without any has nothing that is held out.

    The cut is the share of all runs that is fitted.

    Raises
    ------
    RunsError
        If a group has too few runs or none at all, or a run to hold out is not larger than those
        that are fitted.
    """
    groups = runs.groups
    known = {tuple(row): code for code, row in enumerate(groups.itertuples(index=False))}
    labels = list(larger.groups.itertuples(index=False))
    if strange := [" | ".join(row) for row in labels if tuple(row) not in known]:
        raise RunsError(
            f"{given('held_out')}: {listed(strange)} has no runs to fit; expected groups of the "
            "table; leave its rows out"
        )
    codes = np.array([known[tuple(labels[code])] for code in larger.group_codes], dtype=int)
    scales, beyond = scales_along(runs, order), scales_along(larger, order)
    cut = len(runs) / (len(runs) + len(larger))
    parts = []
    for code in range(len(groups)):
        here = runs.group_codes == code
        named = " | ".join(groups.iloc[code]) or "the runs"
        if here.sum() < FEWEST_FITTED:
            raise RunsError(
                f"{named}: {here.sum()} runs to fit; expected at least {FEWEST_FITTED}; leave the "
                "group out"
            )
        if (beyond[codes == code] < scales[here].max()).any():
            raise RunsError(
                f"{given('held_out')}: {named} has runs below {scales[here].max():g}, its largest "
                f"that is fitted; expected larger ones along {order}; move them to the other table"
            )
        parts.append(Split(cut, runs.take(here), larger.take(codes == code)))
    if apart:
        yield from parts
    else:
        yield Split(cut, runs, larger)


def scales_along(runs: Runs, order: str) -> np.ndarray:
    """Return the scales of runs along an input, or along ``"cost"``."""
    found = runs.cost if order == "cost" else runs.inputs.get(order)
    if found is None:
        raise RunsError(
            f"{given('order', order)}: the law has no such input, or no cost; "
            f"expected 'cost' or one of {listed(runs.law.input_names)}; leave it out for the usual"
        )
    return found


def factors_of(split: Split) -> dict[str, np.ndarray]:
    """Return how far each held-out run lies beyond the fitted runs of its group.

    Returns
    -------
    dict
        By column, as in predictions: the ratio of an input, or of the cost, to the largest.
    """
    fitted, held = split.fitted, split.held
    scales = [*fitted.law.input_names, *(["cost"] if fitted.law.cost is not None else [])]
    found = {}
    for scale in scales:
        last: dict[tuple, float] = {}
        for group, value in zip(_groups(fitted), scales_along(fitted, scale), strict=True):
            last[group] = max(value, last.get(group, -np.inf))
        with np.errstate(divide="ignore", invalid="ignore"):  # what no run had any of
            ratio = scales_along(held, scale) / np.array([last[group] for group in _groups(held)])
        found[columns.extrapolation(scale)] = ratio
    return found


def _groups(runs: Runs) -> list[tuple]:
    if not runs.by:
        return [()] * len(runs)
    return list(zip(*(runs.frame[column] for column in runs.by), strict=True))
