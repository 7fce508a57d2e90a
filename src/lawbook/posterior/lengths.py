"""Lengths of the groups' processes, drawn where the model has summed them out.

In several inputs a length takes one of a few values, and the density is a sum over them. Given all
else in a draw, the probability of each is its part of that sum.
"""

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import softmax

from lawbook.data.groups import dim_of
from lawbook.engine.tree import numpy_of
from lawbook.laws.discrepancy import Discrepancy
from lawbook.model import names
from lawbook.model.spectrum import log_weights_of, nodes_of, spectrum_of
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.modes import log_densities
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.responses import residuals


def draw_lengths(fit: Fitted) -> xr.DataArray:
    """Return the length of each group in each draw, dims ``(chain, draw)`` and that of groups.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy` in several inputs.
    """
    noise, runs = fit.law.response.noise, fit.runs
    assert isinstance(noise, Discrepancy)
    rng = np.random.default_rng(fit.origin.seed)
    groups = runs.groups if runs.by else pd.DataFrame(index=range(1))
    values = parameters_at(fit, groups, rng, without=noise.summed)
    nodes = nodes_of(noise.length)
    weights = _weights(fit, noise, nodes)
    found = np.empty((len(groups), weights.shape[1]))
    for group in range(len(groups)):
        here = {name: value[..., group].reshape(1, -1) for name, value in values.items()}
        _, scales, residual = residuals(fit, groups.iloc[group].to_dict(), here)
        spectrum = spectrum_of(noise.kernel, scales, nodes)
        terms = log_densities(spectrum, residual, here["amplitude"][0], here["sigma"][0])
        share = np.cumsum(softmax(terms + weights, axis=0), axis=0)
        chosen = np.sum(share < rng.uniform(size=share.shape[1]) * share[-1], axis=0)
        found[group] = nodes[np.minimum(chosen, len(nodes) - 1)]
    posterior = fit.posterior["posterior"].dataset
    shape = [posterior.sizes[name] for name in ("chain", "draw")]
    coords = {name: posterior[name] for name in ("chain", "draw")}
    if not runs.by:
        return xr.DataArray(found.reshape(shape), coords, ["chain", "draw"])
    dim = dim_of(runs.by[0]) if len(runs.by) == 1 else "group"
    labels = [" | ".join(map(str, row)) for row in groups.itertuples(index=False)]
    coords[dim] = list(groups.iloc[:, 0]) if len(runs.by) == 1 else labels
    drawn = np.moveaxis(found.reshape(len(groups), *shape), 0, -1)
    return xr.DataArray(drawn, coords, ["chain", "draw", dim])


def _weights(fit: Fitted, noise: Discrepancy, nodes: np.ndarray) -> np.ndarray:
    """Return log probabilities of the lengths, up to a constant, (lengths, draws)."""
    draws = fit.posterior["posterior"].sizes
    if not fit.runs.by:
        count = draws["chain"] * draws["draw"]
        return np.repeat(log_weights_of(noise.length)[:, None], count, axis=1)
    tree = fit.posterior
    mean = np.log(numpy_of(tree, names.population("length"))).ravel()
    spreads = (numpy_of(tree, names.spread("length", column)).ravel() for column in fit.runs.by)
    return log_weights_of(noise.length, mean, sum(spread**2 for spread in spreads)).T
