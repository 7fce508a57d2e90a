"""Where to start: the mode, and coordinates in which the posterior is round.

Positions are first measured in prior standard deviations from the model's initial point. From
there many starts descend at once by a damped Newton method. The curvature at the best mode
gives the coordinates in which sampling begins.

Group spreads are held on the way down: the joint mode of a hierarchy lies where all spreads are
zero, which says nothing of the posterior. Between descents they move to where they are most
likely given the curvature, by a few steps of expectation and maximisation.

Where groups have few runs, the density may also have a spike: parameters that meet some runs
exactly, and noise whose scale goes to zero. It is high and holds next to nothing. Where a mode
lies farther from the prior than makes sense, those coordinates are held at the prior's centre and
the descent is made again; what has more probability around it, by Laplace's approximation, is
where sampling begins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lawbook.engine.coordinates import Coordinates, Offsets, condition, plain_coordinates
from lawbook.engine.density import Table
from lawbook.errors import FitError


@dataclass(frozen=True)
class Search:
    """How modes are searched for, and the posterior's shape measured there.

    Attributes
    ----------
    start_sd
        Of the starts, in prior sds: prior draws, drawn in a little.
    iterations, converged
        Steps of a descent at most, and the nats still to gain at which it ends, by the quadratic
        model.
    least_curvature
        In prior sds: no coordinate is wider than the prior times 1.4.
    spread_rounds
        How often group spreads move and all descend again.
    far
        Prior sds from the model's initial point: a mode there may be a spike.
    same_height
        Nats: modes this close to the best are started from as well.
    step, fine_step
        Of the differences that are Hessians: in prior sds on the way down, where the noise may be a
        hundred-thousandth of them, and in whitened coordinates.
    """

    start_sd: float = 0.7
    iterations: int = 60
    converged: float = 1e-4
    least_curvature: float = 0.5
    spread_rounds: int = 4
    far: float = 4.0
    same_height: float = 5.0
    step: float = 1e-6
    fine_step: float = 1e-3


SEARCH = Search()


class Start(NamedTuple):
    """Coordinates at the best mode, and modes to start chains from."""

    coordinates: Coordinates
    modes: np.ndarray  # (starts, size), best first; those far below the best replaced by it
    height: float  # log density at the best mode


def find_start(
    measure: Callable,
    initial: np.ndarray,
    offsets: tuple[Offsets, ...],
    held: np.ndarray,
    table: Table,
    rng: np.random.Generator,
) -> Start:
    """Descend from many starts and measure the posterior's shape at the best mode.

    Parameters
    ----------
    measure
        What `lawbook.engine.curvature.curvatures` returned, compiled.
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

    Raises
    ------
    FitError
        If the density is finite nowhere.
    """
    size = initial.size
    starts = _starts_of(size)
    plain = plain_coordinates(size, offsets)
    scale = prior_sds(measure, initial, offsets, table)
    steps = SEARCH.step * scale

    def negative(u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        value, gradient, hessian = _measured(measure, initial + scale * u, steps, plain, table)
        value = np.where(np.isfinite(value), -value, np.inf)
        gradient = -np.nan_to_num(gradient) * scale
        return value, gradient, -np.nan_to_num(hessian) * scale[:, None] * scale

    def lowest(u: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        u, value, hessian = descend(negative, u, held)
        for _ in range(SEARCH.spread_rounds if offsets else 0):
            best = np.argmin(value)
            moved = _likely_spreads(offsets, initial, scale, u[best], hessian[best], table)
            u = u + moved - u[best]
            u, value, hessian = descend(negative, u, held)
        return u, value, hessian

    begin = SEARCH.start_sd * rng.standard_normal((starts, size))
    begin[0] = 0.0
    begin[:, held] = 0.0
    found, still = lowest(begin, held), held
    while np.any(far := _far(*found) & ~still):
        still = still | far
        nearer = lowest(np.where(still, 0.0, begin), still)
        if _mass(*nearer) <= _mass(*found):
            break
        found = nearer
    u, value, hessian = found
    order = np.argsort(value)
    u, value, hessian = u[order], value[order], hessian[order]
    if not np.isfinite(value[0]):
        raise FitError(
            f"the law's density is not finite at any of {starts} starts drawn from its priors; "
            "expected runs that the priors can explain; check the units, or widen the priors"
        )
    u[value - value[0] > SEARCH.same_height] = u[0]
    modes = initial + scale * u
    of_prior = _measured(measure, modes, steps, plain, _without_runs(table))
    gradient, total = _sharpened(measure, modes, hessian[0], scale, plain, table)
    gradient, information = gradient - of_prior[1][0], of_prior[2][0] - total
    neither = ~held
    for block in offsets:
        neither[block.at] = False
    coordinates = plain._replace(
        matrix=_whitening(-total * scale[:, None] * scale, scale, offsets),
        conditionals=tuple(
            condition(block, neither, modes[0], gradient, information) for block in offsets
        ),
    )
    origin = coordinates.unconditioned(modes[0], offsets)
    return Start(coordinates._replace(origin=origin), modes, -value[0])


def _far(u: np.ndarray, value: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """Return which coordinates of the best mode no prior would have, shape (size,)."""
    return np.abs(u[np.argmin(value)]) > SEARCH.far


def _mass(u: np.ndarray, value: np.ndarray, hessian: np.ndarray) -> float:
    """Return the log of the probability around the best mode, by Laplace, up to a constant."""
    best = np.argmin(value)
    curvature = np.maximum(np.linalg.eigvalsh(hessian[best]), SEARCH.least_curvature)
    return float(-value[best] - 0.5 * np.sum(np.log(curvature)))


def prior_sds(
    measure: Callable, initial: np.ndarray, offsets: tuple[Offsets, ...], table: Table
) -> np.ndarray:
    """Return the prior's sd of each coordinate, by its curvature at the initial point, (size,).

    Arguments are as for `find_start`.
    """
    size = initial.size
    at_initial = np.tile(initial, (_starts_of(size), 1))
    plain = plain_coordinates(size, offsets)
    steps = SEARCH.step * np.maximum(1.0, np.abs(initial))
    hessians = _measured(measure, at_initial, steps, plain, _without_runs(table))[2]
    precision = -np.diagonal(hessians[0])
    return np.where(precision > 0, 1 / np.sqrt(np.abs(precision)), 1.0)


def _starts_of(size: int) -> int:
    """Return at how many positions curvature is measured at once, of so many coordinates."""
    return int(np.clip(200 // size, 2, 8))


def _without_runs(table: Table) -> Table:
    return table._replace(weights=table.weights | {"run": np.zeros_like(table.weights["run"])})


def _measured(measure: Callable, *at) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what `measure` does, in the hands of NumPy: each operation of JAX is a program."""
    value, gradient, hessian = map(np.asarray, measure(*at))
    return value, gradient, hessian


