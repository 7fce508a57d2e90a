"""Fits with a curvature: it is found, it grows with the distance, and it is saved."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook import Curvature, Discrepancy
from lawbook.priors import LogNormal, Normal

LAW = lawbook.load_law("chinchilla")
TRUTH = dict(E=1.8, A=480.0, B=2085.0, alpha=0.35, beta=0.366)
BEND = -0.012
NOISE = Discrepancy(
    sigma=LogNormal(0.002, 0.5),
    amplitude=LogNormal(0.002, 0.3),
    curvature=(Curvature("N", "D", Normal(0.0, 0.01)),),
)
FAR = pd.DataFrame({"N": [7e10], "D": [1.4e12]})


def bent(at: pd.DataFrame, middle: pd.DataFrame) -> np.ndarray:
    """Return losses of the law and a curvature."""
    x = np.log(at) - np.log(middle).mean()
    value = LAW.formula(np, at["N"].to_numpy(), at["D"].to_numpy(), **TRUTH)
    return value * np.exp(BEND * (x["N"] * x["D"]).to_numpy())


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    N, D = (a.ravel() for a in np.meshgrid(np.geomspace(1e8, 2e9, 6), np.geomspace(2e9, 4e10, 6)))
    table = pd.DataFrame({"N": N, "D": D})
    return table.assign(loss=bent(table, table) * np.exp(0.002 * rng.standard_normal(len(N))))


@pytest.fixture(scope="module")
def fit(runs) -> lawbook.Fit:
    return lawbook.fit(LAW, runs, discrepancy=NOISE, draws=300, seed=1)


def test_a_curvature_is_found_and_holds_far_out(fit, runs):
    drawn = fit.posterior["posterior"]["curvature_N_D"].to_numpy()
    assert abs(drawn.mean() - BEND) < 3 * drawn.std() < 0.5 * abs(BEND) * 3
    row = fit.predict(FAR, prob=0.9, kind="run", seed=1).table.iloc[0]
    (truth,) = bent(FAR, runs[["N", "D"]])
    assert row["eti90_lower"] < truth < row["eti90_upper"]
    alone = lawbook.fit(LAW, runs, discrepancy=replace(NOISE, curvature=()), draws=300, seed=1)
    without = alone.predict(FAR, prob=0.9, kind="run", seed=1).table.iloc[0]
    assert not without["eti90_lower"] < truth < without["eti90_upper"]


def test_a_fit_with_a_curvature_is_read_back(fit, tmp_path):
    fit.save(tmp_path / "fit.nc")
    again = lawbook.load(tmp_path / "fit.nc")
    assert again.law.response.noise == fit.law.response.noise
    first, second = (f.predict(FAR, seed=1).draws.to_numpy() for f in (fit, again))
    np.testing.assert_array_equal(first, second)


def test_a_curvature_is_shared_by_recipes(runs):
    two = pd.concat(
        [runs.assign(recipe=r, loss=runs["loss"] * k) for r, k in (("a", 1), ("b", 1.1))]
    )
    found = lawbook.fit(LAW, two, by="recipe", discrepancy=NOISE, draws=200, seed=1)
    assert found.posterior["posterior"]["curvature_N_D"].dims == ("chain", "draw")
    odds = found.compare(FAR).table
    assert (odds.set_index("recipe")["p_best"].idxmax()) == "a"
