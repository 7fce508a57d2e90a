"""Draws as an ArviZ DataTree, and their judgement."""

import warnings
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    import pymc as pm

    from lawbook.engine.diagnostics import Diagnostics
    from lawbook.engine.settings import Raw


def describe_draws(model: "pm.Model", raw: "Raw") -> xr.DataTree:
    """Return what the engine drew as ArviZ groups."""
    import arviz_base

    # as arrays: lists of a million labels are copied entry by entry, again and again
    coords = {dim: np.asarray(labels or ()) for dim, labels in model.coords.items()}
    dims = {name: list(dims) for name, dims in model.named_vars_to_dims.items()}
    groups = {"posterior": raw.variables, "sample_stats": raw.stats}
    if raw.log_likelihood:
        groups["log_likelihood"] = raw.log_likelihood
    constants = {variable.name: variable.get_value() for variable in model.data_vars}
    observed = {
        variable.name: constants.pop(f"{variable.name}_observed") for variable in model.observed_RVs
    }
    groups |= {"observed_data": observed, "constant_data": constants}
    used = {dim for name in constants for dim in dims.get(name, ())} | {"run"}
    used |= {dim for name in raw.variables for dim in dims.get(name, ())}
    with warnings.catch_warnings():  # an ensemble has more chains than draws of each
        warnings.filterwarnings("ignore", message="Found chain dimension to be longer")
        return arviz_base.from_dict(
            groups, coords={dim: coords[dim] for dim in coords if dim in used}, dims=dims
        )


def judge_draws(tree: xr.DataTree) -> "Diagnostics":
    """Judge the draws of a tree, whichever engine made them."""
    from lawbook.engine.diagnostics import judge

    posterior, stats = tree["posterior"].dataset, tree["sample_stats"].dataset
    drawn = {str(n): v.transpose("chain", "draw", ...) for n, v in posterior.items()}
    labels = {name: _labels(values) for name, values in drawn.items()}
    return judge(
        {name: v.to_numpy() for name, v in drawn.items()},
        stats["diverging"].to_numpy(),
        stats["energy"].to_numpy(),
        steps=stats["n_steps"].to_numpy() if "n_steps" in stats else None,
        labels=labels,
        superchains=superchains_of(tree),
    )


def superchains_of(tree: xr.DataTree) -> np.ndarray | None:
    """Return from which place each chain started, where many did from each, shape (chains,)."""
    stats = tree["sample_stats"].dataset if "sample_stats" in tree else {}
    return stats["superchain"].to_numpy()[:, 0] if "superchain" in stats else None


def _labels(values: xr.DataArray) -> list[str]:
    """Return what the entries of a variable are called, its last axis fastest."""
    axes = (values[dim].to_numpy() for dim in values.dims[2:])
    return [" | ".join(map(str, at)) for at in product(*axes)]


def numpy_of(tree: xr.DataTree, name: str) -> np.ndarray:
    """Return draws of a variable, shape (chains, draws, ...)."""
    return tree["posterior"][name].transpose("chain", "draw", ...).to_numpy()
