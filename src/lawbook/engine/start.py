"""Where to start: the mode, and coordinates in which the posterior is round.

Positions are first measured in prior standard deviations from the model's initial point. From
there many starts descend at once by a damped Newton method. The curvature at the best mode
gives the coordinates in which sampling begins.

Group spreads are held on the way down: the joint mode of a hierarchy lies where all spreads are
zero, which says nothing of the posterior. Between descents they move to where they are most
likely given the curvature, by a few steps of expectation and maximisation.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawbook.engine.coordinates import Coordinates, Offsets, condition
from lawbook.engine.density import Density, Table

START_SD = 0.7  # in prior sds: prior draws, drawn in a little
ITERATIONS = 60
CONVERGED = 1e-4  # nats still to gain, by the quadratic model
LEAST_CURVATURE = 0.5  # no coordinate is wider than the prior times 1.4
SPREAD_ROUNDS = 4
SAME_HEIGHT = 5.0  # nats: modes this close to the best are started from as well


class Start(NamedTuple):
    """Coordinates at the best mode, and modes to start chains from."""

    coordinates: Coordinates
    modes: np.ndarray  # (starts, size), best first; those far below the best replaced by it
    height: float  # log density at the best mode


def curvatures(density: Density) -> Callable:
    """Return ``f(positions, table) -> (values, gradients, hessians)``, to be compiled once."""

    def one(x, table: Table):
        def gradient_and_value(x):
            value, gradient = jax.value_and_grad(density.log_density)(x, table)
            return gradient, (value, gradient)

        hessian, (value, gradient) = jax.jacfwd(gradient_and_value, has_aux=True)(x)
        return value, gradient, hessian

    return jax.vmap(one, in_axes=(0, None))


def find_start(
    measure: Callable,
    initial: np.ndarray,
    offsets: tuple[Offsets, ...],
    held: np.ndarray,
    table: Table,
    rng: np.random.Generator,
) -> Start:
    """Descend from many starts and measure the curvature at the best mode.

    Parameters
    ----------
    measure
        What `curvatures` returned, compiled.
    initial
        Model's initial point, shape (size,).
    offsets
        Which coordinates are offsets of groups, and where their spreads are.
    held
        True where a coordinate is the log of a spread, shape (size,).
    table
        Padded data.
    rng
        Of the starts.
    """
    starts = int(np.clip(200 // initial.size, 2, 8))
    without_runs = table._replace(weights=table.weights | {"run": 0 * table.weights["run"]})
    _, _, prior_hessian = measure(np.tile(initial, (starts, 1)), without_runs)
    precision = -np.diagonal(np.asarray(prior_hessian)[0])
    scale = np.where(precision > 0, 1 / np.sqrt(np.abs(precision)), 1.0)

    def negative(u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        value, gradient, hessian = map(np.asarray, measure(initial + scale * u, table))
        value = np.where(np.isfinite(value), -value, np.inf)
        gradient = -np.nan_to_num(gradient) * scale
        return value, gradient, -np.nan_to_num(hessian) * scale[:, None] * scale

    u = START_SD * rng.standard_normal((starts, initial.size))
    u[0] = 0.0
    u[:, held] = 0.0
    u, value, hessian = _descend(negative, u, held)
    for _ in range(SPREAD_ROUNDS if offsets else 0):
        best = np.argmin(value)
        moved = _likely_spreads(offsets, initial, scale, u[best], hessian[best], table)
        u = u + moved - u[best]
        u, value, hessian = _descend(negative, u, held)
    order = np.argsort(value)
    u, value, hessian = u[order], value[order], hessian[order]
    if not np.isfinite(value[0]):
        raise FloatingPointError("the model's log density is not finite at any of the starts")
    u[value - value[0] > SAME_HEIGHT] = u[0]
    modes = initial + scale * u
    _, prior_gradient, prior_hessian = measure(modes, without_runs)
    _, gradient, total = measure(modes, table)
    likelihood = [
        np.asarray(a)[0] - np.asarray(b)[0]
        for a, b in ((gradient, prior_gradient), (total, prior_hessian))
    ]
    plain = ~held
    for block in offsets:
        plain[block.at] = False
    conditionals = tuple(
        condition(block, plain, modes[0], likelihood[0], -likelihood[1]) for block in offsets
    )
    matrix = _whitening(hessian[0], scale, offsets)
    flat = Coordinates(jnp.zeros(initial.size), jnp.eye(initial.size), conditionals)
    origin = flat.unconditioned(jnp.asarray(modes[0]), offsets)
    return Start(Coordinates(origin, jnp.asarray(matrix), conditionals), modes, -value[0])


def _likely_spreads(offsets, initial, scale, u, hessian, table: Table) -> np.ndarray:
    """Return ``u`` with every spread at its likeliest, given the mode and curvature around it.

    The groups' levels stay where they are: their offsets shrink as the spreads grow. With v the
    squared spread, S the expected sum of squares of G levels and s the scale of the half-normal
    prior (the model's initial point), v solves v**2/s**2 + (G - 1) v - S = 0.
    """
    curvature, axes = np.linalg.eigh(hessian)
    variance = (axes**2 / np.maximum(curvature, LEAST_CURVATURE)).sum(axis=1) * scale**2
    x, moved = initial + scale * u, u.copy()
    for block in offsets:
        real = np.asarray(table.weights[block.dim]) > 0
        spread = np.exp(x[block.spread_at])
        squares = (spread**2 * (x[block.at] ** 2 + variance[block.at]))[real].sum(axis=0)
        half, s = (real.sum() - 1) / 2, np.exp(initial[block.spread_at])
        v = s**2 * (np.sqrt(half**2 + squares / s**2) - half)
        moved[block.spread_at] = (np.log(v) / 2 - initial[block.spread_at]) / scale[block.spread_at]
        z = x[block.at] * spread / np.sqrt(v)
        moved[block.at] = (z - initial[block.at]) / scale[block.at]
    return moved


def _whitening(hessian: np.ndarray, scale: np.ndarray, offsets: tuple[Offsets, ...]) -> np.ndarray:
    """Return the matrix that whitens everything but the offsets, which whiten themselves."""
    given = np.zeros(scale.size, dtype=bool)
    for block in offsets:
        given[block.at] = True
    rest = ~given
    schur = hessian[np.ix_(rest, rest)]
    if offsets:
        across = hessian[np.ix_(given, rest)]
        schur = schur - across.T @ np.linalg.solve(hessian[np.ix_(given, given)], across)
    curvature, axes = np.linalg.eigh(schur)
    sd = 1 / np.sqrt(np.maximum(curvature, LEAST_CURVATURE))
    matrix = np.eye(scale.size)
    matrix[np.ix_(rest, rest)] = scale[rest][:, None] * (axes * sd) @ axes.T
    return matrix


def _descend(negative: Callable, u: np.ndarray, held: np.ndarray):
    """Minimise from every row of ``u`` at once; return positions, values and Hessians."""
    damping = np.ones(len(u))
    value, gradient, hessian = negative(u)
    for _ in range(ITERATIONS):
        free_gradient = np.where(held, 0.0, gradient)
        free = ~held[:, None] & ~held
        curvature, axes = np.linalg.eigh(np.where(free, hessian, np.eye(held.size)))
        along = np.einsum("kij,ki->kj", axes, free_gradient)
        shift = along / (np.abs(curvature) + damping[:, None])
        to_gain = np.where(np.isfinite(value), 0.5 * np.sum(along * shift, axis=1), 0.0)
        if np.all(to_gain < CONVERGED):
            break
        proposal = u - np.einsum("kij,kj->ki", axes, shift)
        new_value, new_gradient, new_hessian = negative(proposal)
        better = new_value < value
        u = np.where(better[:, None], proposal, u)
        value = np.where(better, new_value, value)
        gradient = np.where(better[:, None], new_gradient, gradient)
        hessian = np.where(better[:, None, None], new_hessian, hessian)
        damping = np.clip(np.where(better, damping / 8, damping * 8), 1e-9, 1e9)
    return u, value, hessian
