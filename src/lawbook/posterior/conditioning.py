"""The discrepancy given the runs, draw by draw: at new points, and at each run given the others."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lawbook.engine.buckets import bucket
from lawbook.posterior.modes import condition_modes, has_modes, leave_one_out_modes

TOGETHER = 64  # points that are drawn jointly; those of different blocks are independent
_NAMES = ("sigma", "amplitude", "length", "checkpoint")


class Conditioned(NamedTuple):
    """A process at points given runs, per posterior draw; shape (points, draws).

    Attributes
    ----------
    draws
        One draw of the process; with noise where it was asked for.
    mean, process, noise
        Mean given the runs, and the variances of the process and of a new run's noise; of a run
        they add up to the variance of the draws.
    """

    draws: np.ndarray
    mean: np.ndarray
    process: np.ndarray
    noise: np.ndarray


def condition(
    kernel: str,
    run_scales: np.ndarray,
    residual: np.ndarray,
    point_scales: np.ndarray,
    noise: Mapping[str, np.ndarray],
    with_noise: bool,
    rng: np.random.Generator,
    together: int = TOGETHER,
) -> Conditioned:
    """Draw the process at points, given the residuals of one group's runs.

    Parameters
    ----------
    kernel
        One of `lawbook.laws.kernels.KERNELS`.
    run_scales, point_scales
        Logs of the inputs, shapes (runs, inputs) and (points, inputs); there may be no run.
    residual
        Of the log response from the law, shape (runs, draws).
    noise
        ``sigma``, ``amplitude``, ``length`` and, if the law has it, ``checkpoint``: (draws,).
    with_noise
        Whether to draw a new run rather than the process alone.
    rng
        Of the draws.
    together
        How many points are drawn jointly; those of different blocks are drawn independently.
    """
    if len(run_scales) and has_modes(noise):
        return Conditioned(
            *condition_modes(
                kernel, run_scales, residual, point_scales, noise, with_noise, rng, together
            )
        )
    from lawbook.engine.cache import scoped_jax
    from lawbook.posterior.conditioned import over_draws  # JAX, to import

    runs, draws = len(run_scales), len(noise["sigma"])
    length = bucket(max(runs, 1))
    padded = np.pad(run_scales, [(0, length - runs), (0, 0)])
    real = np.arange(length) < runs
    residual = np.pad(residual, [(0, length - runs), (0, 0)])
    noises = _columns(noise)
    parts = []
    for start in range(0, len(point_scales), together):
        block = point_scales[start : start + together]
        size = bucket(len(block))
        points = np.pad(block, [(0, size - len(block)), (0, 0)], mode="edge")
        normal = rng.standard_normal((draws, 2, size))
        with scoped_jax():
            found = over_draws(kernel, with_noise, padded, real, points, residual.T, noises, normal)
            # in here, since JAX returns before it has computed
            parts.append([np.asarray(a).T[: len(block)] for a in found])
    return Conditioned(*(np.concatenate(a) for a in zip(*parts, strict=True)))


def leave_one_out(
    kernel: str, scales: np.ndarray, residual: np.ndarray, noise: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Return the log density of each residual given all others of its group, (runs, draws).

    With P the inverse of the covariance of the residuals r, residual i given the others is normal
    with the variance 1 / P_ii and lies (P r)_i / P_ii from its mean.

    Parameters
    ----------
    kernel, residual, noise
        As for `condition`.
    scales
        Logs of the inputs, shape (runs, inputs).

    Notes
    -----
    Source: Sundararajan and Keerthi (2001), Neural Computation 13, 1103-1118.
    """
    if has_modes(noise):
        return leave_one_out_modes(kernel, scales, residual, noise)
    from lawbook.engine.cache import scoped_jax
    from lawbook.posterior.conditioned import each_left_out

    with scoped_jax():
        return np.asarray(each_left_out(kernel, scales, residual.T, _columns(noise))).T


def _columns(noise: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    none = np.full(len(noise["sigma"]), 1e-9)
    return tuple(noise.get(name, none) for name in _NAMES)
