"""Learning-rate schedules become the inputs of laws: numbers that say what a loss owes to them.

A law takes numbers, not schedules. `areas` makes the two of the law `lr_annealing`, for any
schedule; `thirds` those of `multi_power`, for one that does not rise after its warm-up.
"""

from itertools import accumulate, pairwise

import numpy as np
import pandas as pd

from lawbook.errors import RunsError

PARTS = 3  # as the law multi_power has


def areas(schedule, *, memory: float = 0.999, warmup: int = 0) -> pd.DataFrame:
    """Return the two areas of a schedule at each of its steps, in linear time.

    Parameters
    ----------
    schedule
        Learning rate of each step, shape ``(steps,)``.
    memory
        lambda: the share of a fall that acts a step later, too.
    warmup
        How many steps at the beginning are counted at the rate of the step that follows them.

    Returns
    -------
    DataFrame
        ``step`` from 0, and ``S1`` and ``S2`` up to and with that step, in learning rate x steps.

    Raises
    ------
    RunsError
        If the schedule is no row of finite rates of at least 0, or an option does not fit it.

    Examples
    --------
    >>> from lawbook.models.lr_annealing import areas
    >>> areas([3e-4, 3e-4, 1e-4], memory=0.5)["S2"].round(6).tolist()
    [0.0, 0.0, 0.0002]
    """
    rates = _warmed(schedule, warmup)
    if not 0 < memory < 1:
        raise RunsError(f"memory={memory!r}: expected a share between 0 and 1; write memory=0.999")
    falls = np.diff(-rates, prepend=-rates[0])
    acting = list(accumulate(falls, lambda before, fall: memory * before + fall))
    steps = np.arange(len(rates))
    return pd.DataFrame({"step": steps, "S1": np.cumsum(rates), "S2": np.cumsum(acting)})


def thirds(schedule, steps, *, warmup: int = 0) -> pd.DataFrame:
    """Return the inputs of the law at some steps of a schedule.

    Parameters
    ----------
    schedule
        Learning rate of each step, shape ``(steps,)``.
    steps
        Positions in it, from 0, at which the loss was taken.
    warmup
        How many steps at the beginning rise to the peak: their area counts, their rise does not.

    Returns
    -------
    DataFrame
        ``step`` and the law's inputs, one row a step. Where the rate has not fallen yet, falls
        and areas are 0.

    Raises
    ------
    RunsError
        If the schedule is no row of finite positive rates, rises after the warm-up, or lacks a
        step.
    """
    steps, rates = np.asarray(steps), _warmed(schedule, warmup)
    falls = np.diff(-rates, prepend=-rates[0])
    if rates.min() <= 0 or falls.min() < 0:
        raise RunsError(
            f"schedule: it is zero or rises at step {np.argmax((rates <= 0) | (falls < 0))}; "
            "expected positive rates that do not rise after the warm-up; give warmup=, or take "
            "the law lr_annealing, which knows rises"
        )
    if steps.dtype.kind not in "iu" or not np.all((steps >= 0) & (steps < len(rates))):
        raise RunsError(
            f"steps from {steps.min()} to {steps.max()}: expected whole numbers from 0 to "
            f"{len(rates) - 1}, positions in the schedule; take the others out"
        )
    area = np.cumsum(np.asarray(schedule, dtype="float64"))
    found = [_parts(rates[: step + 1], falls[: step + 1], area[: step + 1]) for step in steps]
    names = [f"{what}{part + 1}" for part in range(PARTS) for what in ("fall", "rate", "area")]
    return pd.DataFrame({"step": steps, "S1": area[steps]}).join(pd.DataFrame(found, columns=names))


def _parts(rates, falls, area) -> list[float]:
    """Return size, mean rate and mean area since then of each part of the whole fall."""
    fallen = np.concatenate([[0.0], np.cumsum(falls)])
    ends = np.linspace(0, fallen[-1], PARTS + 1)
    log_rate, log_area = np.log(rates), np.log(area[-1] - np.concatenate([[0.0], area[:-1]]))
    found = []
    for low, high in pairwise(ends):
        weight = np.diff(np.clip(fallen, low, high))
        if not (total := weight.sum()):
            found += [0.0, rates[-1], 0.0]
            continue
        found += [total, *(np.exp(weight @ x / total) for x in (log_rate, log_area))]
    return found


def _warmed(schedule, warmup: int) -> np.ndarray:
    """Return a schedule whose warm-up is at the rate that follows it; raise as they do."""
    rates = np.array(schedule, dtype="float64")
    if rates.ndim != 1 or not len(rates) or not np.all(np.isfinite(rates) & (rates >= 0)):
        raise RunsError(
            f"schedule of shape {rates.shape}: it is no row of learning rates; expected one finite "
            "number of at least 0 for each step; pass an array such as np.full(24_000, 3e-4)"
        )
    if not 0 <= warmup < len(rates):
        raise RunsError(
            f"warmup={warmup!r}: expected from 0 to {len(rates) - 1} of the {len(rates)} steps; "
            "give the number of steps before the peak"
        )
    rates[:warmup] = rates[warmup]
    return rates
