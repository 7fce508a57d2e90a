"""Runs cut at a scale: what is fitted, and what is held out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lawbook.data.runs import Runs
from lawbook.errors import RunsError, given, listed

FEWEST_FITTED = 4  # runs that a cut must leave to fit a curve to


@dataclass(frozen=True, eq=False)
class Split:
    """One curve, or one table of several groups, cut at a scale.

    Attributes
    ----------
    cut
        Share of the scales that are fitted.
    fitted, held
        Runs up to there, and the held-out runs beyond.
    """

    cut: float
    fitted: Runs
    held: Runs


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


def scales_along(runs: Runs, order: str) -> np.ndarray:
    """Return the scales of runs along an input, or along ``"cost"``."""
    found = runs.cost if order == "cost" else runs.inputs.get(order)
    if found is None:
        raise RunsError(
            f"{given('order', order)}: the law has no such input, or no cost; "
            f"expected 'cost' or one of {listed(runs.law.input_names)}; leave it out for the usual"
        )
    return found


def horizon_of(split: Split, order: str) -> np.ndarray:
    """Return e-folds of each held-out run beyond the last fitted run of its group."""
    last: dict[tuple, float] = {}
    for group, scale in zip(_groups(split.fitted), scales_along(split.fitted, order), strict=True):
        last[group] = max(scale, last.get(group, 0.0))
    return np.log(scales_along(split.held, order) / [last[group] for group in _groups(split.held)])


def _groups(runs: Runs) -> list[tuple]:
    if not runs.by:
        return [()] * len(runs)
    return list(zip(*(runs.frame[column] for column in runs.by), strict=True))
