"""What is compiled for a model, kept for the next model of the same structure.

In memory it is kept by the structure, on disk by the program of the model's density.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import jax
import numpy as np
import pymc as pm

from lawbook.engine.arrow import curvatures_of_groups, places_of_groups
from lawbook.engine.chees import adapted, in_step
from lawbook.engine.coordinates import Offsets, whitened
from lawbook.engine.curvature import curvatures
from lawbook.engine.density import Density, compile_density, lengths_of_variables, pad
from lawbook.engine.nuts import run_block
from lawbook.engine.told import losses
from lawbook.engine.traced import Stored, fingerprint

# in memory: the functions of one hold 1,200 to 2,400 memory maps, and Linux ends a process that
# asks for more than 65,530
MOST_PROGRAMS = 16

_programs: OrderedDict[Hashable, "Program"] = OrderedDict()


@dataclass(frozen=True)
class Program:
    """Compiled functions of one model structure, and where its coordinates stand.

    Attributes
    ----------
    density
        The model.
    offsets, held
        Offsets of groups, and True where a coordinate is the log of a spread.
    measure, block, adapt, in_step, describe, variables, slopes, curves
        Compiled: curvature at many positions, a block of NUTS, blocks of `lawbook.engine.chees`,
        variables of many positions, with their log likelihoods and without; gradients and
        curvatures of `lawbook.engine.told`.
    """

    density: Density
    offsets: tuple[Offsets, ...]
    held: np.ndarray
    measure: Stored
    block: Stored
    adapt: Stored
    in_step: Stored
    describe: Stored
    variables: Stored
    slopes: Stored
    curves: Stored


def program_of(
    model: pm.Model,
    structure: Hashable,
    offsets: Mapping[str, str],
    spreads: tuple[str, ...],
    apart: bool = False,
) -> Program:
    """Return the program of a model, from memory where its structure was met before.

    Parameters
    ----------
    model
        A PyMC model whose data are all `pymc.Data`.
    structure
        Equal for models that differ in their data alone; ``None`` if that is not known.
    offsets
        Per non-centred offset variable, the variable of its spread.
    spreads
        Names of all group spreads.
    apart
        As for `lawbook.engine.density.compile_density`.
    """
    key = (structure, lengths_of_variables(model), apart)
    if structure is not None and key in _programs:
        _programs.move_to_end(key)
        return _programs[key]
    program = _compile(model, offsets, spreads, apart)
    if structure is not None:
        _programs[key] = program
        if len(_programs) > MOST_PROGRAMS:
            _programs.popitem(last=False)
    return program


def _compile(
    model: pm.Model, offsets: Mapping[str, str], spreads: tuple[str, ...], apart: bool
) -> Program:
    density = compile_density(model, apart)
    places = density.layout.split(np.arange(density.layout.size))
    held = np.zeros(density.layout.size, dtype=bool)
    for name in spreads:
        held[places[name]] = True
    by_dim: dict[str, list[str]] = {}
    for name in offsets:
        by_dim.setdefault(density.dims[name][0], []).append(name)
    blocks = tuple(
        Offsets(
            dim,
            np.stack([places[name] for name in names], axis=1),
            np.array([int(places[offsets[name]]) for name in names]),
        )
        for dim, names in by_dim.items()
    )
    log_density = whitened(density.log_density, blocks)
    at = places_of_groups(model, density) if apart else None
    measure = curvatures(log_density)
    if at is not None:
        measure = curvatures_of_groups(density.log_density, blocks, at)

    def variables(x, table):
        return density.describe(x, table)[0]

    def of_many(one):
        return jax.vmap(jax.vmap(one, in_axes=(0, None)), in_axes=(0, None))

    graph = jax.jit(density.evaluate).lower(density.initial, pad(model)).as_text()
    places_of = [(block.dim, block.at.tolist(), block.spread_at.tolist()) for block in blocks]
    key = fingerprint(graph, repr(density.layout), repr(density.dims), repr(places_of), f"{apart=}")
    functions = {
        "measure": measure,
        "block": run_block(log_density, blocks),
        "adapt": adapted(log_density, blocks),
        "in_step": in_step(log_density, blocks),
        "describe": of_many(density.describe),
        "variables": of_many(variables),
        **losses(density),
    }
    stored = {name: Stored(function, name, key) for name, function in functions.items()}
    return Program(density, blocks, held, **stored)
