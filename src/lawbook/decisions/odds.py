r"""Probabilities and odds of levels against each other, with the Monte Carlo error of the draws.

Draws cannot show that something is certain. Where none of n effective draws is an exception, the
probability of an exception is below :math:`1 - 0.05^{1/n}`, about 3/n, with 95% confidence (the
rule of three): then the odds are reported as that bound.

Levels of a hierarchy are exchangeable beforehand: at any point one is as likely as another to
be the better of two. The prior odds are 1 by this symmetry, not by simulation, and so the Bayes
factor is the posterior odds.
"""

import math

import numpy as np
import pandas as pd

from lawbook.posterior.monte_carlo import effective_draws, quantiles, standard_errors

PRIOR_ODDS = 1.0  # by symmetry, see above
CACHED = 200_000  # numbers judged at a time, 1.6 MB: they stay in the processor's cache


def judged(values: np.ndarray, sign: float, held: int, rope: float | None = None) -> pd.DataFrame:
    """Judge levels at points.

    Parameters
    ----------
    values
        Responses, shape ``(level, point, chain, draw)``.
    sign
        1 where the lowest response is best, and -1 where the highest is.
    held
        Position of the level that the others are held against.
    rope
        Gap below which two responses are as good as equal, in the response's unit.

    Returns
    -------
    DataFrame
        One row per point and level, levels next to each other, with the columns that
        `lawbook.decisions.comparison.Comparison` explains; NaN throughout where a draw is not a
        number.
    """
    step = max(1, CACHED // values[:, 0].size)
    blocks = [values[:, i : i + step] for i in range(0, values.shape[1], step)]
    with np.errstate(invalid="ignore", divide="ignore"):  # what is no number is said at the end
        found = [_judged(block, sign, held, rope) for block in blocks]
    levels, points = values.shape[:2]
    table = pd.DataFrame(
        {n: np.concatenate([one[n] for one in found], axis=-1).T.ravel() for n in found[0]}
    )
    itself = [name for name in table if name not in ALONE]
    table.loc[np.tile(np.arange(levels) == held, points), itself] = np.nan
    unsound = ~np.isfinite(table["gap"].to_numpy()).reshape(points, levels).all(axis=1)
    unsound = np.repeat(unsound, levels)
    table.loc[unsound] = np.nan
    table.loc[table["odds"].isna(), "odds_kind"] = None
    return table


def _judged(
    values: np.ndarray, sign: float, held: int, rope: float | None
) -> dict[str, np.ndarray]:
    """Return the columns of some points, each of shape ``(level, point)``."""
    signed = sign * values
    first = signed.min(axis=0)
    best_in = signed == first
    tied = best_in.sum(axis=0)
    shares = best_in / tied if (tied > 1).any() else best_in
    gaps = values - values[held]
    behind = signed - first
    effective = _effective(gaps)
    best, best_error = probability(shares, effective)
    ahead, level = sign * gaps < 0, gaps == 0
    if level.sum() > level[held].sum():  # ties count half
        ahead = ahead + 0.5 * level
    chance, error = probability(ahead, effective)
    odds, kind = bounded_odds(chance, effective)
    flat = gaps.reshape(*gaps.shape[:2], -1)
    low, high = np.moveaxis(quantiles(flat, (0.05, 0.95)), -1, 0)
    columns = {
        "p_better": chance,
        "p_better_mcse": error,
        "odds": odds,
        "odds_kind": kind,
        "prior_odds": np.full(chance.shape, PRIOR_ODDS),
        "bayes_factor": odds / PRIOR_ODDS,
        "p_best": best,
        "p_best_mcse": best_error,
        "gap": gaps.mean(axis=(2, 3)),
        "gap_eti90_lower": low,
        "gap_eti90_upper": high,
        "expected_regret": behind.mean(axis=(2, 3)),
    }
    if rope is not None:
        columns["p_equivalent"] = (np.abs(gaps) < rope).mean(axis=(2, 3))
    return columns


# what is known of the reference itself
ALONE = ("p_best", "p_best_mcse", "gap", "gap_eti90_lower", "gap_eti90_upper", "expected_regret")


def probability(shares: np.ndarray, effective: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and their Monte Carlo errors.

    Parameters
    ----------
    shares
        Whether it holds in a draw, 0 to 1, shape ``(level, point, chain, draw)``.
    effective
        Effective draws of what decides it, ``(level, point)``: where all draws agree, the shares
        tell nothing of theirs.
    """
    chance = shares.mean(axis=(2, 3))
    agreed = (chance == 0) | (chance == 1)
    # where draws agree: as if one more had gone either way
    close = (effective + 1) / (effective + 2)
    error = np.sqrt(close * (1 - close) / effective)
    if not agreed.all():
        error[~agreed] = standard_errors(shares[~agreed])
    return chance, error


def _effective(gaps: np.ndarray) -> np.ndarray:
    """Return the effective draws of gaps, (level, point); of no gap, the least of the others."""
    found = effective_draws(gaps.reshape(-1, *gaps.shape[2:])).reshape(gaps.shape[:2])
    return np.where(np.ptp(gaps, axis=(2, 3)) > 0, found, found.min(axis=0))


def bounded_odds(chance: np.ndarray, effective: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return odds, or their bounds where all draws agree, and which of the two they are.

    Parameters
    ----------
    chance
        Share of draws.
    effective
        Effective draws behind it.
    """
    exception = -np.expm1(math.log(0.05) / effective)
    agreed = (chance == 0) | (chance == 1)
    used = np.where(agreed, np.clip(chance, exception, 1 - exception), chance)
    kind = np.select([chance == 1, chance == 0], ["at least", "at most"], "estimate")
    return used / (1 - used), kind.astype(object)
