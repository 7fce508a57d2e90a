"""A block of transitions on several cores: each takes a share of the chains."""

import os
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np

from lawbook.engine.density import Table
from lawbook.engine.nuts import Block, Chains
from lawbook.engine.traced import Stored


def run_shares(
    block: Stored, chains: Chains, table: Table, key, adapting: bool, target: float
) -> tuple[Chains, Block]:
    """Run a block, see `lawbook.engine.nuts.run_block`; chains of one share wait for each other.

    Which random numbers a chain gets does not depend on the shares.
    """
    count = len(chains.zeta)
    keys = jax.random.split(key, count)
    if (shares := _shares_of(count)) == 1:
        return block(chains, table, keys, adapting, target)

    def run(at: slice) -> tuple[Chains, Block]:
        own = jax.tree.map(lambda x: np.asarray(x)[at], (chains.zeta, chains.step))
        with jax.enable_x64(True):  # a setting of its thread
            ended = block(Chains(chains.coordinates, *own), table, keys[at], adapting, target)
            return jax.tree.map(np.asarray, ended)

    size = count // shares
    with ThreadPoolExecutor(shares) as pool:
        ended = [*pool.map(run, (slice(k, k + size) for k in range(0, count, size)))]
    parts = [(moved.zeta, moved.step, seen) for moved, seen in ended]
    zeta, step, seen = jax.tree.map(lambda *each: np.concatenate(each), *parts)
    return Chains(chains.coordinates, zeta, step), seen


def _shares_of(chains: int) -> int:
    """Return the most shares of equal size that have a core each."""
    if jax.default_backend() != "cpu" or jax.device_count() > 1:
        return 1
    cores = getattr(os, "process_cpu_count", os.cpu_count)() or 1  # the former from Python 3.13
    return max(n for n in range(1, cores + 1) if chains % n == 0)
