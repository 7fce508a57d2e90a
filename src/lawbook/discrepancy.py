"""What a law leaves out: a Gaussian process over the logs of its inputs.

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

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytensor.tensor as pt
from pytensor.link.jax.ops import JAXOp
from pytensor.tensor.type import TensorType

from lawbook.declaration import Law
from lawbook.errors import RunsError, listed
from lawbook.noise import Discrepancy
from lawbook.runs import Runs

CHECKPOINT_RANGE = 0.15  # e-folds of scale after which checkpoints no longer share noise
JITTER = 1e-9  # variance that keeps repeated scales apart, on the log
HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)

# Matern kernels as state-space models: with u = rate * distance the transition is
# exp(-u) (T[0] + T[1] u + ...), states are derivatives in units of the rate
_ONCE = np.array([[1.0, 1.0], [-1.0, -1.0]])
_TWICE = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [-1.0, -3.0, -2.0]])
KERNELS = {
    "matern12": (1.0, np.eye(1), (np.eye(1),)),
    "matern32": (np.sqrt(3.0), np.eye(2), (np.eye(2), _ONCE)),
    "matern52": (
        np.sqrt(5.0),
        np.array([[1.0, 0.0, -1 / 3], [0.0, 1 / 3, 0.0], [-1 / 3, 0.0, 1.0]]),
        (np.eye(3), _TWICE, _TWICE @ _TWICE / 2),
    ),
}


def correlation(xp, kernel: str, distance):
    """Return the correlation of a process at points that are ``distance`` lengths apart."""
    u = KERNELS[kernel][0] * distance
    polynomial = {"matern12": 1.0, "matern32": 1 + u, "matern52": 1 + u + u**2 / 3}[kernel]
    return polynomial * xp.exp(-u)


def covariances(xp, kernel: str, apart, amplitude, length, checkpoint):
    """Return the covariances of the process and of the checkpoints' noise, e-folds ``apart``."""
    process = amplitude**2 * correlation(xp, kernel, apart / length)
    return process, checkpoint**2 * xp.exp(-apart / CHECKPOINT_RANGE)


def process_inputs(law: Law) -> tuple[str, ...]:
    """Return the names of the inputs over whose logs the law's discrepancy runs."""
    noise = law.response.noise
    assert isinstance(noise, Discrepancy)
    return noise.over or law.input_names


