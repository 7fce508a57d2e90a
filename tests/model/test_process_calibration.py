"""Simulation-based calibration of the process in several inputs, alone and in groups."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pymc as pm
import pytest
from scipy import stats
from scipy.special import softmax

import lawbook
from lawbook.laws.curvature import products
from lawbook.laws.kernels import correlation
from lawbook.model.hierarchy import build
from lawbook.model.spectrum import distances, log_weights_of, nodes_of
from lawbook.posterior.inference import with_discrepancy
from lawbook.priors import LogNormal

CHINCHILLA = lawbook.load_law("chinchilla")
LAW = with_discrepancy(CHINCHILLA, "auto")
NOISE = LAW.response.noise
SHARING = with_discrepancy(CHINCHILLA, replace(NOISE, shared=LogNormal(0.02, 1.0)))
TABLES, DRAWS = 60, 100


def truths(law, by):
    """Runs without a response, and draws of all variables of the model from its prior."""
    rng = np.random.default_rng(17)
    n = 16 if by else 30
    groups = ["gru", "lstm", "mamba"] if by else [""]
    table = pd.DataFrame(
        {
            "N": np.exp(rng.uniform(np.log(1e8), np.log(1e10), n * len(groups))),
            "D": np.exp(rng.uniform(np.log(5e9), np.log(5e11), n * len(groups))),
            "loss": 3.0,
        }
    )
    if by:
        table["recipe"] = np.repeat(groups, n)
    model = build(law, lawbook.read_runs(table, law, by=by, allow="duplicates")).model
    names = [v.name for v in (*model.free_RVs, *model.deterministics)]
    drawn = pm.draw(
        [model[name] for name in names], draws=TABLES, random_seed=5, mode="FAST_COMPILE"
    )
    return table, dict(zip(names, drawn, strict=True)), rng


def lengths(truth, groups, rng):
    """Draw a length for each group as the model has it."""
    if "length_population" not in truth:
        share = softmax(log_weights_of(NOISE.length))
        return np.full(groups, rng.choice(nodes_of(NOISE.length), p=share))
    mean, spread = np.log(truth["length_population"]), truth["length_spread_recipe"]
    shares = log_weights_of(NOISE.length, mean, spread**2)
    return rng.choice(nodes_of(NOISE.length), size=groups, p=softmax(shares))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("law", "by"),
    [(LAW, ()), (LAW, ("recipe",)), (SHARING, ("recipe",))],
    ids=["alone", "in groups", "in groups that share a process"],
)
def test_ranks_of_the_truth_are_uniform(law, by):
    table, drawn, rng = truths(law, by)
    group = pd.factorize(table["recipe"])[0] if by else np.zeros(len(table), dtype=int)
    count = group.max() + 1
    ranked = [name for name, values in drawn.items() if values.ndim == 1]
    ranks = {name: [] for name in (*ranked, "amplitude", "length")}
    scales = np.log(table[["N", "D"]].to_numpy())
    for k in range(TABLES):
        truth = {name: values[k] for name, values in drawn.items()}
        truth["length"] = lengths(truth, count, rng)
        at = {
            name: np.broadcast_to(value, count)
            for name, value in truth.items()
            if np.ndim(value) == 0 or len(value) == count
        }
        values = {name: at[name][group] for name in law.param_names}
        inputs = {name: table[name].to_numpy() for name in law.input_names}
        y = np.log(law.formula(np, *inputs.values(), **values))
        y += products(NOISE.curvature, inputs, inputs) @ [truth[c.name] for c in NOISE.curvature]
        if "shared" in truth:
            length = float(NOISE.length.quantile(0.5))  # it is not learned of what groups share
            alike = correlation(np, NOISE.kernel, distances(scales, scales) / length)
            factor = np.linalg.cholesky(alike + 1e-10 * np.eye(len(table)))
            y += truth["shared"] * (factor @ rng.standard_normal(len(table)))
        for g in range(count):
            mine = group == g
            apart = distances(scales[mine], scales[mine]) / at["length"][g]
            cov = at["amplitude"][g] ** 2 * correlation(np, NOISE.kernel, apart)
            cov += (at["sigma"][g] ** 2 + 1e-9) * np.eye(mine.sum())
            y[mine] += np.linalg.cholesky(cov) @ rng.standard_normal(mine.sum())
        runs = lawbook.read_runs(table.assign(loss=np.exp(y)), law, by=by, allow=("units", "sizes"))
        options = {"draws": 500, "chains": 2, "seed": k, "max_draws": 2000}
        posterior = lawbook.fit(law, runs, **options).posterior["posterior"].dataset
        for name, found in ranks.items():
            values = posterior[name].to_numpy().reshape(-1, *posterior[name].shape[2:])
            thin = values[np.linspace(0, len(values) - 1, DRAWS).astype(int)]
            mine, true = (
                a[..., 0] if np.ndim(a) > n else a for n, a in ((1, thin), (0, truth[name]))
            )
            below, equal = np.sum(mine < true), np.sum(mine == true)
            found.append((below + rng.integers(equal + 1) + rng.uniform()) / (DRAWS + 1))
    for name, found in ranks.items():
        test = stats.kstest(found, "uniform")
        assert test.pvalue > 0.005 / len(ranks), f"{name}: p = {test.pvalue:.5f}"
