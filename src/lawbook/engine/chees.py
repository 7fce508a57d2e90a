"""HMC of many chains in step, as programs to be compiled: warm-up by ChEES, and blocks of draws.

ChEES is the trajectory length from which chains jump farthest, as Hoffman, Radul and Sountsov
(2021), AISTATS 130, 3907-3915, find it; blackjax does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lawbook.engine.coordinates import Offsets
from lawbook.engine.density import Table
from lawbook.engine.nuts import NUTS, Block, Chains
from lawbook.engine.traced import storable


@dataclass(frozen=True)
class Chees:
    """How trajectory lengths are learned and used.

    Attributes
    ----------
    rate
        Of Adam, on the log of the trajectory length.
    jitter_bits
        Of the sequence by which trajectories are shortened.
    """

    rate: float = 0.05
    jitter_bits: int = 16


CHEES = Chees()


@storable
class Tuned(NamedTuple):
    """What warm-up arrived at: the step size, and the longest trajectory in such steps."""

    step_size: Any
    steps: Any


@storable
class Seen(NamedTuple):
    """What a block of warm-up saw: (chains, transitions, size), and (chains,) at its end."""

    position: Any
    log_density: Any


def adapted(log_density: Callable, offsets: tuple[Offsets, ...]) -> Callable:
    """Return ``f(chains, table, key, target) -> (chains, Tuned, Seen)``, to be compiled."""

    def adapt(chains: Chains, table: Table, key, target):
        import blackjax  # here and below: a program that is stored is traced without it
        import optax

        coordinates, count = chains.coordinates, len(chains.zeta)

        def here(zeta):
            return log_density(zeta, coordinates, table)

        algorithm: Any = blackjax.chees_adaptation(
            here,
            count,
            target_acceptance_rate=target,
            adaptation_info_fn=lambda states, info, adaptation: states,
        )
        first = jnp.exp(jnp.mean(chains.step.log_step_size))
        adam = optax.adam(CHEES.rate)
        (last, found), told = algorithm.run(key, chains.zeta, first, adam, NUTS.transitions)
        position = jax.vmap(jax.vmap(lambda z: coordinates.position(z, offsets)[0]))(told.position)
        seen = Seen(position.swapaxes(0, 1), last.logdensity)
        (steps,) = found["integration_steps_params"]
        settled = jnp.full(count, jnp.log(found["step_size"]))
        step = chains.step._replace(log_step_size=settled, log_step_size_avg=settled)
        moved = Chains(coordinates, last.position, step)
        return moved, Tuned(found["step_size"], steps), seen

    return adapt


def in_step(log_density: Callable, offsets: tuple[Offsets, ...]) -> Callable:
    """Return ``f(chains, tuned, number, table, key) -> (chains, Block)``, to be compiled.

    ``number`` is how many transitions were drawn before: it moves the sequence of lengths on.
    """

    def block(chains: Chains, tuned: Tuned, number, table: Table, key):
        from blackjax.mcmc import dynamic_hmc

        coordinates, (count, size) = chains.coordinates, chains.zeta.shape

        def here(zeta):
            return log_density(zeta, coordinates, table)

        def length(at, longest):
            share: Any = dynamic_hmc.halton_sequence(at, CHEES.jitter_bits)
            return jnp.ceil(share * longest).astype(int)

        kernel: Any = dynamic_hmc.build_kernel(
            next_random_arg_fn=lambda at: at + 1, integration_steps_fn=length
        )

        def one(key, state):
            return kernel(key, state, here, tuned.step_size, jnp.ones(size), (tuned.steps,))

        def transition(states, key):
            states, info = jax.vmap(one)(jax.random.split(key, count), states)
            position = jax.vmap(lambda z: coordinates.position(z, offsets)[0])(states.position)
            steps = info.num_integration_steps
            seen = Block(
                position,
                states.logdensity,
                info.energy,
                jnp.nan_to_num(info.acceptance_rate),
                steps,
                jnp.zeros_like(steps),
                info.is_divergent,
                jnp.full(count, tuned.step_size),
            )
            return states, seen

        states = jax.vmap(lambda zeta: dynamic_hmc.init(zeta, here, number))(chains.zeta)
        states, seen = jax.lax.scan(transition, states, jax.random.split(key, NUTS.transitions))
        moved = chains._replace(zeta=states.position)
        return moved, Block(*(x.swapaxes(0, 1) for x in seen))

    return block
