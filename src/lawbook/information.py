"""What one more run would tell: its noise, and parameters on the scale of their priors."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lawbook.declaration import Law
from lawbook.links import to_link
from lawbook.noise import Beta, Binomial, Discrepancy, Frontier, NegativeBinomial, StudentT
from lawbook.population import parameters_at
from lawbook.posterior import numpy_of
from lawbook.prediction import responses

if TYPE_CHECKING:
    from lawbook.fitting import Fit


def link_draws(fit: "Fit", name: str) -> np.ndarray:
    """Return draws of what a parameter's prior is of, on that prior's link scale.

    Parameters
    ----------
    name
        Of a parameter of the law. Where it is partially pooled: its population's; where it is
        not pooled: the mean over groups.
    """
    param = fit.law.param(name)
    pooled = param.prior_of_pooled
    variable = name if param.prior is pooled else f"{name}_size"
    tree = fit.posterior
    if f"{variable}_population" in tree["posterior"]:
        variable = f"{variable}_population"
    values = numpy_of(tree, variable)
    values = to_link(pooled.link, values)
    return values.reshape(values.shape[0] * values.shape[1], -1).mean(axis=1)


def on_scale(law: Law, values: np.ndarray) -> np.ndarray:
    """Return responses on the scale on which the law's noise is symmetric."""
    return to_link(law.response.noise.on, values)


def noise_scale(law: Law) -> str:
    """Return the unit of the scale on which the law's noise is symmetric, in words."""
    y = law.response
    return y.unit if y.noise.on == "identity" else f"{y.noise.on} {y.name}"


def noise_variance(fit: "Fit", points: pd.DataFrame, size: int) -> np.ndarray:
    """Return the variance that one run's noise has for the mean, on the scale of the noise."""
    groups = points.loc[:, list(fit.runs.by)]
    params = parameters_at(fit, groups, np.random.default_rng(0))
    noise = fit.law.response.noise
    match noise:
        case Binomial():
            value = responses(fit, points, "mean", 0).reshape(len(points), size).mean(axis=1)
            assert fit.runs.trials is not None
            return 1 / (np.median(fit.runs.trials) * value * (1 - value))
        case Beta():
            value = responses(fit, points, "mean", 0).reshape(len(points), size).mean(axis=1)
            count = params["concentration"].reshape(size, -1).mean(axis=0)
            return 1 / ((1 + count) * value * (1 - value))
        case NegativeBinomial():
            value = responses(fit, points, "mean", 0).reshape(len(points), size).mean(axis=1)
            return 1 / value + (1 / params["shape"]).reshape(size, -1).mean(axis=0)
        case Discrepancy():
            variance = params["sigma"] ** 2
            return variance.reshape(size, -1).mean(axis=0)
    variance = params["sigma"] ** 2
    symmetric = noise.noise if isinstance(noise, Frontier) else noise
    if isinstance(symmetric, StudentT):  # the inverse of its Fisher information
        variance = variance * (params["nu"] + 3) / (params["nu"] + 1)
    if isinstance(noise, Frontier):
        variance = variance + params["excess"] ** 2
    return np.broadcast_to(np.median(variance.reshape(size, -1), axis=0), len(points))
