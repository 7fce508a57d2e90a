"""The table of a comparison: what is expected of each level, the verdict, and how far it is."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lawbook.decisions.odds import judged
from lawbook.posterior.mixture import Asked
from lawbook.posterior.summaries import PROBS, beyond, summarised


def best_at_last(fit: Asked, values: np.ndarray) -> int:
    """Return the position of the level with the best expected response at the last point.

    Parameters
    ----------
    values
        Responses, shape ``(level, point, chain, draw)``.
    """
    signed = fit.law.response.sign * values[:, -1]
    return int(np.argmin(signed.mean(axis=(1, 2))))


def tabulated(
    fit: Asked,
    points: pd.DataFrame,
    values: np.ndarray,
    held: int,
    rope: float | None = None,
    equivalents: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Return the table of a `lawbook.decisions.comparison.Comparison`.

    Parameters
    ----------
    points
        Inputs and labels, level by level.
    values
        Responses, shape ``(level, point, chain, draw)``.
    held
        Position of the level that the others are held against.
    rope
        As for `lawbook.decisions.comparison.compare`.
    equivalents
        Columns that join the verdict.
    """
    verdict = judged(values, fit.law.response.sign, held, rope).assign(**(equivalents or {}))
    by_point = np.arange(len(points)).reshape(values.shape[:2]).T.ravel()
    summary = summarised(values.reshape(len(points), *values.shape[2:]), PROBS)
    known, far = (
        part.iloc[by_point].reset_index(drop=True)
        for part in (pd.concat([points, summary], axis=1), beyond(fit, points))
    )
    return pd.concat([known, verdict, far], axis=1)