def _sharpened(
    measure: Callable,
    modes: np.ndarray,
    hessian: np.ndarray,
    scale: np.ndarray,
    plain: Coordinates,
    table: Table,
) -> tuple[np.ndarray, np.ndarray]:
    """Return gradient and Hessian at the best mode, by minus the Hessian in prior sds.

    Differences err by what is large in them, and soft directions show it. Where a first Hessian
    has made all of them alike, none does.
    """
    curvature, axes = np.linalg.eigh(hessian)
    root = np.sqrt(np.maximum(curvature, SEARCH.least_curvature))
    around = plain._replace(origin=modes[0], matrix=scale[:, None] * axes / root)
    steps = np.full(len(scale), SEARCH.fine_step)
    _, gradient, found = _measured(measure, np.zeros_like(modes), steps, around, table)
    back = root[:, None] * axes.T / scale
    return back.T @ gradient[0], back.T @ np.nan_to_num(found[0]) @ back


def _likely_spreads(offsets, initial, scale, u, hessian, table: Table) -> np.ndarray:
    """Return ``u`` with every spread at its likeliest, given the mode and curvature around it.

    The groups' levels stay where they are: their offsets shrink as the spreads grow. With v the
    squared spread, S the expected sum of squares of G levels and s the scale of the half-normal
    prior (the model's initial point), v solves v**2/s**2 + (G - 1) v - S = 0.
    """
    curvature, axes = np.linalg.eigh(hessian)
    variance = (axes**2 / np.maximum(curvature, SEARCH.least_curvature)).sum(axis=1) * scale**2
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
    sd = 1 / np.sqrt(np.maximum(curvature, SEARCH.least_curvature))
    matrix = np.eye(scale.size)
    matrix[np.ix_(rest, rest)] = scale[rest][:, None] * (axes * sd)  # stiff and soft stay apart
    return matrix


def descend(
    negative: Callable, u: np.ndarray, held: np.ndarray, converged: float = SEARCH.converged
):
    """Minimise from every row of ``u`` at once; return positions, values and Hessians.

    Parameters
    ----------
    negative
        ``f(u) -> (values, gradients, Hessians)`` of all rows.
    u
        Where to start, shape (rows, size).
    held
        True where a coordinate stays as it is, shape (size,).
    converged
        Nats still to gain at which all end, by the quadratic model.
    """
    damping = np.ones(len(u))
    value, gradient, hessian = negative(u)
    for _ in range(SEARCH.iterations):
        free_gradient = np.where(held, 0.0, gradient)
        free = ~held[:, None] & ~held
        curvature, axes = np.linalg.eigh(np.where(free, hessian, np.eye(held.size)))
        along = np.einsum("kij,ki->kj", axes, free_gradient)
        shift = along / (np.abs(curvature) + damping[:, None])
        to_gain = np.where(np.isfinite(value), 0.5 * np.sum(along * shift, axis=1), 0.0)
        if np.all(to_gain < converged):
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
