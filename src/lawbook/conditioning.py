"""The discrepancy at new points, given the runs: a Gaussian process conditioned draw by draw."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawbook.discrepancy import CHECKPOINT_RANGE, JITTER, correlation
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import bucket

POINTS = 64  # drawn jointly; points of different blocks are drawn independently
AT_ONCE = 16  # draws of the posterior that are conditioned at a time
NO_RUN = 1e6  # sigma of what pads the runs: it tells nothing
_NAMES = ("sigma", "amplitude", "length", "checkpoint")


class Conditioned(NamedTuple):
    """A process at points given runs, per posterior draw; shape (points, draws).

    Attributes
    ----------
    draws
        One draw of the process; with noise where it was asked for.
    mean, process, noise
        Mean given the runs, and the variances of the process and of a new run's noise.
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
) -> Conditioned:
    """Draw the process at points, given the residuals of one group's runs.

    Parameters
    ----------
    kernel
        One of `lawbook.discrepancy.KERNELS`.
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
    """
    runs, draws = len(run_scales), len(noise["sigma"])
    length = bucket(max(runs, 1))
    padded = np.pad(run_scales, [(0, length - runs), (0, 0)])
    told = np.arange(length) < runs
    residual = np.pad(residual, [(0, length - runs), (0, 0)])
    columns = {name: noise.get(name, np.full(draws, 1e-9)) for name in _NAMES}
    parts = []
    for start in range(0, len(point_scales), POINTS):
        block = point_scales[start : start + POINTS]
        size = bucket(len(block))
        points = np.pad(block, [(0, size - len(block)), (0, 0)], mode="edge")
        normal = rng.standard_normal((draws, 2, size))
        with scoped_jax():
            noises = tuple(columns[name] for name in _NAMES)
            found = _over_draws(
                kernel, with_noise, padded, told, points, residual.T, noises, normal
            )
        parts.append([np.asarray(a).T[: len(block)] for a in found])
    return Conditioned(*(np.concatenate(a) for a in zip(*parts, strict=True)))


@partial(jax.jit, static_argnums=(0, 1))
def _over_draws(kernel, with_noise, runs, told, points, residual, noise, normal):
    def one(draw):
        residual, (sigma, amplitude, length, checkpoint), normal = draw

        def process(a, b):
            apart = jnp.sqrt(jnp.sum((a[:, None] - b[None, :]) ** 2, axis=-1))
            return (
                amplitude**2 * correlation(jnp, kernel, apart / length),
                checkpoint**2 * jnp.exp(-apart / CHECKPOINT_RANGE),
            )

        smooth, short = process(runs, runs)
        own = jnp.where(told, sigma**2 + JITTER, NO_RUN**2)
        root = jnp.linalg.cholesky(smooth + short + jnp.diag(own))
        smooth, short = process(points, runs)
        across = jnp.where(told, smooth + short * with_noise, 0.0)
        z = jax.scipy.linalg.solve_triangular(root, across.T, lower=True)
        mean = z.T @ jax.scipy.linalg.solve_triangular(root, residual, lower=True)
        smooth, short = process(points, points)
        left = smooth + short * with_noise - z.T @ z
        spread = jnp.linalg.cholesky(left + (1e-8 * amplitude**2 + 1e-14) * jnp.eye(len(points)))
        drawn = mean + spread @ normal[0] + with_noise * sigma * normal[1]
        noise = jnp.full(len(points), sigma**2 + checkpoint**2)
        return drawn, mean, jnp.maximum(jnp.diag(left) - with_noise * checkpoint**2, 0.0), noise

    return jax.lax.map(one, (residual, noise, normal), batch_size=AT_ONCE)
