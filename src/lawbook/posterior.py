"""Draws as an ArviZ DataTree that says where it comes from."""

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from lawbook.declaration import Law
from lawbook.noise import Discrepancy
from lawbook.runs import Runs

if TYPE_CHECKING:
    import pymc as pm

    from lawbook.engine.diagnostics import Diagnostics
    from lawbook.engine.sampling import Raw, Settings

PACKAGES = ("lawbook", "pymc", "pytensor", "jax", "blackjax", "numpy", "arviz")


def describe_draws(model: "pm.Model", raw: "Raw") -> xr.DataTree:
    """Return what the engine drew as ArviZ groups."""
    import arviz_base

    coords = {dim: list(labels or ()) for dim, labels in model.coords.items()}
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
    return arviz_base.from_dict(
        groups, coords={dim: coords[dim] for dim in coords if dim in used}, dims=dims
    )


def judge_draws(tree: xr.DataTree) -> "Diagnostics":
    """Judge the draws of a tree, whichever engine made them."""
    from lawbook.engine.diagnostics import judge

    posterior, stats = tree["posterior"].dataset, tree["sample_stats"].dataset
    variables = {str(n): v.transpose("chain", "draw", ...).to_numpy() for n, v in posterior.items()}
    return judge(variables, stats["diverging"].to_numpy(), stats["energy"].to_numpy())


def provenance(
    tree: xr.DataTree,
    law: Law,
    runs: Runs,
    engine: str,
    settings: "Settings",
    interrupted: bool = False,
) -> xr.DataTree:
    """Write on a tree what it was made of."""
    tree.attrs |= {
        "law": law.name,
        "law_version": law.version,
        "pooling": json.dumps({p.name: p.pool for p in law.params}),
        "runs": len(runs),
        "runs_source": runs.source,
        "runs_sha256": runs.sha256,
        "engine": engine,
        "seed": settings.seed,
        "target_accept": settings.target_accept,
        "interrupted": int(interrupted),
        "python": platform.python_version(),
        "packages": json.dumps({name: version(name) for name in PACKAGES}),
    }
    if isinstance(law.response.noise, Discrepancy):
        tree.attrs["discrepancy"] = _in_json(law.response.noise)
    return tree


def _in_json(noise: Discrepancy) -> str:
    """Write a discrepancy as text: kernel, inputs, and each prior by its name and numbers."""
    priors = {
        name: {"prior": type(prior).__name__, **asdict(prior)}
        for name, (prior, _) in noise.priors.items()
    }
    return json.dumps({"kernel": noise.kernel, "over": noise.over, "priors": priors})


def numpy_of(tree: xr.DataTree, name: str) -> np.ndarray:
    """Return draws of a variable, shape (chains, draws, ...)."""
    return tree["posterior"][name].transpose("chain", "draw", ...).to_numpy()
