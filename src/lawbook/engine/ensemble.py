"""Ensembles of many chains in step, for accelerators: from a PyMC model to draws.

Chains of NUTS beside each other all wait for the longest tree. Here all take the same number of
leapfrog steps. Modes, coordinates and the pooling between blocks of warm-up are those of NUTS.
Chains start in groups, each from one place, so that nested R-hat judges them by few draws each:
Margossian et al. (2024), Bayesian Analysis, doi:10.1214/24-BA1453.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import jax
import numpy as np
import pymc as pm

from lawbook.engine.cache import scoped_jax
from lawbook.engine.cores import sharded
from lawbook.engine.density import Table, lengths_of, pad
from lawbook.engine.nuts import NUTS, Block, rounder
from lawbook.engine.program import Program, program_of
from lawbook.engine.progress import Progress
from lawbook.engine.sampling import (
    Run,
    drawn_until_enough,
    moved_to,
    origins,
    raw_of,
    started,
    stopped,
)
from lawbook.engine.settings import Raw, Settings
from lawbook.errors import FitError, given


@dataclass(frozen=True)
class Ensembles:
    """How ensembles run.

    Attributes
    ----------
    superchains
        Groups of chains that start from one place.
    least
        Chains, at least: trajectory lengths are learned from all of them.
    warm_blocks
        Blocks of warm-up.
    """

    superchains: int = 16
    least: int = 32
    warm_blocks: int = 3


ENSEMBLES = Ensembles()


def check_chains(chains: int) -> None:
    """Raise `FitError` where chains make no ensemble."""
    count, least = ENSEMBLES.superchains, ENSEMBLES.least
    if chains < least or chains % count:
        raise FitError(
            f"{given('chains', chains)}: an ensemble starts from {count} places, with as many "
            f"chains at each; expected a multiple of {count}, at least {least}; write "
            f"{given('chains', 4 * count)}"
        )


def _superchains_of(chains: int) -> np.ndarray:
    """Return from which place each chain starts, shape (chains,)."""
    return np.repeat(np.arange(ENSEMBLES.superchains), chains // ENSEMBLES.superchains)


def sample_in_step(
    model: pm.Model,
    settings: Settings,
    *,
    structure: Hashable = None,
    offsets: Mapping[str, str] | None = None,
    spreads: tuple[str, ...] = (),
    apart: bool = False,
    progress: bool = False,
) -> Raw:
    """Draw from the posterior of a PyMC model by an ensemble of chains.

    Arguments are as for `lawbook.engine.sampling.sample`.

    Raises
    ------
    FitError
        If the chains make no ensemble.
    KeyboardInterrupt
        If interrupted before the first block of draws.
    """
    check_chains(settings.chains)
    lengths, warm_up = lengths_of(model), ENSEMBLES.warm_blocks * NUTS.transitions
    with scoped_jax(), Progress(progress, warm_up, settings.draws) as bar:
        program = program_of(model, structure, offsets or {}, spreads, apart)
        table, key = pad(model), jax.random.key(settings.seed)
        run = Run(_begun(program, table, settings), goal=settings.draws)

        def told() -> None:
            bar.update(run.warm * NUTS.transitions, run.draws)

        interrupted = stopped(run, _advance(run, program, table, key, settings, lengths), told)
        raw = raw_of(program, model, table, run, interrupted)
    starts = _superchains_of(settings.chains)
    raw.stats["superchain"] = np.broadcast_to(starts[:, None], raw.stats["lp"].shape)
    return raw


def _begun(program: Program, table: Table, settings: Settings):
    """Return all chains, scattered about the modes in groups of one place each."""
    places = started(program, table, settings, ENSEMBLES.superchains)
    at = _superchains_of(settings.chains)
    zeta, step = jax.tree.map(lambda x: np.asarray(x)[at], (places.zeta, places.step))
    return sharded(places._replace(zeta=zeta, step=step))


def _advance(
    run: Run,
    program: Program,
    table: Table,
    key,
    settings: Settings,
    lengths: Mapping[str, int],
) -> Iterator[None]:
    """Warm up, then run block after block until there are enough draws, yielding after each."""
    tuned = None
    while run.warm < ENSEMBLES.warm_blocks:
        own = _next_key(run, key)
        run.chains, tuned, seen = program.adapt(run.chains, table, own, settings.target_accept)
        run.warm += 1
        origin = origins(np.asarray(seen.log_density))
        run.chains = moved_to(run.chains, origin)
        if run.warm < ENSEMBLES.warm_blocks:
            position = np.asarray(seen.position)[origin]
            run.chains = sharded(rounder(program.offsets, run.chains, position))
        yield

    def draw() -> None:
        drawn = program.in_step(run.chains, tuned, run.draws, table, _next_key(run, key))
        run.chains, block = drawn[0], Block(*map(np.asarray, drawn[1]))
        run.blocks.append(block)
        run.steps += float(block.steps.mean() * NUTS.transitions)

    starts = _superchains_of(settings.chains)
    yield from drawn_until_enough(run, draw, program, table, settings, lengths, starts)


def _next_key(run: Run, key):
    run.number += 1
    return jax.random.fold_in(key, run.number)
