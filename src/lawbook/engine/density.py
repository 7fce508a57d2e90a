"""A PyMC model becomes one JAX function of parameters and data.

Every `pymc.Data` is an argument, padded to a bucketed length; a weight of zero takes what is
padding out of the likelihood. Padded groups are standard normals that the model never sees: in
their place it gets its initial point. So one compiled program serves every table whose sizes
fall into the same buckets.
Where the rows of a long table are independent, its density is summed block by block of rows, each
with its gradient at once: nothing as long as the table is made on the way, which would go through
memory again and again.
Positions are flat vectors of the model's unconstrained value variables, in the model's order;
no variable has more than one dim.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm

from lawbook.engine.buckets import bucket
from lawbook.engine.cache import untouched_settings
from lawbook.engine.traced import storable

with untouched_settings():
    from pymc.sampling.jax import get_jaxified_graph

from pytensor.configdefaults import config
from pytensor.graph.replace import graph_replace

BLOCK = (
    1024  # rows; 31 ns a row and gradient of chinchilla, and 73 where all rows go through memory
)


@storable
class Table(NamedTuple):
    """Data of one table, padded: arguments of a `Density`."""

    values: dict[str, jax.Array]  # one per pymc.Data
    weights: dict[str, jax.Array]  # per dim, 1 for what is real and 0 for padding


class Layout(NamedTuple):
    """How the model's value variables, padded, lie behind each other in a flat position."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """Length of a position."""
        return sum(int(np.prod(shape)) for shape in self.shapes)

    def split(self, x) -> dict:
        """Cut a position into the value variables."""
        parts, start = {}, 0
        for name, shape in zip(self.names, self.shapes, strict=True):
            stop = start + int(np.prod(shape))
            parts[name] = x[start:stop].reshape(shape)
            start = stop
        return parts


class Density(NamedTuple):
    """What the engine knows of a model.

    Attributes
    ----------
    layout
        Free variables, named as in the model, in the order of a flat position.
    initial
        The model's initial point as a position, zero where it is padding.
    log_density
        ``f(x, table) -> scalar`` for a flat position x of unconstrained values.
    describe
        ``f(x, table) -> (variables, log_likelihoods)``, two dicts of arrays: free variables
        and deterministics in the model's own units, and the pointwise log likelihood.
    dims
        Dims of every variable that `describe` returns.
    evaluate
        ``f(x, table) -> (terms, variables)``: the whole graph, of which the others take parts.
    """

    layout: Layout
    initial: np.ndarray
    log_density: Callable
    describe: Callable
    dims: dict[str, tuple[str, ...]]
    evaluate: Callable


def lengths_of(model: pm.Model) -> dict[str, int]:
    """Return the true length of each dim."""
    return {dim: len(labels or ()) for dim, labels in model.coords.items()}


def room_for(models: Sequence[pm.Model]) -> dict[str, int]:
    """Return the greatest length of each dim along which the models have data alone."""
    lengths = [lengths_of(model) for model in models]
    of_data = lengths[0].keys() - _dims_of_variables(models[0])
    return {dim: max(each[dim] for each in lengths) for dim in of_data}


def _dims_of_variables(model: pm.Model) -> set[str]:
    """Return the dims along which a model's free variables lie."""
    dims = (model.named_vars_to_dims.get(v.name, ()) for v in model.free_RVs)
    return {str(dim) for each in dims for dim in each}


def lengths_of_variables(model: pm.Model) -> tuple[tuple[str, int], ...]:
    """Return the padded length of each dim along which free variables lie."""
    own = _dims_of_variables(model)
    return tuple((dim, bucket(n, dim)) for dim, n in lengths_of(model).items() if dim in own)


