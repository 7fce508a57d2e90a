r"""The evidence of a model: the probability of its data before they were seen, by tempered SMC.

Particles go from the prior to the posterior along
:math:`p_\lambda(x) \propto p(x)\, p(y \mid x)^\lambda`, with each next :math:`\lambda` as large as
leaves most particles effective. The evidence is the product of the mean weights; its Monte Carlo
error is that of several runs on their own. It is one of the prior as much as of the law: a prior
twice as wide in a parameter that the runs tell costs about log 2.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
from blackjax.mcmc import hmc
from blackjax.smc import adaptive_tempered, resampling

from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import Density, Table, compile_density, pad
from lawbook.engine.prior_draws import prior_draws
from lawbook.errors import FitError

HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Tempering:
    """How particles go from the prior to the posterior.

    Attributes
    ----------
    effective
        Share of particles that stays effective from one temperature to the next.
    moves, leaps
        Trajectories at a temperature, and their leapfrog steps.
    accept, first_step, steps
        Mean acceptance that step sizes aim at, where they begin, and the range that they keep to.
    most_stages
        Temperatures after which a run is given up.
    """

    effective: float = 0.9
    moves: int = 3
    leaps: int = 6
    accept: float = 0.8
    first_step: float = 0.5
    steps: tuple[float, float] = (0.01, 1.2)
    most_stages: int = 500


TEMPERING = Tempering()


class Evidence(NamedTuple):
    """The log evidence, its Monte Carlo standard error, and the runs that it is the mean of."""

    log: float
    error: float
    runs: np.ndarray


def evidence(
    model: pm.Model, *, particles: int = 1000, repeats: int = 8, seed: int = 0
) -> Evidence:
    """Estimate the log evidence of a model.

    Parameters
    ----------
    model
        A PyMC model whose data are all `pymc.Data`.
    particles
        Of each run.
    repeats
        Independent runs, two or more.
    seed
        The same seed gives the same number.

    Raises
    ------
    FitError
        If a run does not reach the posterior.
    """
    rng = np.random.default_rng(seed)
    found = []
    with scoped_jax():
        density, table = compile_density(model), pad(model)
        step = jax.jit(partial(_step, density))
        drawn = prior_draws(model, density.layout, repeats * particles, int(rng.integers(2**31)))
        padding = ~drawn.any(axis=0)
        drawn[:, padding] = rng.standard_normal((len(drawn), padding.sum()))
        for start in np.split(drawn, repeats):
            found.append(_run(step, table, start, jax.random.key(int(rng.integers(2**31)))))
    logs = np.array(found)
    # the mean of the evidence itself is unbiased, that of its log is not
    log = float(np.logaddexp.reduce(logs) - np.log(repeats))
    return Evidence(log, float(logs.std(ddof=1) / np.sqrt(repeats)), logs)


def parts(density: Density, x, table: Table):
    """Return log prior and log likelihood at a position; padded groups are standard normals."""
    terms, _ = density.evaluate(x, table)
    prior = likelihood = 0.0
    split = density.layout.split(x)
    for name, term in terms.items():
        dims = density.dims[name]
        real = table.weights[dims[0]] > 0 if dims else True
        if name in split:
            padding = -0.5 * split[name] ** 2 - HALF_LOG_2PI
            prior += jnp.sum(jnp.where(real, term, padding))
        else:
            likelihood += jnp.sum(jnp.where(real, term, 0.0))
    # a particle in a corner where the law overflows has no weight
    return prior, jnp.where(jnp.isnan(likelihood), -jnp.inf, likelihood)


def _step(density: Density, key, state, step_size, covariance, table: Table):
    kernel = adaptive_tempered.build_kernel(
        lambda x: parts(density, x, table)[0],
        lambda x: jnp.maximum(parts(density, x, table)[1], -1e100),
        hmc.build_kernel(),
        hmc.init,
        resampling.systematic,
        TEMPERING.effective,
    )
    shared = {
        "step_size": step_size[None],
        "inverse_mass_matrix": covariance[None],
        "num_integration_steps": jnp.array([TEMPERING.leaps]),
    }
    state, info = kernel(key, state, TEMPERING.moves, shared)
    accepted = jnp.mean(info.update_info.acceptance_rate)
    return state, info.log_likelihood_increment, accepted


def _run(step, table: Table, start: np.ndarray, key) -> float:
    state, total = adaptive_tempered.init(jnp.asarray(start)), 0.0
    step_size = TEMPERING.first_step
    for stage in range(TEMPERING.most_stages):
        drawn = np.asarray(state.particles)
        weights = np.asarray(state.weights)
        away = drawn - weights @ drawn
        covariance = (weights[:, None] * away).T @ away
        covariance += 1e-9 * np.diag(np.diag(covariance)) + 1e-12 * np.eye(len(covariance))
        jitter = 0.8 + 0.4 * float(jax.random.uniform(jax.random.fold_in(key, 2 * stage)))
        state, more, accepted = step(
            jax.random.fold_in(key, 2 * stage + 1),
            state,
            jnp.asarray(jitter * step_size),
            jnp.asarray(covariance),
            table,
        )
        total += float(more)
        grown = step_size * np.exp(float(accepted) - TEMPERING.accept)
        step_size = float(np.clip(grown, *TEMPERING.steps))
        if float(state.tempering_param) >= 1:
            return total
    raise FitError(
        f"evidence: after {TEMPERING.most_stages} temperatures the posterior was not reached; "
        "expected fewer; look at the priors, which may lie far from what the runs say"
    )
