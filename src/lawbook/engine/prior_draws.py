"""Draws of a model's prior as positions.

Each model is drawn from once, so nothing is compiled for it: PyTensor works out its own graphs.
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from lawbook.engine.density import Layout

PLAIN = "FAST_COMPILE"


def prior_draws(model: pm.Model, layout: Layout, draws: int, seed: int) -> np.ndarray:
    """Return draws of the prior, shape (draws, size), zero where a position is padding."""
    found = np.zeros((draws, layout.size))
    places = layout.split(np.arange(layout.size))
    drawn = pm.draw([*model.free_RVs], draws=draws, random_seed=seed, mode=PLAIN)
    for variable, values in zip(model.free_RVs, drawn, strict=True):
        values = unconstrained(model, variable, values)
        found[:, places[variable.name].ravel()[: values.shape[1]]] = values
    return found


def unconstrained(model: pm.Model, variable, values: np.ndarray) -> np.ndarray:
    """Return draws of a variable on the unconstrained scale, (draws, entries)."""
    transform = model.rvs_to_transforms[variable]
    if transform is not None:
        moved = transform.forward(pt.as_tensor(values), *variable.owner.inputs)
        values = moved.eval(mode=PLAIN)
    return np.asarray(values, dtype="float64").reshape(len(values), -1)
