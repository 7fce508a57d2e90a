"""Model discrepancy: a Gaussian process over the logs of a law's inputs.

    log y = log f(x; theta_g) + delta_g(log x) + noise

delta_g is a Matern process of its group: amplitude is its standard deviation, length its
correlation length in e-folds of scale. Where the law has one input, checkpoints of a run share
noise as well: a second process that forgets within `CHECKPOINT_RANGE`.

One input: both processes are Markov, so a Kalman filter gives the exact density at a cost that
grows with the number of runs, and its term of a run is the density given those before it. Several
inputs: a dense covariance for each group, whose cost grows with the cube of the group's runs and
memory with their square; the runs of a group share its density evenly. Either way the terms add
up to the density of all, and what is padded changes none of the others.

Measured on two cores, a law in two inputs: 3 groups of 35 runs take 54 seconds from an empty cache.
Groups of more than a few hundred runs are better cut to the largest runs.
"""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytensor.tensor as pt
from pytensor.link.jax.ops import JAXOp
from pytensor.tensor.type import TensorType

from lawbook.data.runs import Runs
from lawbook.laws.kernels import HALF_LOG_2PI, JITTER, correlation
from lawbook.model.kalman import filter_op


def log_terms(kernel: str, log_inputs, places, residual, noise):
    """Return one log density per run, as a PyTensor vector; their sum is that of all runs.

    Parameters
    ----------
    kernel
        One of `KERNELS`.
    log_inputs
        Logs of the inputs, one vector per input.
    places
        Where the runs stand, as `places_of` returns it.
    residual
        Of the log response from the law.
    noise
        Per run ``sigma``, ``amplitude``, ``length`` and, with one input, ``checkpoint``; they are
        constant in a group.
    """
    at = [*places.values()]
    if "members" in places:
        parts = [noise[name] for name in ("amplitude", "length", "sigma")]
        columns = [*at, *log_inputs, residual, *parts]
        return _dense_op(kernel, len(log_inputs))(*(pt.cast(c, "float64") for c in columns))
    group, order, rank = at
    parts = [noise[name] for name in ("amplitude", "length", "checkpoint", "sigma")]
    columns = [log_inputs[0], group, residual, *parts]
    terms = filter_op(kernel)(*(pt.cast(c, "float64")[order] for c in columns))
    return pt.as_tensor(terms)[rank]


def places_of(runs: Runs) -> dict[str, np.ndarray]:
    """Return where each run stands among those of its group, as the densities need it.

    Returns
    -------
    dict
        ``process_index``: code of each run's combination of all grouping columns. With one input
        ``order``: the runs sorted by group and scale, and ``rank``: the place of each run in
        that order. With several ``rank``: the place of each run in its own group, and
        ``members``, shape (groups, longest): the runs of each group in that order; behind the
        last one stands a run whose rank is another.
    """
    codes = np.zeros(len(runs), dtype=int)
    if runs.by:
        codes = runs.frame.groupby(list(runs.by), sort=False).ngroup().to_numpy()
    if len(runs.inputs) == 1:
        order = np.lexsort((next(iter(runs.inputs.values())), codes))
        return {"process_index": codes, "order": order, "rank": np.argsort(order, kind="stable")}
    rows = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
    members = np.stack([np.resize(row, np.bincount(codes).max()) for row in rows])
    rank = np.empty(len(runs), dtype=int)
    for row in rows:
        rank[row] = np.arange(len(row))
    return {"process_index": codes, "rank": rank, "members": members}


@cache
def _dense_op(kernel: str, inputs: int) -> JAXOp:
    vector, matrix = (TensorType("float64", shape=(None,) * n) for n in (1, 2))

    def dense(group, rank, members, *columns):
        group, members = group.astype(int), members.astype(int)
        # what pads a group is no member of rank: it becomes an independent residual of zero
        real = rank[members] == jnp.arange(members.shape[1])
        *log_inputs, residual, _, _, _ = (column[members] for column in columns)
        amplitude, length, sigma = (column[members[:, 0]] for column in columns[-3:])
        process = covariance(kernel, log_inputs, amplitude, length)
        together = jnp.where(real[:, :, None] & real[:, None, :], process, 0.0)
        own = jnp.where(real, (sigma**2 + JITTER)[:, None], 1.0)
        each = together + own[:, :, None] * jnp.eye(members.shape[1])
        size = jnp.sum(real, axis=1)
        total = gaussian(each, jnp.where(real, residual, 0.0)) - HALF_LOG_2PI * size
        return ((total / size)[group],)

    types = [vector, vector, matrix, *[vector] * (inputs + 4)]
    return JAXOp(types, [vector], dense, name=f"Dense{kernel.capitalize()}")


def covariance(kernel: str, log_inputs, amplitude, length):
    """Return the process's covariance among the runs of each group, (groups, runs, runs).

    Logs of inputs have the shape (groups, runs), amplitude and length (groups,).
    """
    squares = sum((x[:, :, None] - x[:, None, :]) ** 2 for x in log_inputs)
    distance = jnp.sqrt(squares + 1e-12) / length[:, None, None]
    return amplitude[:, None, None] ** 2 * correlation(jnp, kernel, distance)


# Closed forms: differentiating through LAPACK's factors, twice and in batches, takes minutes to
# compile and several times longer to run. With P the inverse of K and a = P r,
#
#     d log density = (a' dK a - tr(P dK)) / 2 - a' dr,   dP = -P dK P


@jax.custom_jvp
def gaussian(covariance, residual):
    """Return the log density of residuals but for its constant, (groups,).

    The covariance has the shape (groups, runs, runs), the residuals (groups, runs).
    """
    root = jnp.linalg.cholesky(covariance)
    z = jax.scipy.linalg.solve_triangular(root, residual[..., None], lower=True)[..., 0]
    log_root = jnp.sum(jnp.log(jnp.diagonal(root, axis1=-2, axis2=-1)), axis=-1)
    return -0.5 * jnp.sum(z**2, axis=-1) - log_root


@gaussian.defjvp
def _gaussian_jvp(at, along):
    (covariance, residual), (more, moved) = at, along
    precision = _inverse(covariance)
    pull = jnp.sum(precision * residual[..., None, :], axis=-1)
    slope = 0.5 * (pull[..., :, None] * pull[..., None, :] - precision)
    change = jnp.sum(slope * more, axis=(-2, -1)) - jnp.sum(pull * moved, axis=-1)
    return gaussian(covariance, residual), change


@jax.custom_jvp
def _inverse(covariance):
    root = jnp.linalg.cholesky(covariance)
    one = jnp.broadcast_to(jnp.eye(covariance.shape[-1]), covariance.shape)
    half = jax.scipy.linalg.solve_triangular(root, one, lower=True)
    return jnp.swapaxes(half, -1, -2) @ half


@_inverse.defjvp
def _inverse_jvp(at, along):
    precision = _inverse(at[0])
    return precision, -precision @ along[0] @ precision
