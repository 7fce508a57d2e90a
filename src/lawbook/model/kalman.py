"""The process of one input: a Kalman filter over the runs, and forecasts beyond the last one.

Both processes of a group, the law's discrepancy and the checkpoints' noise, are Markov along the
log of the input (`lawbook.laws.kernels` has their states), so the filter gives the exact density of
all runs at a cost that grows with their number; its term of a run is the density given the runs
before it. Each group starts anew, from the stationary state.
"""

from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
from pytensor.link.jax.ops import JAXOp
from pytensor.tensor.type import TensorType

from lawbook.laws.kernels import CHECKPOINT_RANGE, HALF_LOG_2PI, JITTER, KERNELS


@cache
def filter_op(kernel: str) -> JAXOp:
    """Return the filter's terms as an operation of PyTensor; arguments as of `run_filter`."""
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
