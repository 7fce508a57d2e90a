"""How informative one more run is: its noise, and parameters on the scale of their priors."""

import numpy as np
import pandas as pd

from lawbook.engine.tree import numpy_of
from lawbook.laws.links import to_link
from lawbook.model import names
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.parameters import parameters_at


def link_draws(fit: Fitted, name: str) -> np.ndarray:
    """Return draws of what a parameter's prior is of, on that prior's link scale, (chain, draw).

    Parameters
    ----------
    name
        Of a parameter of the law. Where it is partially pooled: its population's; where it is
        not pooled: the mean over groups.
    """
    param = fit.law.param(name)
    pooled = param.prior_of_pooled
    variable = names.pooled(param)
    tree = fit.posterior
    if (centre := names.population(variable)) in tree["posterior"]:
        variable = centre
    values = numpy_of(tree, variable)
    values = to_link(pooled.link, values)
    return values.reshape(*values.shape[:2], -1).mean(axis=2)


def noise_variance(fit: Fitted, points: pd.DataFrame, mean: np.ndarray) -> np.ndarray:
    """Return the variance that one run's noise has for the law's value, on the noise's scale.

    Parameters
    ----------
    fit
        Its noise says how informative a run is.
    points
        Inputs and labels.
    mean
        The response expected there, shape (points,).
    """
    params = parameters_at(fit, points.loc[:, list(fit.runs.by)], np.random.default_rng(0))
    flat = {n: v.reshape(-1, len(points)) for n, v in params.items()}
    noise, trials = fit.law.response.noise, fit.runs.trials
    at = {} if trials is None else dict.fromkeys(noise.reads, np.median(trials))
    return np.broadcast_to(1 / noise.information(mean, flat, at), len(points))
