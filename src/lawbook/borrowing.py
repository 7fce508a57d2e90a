"""Curves of one set borrow from each other: what a law missed on relatives at the same scale.

A forecast of curve i beyond its last run errs by some z standard deviations. Where a relative has
been trained further, its runs say how the same law, fitted to that relative cut at the same
scale, would have erred there. Standardised errors of relatives are correlated,

    corr(z_i, z_j) = sum of ``shares[k]`` over the kinds k of kinship that i and j have,

so the errors of relatives move and narrow the forecast as in kriging. Only fitted runs are used:
those of relatives may lie at larger scales than this curve's own.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lawbook.forecasting import Forecast

WINDOW = 0.15  # e-folds of scale over which a relative's errors are averaged


def errors_at(
    forecast: Forecast, log_x: np.ndarray, log_y: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Return a relative's standardised errors near the scales ``at``, NaN where it has no runs.

    Parameters
    ----------
    forecast
        Of the relative's runs beyond the scale where it was cut.
    log_x, log_y
        Of those runs.
    at
        Logs of the scales at which errors are wanted.
    """
    z = (log_y - _mean(forecast)) / _sd(forecast)
    near = np.abs(at[:, None] - log_x) <= WINDOW
    count = near.sum(axis=1)
    return np.where(count > 0, (near * z).sum(axis=1) / np.maximum(count, 1), np.nan)


def corrected(
    forecast: Forecast, errors: np.ndarray, kinship: np.ndarray, shares: Sequence[float]
) -> Forecast:
    """Return a forecast moved by how its law erred on relatives.

    Parameters
    ----------
    forecast
        Of the curve itself, from its own runs.
    errors
        Standardised errors of relatives at its points, NaN where unknown; (relatives, points).
    kinship
        Per kind, whether two of (the curve, then its relatives) are kin;
        (kinds, relatives + 1, relatives + 1).
    shares
        Correlation that each kind brings; together below 1.
    """
    correlation = np.tensordot(np.asarray(shares), kinship, axes=1)
    np.fill_diagonal(correlation, 1.0)
    mean, sd = _mean(forecast), _sd(forecast)
    shift, narrowing = np.zeros(len(mean)), np.ones(len(mean))
    for point in range(len(mean)):
        known = np.flatnonzero(np.isfinite(errors[:, point]))
        if known.size:
            among = correlation[np.ix_(known + 1, known + 1)]
            gain = np.linalg.solve(among, correlation[0, known + 1])
            shift[point] = gain @ errors[known, point]
            narrowing[point] = np.sqrt(max(1 - gain @ correlation[0, known + 1], 1e-4))
    return replace(
        forecast,
        location=mean + sd * shift + (forecast.location - mean) * narrowing,
        scale=forecast.scale * narrowing,
    )


def _mean(forecast: Forecast) -> np.ndarray:
    return forecast.location.mean(axis=0)


def _sd(forecast: Forecast) -> np.ndarray:
    return np.sqrt(forecast.location.var(axis=0) + (forecast.scale**2).mean(axis=0))
