"""How wide forecasts should have been, learned from forecasts whose truth is known.

A forecast keeps its mean m(x). Its components are moved apart by a factor and get heavier tails:

    location' = m + s (location - m),    scale' = s scale,    df' = df

The factor s belongs to a set of curves, with log s ~ Normal(0, `FACTOR_SD`). Tails are told by few
curves, so all sets share df. Both maximise the log density of what came true, every curve counting
once. The forecasts must not have seen it, or the factor comes out too small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import gammaln, logsumexp

from lawbook.evaluation.curve_forecasts import Forecast

FACTORS = np.exp(np.arange(-9, 10) / 10)

FACTOR_SD = 0.3

DEGREES = (np.inf, 12.0, 6.0, 4.0)

POINTS = 24  # of a curve, evenly by number

Known = Sequence[tuple[Forecast, np.ndarray]]


def recalibrated(forecast: Forecast, factor: float, df: float) -> Forecast:
    """Return a forecast with its components moved apart and with other tails.

    Parameters
    ----------
    forecast
        Its own degrees of freedom are replaced.
    factor
        By which deviations from the mean grow.
    df
        Degrees of freedom of every component; normal at infinity.
    """
    mean = forecast.location.mean(axis=0)
    return replace(
        forecast,
        location=mean + factor * (forecast.location - mean),
        scale=factor * forecast.scale,
        df=np.full(forecast.location.shape, df),
    )


def learn_recalibration(sets: Mapping[str, Known]) -> dict[str, tuple[float, float]]:
    """Return the factor of each set, and the degrees of freedom that all share.

    Parameters
    ----------
    sets
        Per set, forecasts with the log of what came true at their points.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> narrow = Forecast(np.zeros((2, 50)), np.full((2, 50), 0.5), np.full((2, 50), np.inf), 0.0)
    >>> known = [(narrow, rng.normal(size=50)) for _ in range(40)]
    >>> learn_recalibration({"set": known})["set"][0] > 1.5
    True
    """
    found = {
        name: np.sum([_table(*one) for one in known], axis=0)
        - np.log(FACTORS) ** 2 / (2 * FACTOR_SD**2)
        for name, known in sets.items()
    }
    shared = int(np.argmax(sum(table.max(axis=1) for table in found.values())))
    return {
        name: (float(FACTORS[np.argmax(table[shared])]), DEGREES[shared])
        for name, table in found.items()
    }


def _table(forecast: Forecast, log_truth: np.ndarray) -> np.ndarray:
    """Return the mean log density for every number of degrees (rows) and factor (columns)."""
    some = np.unique(np.linspace(0, len(log_truth) - 1, POINTS).round().astype(int))
    location, scale = forecast.location[:, some], forecast.scale[:, some]
    mean = location.mean(axis=0)
    away = log_truth[some] - mean
    return np.array(
        [
            [_density((away - s * (location - mean)) / (s * scale), s * scale, df) for s in FACTORS]
            for df in DEGREES
        ]
    )


def _density(z: np.ndarray, scale: np.ndarray, df: float) -> float:
    if np.isinf(df):
        terms = -(z**2) / 2 - np.log(2 * np.pi) / 2
    else:
        constant = gammaln((df + 1) / 2) - gammaln(df / 2) - np.log(df * np.pi) / 2
        terms = constant - (df + 1) / 2 * np.log1p(z**2 / df)
    mixture = logsumexp(terms - np.log(scale), axis=0) - np.log(len(z))
    return float(np.mean(mixture))
