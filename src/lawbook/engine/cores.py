"""A block of transitions on several cores, chain by chain, and chains spread over devices.

On a core chains beside each other take as long as one after the other, and each would wait for
the one with the most leapfrog steps. An accelerator runs them all at once.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np

from lawbook.engine.density import Table
from lawbook.engine.nuts import Block, Chains
from lawbook.engine.traced import Stored


def run_chains(
    block: Stored, chains: Chains, table: Table, key, adapting: bool, target: float
) -> tuple[Chains, Block]:
    """Run a block, see `lawbook.engine.nuts.run_block`; a core takes one chain after the other.

    Which random numbers a chain gets does not depend on the cores.
    """
    count = len(chains.zeta)
    keys = jax.random.split(key, count)
    if jax.default_backend() != "cpu" or jax.device_count() > 1:
        return block(chains, table, keys, adapting, target)

    def run(k: int) -> tuple[Chains, Block]:
        at = slice(k, k + 1)
        own = jax.tree.map(lambda x: np.asarray(x)[at], (chains.zeta, chains.step))
        with jax.enable_x64(True):  # a setting of its thread
            ended = block(Chains(chains.coordinates, *own), table, keys[at], adapting, target)
            return jax.tree.map(np.asarray, ended)

    cores = getattr(os, "process_cpu_count", os.cpu_count)() or 1  # the former from Python 3.13
    with ThreadPoolExecutor(min(cores, count)) as pool:
        ended = [*pool.map(run, range(count))]
    parts = [(moved.zeta, moved.step, seen) for moved, seen in ended]
    zeta, step, seen = jax.tree.map(lambda *each: np.concatenate(each), *parts)
    return Chains(chains.coordinates, zeta, step), seen


def sharded(chains: Chains) -> Chains:
    """Spread the chains over the devices, where there are several."""
    devices = jax.devices()
    count = chains.zeta.shape[0]
    if len(devices) == 1 or count % len(devices):
        return chains
    mesh = jax.sharding.Mesh(np.array(devices), ("chain",))
    spread = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("chain"))
    whole = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    return Chains(
        jax.device_put(chains.coordinates, whole),
        jax.device_put(chains.zeta, spread),
        jax.device_put(chains.step, spread),
    )
