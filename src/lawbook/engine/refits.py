"""What a model makes of responses that are known as distributions.

For each draw that is one position

    x = argmin  E[-log likelihood(y | x)] + |(x - z) / s|^2 / 2,   z ~ prior

on the unconstrained scale, where y has the distribution of its draw and s are the prior's standard
deviations. What the responses tell, x has from them; of what they do not, it is a draw from the
prior. If all were linear and Gaussian, and y were replicated with its noise, x would be a draw
from the posterior (Bardsley et al., 2014, SIAM Journal on Scientific Computing 36, A1895-A1910).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
import pytensor.tensor as pt

from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import Table, lengths_of, pad
from lawbook.engine.program import Program, program_of
from lawbook.engine.sampling import trimmed
from lawbook.engine.start import descend, find_start, prior_sds


@dataclass(frozen=True)
class Refitting:
    """How positions are found.

    Attributes
    ----------
    rows
        Draws that descend together.
    settled
        Nats still to gain, by the quadratic model: a position with more was not found.
    """

    rows: int = 64
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


def refit_to_responses(
    model: pm.Model,
    responses: Responses,
    *,
    structure: Hashable,
    offsets: Mapping[str, str],
    spreads: tuple[str, ...],
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
    seed
        Of the search for the mode, given the model's own data, and of the draws of the prior.

    Returns
    -------
    variables
        All variables of the model in its own units, the first axis that of the draws.
    settled
        Whether a draw's position was found, shape (draws,).
    """
    with scoped_jax():
        program = program_of(model, structure, offsets, spreads)
        table, initial = pad(model), program.density.initial
        rng = np.random.default_rng(seed)
        start = find_start(
            program.measure, program.displace, initial, program.offsets, program.held, table, rng
        )
        scale = prior_sds(program.measure, initial, program.offsets, table)
        centres = _prior_draws(program, model, len(responses.values), seed)
        room = len(table.weights["run"]) - responses.values.shape[-1]
        told = np.pad(responses.values, [(0, 0), (0, 0), (0, room)], mode="edge")
        measure = jax.jit(_measure(program, model, scale, responses.weights))
        positions, settled = [], []
        for first in range(0, len(centres), REFITTING.rows):
            rows = np.arange(first, min(first + REFITTING.rows, len(centres)))
            some = np.pad(rows, (0, REFITTING.rows - len(rows)), mode="edge")
            x, still = _found(measure, centres[some], told[some], table, start.modes[0], scale)
            positions.append(x[: len(rows)])
            settled.append(still[: len(rows)] < REFITTING.settled)
        x = np.concatenate(positions)
        variables, _ = program.describe(jnp.asarray(x[None]), table)
        found = trimmed(variables, program.density.dims, lengths_of(model))
        return {name: draws[0] for name, draws in found.items()}, np.concatenate(settled)


def _prior_draws(program: Program, model: pm.Model, draws: int, seed: int) -> np.ndarray:
    """Return draws of the prior as positions, shape (draws, size), zero where it is padding."""
    found = np.zeros((draws, program.density.layout.size))
    places = program.density.layout.split(np.arange(found.shape[1]))
    options = {"random_seed": seed, "mode": "FAST_COMPILE"}
    drawn = pm.draw([*model.free_RVs], draws=draws, **options)
    for variable, values in zip(model.free_RVs, drawn, strict=True):
        transform = model.rvs_to_transforms[variable]
        if transform is not None:
            values = transform.forward(pt.as_tensor(values), *variable.owner.inputs).eval()
        values = np.asarray(values).reshape(draws, -1)
        found[:, places[variable.name].ravel()[: values.shape[1]]] = values
    return found


def _measure(program: Program, model: pm.Model, scale: np.ndarray, weights: np.ndarray):
    """Return ``f(u, centres, told, table) -> (values, gradients, Hessians)`` of all rows."""
    (observed,) = (variable.name for variable in model.observed_RVs)
    data = f"{observed}_observed"

    def loss(u, centre, told, table: Table):
        def likelihood(y):
            terms, _ = program.density.evaluate(
                centre + scale * u, table._replace(values=table.values | {data: y})
            )
            return jnp.sum(jnp.where(table.weights["run"] > 0, terms[observed], 0.0))

        return 0.5 * jnp.sum(u**2) - weights @ jax.vmap(likelihood)(told)

    def one(u, centre, told, table):
        def slope(u):
            value, gradient = jax.value_and_grad(loss)(u, centre, told, table)
            return gradient, (value, gradient)

        hessian, (value, gradient) = jax.jacfwd(slope, has_aux=True)(u)
        return value, gradient, hessian

    return jax.vmap(one, in_axes=(0, 0, 0, None))


def _found(measure, centres, told, table, mode, scale) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of some draws, and how much each has still to gain."""

    def negative(u):
        value, gradient, hessian = map(np.asarray, measure(u, centres, told, table))
        value = np.where(np.isfinite(value), value, np.inf)
        return value, np.nan_to_num(gradient), np.nan_to_num(hessian)

    u, value, hessian = descend(negative, (mode - centres) / scale, np.zeros(len(scale), bool))
    curvature, axes = np.linalg.eigh(hessian)
    along = np.einsum("kij,ki->kj", axes, negative(u)[1])
    to_gain = 0.5 * np.sum(along**2 / np.maximum(np.abs(curvature), 1e-9), axis=1)
    return centres + scale * u, np.where(np.isfinite(value), to_gain, np.inf)