def pad(model: pm.Model, room: Mapping[str, int] | None = None) -> Table:
    """Return the model's data, padded by repeating the last entry.

    Parameters
    ----------
    model
        All its data are `pymc.Data`.
    room
        Per dim a length to make room for, as `room_for` returns it.
    """
    values = {variable.name: variable.get_value() for variable in model.data_vars}
    found = padded(values, model.named_vars_to_dims, lengths_of(model), room or {})
    return Table(*({name: jnp.asarray(a) for name, a in part.items()} for part in found))


def padded(
    values: Mapping[str, np.ndarray],
    dims: Mapping[str, Sequence],
    lengths: Mapping[str, int],
    room: Mapping[str, int],
) -> Table:
    """Return data padded as `pad` does, in arrays of NumPy.

    Parameters
    ----------
    values
        By name of the `pymc.Data`.
    dims
        Of them, by name; what has none is not padded.
    lengths, room
        True lengths by dim, and lengths to make room for.
    """
    whole = {dim: bucket(max(n, room.get(dim, 0)), dim) for dim, n in lengths.items()}
    weights: dict[str, Any] = {
        dim: (np.arange(whole[dim]) < n).astype(float) for dim, n in lengths.items()
    }
    found = {}
    for name, array in values.items():
        widths = [(0, whole[dim] - lengths[dim]) for dim in dims.get(name, ())]
        found[name] = np.pad(array, widths, mode="edge")
    return Table(found, weights)


def pad_with(model: pm.Model, values: Mapping[str, np.ndarray], coords: Mapping) -> Table:
    """Give a model other data, and return them padded.

    Parameters
    ----------
    model
        Changed: it holds these data from then on.
    values
        By name of the `pymc.Data`.
    coords
        Labels of the dims whose length is another.
    """
    with model:
        pm.set_data(dict(values), coords=dict(coords))
    return pad(model)


def compile_density(model: pm.Model, apart: bool = False) -> Density:
    """Turn the model's graph into JAX functions of a position and a `Table`.

    Parameters
    ----------
    model
        All its data are `pymc.Data` with dims.
    apart
        Whether runs are independent given the parameters, each with its own entry of all data
        along the dim ``run``.
    """
    if model.potentials:
        raise NotImplementedError("the engine takes models without pm.Potential")
    data = {variable: variable.type(variable.name) for variable in model.data_vars}
    inputs = [*model.value_vars, *data.values()]
    free = [variable.name for variable in model.free_RVs]
    observed = [variable.name for variable in model.observed_RVs]
    described = [*free, *(variable.name for variable in model.deterministics)]
    terms: Any = model.logp(vars=[*model.free_RVs, *model.observed_RVs], sum=False)
    values: Any = model.replace_rvs_by_values([*model.free_RVs, *model.deterministics])
    # one graph for both uses: what one of them does not need, the compiler leaves out
    outputs: Any = graph_replace([*terms, *values], data, strict=False)
    # constants are folded in Python: for each new kind of them a C compiler takes a second
    with config.change_flags(cxx=""):
        graph = get_jaxified_graph(inputs=inputs, outputs=outputs)
        start = _initial(model)

    dims = {name: tuple(model.named_vars_to_dims.get(name, ())) for name in (*described, *observed)}
    lengths = {dim: bucket(length, dim) for dim, length in lengths_of(model).items()}
    layout = Layout(tuple(free), tuple(tuple(lengths[d] for d in dims[name]) for name in free))
    along_runs = [name for name in observed if dims[name] == ("run",)]
    once = [name for name in observed if name not in along_runs]
    data_names = [variable.name for variable in data]
    data_dims = {name: tuple(model.named_vars_to_dims.get(name, ())) for name in data_names}

    def arguments(x, table: Table):
        values = layout.split(x)
        for name in free:
            if dims[name]:
                real = table.weights[dims[name][0]] > 0
                values[name] = jnp.where(real, values[name], start[name].flat[0])
        return [*values.values(), *(table.values[name] for name in data_names)]

    def evaluate(x, table: Table) -> tuple[dict, dict]:
        found = graph(*arguments(x, table))
        terms = [*free, *observed]
        values = dict(zip(described, found[len(terms) :], strict=True))
        return dict(zip(terms, found[: len(terms)], strict=True)), values

    @jax.jit  # traced once, though differentiated and batched many times
    def log_density(x, table: Table):
        long = apart and is_long(table)
        terms, _ = evaluate(x, _first_row(table, data_dims) if long else table)
        total = 0.0
        for name, value in layout.split(x).items():
            if dims[name]:
                real = table.weights[dims[name][0]] > 0
                terms[name] = jnp.where(real, terms[name], -0.5 * value**2)
            total += jnp.sum(terms[name])
        total += _summed(terms, table, once if long else observed, dims)
        return total + by_blocks(x, table) if long else total

    by_blocks = _by_blocks(evaluate, along_runs, dims, data_dims)

    def describe(x, table: Table):
        terms, values = evaluate(x, table)
        return values, {name: terms[name] for name in observed}

    return Density(layout, _padded_start(start, layout), log_density, describe, dims, evaluate)


