"""What a model makes of responses that are known as distributions.

For each draw that is one position

    x = argmin  E[-log likelihood(y | x)] + |(x - z) / s|^2 / 2,   z ~ prior

on the unconstrained scale, where y has the distribution of its draw and s are the prior's standard
deviations. What the responses tell, x has from them; of what they do not, it is a draw from the
prior. If all were linear and Gaussian, and y were replicated with its noise, x would be a draw
from the posterior (Bardsley et al., 2014, SIAM Journal on Scientific Computing 36, A1895-A1910).

The draws' positions lie close to each other. So a few are found by Newton's method, and their mean
Hessian leads all others there by gradients alone, which cost a twentieth; what does not get there
goes on by Newton's method.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
import pymc as pm

from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import Table, lengths_of, pad
from lawbook.engine.prior_draws import prior_draws, unconstrained
from lawbook.engine.program import Program, program_of
from lawbook.engine.sampling import trimmed
from lawbook.engine.start import descend


@dataclass(frozen=True)
class Refitting:
    """How positions are found.

    Attributes
    ----------
    scouts
        Draws whose positions give the mean Hessian; also how many descend by Newton's method
        together.
    rows
        Draws that follow by gradients together.
    steps
        Gradients of a draw at most, before it goes on by Newton's method.
    priors
        Draws of the prior that give its standard deviations.
    converged
        Nats still to gain at which a draw is there.
    settled
        Nats still to gain, by the quadratic model: a position with more was not found.
    """

    scouts: int = 8
    rows: int = 64
    steps: int = 60
    priors: int = 1000
    converged: float = 1e-3
    settled: float = 1e-2


REFITTING = Refitting()


class Responses(NamedTuple):
    """Distributions of the observed variable, one per draw: atoms and their weights.

    Attributes
    ----------
    values
        Shape (draws, atoms, runs).
    weights
        Shape (atoms,), summing to 1.
    """

    values: np.ndarray
    weights: np.ndarray


class _Rows(NamedTuple):
    """What is asked of some draws."""

    centres: np.ndarray  # draws of the prior, (rows, size), and what is known
    told: np.ndarray  # responses, (rows, atoms, runs)
    stretch: np.ndarray  # factor of each coordinate by its spread, (rows, size)

    def at(self, which: np.ndarray | slice) -> "_Rows":
        return _Rows(*(part[which] for part in self))

    def padded(self, count: int) -> "_Rows":
        return _Rows(*(_padded(part, count) for part in self))


def refit_to_responses(
    model: pm.Model,
    responses: Responses,
    *,
    structure: Hashable,
    offsets: Mapping[str, str],
    spreads: tuple[str, ...],
    near: Mapping[str, np.ndarray],
    seed: int,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Find each draw's position.

    Parameters
    ----------
    model
        With one observed variable, which has the dim ``run``.
    responses
        What each draw is told in place of the model's data.
    structure, offsets, spreads
        As for `lawbook.engine.sampling.sample`.
    near
        Draws of some of the model's variables in its own units, the first axis that of
        ``responses``: the search starts at their medians. Spreads among them stay as they are.
    seed
        Of the draws of the prior.

    Returns
    -------
    variables
        All variables of the model in its own units, the first axis that of the draws.
    settled
        Whether a draw's position was found, shape (draws,).
    """
    with scoped_jax():
        program = program_of(model, structure, offsets, spreads)
        table, places = pad(model), program.density.layout.split(np.arange(len(program.held)))
        count = len(responses.values)
        layout, draws = program.density.layout, max(count, REFITTING.priors)
        centres = prior_draws(model, layout, draws, seed)
        scale = np.maximum(centres.std(axis=0), 1e-9)
        scale, centres = np.where(centres.any(axis=0), scale, 1.0), centres[:count]
        start, held = program.density.initial.copy(), np.zeros(len(scale), dtype=bool)
        for variable in model.free_RVs:
            if variable.name in near:
                values = unconstrained(model, variable, near[variable.name])
                at = places[variable.name].ravel()[: values.shape[1]]
                start[at] = np.median(values, axis=0)
                if variable.name in spreads:
                    centres[:, at], held[at] = values, True
        stretch = np.ones_like(centres)
        for block in program.offsets:
            for column, spread in zip(block.at.T, block.spread_at, strict=True):
                if held[spread]:
                    stretch[:, column] = np.exp(centres[:, [spread]])
        more = len(table.weights["run"]) - responses.values.shape[-1]
        told = np.pad(responses.values, [(0, 0), (0, 0), (0, more)], mode="edge")
        search = _Search(program, table, scale, held, responses.weights)
        x, to_gain = search.found(_Rows(centres, told, stretch), start)
        variables, _ = program.describe(jnp.asarray(x[None]), table)
        found = trimmed(variables, program.density.dims, lengths_of(model))
        return {name: draws[0] for name, draws in found.items()}, to_gain < REFITTING.settled


def _padded(rows: np.ndarray, count: int) -> np.ndarray:
    return np.pad(rows, [(0, count - len(rows))] + [(0, 0)] * (rows.ndim - 1), mode="edge")


