"""Levenberg-Marquardt for many curves and many starts at once."""

from collections.abc import Callable

import numpy as np


def descend(
    misses: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    starts: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    *,
    steps: int = 200,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise half the sum of squares from each start; a step that does not help is not taken.

    Parameters
    ----------
    misses
        ``misses(rows, values)`` for starts ``rows`` at ``values`` (rows, p) returns the misses
        (rows, n) and their slopes (rows, n, p).
    starts
        Shape (starts, p).
    bounds
        Least and largest values, each of shape (p,).

    Returns
    -------
    tuple of numpy.ndarray
        Where each start came to, (starts, p), and its sum of squares, (starts,).
    """
    at = np.clip(starts, *bounds)
    damping = np.full(len(at), 1e-2)
    going = np.arange(len(at))
    miss, slopes = misses(going, at)
    squares = np.sum(miss**2, axis=1)
    eye = np.eye(at.shape[1])
    for _ in range(steps):
        down = np.einsum("bnp,bn->bp", slopes[going], miss[going])
        bend = np.einsum("bnp,bnq->bpq", slopes[going], slopes[going])
        # in units of each direction's own curvature, so that the coordinates' units do not matter
        unit = np.sqrt(np.einsum("bpp->bp", bend) + 1e-20)
        damped = bend / (unit[:, :, None] * unit[:, None, :]) + damping[going, None, None] * eye
        step = -np.linalg.solve(damped, (down / unit)[:, :, None])[:, :, 0] / unit
        trial = np.clip(at[going] + step, *bounds)
        new_miss, new_slopes = misses(going, trial)
        new = np.sum(new_miss**2, axis=1)
        better = np.isfinite(new) & (new < squares[going])
        gain = np.where(better, 1 - new / np.maximum(squares[going], 1e-300), 0)
        taken = going[better]
        at[taken], squares[taken] = trial[better], new[better]
        miss[taken], slopes[taken] = new_miss[better], new_slopes[better]
        damping[going] = np.where(better, np.maximum(damping[going] / 5, 1e-9), damping[going] * 4)
        # far too damped to move, or moving without gain
        going = going[(damping[going] < 1e8) & (~better | (gain > 1e-10))]
        if len(going) == 0:
            break
    return at, squares
