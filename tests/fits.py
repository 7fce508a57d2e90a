"""Fits without a sampler: draws from the prior, or written by hand."""

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr

import lawbook
from lawbook.data.groups import dim_of
from lawbook.engine.diagnostics import Diagnostics
from lawbook.engine.settings import Settings
from lawbook.fitting import Fit
from lawbook.model.hierarchy import build
from lawbook.posterior.fitted import origin
from lawbook.posterior.lengths import draw_lengths
from lawbook.priors import LogNormal, Normal

TRUSTED = Diagnostics(1.0, 1000.0, 1000.0, "E", 0, 1.0, ())
RECIPES = ("gru", "lstm", "transformer")


def of_prior(law, runs, centred=None, chains=2, draws=100, seed=1):
    """A fit whose draws are PyMC's own draws from the prior, deterministic values included."""
    model = build(law, runs, centred).model
    names = [variable.name for variable in (*model.free_RVs, *model.deterministics)]
    options = {"random_seed": seed, "compile_kwargs": {"mode": "FAST_COMPILE"}}
    drawn = pm.sample_prior_predictive(chains * draws, model=model, var_names=names, **options)
    prior = drawn["prior"].dataset
    split = {
        name: (
            ("chain", "draw", *values.dims[2:]),
            values.to_numpy().reshape(chains, draws, *values.shape[2:]),
        )
        for name, values in prior.items()
    }
    labels = {name: prior[name] for name in prior.coords if name not in ("chain", "draw")}
    posterior = xr.Dataset(split, {"chain": range(chains), "draw": range(draws), **labels})
    stats = {"energy": drawn["prior"].draw.to_numpy().reshape(chains, draws) * 1.0}
    stats["diverging"] = np.zeros((chains, draws), dtype=bool)
    sampled = xr.Dataset({name: (("chain", "draw"), values) for name, values in stats.items()})
    tree = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": sampled})
    fit = Fit(law, runs, tree, TRUSTED, origin("lawbook", Settings(seed=seed)))
    for name in getattr(law.response.noise, "summed", ()):
        tree["posterior"] = xr.DataTree(posterior.assign({name: draw_lengths(fit)}))
    return fit


def grouped_runs(by, n=72):
    """Runs of Chinchilla with three recipes, two corpora and three seeds, but not all pairs."""
    law = lawbook.load_law("chinchilla")
    frame = lawbook.simulate(law, n=n, noise=0.01, seed=1).frame
    count = np.arange(n)
    frame = frame.assign(
        recipe=np.array(RECIPES)[count % 3],
        corpus=np.where((count % 2 == 0) | (count % 3 == 1), "c4", "pile"),
        seed=count // 3 % 3,
    )
    return lawbook.read_runs(frame, law, by=by, allow="sizes")


def level(xp, x, *, level):
    """A response that is its own parameter."""
    return level + 0 * x


def flat_law(better="lower", sigma=0.1):
    """A law whose draws are what one writes."""
    return lawbook.Law(
        name="flat",
        formula=level,
        inputs=[lawbook.Input("x", unit="tokens", seen=(1.0, 10.0))],
        response=lawbook.Response(
            "loss",
            "nats",
            noise=lawbook.Normal(on="identity", sigma=LogNormal(sigma, 1.0)),
            better=better,
        ),
        params=[lawbook.Param("level", Normal(0.0, 1.0), pool="none")],
        cost=lambda x: 6 * x,
    )


def by_hand(values, labels, *, better="lower", sigma=0.1, by="recipe", trusted=TRUSTED):
    """A fit with these draws of each group's response, shape (chain, draw, group)."""
    values = np.asarray(values, dtype="float64")
    law = flat_law(better)
    frame = pd.DataFrame({"x": np.tile([1.0, 4.0], len(labels)), by: np.repeat(labels, 2)})
    frame["loss"] = np.arange(len(frame), dtype="float64")
    runs = lawbook.read_runs(frame, law, by=by)
    dim, (chains, draws, groups) = dim_of(by), values.shape
    one, each = np.ones((chains, draws)), np.zeros((chains, draws, groups))
    posterior = xr.Dataset(
        {
            "level": (("chain", "draw", dim), values),
            "sigma_population": (("chain", "draw"), sigma * one),
            f"sigma_spread_{dim}": (("chain", "draw"), one),
            f"sigma_offset_{dim}": (("chain", "draw", dim), each),
        },
        {"chain": range(chains), "draw": range(draws), dim: list(runs.levels(by))},
    )
    tree = xr.DataTree.from_dict({"posterior": posterior})
    return Fit(law, runs, tree, trusted, origin("lawbook", Settings()))