class _Search:
    """For positions of draws, as u: a position is centre + scale * u."""

    def __init__(self, program: Program, table: Table, scale, held, weights):
        self.slopes, self.curves = program.slopes, program.curves
        self.scale, self.held = scale, held
        self.others = (jnp.asarray(scale), jnp.asarray(weights), table)

    def found(self, rows: _Rows, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions of all draws, and the nats that each has still to gain."""
        count = len(rows.centres)
        scouts = rows.at(slice(REFITTING.scouts))
        at, _ = self._by_newton(scouts, self._towards(scouts, start, scouts.stretch))
        told = self._told(scouts, at)
        middle = np.median(scouts.centres + self.scale * at, axis=0)
        u = self._towards(rows, middle, np.median(scouts.stretch, axis=0))
        to_gain = np.full(count, np.inf)
        for first in range(0, count, REFITTING.rows):
            some = slice(first, first + REFITTING.rows)
            u[some], to_gain[some] = self._by_gradients(rows.at(some), u[some], told)
        late = np.flatnonzero(to_gain > REFITTING.converged)
        for first in range(0, len(late), REFITTING.scouts):
            some = late[first : first + REFITTING.scouts]
            u[some], to_gain[some] = self._by_newton(rows.at(some), u[some])
        return rows.centres + self.scale * u, to_gain

    def _towards(self, rows: _Rows, x: np.ndarray, stretch: np.ndarray) -> np.ndarray:
        """Return u at a position; where groups' offsets are stretched, at the same groups."""
        u = (x * stretch / rows.stretch - rows.centres) / self.scale
        return np.where(self.held, 0.0, u)

    def _told(self, rows: _Rows, u: np.ndarray) -> np.ndarray:
        """Return the mean Hessian of what the responses tell, as if all spreads were 1."""
        _, _, hessian = self._curved(rows, u)
        free = ~self.held[:, None] & ~self.held
        own = np.where(free, hessian - np.eye(u.shape[1]), 0.0)
        own = own / (rows.stretch[:, :, None] * rows.stretch[:, None, :])
        curvature, axes = np.linalg.eigh(np.mean(own[np.isfinite(own).all((1, 2))], axis=0))
        return (axes * np.maximum(curvature, 0.0)) @ axes.T  # positive, so that steps go down

    def _curved(self, rows: _Rows, u: np.ndarray):
        count = len(u)
        rows, u = rows.padded(REFITTING.scouts), _padded(u, REFITTING.scouts)
        found = self.curves(u, rows.centres, rows.told, *self.others)
        value, gradient, hessian = (np.asarray(part)[:count] for part in found)
        value = np.where(np.isfinite(value), value, np.inf)
        return value, np.nan_to_num(gradient), np.nan_to_num(hessian)

    def _by_newton(self, rows: _Rows, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where Newton's method ends, and the nats still to gain."""
        u, value, _ = descend(lambda u: self._curved(rows, u), u, self.held, REFITTING.converged)
        _, gradient, hessian = self._curved(rows, u)
        curvature, axes = np.linalg.eigh(hessian)
        along = np.einsum("kij,ki->kj", axes, np.where(self.held, 0.0, gradient))
        to_gain = 0.5 * np.sum(along**2 / np.maximum(np.abs(curvature), 1e-9), axis=1)
        return u, np.where(np.isfinite(value), to_gain, np.inf)

    def _by_gradients(self, rows: _Rows, u: np.ndarray, told: np.ndarray):
        """Return where BFGS ends, begun with the mean Hessian, and the nats still to gain."""
        count = len(u)
        rows, u = rows.padded(REFITTING.rows), _padded(u, REFITTING.rows)
        stretched = rows.stretch[:, :, None] * told * rows.stretch[:, None, :]
        inverse = np.linalg.inv(np.eye(u.shape[1]) + stretched)

        def negative(u):
            found = self.slopes(u, rows.centres, rows.told, *self.others)
            value, gradient = map(np.asarray, found)
            fine = np.isfinite(value) & np.isfinite(gradient).all(axis=1)
            return np.where(fine, value, np.inf), np.where(fine[:, None] & ~self.held, gradient, 0)

        value, gradient = negative(u)
        share = np.ones(len(u))
        for _ in range(REFITTING.steps):
            shift = np.einsum("kij,kj->ki", inverse, gradient)
            to_gain = np.where(np.isfinite(value), 0.5 * np.sum(gradient * shift, axis=1), np.inf)
            if np.all(to_gain < REFITTING.converged):
                break
            step = -share[:, None] * shift
            new_value, new_gradient = negative(u + step)
            better = (new_value < value)[:, None]
            step, change = np.where(better, step, 0.0), np.where(better, new_gradient - gradient, 0)
            u, gradient, inverse = u + step, gradient + change, updated(inverse, step, change)
            value = np.where(better[:, 0], new_value, value)
            share = np.where(better[:, 0], 1.0, share / 4)
        return u[:count], to_gain[:count]


def updated(inverse: np.ndarray, step: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Return inverse Hessians that know of the gradients' change along a step: BFGS, by rows."""
    along = np.sum(step * change, axis=1)
    known = along > 1e-8 * np.sum(step**2, axis=1)  # false where there was no step
    rho = np.where(known, 1 / np.where(known, along, 1.0), 0.0)
    moved = np.einsum("kij,kj->ki", inverse, change)
    own = rho * (1 + rho * np.sum(change * moved, axis=1))
    cross = rho[:, None, None] * step[:, :, None] * moved[:, None, :]
    outer = own[:, None, None] * step[:, :, None] * step[:, None, :]
    return inverse + outer - cross - cross.transpose(0, 2, 1)
