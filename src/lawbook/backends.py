"""The same model in other hands: PyMC, nutpie, NumPyro and blackjax, through `pymc.sample`."""

import pymc as pm
import xarray as xr

from lawbook.engine.cache import untouched_precision
from lawbook.engine.sampling import Settings
from lawbook.errors import FitError

ENGINES = ("pymc", "nutpie", "numpyro", "blackjax")


def sample_elsewhere(
    model: pm.Model, engine: str, settings: Settings, progress: bool
) -> xr.DataTree:
    """Draw from a model with another sampler.

    Raises
    ------
    FitError
        If the sampler is not installed.
    """
    options = {"chain_method": "vectorized"} if engine in ("numpyro", "blackjax") else {}
    try:
        with untouched_precision():
            return pm.sample(
                model=model,
                draws=settings.draws,
                chains=settings.chains,
                cores=1,  # JAX's threads do not survive a fork
                random_seed=settings.seed,
                target_accept=settings.target_accept,
                nuts_sampler=engine,  # pyright: ignore[reportArgumentType]
                nuts_sampler_kwargs=options,
                idata_kwargs={"log_likelihood": True},
                progressbar=progress,
            )
    except ImportError as error:
        raise FitError(
            f"engine {engine!r}: it is not installed ({error}); "
            f"expected the package {engine}; pip install {engine}, or use engine='lawbook'"
        ) from error