def scales_of(law: Law, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the logs of the inputs over which the law's discrepancy runs, (rows, inputs).

    Raises
    ------
    RunsError
        If one of them is zero or less somewhere.
    """
    names = process_inputs(law)
    columns = np.stack([np.asarray(inputs[name], dtype="float64") for name in names], axis=1)
    if np.any(low := columns <= 0):
        found = [name for name, some in zip(names, low.any(axis=0), strict=True) if some]
        positive = [name for name in names if name not in found]
        repair = f"over={tuple(positive)!r}" if positive else "over= inputs that are positive"
        raise RunsError(
            f"law {law.name!r}: its discrepancy is a process over the logs of {listed(names)}, but "
            f"{listed(found)} is zero or less in {int(low.any(axis=1).sum()):,} of "
            f"{len(columns):,} rows; expected numbers above zero; leave it out: "
            f"Discrepancy({repair})"
        )
    return np.log(columns)


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
    terms = _filter_op(kernel)(*(pt.cast(c, "float64")[order] for c in columns))
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


@cache
def _filter_op(kernel: str) -> JAXOp:
    vector = TensorType("float64", shape=(None,))

    def filtered(log_x, group, residual, amplitude, length, checkpoint, sigma):
        state = run_filter(kernel, log_x, group, residual, amplitude, length, checkpoint, sigma)
        return (state.terms,)

    return JAXOp([vector] * 7, [vector], filtered, name=f"Filter{kernel.capitalize()}")


class Filtered(NamedTuple):
    """What a Kalman filter knows after the last run.

    Attributes
    ----------
    mean
        Of the state: the process, its derivatives in units of the rate, and the checkpoints'
        noise; shape (states,).
    reduction
        By how much runs have reduced the state's stationary covariance, (states, states).
    terms
        Log density of each run given those before it, (runs,).
    """

    mean: jax.Array
    reduction: jax.Array
    terms: jax.Array


def run_filter(
    kernel: str, log_x, group, residual, amplitude, length, checkpoint, sigma
) -> Filtered:
    """Filter runs that are sorted by group and scale; all arguments have the shape (runs,)."""
    rate, stationary, _ = KERNELS[kernel]
    last = len(stationary)
    states = range(last + 1)
    gap = jnp.diff(log_x, prepend=log_x[:1])
    same = jnp.diff(group, prepend=group[:1] - 1) == 0
    # a new group forgets: it starts from the stationary state
    move = [[jnp.where(same, a, 0.0) for a in row] for row in _smooth(kernel, gap * rate / length)]
    short = jnp.where(same, _forget(gap), 0.0)

    # Every entry of the tiny matrices is a number of its own: where many tables are filtered at
    # once it becomes a vector of theirs, and a step one loop without any memory between
    @jax.checkpoint  # a slope works a step out again rather than keep its hundred numbers
    def step(state, run):
        mean, reduction = state
        move, short, process, noise, residual, own = run

        def moved(i, vector):
            if i == last:
                return short * vector[i]
            return sum(move[i][j] * vector[j] for j in range(last))

        mean = [moved(i, mean) for i in states]
        half = [[moved(i, row) for i in states] for row in _mirrored(reduction)]
        columns = [*zip(*half, strict=True)]
        reduction = [[moved(j, columns[i]) for j in range(i + 1)] for i in states]
        known = [*(process * stationary[0, j] for j in range(last)), noise]
        gain = [k - row[0] - row[-1] for k, row in zip(known, _mirrored(reduction), strict=True)]
        variance = jnp.maximum(gain[0] + gain[-1], 0.0) + own
        miss = residual - mean[0] - mean[-1]
        mean = [m + g * (miss / variance) for m, g in zip(mean, gain, strict=True)]
        per_gain = [g / variance for g in gain]
        reduction = [
            [reduction[i][j] + gain[i] * per_gain[j] for j in range(i + 1)] for i in states
        ]
        return (mean, reduction), (miss, variance)

    zero = jnp.zeros(())
    start = ([zero for _ in states], [[zero] * (i + 1) for i in states])
    runs = (move, short, amplitude**2, checkpoint**2, residual, sigma**2 + JITTER)
    (mean, reduction), (miss, variance) = jax.lax.scan(step, start, runs)
    terms = -0.5 * (miss**2 / variance + jnp.log(variance)) - HALF_LOG_2PI
    return Filtered(jnp.stack(mean), jnp.array(_mirrored(reduction)), terms)


def _mirrored(lower: list[list]) -> list[list]:
    """Return the rows of a symmetric matrix from those of its lower triangle."""
    every = range(len(lower))
    return [[lower[max(i, j)][min(i, j)] for j in every] for i in every]


def forecast(kernel: str, state: Filtered, distance, amplitude, length, checkpoint):
    """Return mean and variance of process and checkpoint noise beyond the last run.

    Parameters
    ----------
    kernel
        One of `KERNELS`.
    state
        Of a filter that ran over one group; its hyperparameters are scalars.
    distance
        E-folds of scale beyond the last run, at least 0; shape (points,).
    amplitude, length, checkpoint
        Of the group.

    Returns
    -------
    tuple of arrays
        Mean of both together, variance of the process, variance of the checkpoints' noise;
        each of shape (points,).
    """
    rate = KERNELS[kernel][0]
    move = _transition(kernel, distance * rate / length, distance)
    process, noise = move[0], move[-1]  # (states, points) each
    mean = jnp.sum((process + noise) * state.mean[:, None], axis=0)

    def reduced(a, b):
        return jnp.sum(a[:, None] * state.reduction[:, :, None] * b[None, :], axis=(0, 1))

    both = reduced(process, process) + 2 * reduced(process, noise)
    return mean, amplitude**2 - both, checkpoint**2 - reduced(noise, noise)


def _transition(kernel: str, u, gap):
    """Return the transition over a gap, with the checkpoints' noise as the last state."""
    states = KERNELS[kernel][1].shape[0] + 1
    move = jnp.zeros((states, states, *jnp.shape(u)))
    return move.at[:-1, :-1].set(_smooth(kernel, u)).at[-1, -1].set(_forget(gap))


def _smooth(kernel: str, u):
    """Return the transition of the process and its derivatives, ``u`` in units of the rate."""
    polynomial = sum(
        jnp.asarray(t).reshape(t.shape + (1,) * jnp.ndim(u)) * u**i
        for i, t in enumerate(KERNELS[kernel][2])
    )
    return polynomial * jnp.exp(-u)


def _forget(gap):
    return jnp.exp(-gap / CHECKPOINT_RANGE)
