"""Posteriors of many tables at once, by adaptive importance sampling.

For each table: the best of several modes, the curvature there and how it changes, and from these
coordinates that straighten a bent ridge, with a Student-t proposal in them. Between rounds a
mixture of them is fitted to the weighted draws of all rounds, since a posterior that its data cut
off on one side has no Student-t's shape. Draws are weighed by the mixture of all rounds'
proposals, so none is lost (Cornuet et al., 2012, Adaptive multiple importance sampling; Cappe et
al., 2008, Adaptive importance sampling in general mixture classes). Many small rounds serve better
than few large ones.
One compiled program serves all tables of a model whose sizes fall into one bucket, and no table
waits for another; where there are several devices, they take turns. What tells whether the answer
can be trusted is the shape of the weights' tail, k-hat: above `KHAT_LIMIT` sample that table with
NUTS instead.

NUTS remains the reference; this is for backtests, where hundreds of small posteriors are needed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import numpy as np
from arviz_stats.base.array import array_stats
from scipy.special import logsumexp, softmax

from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import Density, Table
from lawbook.engine.proposals import FITTING, Proposal, chosen, fitted
from lawbook.engine.ridges import RIDGES, Ridge, bend_of
from lawbook.engine.streams import Random, Streams

KHAT_LIMIT = 0.7  # Vehtari et al. (2024), Journal of Machine Learning Research 25, 72


@dataclass(frozen=True)
class Importance:
    """How tables are sampled by importance.

    Attributes
    ----------
    narrower
        How many times fewer lanes slopes have than values: they are wanted of few at a time, and
        keep more in memory.
    starts, start_sd
        Of the search for the mode, and how far apart they are, in prior sds.
    apart, more_starts
        Nats between the ends of a table's starts from which there is another mode to find, and
        how many more starts it then has. Of twenty tables of a law with two breaks, whose truths
        came from its priors, three starts that ended after eight steps missed six modes by 3 to
        130 nats.
    met
        Prior sds between two ends that are one mode.
    iterations
        Steps from every start at most.
    reused
        Steps that a Hessian serves.
    converged
        Nats still to gain, by the quadratic model.
    longest_step, epsilon
        Of the search and of differences for the curvature, in prior sds.
    elsewhere
        Share of the first draws around other modes than the best; and as many of the prior.
    least_curvature
        In prior sds: no proposal is wider than the prior times 1.4.
    """

    narrower: int = 4
    starts: int = 3
    start_sd: float = 0.5
    apart: float = 0.5
    more_starts: int = 8
    met: float = 0.1
    iterations: int = 40
    reused: int = 2
    converged: float = 1e-3
    longest_step: float = 2.0
    epsilon: float = 1e-4
    elsewhere: float = 0.15
    least_curvature: float = 0.5


IMPORTANCE = Importance()


class Weighted(NamedTuple):
    """Draws of tables with their weights.

    Attributes
    ----------
    positions
        Of the model's unconstrained values, shape (tables, draws, size).
    weights
        Pareto-smoothed, summing to 1 in every table; shape (tables, draws).
    khat
        Tail shape of each table's weights: above 0.7 the draws cannot be trusted. It says little
        of what was never proposed: of one ridge at 0.50, with 3,000 effective draws, sds were 0.37
        to 0.94 of those by NUTS.
    """

    positions: np.ndarray
    weights: np.ndarray
    khat: np.ndarray

    @property
    def effective(self) -> np.ndarray:
        """Kish's number of effective draws of each table."""
        return 1 / np.sum(self.weights**2, axis=1)

    def resampled(self, count: int, seed: int) -> np.ndarray:
        """Return ``count`` equally weighted positions per table, shape (tables, count, size)."""
        of = chosen(self.weights, count, np.random.default_rng(seed))
        return np.take_along_axis(self.positions, of[:, :, None], axis=1)


