r"""Scores of predictive draws and densities against what came true.

Draws have the shape (draws, points) and the truth the shape (points,). What is defined for one
point is given point by point, so that a caller can average it by horizon; what is defined for a
curve (`rmsle`, `coverage`, `msce`) is one number or one per level.

============  ===================================================================  =======
score         question                                                             best is
============  ===================================================================  =======
`rmsle`       how far is the median, as a relative error?                          small
`crps`        how far is the whole forecast, in the response's unit?               small
`log_score`   how probable was the truth?                                          large
`coverage`    how often do intervals hold the truth?                               the level
`msce`        how far is coverage from its levels?                                 small
`width`       how wide is an interval, as a log ratio?                             small
============  ===================================================================  =======

Intervals are equal-tailed. Definitions follow the benchmark of Lee et al. (2025),
arXiv:2505.23032, where each score is averaged within a curve, and then over curves.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lawbook.errors import RunsError, listed
from lawbook.laws.links import log_slope, to_link

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def rmsle(draws, truth) -> float:
    """Root mean squared log error of the predictive median.

    The median is used because the mean of a skewed forecast lies above its middle.

    Parameters
    ----------
    draws
        Predictive draws, shape (draws, points), all positive.
    truth
        What came true, shape (points,).

    Examples
    --------
    >>> round(rmsle([[2.0], [2.2], [9.0]], [2.0]), 4)
    0.0953
    """
    draws, truth = _checked(draws, truth, positive=True)
    miss = np.log(np.median(draws, axis=0)) - np.log(truth)
    return float(np.sqrt(np.mean(miss**2)))


def crps(draws, truth) -> np.ndarray:
    r"""Continuous ranked probability score of each point.

    :math:`E|X - y| - \tfrac12 E|X - X'|` for independent draws :math:`X, X'`, estimated without
    bias from the draws. Give logs of both for a score that does not depend on the unit.

    Parameters
    ----------
    draws, truth
        As in `rmsle`; any sign.

    Returns
    -------
    numpy.ndarray
        One score per point, in the response's unit. It may be slightly negative where few draws
        lie close to the truth.

    Examples
    --------
    >>> float(crps([[1.0], [3.0]], [2.0])[0])
    0.0
    """
    from scoringrules import crps_ensemble  # it takes a moment to load

    draws, truth = _checked(draws, truth)
    return np.asarray(crps_ensemble(truth, draws.T, estimator="pwm", backend="numpy"))


def log_score(truth, location, scale, *, df: Any = math.inf, weights=None, on="log", unit=1.0):
    """Log predictive density of each point under a mixture, natural log.

    Parameters
    ----------
    truth
        What came true, shape (points,).
    location, scale
        Of the mixture's components on the scale ``on``; shape (components, points), or one that
        broadcasts to it.
    df
        Degrees of freedom of the components: Student-t, or normal at infinity. As ``location``.
    weights
        Of the components, shape (components,); equal unless given.
    on
        ``"log"`` if the components describe log y, ``"logit"`` if they describe its logit,
        ``"identity"`` if they describe y. The score is the density of y either way.
    unit
        The score is of y in this unit: ``unit=max(y)`` of the fitted points gives the score in
        normalised units, which is larger by ``log(unit)``.

    Returns
    -------
    numpy.ndarray
        One log density per point. One point far from every component can outweigh a whole curve.

    Examples
    --------
    >>> round(float(log_score([1.0], [[0.0]], [[1.0]])[0]), 4)
    -0.9189
    """
    if on not in ("log", "identity"):
        raise RunsError(f"log_score: unknown scale on={on!r}; expected 'log' or 'identity'")
    truth = np.asarray(truth, float)
    location, scale, df = np.broadcast_arrays(
        *(np.atleast_2d(np.asarray(value, float)) for value in (location, scale, df))
    )
    if truth.ndim != 1 or location.ndim != 2 or location.shape[1] not in (1, len(truth)):
        raise RunsError(
            f"log_score: the mixture has shape {location.shape}, the truth {truth.shape}; "
            "expected (components, points) and (points,)"
        )
    if not ((scale > 0).all() and (df > 0).all()):
        raise RunsError("log_score: a scale or df is not positive; expected numbers above zero")
    _check_finite(truth, "the truth", positive=on == "log")
    weights = np.ones(len(location)) if weights is None else np.asarray(weights, float)
    if weights.shape != (len(location),) or (weights < 0).any() or weights.sum() <= 0:
        raise RunsError(
            f"log_score: weights have shape {weights.shape}; "
            f"expected {len(location)} of them, one per component, none negative"
        )
    from scipy.special import logsumexp
    from scipy.stats import t

    at = to_link(on, truth)
    # SciPy's Student-t is the normal where df is infinite
    densities = t.logpdf(at, df=df, loc=location, scale=scale)
    density = np.asarray(logsumexp(densities, axis=0, b=weights[:, None] / weights.sum()))
    return density - log_slope(on, truth) + np.log(unit)


def kernels(draws, *, on="log") -> tuple[np.ndarray, np.ndarray]:
    """Turn draws into a mixture of normals, one per draw, for `log_score`.

    The bandwidth is Silverman's, from the smaller of the sd and the interquartile range. Where
    a forecast has a density of its own use that: kernels know nothing of tails beyond the draws.

    Returns
    -------
    tuple of numpy.ndarray
        Location of shape (draws, points) and scale of shape (1, points), on the scale ``on``.

    Examples
    --------
    >>> location, scale = kernels([[1.0], [2.0], [3.0]], on="identity")
    >>> location.shape, scale.shape
    ((3, 1), (1, 1))
    """
    draws = np.asarray(draws, float)
    draws, _ = _checked(draws, np.ones(draws.shape[-1]), positive=on == "log")
    location = np.log(draws) if on == "log" else draws
    low, high = np.quantile(location, [0.25, 0.75], axis=0)
    spread = np.std(location, axis=0, ddof=1)
    spread = np.where(high > low, np.minimum(spread, (high - low) / 1.349), spread)
    if not (spread > 0).all():
        raise RunsError(
            f"kernels: all draws are the same at point {int(np.argmin(spread > 0))}; "
            "expected draws that scatter, noise included"
        )
    return location, (0.9 * spread * len(location) ** -0.2)[None, :]


def coverage(draws, truth, levels: Sequence[float] = LEVELS) -> np.ndarray:
    """Share of the points that lie inside the equal-tailed interval of each level.

    Points of one curve are seldom independent, so the share of one curve says little: with one
    point it is 0 or 1. Average over curves.

    Returns
    -------
    numpy.ndarray
        One share per level.

    Examples
    --------
    >>> coverage([[1.0], [2.0], [3.0]], [2.1], levels=[0.5, 0.9]).tolist()
    [1.0, 1.0]
    """
    draws, truth = _checked(draws, truth)
    low, high = _interval(draws, levels)
    return np.mean((low <= truth) & (truth <= high), axis=1)


def msce(draws, truth, levels: Sequence[float] = LEVELS) -> float:
    """Mean squared calibration error: (coverage - level)**2, averaged over the levels.

    A perfect forecast of a single point still scores about a fifth, since its coverage can only
    be 0 or 1: compare curves of equally many points.

    Examples
    --------
    >>> round(msce([[1.0], [2.0], [3.0]], [2.0]), 7)
    0.0789429
    """
    return float(np.mean((coverage(draws, truth, levels) - np.asarray(levels)) ** 2))


def width(draws, *, prob: float = 0.9, on: str = "log") -> np.ndarray:
    """Log ratio of the ends of the equal-tailed interval, point by point.

    0.1 means that the upper end lies 10% above the lower one. A narrow interval is useful
    only where `coverage` is near its level. On ``"identity"``, for responses that may be zero or
    negative, it is the difference of the ends.

    Examples
    --------
    >>> width([[1.0], [2.0], [3.0]], prob=0.5).round(4).tolist()
    [0.5108]
    """
    draws = np.asarray(draws, float)
    draws, _ = _checked(draws, np.ones(draws.shape[-1]), positive=on == "log")
    low, high = _interval(draws, [prob])
    return np.log(high[0]) - np.log(low[0]) if on == "log" else high[0] - low[0]


def _interval(draws: np.ndarray, levels: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the equal-tailed intervals, each of shape (levels, points)."""
    wanted = np.asarray(levels, float)
    if wanted.ndim != 1 or not ((wanted > 0) & (wanted < 1)).all():
        raise RunsError(
            f"scores: levels are {listed(np.atleast_1d(wanted))}; "
            "expected probabilities between 0 and 1, such as (0.5, 0.9)"
        )
    tail = (1 - wanted) / 2
    return np.quantile(draws, tail, axis=0), np.quantile(draws, 1 - tail, axis=0)


def _checked(draws, truth, positive: bool = False) -> tuple[np.ndarray, np.ndarray]:
    draws, truth = np.asarray(draws, float), np.asarray(truth, float)
    if truth.ndim != 1 or draws.ndim != 2 or draws.shape[1] != len(truth) or len(draws) < 2:
        raise RunsError(
            f"scores: the draws have shape {draws.shape}, the truth {truth.shape}; "
            "expected (draws, points) with two draws or more, and (points,)"
        )
    _check_finite(draws, "the draws", positive)
    _check_finite(truth, "the truth", positive)
    return draws, truth


def _check_finite(values: np.ndarray, what: str, positive: bool) -> None:
    good = np.isfinite(values) & (values > 0) if positive else np.isfinite(values)
    if not good.all():
        expected = "positive numbers, since logs are taken" if positive else "finite numbers"
        raise RunsError(
            f"scores: {what} cannot be {values[~good][0]:g}, nor what is at {np.sum(~good) - 1} "
            f"other places; expected {expected}"
        )
