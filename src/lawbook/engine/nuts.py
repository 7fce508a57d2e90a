"""NUTS in whitened coordinates, by blocks of transitions, chains side by side.

Warm-up and sampling run the same compiled block. Between blocks of warm-up the chains pool what
they saw, and the coordinates are made rounder by the shrunken covariance of all of them together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawbook.engine.coordinates import Coordinates, Offsets
from lawbook.engine.density import Table
from lawbook.engine.traced import storable


@dataclass(frozen=True)
class Nuts:
    """How NUTS runs.

    Attributes
    ----------
    transitions
        Of a block. Between blocks the chains pool what they saw, and a run may be interrupted.
    first_step_size
        Before warm-up, in whitened coordinates.
    settling
        Transitions at the start of a block of warm-up that do not count for the covariance.
    """

    transitions: int = 100
    first_step_size: float = 0.5
    settling: int = 25


NUTS = Nuts()


@storable
class StepSize(NamedTuple):
    """State of dual averaging, as blackjax keeps it."""

    log_step_size: Any
    log_step_size_avg: Any
    step: Any
    avg_error: Any
    mu: Any


@storable
class Chains(NamedTuple):
    """Where all chains stand; the leading axis of ``zeta`` and ``step`` is the chain."""

    coordinates: Coordinates
    zeta: Any
    step: StepSize


@storable
class Block(NamedTuple):
    """What a block saw; leading axes (chains, transitions)."""

    position: Any
    log_density: Any
    energy: Any
    acceptance: Any
    steps: Any  # leapfrog steps
    depth: Any
    diverging: Any
    step_size: Any


def begin(
    offsets: tuple[Offsets, ...],
    coordinates: Coordinates,
    modes: np.ndarray,
    rng: np.random.Generator,
) -> Chains:
    """Scatter chains around modes, shape (chains, size), by the curvature there."""
    zeta = coordinates.inverse(modes, offsets)
    zeta = zeta + rng.standard_normal(zeta.shape)
    return Chains(coordinates, zeta, _fresh_steps(len(modes), NUTS.first_step_size))


def run_block(log_density: Callable, offsets: tuple[Offsets, ...]) -> Callable:
    """Return ``block(chains, table, keys, adapting, target) -> (chains, Block)``, to be compiled.

    There is one random key for each chain. ``log_density(zeta, coordinates, table)`` is what is
    sampled from; ``adapting`` says whether step sizes move, towards the mean acceptance ``target``.
    """

    def block(chains: Chains, table: Table, keys, adapting, target):
        import blackjax  # here and below: a program that is stored is traced without it
        from blackjax.adaptation.step_size import dual_averaging_adaptation

        coordinates, kernel = chains.coordinates, blackjax.nuts.build_kernel()
        _, update, final = dual_averaging_adaptation(target)

        def here(zeta):
            return log_density(zeta, coordinates, table)

        def transition(carry, key):
            state, step = carry
            size = jnp.where(adapting, jnp.exp(step.log_step_size), final(step))
            state, info = kernel(key, state, here, size, jnp.ones_like(state.position))
            # a divergent first step returns NaN, which must not enter the average
            accepted = jnp.nan_to_num(info.acceptance_rate)
            moved = StepSize(*update(step, accepted))
            step = jax.tree.map(lambda new, old: jnp.where(adapting, new, old), moved, step)
            seen = Block(
                coordinates.position(state.position, offsets)[0],
                state.logdensity,
                info.energy,
                accepted,
                info.num_integration_steps,
                info.num_trajectory_expansions,
                info.is_divergent,
                size,
            )
            return (state, step), seen

        def chain(zeta, step, key):
            state = blackjax.nuts.init(zeta, here)
            keys = jax.random.split(key, NUTS.transitions)
            (state, step), seen = jax.lax.scan(transition, (state, step), keys)
            return state.position, step, seen

        zeta, step, seen = jax.vmap(chain)(chains.zeta, chains.step, keys)
        return Chains(coordinates, zeta, step), seen

    return block


def rounder(offsets: tuple[Offsets, ...], chains: Chains, position: np.ndarray) -> Chains:
    """Make the coordinates round for what a block of warm-up saw, chains pooled.

    ``position`` has shape (chains, transitions, size).
    """
    old: Coordinates = jax.tree.map(np.asarray, chains.coordinates)
    late = position[:, NUTS.settling :].reshape(-1, position.shape[-1])
    try:
        with np.errstate(all="ignore"):
            eta = old.unstretched(late, offsets)
            centre = eta.mean(axis=0)
            stretch = np.linalg.cholesky(_shrunken_covariance(eta - centre))
            new = old._replace(centre=centre, stretch=stretch)
            zeta = new.inverse(position[:, -1], offsets)
    except np.linalg.LinAlgError:
        return settle(chains)
    if not (np.isfinite(stretch).all() and np.isfinite(zeta).all()):
        return settle(chains)  # a position far off may have no finite inverse
    return settle(Chains(new, zeta, chains.step))


def settle(chains: Chains) -> Chains:
    """Give all chains one step size: the geometric mean of what they arrived at."""
    count, average = len(chains.zeta), np.mean(np.asarray(chains.step.log_step_size_avg))
    fresh = _fresh_steps(count, np.exp(average))
    return chains._replace(step=fresh._replace(log_step_size_avg=np.full(count, average)))


def _fresh_steps(chains: int, size) -> StepSize:
    from blackjax.adaptation.step_size import dual_averaging_adaptation

    init, _, _ = dual_averaging_adaptation(target=0.8)  # a start does not depend on the target
    # blackjax mixes Python floats and arrays here; one dtype keeps one compiled program
    leaves: list[Any] = [np.full(chains, leaf, dtype=float) for leaf in init(size)]
    return StepSize(*leaves)


def _shrunken_covariance(zeta: np.ndarray) -> np.ndarray:
    """Return the covariance of draws, shape (draws, size), shrunk by Ledoit and Wolf's rule.

    The target is a multiple of the identity: a posterior that is round already stays as it is.
    Source: Ledoit and Wolf (2004), J. Multivariate Analysis 88, 365-411.
    """
    n, size = zeta.shape
    sample = zeta.T @ zeta / n
    level = np.trace(sample) / size
    distance = np.sum((sample - level * np.eye(size)) ** 2)
    error = (np.sum(np.sum(zeta**2, axis=1) ** 2) / n - np.sum(sample**2)) / n
    share = np.clip(error / distance, 0.0, 1.0)
    return share * level * np.eye(size) + (1 - share) * sample