class Lanes:
    """Log density and gradient of a model at many positions of many tables.

    Parameters
    ----------
    density
        The model's.
    width
        Positions whose values are worked out at a time; every call is padded to it, so that a
        program is compiled once per bucket.
    abreast
        Positions that share a table: where its data are large matrices, they are not copied for
        each.
    """

    def __init__(self, density: Density, width: int, abreast: int = 1) -> None:
        self.width, self.abreast, self.devices = width, abreast, jax.local_devices()

        def of_many(function: Callable) -> Callable:
            shared = function if abreast == 1 else jax.vmap(function, in_axes=(0, None))
            return jax.jit(jax.vmap(shared))

        self.value = of_many(density.log_density)
        self.slope = of_many(jax.value_and_grad(density.log_density))

    def values(self, tables: Table, x: np.ndarray, of: np.ndarray) -> np.ndarray:
        """Return log densities at positions ``x`` (lanes, size) of the tables ``of``, ascending."""
        return self._run(lambda *a: (self.value(*a),), self.width, tables, x, of)[0]

    def slopes(self, tables: Table, x: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return log densities and gradients, as `values` does."""
        return self._run(self.slope, max(self.width // IMPORTANCE.narrower, 1), tables, x, of)

    def _run(self, function: Callable, width: int, tables: Table, x: np.ndarray, of: np.ndarray):
        if self.abreast > 1:
            return self._run_abreast(function, width, tables, x, of)
        return tuple(self._spread(function, width, tables, x, of))

    def _run_abreast(self, function: Callable, width: int, tables: Table, x, of):
        """Run as `_run`, rows of positions of one table at a time."""
        ends = np.flatnonzero(np.diff(of, append=-1)) + 1
        rows = []
        for own in np.split(np.arange(len(x)), ends[:-1]):
            own = np.pad(own, (0, -len(own) % self.abreast), mode="edge")
            rows.append(own.reshape(-1, self.abreast))
        places, step = np.concatenate(rows), max(width // self.abreast, 1)
        whole = self._spread(function, step, tables, x[places], of[places[:, 0]])
        back = [np.empty((len(x), *a.shape[2:])) for a in whole]
        for each, values in zip(back, whole, strict=True):
            each[places] = values
        return tuple(back)

    def _spread(self, function: Callable, step: int, tables: Table, x, of) -> list[np.ndarray]:
        """Return what a function makes of ``step`` rows at a time, on one device after the other.

        Every device runs the program of one, so that draws do not depend on how many there are. An
        axis of lanes that is sharded over them is compiled in another way, and rounds differently;
        inside `jax.shard_map` gradients may be summed over devices, and tables become one.
        """
        starts, parts = range(0, len(x), step), []
        for first in range(0, len(starts), len(self.devices)):
            begun = []
            for device, start in zip(self.devices, starts[first:], strict=False):
                rows = np.minimum(np.arange(start, start + step), len(x) - 1)
                lanes = x[rows], jax.tree.map(lambda a, own=of[rows]: a[own], tables)
                if len(self.devices) > 1:
                    lanes = jax.device_put(lanes, device)
                begun.append(function(*lanes))
            parts += [[np.asarray(a) for a in found] for found in begun]
        return [np.concatenate(a)[: len(x)] for a in zip(*parts, strict=True)]


def sample_tables(
    lanes: Lanes,
    density: Density,
    tables: Sequence[Table],
    *,
    draws: int,
    rounds: int,
    seed: int | Sequence[int],
) -> Weighted:
    """Sample the posterior of each table.

    Parameters
    ----------
    lanes, density
        Of a model that all tables fit.
    tables
        Padded to the same lengths.
    draws
        Per table and round.
    rounds
        Of proposing; all of them count.
    seed
        Of everything random. With one seed for all, a table's draws depend on its place among
        the tables; with one a table, on that table alone.
    """
    with scoped_jax():
        stacked = jax.tree.map(lambda *a: np.stack([np.asarray(v) for v in a]), *tables)
        rng: Random = Streams(seed) if isinstance(seed, Sequence) else np.random.default_rng(seed)
        starts = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(0)
        return _Sampling(lanes, density, stacked, rng, starts).run(draws, rounds)


class _Sampling:
    def __init__(
        self,
        lanes: Lanes,
        density: Density,
        tables: Table,
        rng: Random,
        starts: np.random.Generator,
    ) -> None:
        self.lanes, self.tables, self.rng, self.starts = lanes, tables, rng, starts
        self.count = len(next(iter(tables.weights.values())))
        self.size = density.layout.size
        self.centre = density.initial
        empty = tables._replace(
            weights={name: w * (name != "run") for name, w in tables.weights.items()}
        )
        plus, minus = (
            lanes.slopes(
                empty,
                self.centre + sign * np.eye(self.size) * IMPORTANCE.epsilon,
                _zeros(self.size),
            )
            for sign in (1, -1)
        )
        curvature = (np.diag(minus[1]) - np.diag(plus[1])) / (2 * IMPORTANCE.epsilon)
        self.scale = np.where(curvature > 0, 1 / np.sqrt(np.abs(curvature)), 1.0)

    def run(self, draws: int, rounds: int) -> Weighted:
        """Find the modes, then propose and weigh."""
        proposal = self._first()
        zeta, value = np.empty((self.count, 0, self.size)), np.empty((self.count, 0))
        proposals: list[Proposal] = []
        mixture = np.full((self.count, 0), -np.inf)
        for number in range(rounds):
            new = proposal.draw(draws, self.rng)
            before = [p.log_density(new) for p in proposals]
            proposals.append(proposal)
            zeta = np.concatenate([zeta, new], axis=1)
            unseen = np.full((self.count, draws), -np.inf) if not before else logsumexp(before, 0)
            mixture = np.concatenate([mixture, unseen], axis=1)
            mixture = np.logaddexp(mixture, proposal.log_density(zeta))
            of = np.repeat(np.arange(self.count), draws)
            at = self._positions(new).reshape(-1, self.size)
            found = self.lanes.values(self.tables, at, of)
            found = np.where(np.isfinite(found), found, -np.inf).reshape(self.count, draws)
            value = np.concatenate([value, found], axis=1)
            if number < rounds - 1:
                proposal = fitted(zeta, value - mixture, self.rng)
        # it takes log likelihoods, which are weights turned over
        smooth, khat = array_stats.psislw(mixture - value, axis=-1)
        return Weighted(self._positions(zeta), softmax(smooth, axis=1), np.asarray(khat))

    def _x(self, u: np.ndarray) -> np.ndarray:
        return self.centre + self.scale * u

    def _positions(self, zeta: np.ndarray) -> np.ndarray:
        return self._x(self.ridge.bent(zeta))

    def _slopes(self, u: np.ndarray, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, slope = self.lanes.slopes(self.tables, self._x(u), of)
        return np.where(np.isfinite(value), -value, np.inf), -np.nan_to_num(slope) * self.scale

    def _hessians(self, u: np.ndarray, of: np.ndarray) -> np.ndarray:
        steps = IMPORTANCE.epsilon * np.concatenate([np.eye(self.size), -np.eye(self.size)])
        many = (u[:, None] + steps).reshape(-1, self.size)
        slopes = self._slopes(many, np.repeat(of, 2 * self.size))[1]
        plus, minus = np.split(slopes.reshape(len(u), -1, self.size), 2, axis=1)
        hessian = (plus - minus) / (2 * IMPORTANCE.epsilon)
        return (hessian + hessian.transpose(0, 2, 1)) / 2

    def _first(self) -> Proposal:
        """Return a proposal of the best mode, other modes, and the prior."""
        modes = self._modes()
        axes = [self._axes(modes[:, k]) for k in range(IMPORTANCE.starts)]
        self.ridge = Ridge(modes[:, 0], axes[0], self._bend(modes[:, 0], axes[0]))
        nowhere = np.zeros((self.count, 1, self.size))
        centres = self.ridge.straight(np.concatenate([modes, nowhere], axis=1))
        roots = [
            FITTING.wider * np.linalg.solve(self.ridge.slope(centres[:, k]), own)
            for k, own in enumerate(axes)
        ]
        elsewhere, others = IMPORTANCE.elsewhere, IMPORTANCE.starts - 1
        shares = [1 - 2 * elsewhere, *[elsewhere / others] * others, elsewhere]
        return Proposal(
            np.tile(shares, (self.count, 1)),
            centres,
            np.stack([*roots, np.linalg.inv(axes[0])], axis=1),
        )

    def _axes(self, mode: np.ndarray) -> np.ndarray:
        """Return the axes of the posterior around modes, in columns, (tables, size, size)."""
        ev, vectors = np.linalg.eigh(self._hessians(mode, np.arange(self.count)))
        # LAPACK's signs are its own, and change with the last digits of a table's units
        largest = np.argmax(np.abs(vectors), axis=1, keepdims=True)
        vectors *= np.sign(np.take_along_axis(vectors, largest, axis=1))
        return vectors / np.sqrt(np.maximum(ev, IMPORTANCE.least_curvature))[:, None, :]

    def _modes(self) -> np.ndarray:
        """Return where starts got to, best first, shape (tables, starts, size)."""
        starts, more = IMPORTANCE.starts, IMPORTANCE.more_starts
        begin = self.starts.standard_normal((starts + more, self.size)) * IMPORTANCE.start_sd
        begin[0] = 0.0
        u, value = self._from(begin[:starts], np.arange(self.count))
        split = np.flatnonzero(np.ptp(value, axis=1) > IMPORTANCE.apart)
        if split.size:
            other, its = self._from(begin[starts:], split)
            every = np.concatenate([its, value[split]], axis=1)
            best = np.argsort(every, axis=1)[:, :starts]
            both = np.concatenate([other, u[split]], axis=1)
            u[split] = np.take_along_axis(both, best[:, :, None], axis=1)
            value[split] = np.take_along_axis(every, best, axis=1)
        # where starts met in one mode, the last digits of a table's units do not choose among them
        lost = (value - value.min(axis=1, keepdims=True)) / IMPORTANCE.apart
        order = np.argsort(np.nan_to_num(lost).round(), axis=1, stable=True)
        u = np.take_along_axis(u, order[:, :, None], axis=1)
        met = np.linalg.norm(u - u[:, :1], axis=2, keepdims=True) < IMPORTANCE.met
        return np.where(met, u[:, :1], u)

    def _from(self, begin: np.ndarray, tables: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where these starts get to in some tables, and minus the log density there."""
        of = np.repeat(tables, len(begin))
        u, value = self._descend(np.tile(begin, (len(tables), 1)), of, IMPORTANCE.iterations)
        shape = len(tables), len(begin)
        return u.reshape(*shape, self.size), value.reshape(shape)

    def _bend(self, mode: np.ndarray, axes: np.ndarray) -> np.ndarray:
        """Return the bends of each table's ridge, shape (tables, size, size, size)."""
        size, steps = self.size, RIDGES.step * axes.swapaxes(1, 2)
        sides = mode[:, None] + np.concatenate([steps, -steps], axis=1)
        of = np.repeat(np.arange(self.count), 2 * size)
        hessians = self._hessians(sides.reshape(-1, size), of)
        hessians = np.nan_to_num(hessians.reshape(self.count, 2 * size, size, size))
        plus, minus = np.split(axes[:, None].swapaxes(2, 3) @ hessians @ axes[:, None], 2, axis=1)
        third = np.moveaxis(plus - minus, 1, -1) / (2 * RIDGES.step)
        return bend_of(third, np.linalg.norm(axes, axis=1))

    def _descend(
        self, u: np.ndarray, of: np.ndarray, iterations: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Descend by a damped Newton method; Hessians serve for several steps."""
        u = u.copy()
        damping, age = np.ones(len(u)), np.zeros(len(u))
        value, slope = self._slopes(u, of)
        hessian = self._hessians(u, of)
        for _ in range(iterations):
            ev, vectors = np.linalg.eigh(hessian)
            along = np.einsum("lji,lj->li", vectors, slope) / (np.abs(ev) + damping[:, None])
            step = -np.einsum("lij,lj->li", vectors, along)
            going = np.flatnonzero(-np.sum(step * slope, axis=1) > IMPORTANCE.converged)
            if going.size == 0:
                break
            step = step[going]
            step *= np.minimum(1, IMPORTANCE.longest_step / np.linalg.norm(step, axis=1))[:, None]
            new_value, new_slope = self._slopes(u[going] + step, of[going])
            better = new_value < value[going]
            damping[going] = np.where(better, damping[going] * 0.1, damping[going] * 8 + 1e-2)
            kept = going[better]
            u[kept] += step[better]
            value[kept], slope[kept] = new_value[better], new_slope[better]
            age[going] += 1
            stale = going[(age[going] >= IMPORTANCE.reused) | ~better]
            stale = stale[age[stale] > 0]
            if stale.size:
                hessian[stale], age[stale] = self._hessians(u[stale], of[stale]), 0
        return u, value


def _zeros(count: int) -> np.ndarray:
    return np.zeros(count, dtype=int)
