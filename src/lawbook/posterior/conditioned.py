"""The compiled part of conditioning a discrepancy along one input, over many draws at once.

What is asked, and padded for it, is `lawbook.posterior.conditioning`.
"""

from functools import partial

import jax
import jax.numpy as jnp

from lawbook.laws.kernels import HALF_LOG_2PI, JITTER, covariances

DRAWS_AT_ONCE = 16  # of the posterior, which are conditioned at a time
NO_RUN = 1e6  # standard deviation of the noise of what pads the runs: it says nothing


def _apart(a, b):
    return jnp.sqrt(jnp.sum((a[:, None] - b[None, :]) ** 2, axis=-1))


@partial(jax.jit, static_argnums=0)
def each_left_out(kernel, scales, residual, noise):
    """Return the log density of each residual given all others, (draws, runs)."""

    def one(draw):
        residual, (sigma, *others) = draw
        smooth, short = covariances(jnp, kernel, _apart(scales, scales), *others)
        own = (sigma**2 + JITTER) * jnp.eye(len(scales))
        precision = jnp.linalg.inv(smooth + short + own)
        each = jnp.diag(precision)
        return 0.5 * jnp.log(each) - 0.5 * (precision @ residual) ** 2 / each - HALF_LOG_2PI

    return jax.lax.map(one, (residual, noise), batch_size=DRAWS_AT_ONCE)


@partial(jax.jit, static_argnums=(0, 1))
def over_draws(kernel, with_noise, runs, real, points, residual, noise, normal):
    """Return draws at points, their means, and variances of process and noise, (draws, points)."""

    def one(draw):
        residual, (sigma, amplitude, length, checkpoint), normal = draw

        def process(a, b):
            return covariances(jnp, kernel, _apart(a, b), amplitude, length, checkpoint)

        smooth, short = process(runs, runs)
        own = jnp.where(real, sigma**2 + JITTER, NO_RUN**2)
        root = jnp.linalg.cholesky(smooth + short + jnp.diag(own))
        smooth, short = process(points, runs)
        across = jnp.where(real, smooth + short * with_noise, 0.0)
        z = jax.scipy.linalg.solve_triangular(root, across.T, lower=True)
        mean = z.T @ jax.scipy.linalg.solve_triangular(root, residual, lower=True)
        smooth, short = process(points, points)
        left = smooth + short * with_noise - z.T @ z
        spread = jnp.linalg.cholesky(left + (1e-8 * amplitude**2 + 1e-14) * jnp.eye(len(points)))
        drawn = mean + spread @ normal[0] + with_noise * sigma * normal[1]
        # of a run the checkpoints' noise is part of it, and nearby runs may have reduced that, too
        rest = jnp.diag(left) - with_noise * checkpoint**2
        noise = sigma**2 + checkpoint**2 + with_noise * jnp.minimum(rest, 0.0)
        return drawn, mean, jnp.maximum(rest, 0.0), noise

    return jax.lax.map(one, (residual, noise, normal), batch_size=DRAWS_AT_ONCE)