def _initial(model: pm.Model) -> dict[str, np.ndarray]:
    """Return the model's initial point by the names of its free variables."""
    point, pairs = model.initial_point(), zip(model.free_RVs, model.value_vars, strict=True)
    return {str(variable.name): np.asarray(point[value.name]) for variable, value in pairs}


def _padded_start(start: Mapping[str, np.ndarray], layout: Layout) -> np.ndarray:
    """Return the initial point as a position, zero where it is padding."""
    parts = [
        np.pad(start[name], (0, shape[0] - start[name].size)) if shape else start[name].ravel()
        for name, shape in zip(layout.names, layout.shapes, strict=True)
    ]
    return np.concatenate(parts)


def _summed(terms: dict, table: Table, observed: Sequence[str], dims: Mapping[str, tuple]) -> Any:
    """Return the log likelihood: the sum of the terms of real runs."""
    total: Any = 0.0
    for name in observed:
        total += jnp.sum(jnp.where(table.weights[dims[name][0]] > 0, terms[name], 0.0))
    return total


def is_long(table: Table) -> bool:
    """Whether a table is summed by blocks, as every bucket beyond two of them can be."""
    rows = len(table.weights["run"])
    return rows > BLOCK and rows % BLOCK == 0


def _first_row(table: Table, dims: Mapping[str, tuple]) -> Table:
    """Return a table of one run, for terms that depend on none."""
    values = {k: v[:1] if dims.get(k) == ("run",) else v for k, v in table.values.items()}
    return Table(values, table.weights | {"run": table.weights["run"][:1]})


def _by_blocks(
    evaluate: Callable,
    observed: Sequence[str],
    dims: Mapping[str, tuple],
    data_dims: Mapping[str, tuple],
) -> Callable:
    """Return ``f(x, table)``: the log likelihood of all runs, summed over blocks of rows.

    A block's gradient is made with its value, while its rows are at hand, so that nothing is kept
    for later.
    """

    def of_runs(x, table: Table):
        return _summed(evaluate(x, table)[0], table, observed, dims)

    def over(step: Callable, start, table: Table):
        cut = {k: v for k, v in table.values.items() if data_dims.get(k) == ("run",)}
        cut = jax.tree.map(lambda v: v.reshape(-1, BLOCK), (cut, table.weights["run"]))

        def add(total, rows):
            values, weights = rows
            block = Table(table.values | values, table.weights | {"run": weights})
            return jax.tree.map(jnp.add, total, step(block)), None

        return jax.lax.scan(add, start, cut)[0]

    @jax.custom_vjp
    def value(x, table: Table):
        return over(lambda block: of_runs(x, block), jnp.zeros((), x.dtype), table)

    def with_slope(x, table: Table):
        start = jnp.zeros((), x.dtype), jnp.zeros_like(x)
        return over(lambda block: jax.value_and_grad(of_runs)(x, block), start, table)

    value.defvjp(with_slope, lambda slope, seed: (seed * slope, None))
    return value
