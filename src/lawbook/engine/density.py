"""A PyMC model becomes one JAX function of parameters and data.

Every `pymc.Data` is an argument, padded to a bucketed length; a weight of zero takes what is
padding out of the likelihood, and a standard normal prior takes the place of the model's own on
padded groups. So one compiled program serves every table whose sizes fall into the same buckets.
Positions are flat vectors of the model's unconstrained value variables, in the model's order.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm

from lawbook.engine.cache import untouched_precision

with untouched_precision():
    from pymc.sampling.jax import get_jaxified_graph

from pytensor.graph.replace import graph_replace

SMALLEST_BUCKET = 8


class Table(NamedTuple):
    """Data of one table, padded: arguments of a `Density`."""

    values: dict[str, jax.Array]  # one per pymc.Data
    weights: dict[str, jax.Array]  # per dim, 1 for what is real and 0 for padding


class Density(NamedTuple):
    """What the engine knows of a model.

    Attributes
    ----------
    log_density
        ``f(x, table) -> scalar`` for a flat position x.
    describe
        ``f(x, table) -> (variables, log_likelihoods)``, two dicts of arrays: free variables
        and deterministics in the model's own units, and the pointwise log likelihood.
    names, shapes
        Value variables in the order of the flat position, and their padded shapes.
    dims
        Dims of every variable that `describe` returns.
    """

    log_density: Callable
    describe: Callable
    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    dims: dict[str, tuple[str, ...]]

    @property
    def size(self) -> int:
        """Length of a position."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    def split(self, x) -> dict:
        """Cut a flat position (last axis) into the value variables."""
        parts, start = {}, 0
        for name, shape in zip(self.names, self.shapes, strict=True):
            stop = start + int(np.prod(shape))
            parts[name] = x[..., start:stop].reshape((*x.shape[:-1], *shape))
            start = stop
        return parts


def bucket(length: int) -> int:
    """Return the padded length: the next of 8, 12, 16, 24, 32, 48, and so on."""
    size = SMALLEST_BUCKET
    while size < length:
        size = size * 3 // 2 if size & (size - 1) == 0 else size * 4 // 3
    return size


def pad(model: pm.Model) -> Table:
    """Return the model's data, padded by repeating the last entry."""
    lengths = {dim: len(coord) for dim, coord in model.coords.items()}
    weights = {dim: np.arange(bucket(n)) < n for dim, n in lengths.items()}
    values = {}
    for variable in model.data_vars:
        array = variable.get_value()
        dims = model.named_vars_to_dims.get(variable.name, ())
        widths = [(0, bucket(lengths[dim]) - lengths[dim]) for dim in dims]
        values[variable.name] = jnp.asarray(np.pad(array, widths, mode="edge"))
    return Table(values, {dim: jnp.asarray(w, dtype=float) for dim, w in weights.items()})


def compile_density(model: pm.Model) -> Density:
    """Turn the model's graph into JAX functions of a position and a `Table`."""
    data = {variable: variable.type(variable.name) for variable in model.data_vars}
    log_priors, log_likelihoods = _graphs(model, data)
    deterministics = model.replace_rvs_by_values([*model.free_RVs, *model.deterministics])
    untransformed = graph_replace(deterministics, data, strict=False)
    inputs = [*model.value_vars, *data.values()]
    density = get_jaxified_graph(inputs=inputs, outputs=[*log_priors, *log_likelihoods])
    outputs = get_jaxified_graph(inputs=inputs, outputs=[*untransformed, *log_likelihoods])

    names = tuple(variable.name for variable in model.value_vars)
    free = [variable.name for variable in model.free_RVs]
    dims = dict(model.named_vars_to_dims)
    lengths = {dim: bucket(len(coord)) for dim, coord in model.coords.items()}
    shapes = tuple(tuple(lengths[dim] for dim in dims.get(name, ())) for name in free)
    described = [*free, *(variable.name for variable in model.deterministics)]
    observed = [variable.name for variable in model.observed_RVs]
    data_names = [variable.name for variable in data]
    padded = [bool(shape) for shape in shapes]
    layout = Density(None, None, names, shapes, {})

    def arguments(x, table: Table):
        return [*layout.split(x).values(), *(table.values[name] for name in data_names)]

    def weight(name: str, table: Table):
        [dim] = dims[name]
        return table.weights[dim]

    def log_density(x, table: Table):
        parts = layout.split(x)
        terms = density(*arguments(x, table))
        total = 0.0
        for name, value, is_padded, term in zip(free, parts.values(), padded, terms, strict=False):
            if is_padded:
                w = weight(name, table)
                term = jnp.where(w > 0, term, -0.5 * value**2)
            total += jnp.sum(term)
        for name, term in zip(observed, terms[len(free) :], strict=True):
            total += jnp.sum(jnp.where(weight(name, table) > 0, term, 0.0))
        return total

    def describe(x, table: Table):
        values = outputs(*arguments(x, table))
        variables = dict(zip(described, values, strict=False))
        return variables, dict(zip(observed, values[len(described) :], strict=True))

    known = {name: tuple(dims.get(name, ())) for name in (*described, *observed)}
    return Density(log_density, describe, names, shapes, known)


def _graphs(model: pm.Model, data: dict) -> tuple[list, list]:
    """Return the log prior of each free variable and the pointwise log likelihoods."""
    if model.potentials:
        raise NotImplementedError("the engine takes models without pm.Potential")
    graphs = model.logp(vars=[*model.free_RVs, *model.observed_RVs], sum=False)
    graphs = graph_replace(graphs, data, strict=False)
    return graphs[: len(model.free_RVs)], graphs[len(model.free_RVs) :]
