"""The same model in other hands: PyMC, nutpie, NumPyro and blackjax.

blackjax is driven from here: PyMC's own bridge to it, as of PyMC 6.4, calls functions that
blackjax dropped after 1.5.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
import xarray as xr

from lawbook.engine.cache import scoped_jax, untouched_settings
from lawbook.engine.settings import Raw, Settings
from lawbook.engine.tree import describe_draws
from lawbook.errors import FitError, argument

with untouched_settings():
    from pymc.sampling.jax import get_jaxified_graph, sample_numpyro_nuts

ENGINES = ("pymc", "nutpie", "numpyro", "blackjax")
WARM_UP = 1000  # transitions, as these samplers do by default


def sample_elsewhere(
    model: pm.Model, engine: str, settings: Settings, progress: bool
) -> xr.DataTree:
    """Draw from a model with another sampler.

    Parameters
    ----------
    model
        The model.
    engine
        One of `ENGINES`.
    settings
        All but ``max_draws``, which these samplers do not know.
    progress
        Whether to show a bar; blackjax has none.

    Raises
    ------
    FitError
        If the sampler is not installed.
    ArithmeticError
        If it finds no point at which the density is finite, or stops for another such reason.
    """
    if find_spec(engine) is None:
        raise FitError(
            f"engine {engine!r}: it is not installed; "
            f"expected the package {engine}; pip install {engine}, or use "
            f"{argument('engine', 'lawbook')}"
        )
    if engine == "blackjax":
        with scoped_jax():
            return describe_draws(model, _sample_by_blackjax(model, settings))
    options: dict[str, Any] = {
        "model": model,
        "draws": settings.draws,
        "tune": WARM_UP,
        "chains": settings.chains,
        "random_seed": settings.seed,
        "target_accept": settings.target_accept,
        "progressbar": progress,
        "compute_convergence_checks": False,  # draws of all engines are judged alike, later
    }
    if engine == "numpyro":
        with scoped_jax():
            with _as_arithmetic():
                drawn = sample_numpyro_nuts(chain_method="vectorized", **options)
            tree = drawn.map_over_datasets(xr.Dataset.as_numpy)  # they are JAX's arrays
    else:
        with untouched_settings(), _as_arithmetic():
            # one core: JAX's threads do not survive a fork
            tree = pm.sample(nuts_sampler=engine, cores=1, **options)  # pyright: ignore
    pm.compute_log_likelihood(tree, model=model, progressbar=False)
    return tree


@contextmanager
def _as_arithmetic() -> Iterator[None]:
    """Raise what samplers say of a density that is not finite as one kind of error."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, jax.errors.JaxRuntimeError):  # of memory or the device
            raise
        raise ArithmeticError(str(error)) from error


def _sample_by_blackjax(model: pm.Model, settings: Settings) -> Raw:
    """Adapt step size and diagonal mass matrix in windows, as Stan does, then run NUTS."""
    import blackjax

    reported: list[Any] = [*model.free_RVs, *model.deterministics]
    values: Any = model.replace_rvs_by_values(reported)
    terms: Any = model.logp(model.observed_RVs, sum=False)
    outputs: Any = [model.logp(), *values, *terms]
    graph = get_jaxified_graph(inputs=model.value_vars, outputs=outputs)

    def log_density(position):
        return graph(*position)[0]

    def chain(key, position):
        warm_key, key = jax.random.split(key)
        warm_up: Any = blackjax.window_adaptation(
            blackjax.nuts, log_density, target_acceptance_rate=settings.target_accept
        )
        (state, tuned), _ = warm_up.run(warm_key, position, num_steps=WARM_UP)
        kernel: Any = blackjax.nuts(log_density, **tuned)

        def transition(state, key):
            state, info = kernel.step(key, state)
            stats = {
                "lp": state.logdensity,
                "energy": info.energy,
                "acceptance_rate": info.acceptance_rate,
                "n_steps": info.num_integration_steps,
                "tree_depth": info.num_trajectory_expansions,
                "diverging": info.is_divergent,
                "step_size": tuned["step_size"],
            }
            return state, (graph(*state.position)[1:], stats)

        return jax.lax.scan(transition, state, jax.random.split(key, settings.draws))[1]

    rng = np.random.default_rng(settings.seed)
    point = model.initial_point()
    starts = [  # spread by up to one about the initial point, as PyMC does
        jnp.asarray(value + rng.uniform(-1, 1, (settings.chains, *np.shape(value))))
        for value in (point[variable.name] for variable in model.value_vars)
    ]
    keys = jax.random.split(jax.random.key(settings.seed), settings.chains)
    drawn, stats = jax.tree.map(np.asarray, jax.jit(jax.vmap(chain))(keys, starts))
    names = [variable.name for variable in reported]
    return Raw(
        dict(zip(names, drawn[: len(names)], strict=True)),
        {v.name: d for v, d in zip(model.observed_RVs, drawn[len(names) :], strict=True)},
        stats,
        interrupted=False,
    )
