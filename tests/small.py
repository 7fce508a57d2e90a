"""One small fit that several files of tests share: a power law in compute, four recipes."""

from functools import cache

import fits
import numpy as np
import xarray as xr

import lawbook

LAW = lawbook.load_law("compute")
POOL = {"E": "none", "K": "full"}


@cache
def runs():
    """Eighty runs, bit for bit the same everywhere."""
    recipes = ["gru", "lstm", "mlp", "transformer"]
    return lawbook.simulate(LAW, n=20, noise=0.005, seed=3, groups=recipes)


@cache
def fit():
    """A fit as a sampler leaves it, but with draws from the prior."""
    law = LAW.with_pooling(**POOL)
    fit = fits.of_prior(law, runs())
    stats = {"diverging": np.eye(2, 100, dtype=bool), "n_steps": np.arange(200).reshape(2, 100)}
    fit.posterior["sample_stats"] = xr.DataTree(
        xr.Dataset({name: (("chain", "draw"), values) for name, values in stats.items()})
    )
    return fit
