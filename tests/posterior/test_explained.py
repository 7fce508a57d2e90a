"""Columns that explain groups: their coefficients are found, and unseen groups predicted better."""

import numpy as np
import pandas as pd
import pytest
from commands import run
from scipy import stats

import lawbook

LAW = lawbook.load_law("compute")
EXPLAINED = {"K": ["log_width", "optimizer"]}
SLOPE, MUON = 0.25, -0.2  # of log K per sd of log width, and of one optimizer
OPTIONS = {"by": "model", "discrepancy": "none", "seed": 1, "draws": 500}


def table(count, seed, start=0):
    rng, parts = np.random.default_rng(seed), []
    for i in range(count):
        width, muon = float(rng.uniform(5, 9)), i % 2
        log_k = np.log(0.75) + SLOPE * (width - 7) / (4 / 12**0.5) + MUON * muon
        log_k += 0.05 * rng.standard_normal()
        compute = np.geomspace(1e18, 1e22, 6)
        loss = 1.7 + np.exp(log_k) * (compute / 1e20) ** -0.17
        loss = loss * np.exp(0.005 * rng.standard_normal(6))
        columns = {"C": compute, "loss": loss, "model": f"m{start + i}"}
        columns |= {"log_width": width, "optimizer": ["adam", "muon"][muon]}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


SEEN, UNSEEN = table(16, 1), table(8, 2, start=100)


@pytest.fixture(scope="module")
def fit():
    return lawbook.fit(LAW, SEEN, explained_by=EXPLAINED, **OPTIONS)


def scores(fit):
    """Mean log density of unseen groups' runs, as if predictions were normal in the log."""
    points = UNSEEN.drop(columns="loss")
    if not fit.law.predictors:
        points = points.drop(columns=["log_width", "optimizer"])
    draws = np.log(fit.predict(points, kind="run", new_groups=True, seed=3).draws.to_numpy())
    flat = draws.reshape(-1, len(points))
    return stats.norm(flat.mean(axis=0), flat.std(axis=0)).logpdf(np.log(UNSEEN["loss"]))


def test_coefficients_are_found(fit):
    effects = fit.summary().filter(regex="effect", axis=0)
    names = ["log_width", "optimizer: adam", "optimizer: muon"]
    assert list(effects.index) == [f"K_size_effect[{name}]" for name in names]
    # in standard deviations over the groups at hand
    sd = SEEN.groupby("model")["log_width"].first().std(ddof=0)
    slope = SLOPE * sd / (4 / 12**0.5)
    assert effects["mean"].iloc[0] == pytest.approx(slope, abs=3 * effects["sd"].iloc[0])
    assert effects["sd"].iloc[0] < 0.05
    drawn = fit.posterior["posterior"]["K_size_effect"]
    difference = (drawn[..., 2] - drawn[..., 1]).to_numpy()
    assert difference.mean() == pytest.approx(MUON, abs=3 * difference.std())
    assert difference.std() < 0.08


def test_unseen_groups_are_predicted_better(fit):
    plain = lawbook.fit(LAW, SEEN.drop(columns=["log_width", "optimizer"]), **OPTIONS)
    assert (scores(fit) - scores(plain)).mean() > 0.3


def test_groups_with_runs_need_no_columns(fit):
    with_columns = {"C": 1e23, "model": "m3", **SEEN.set_index("model").loc["m3"].iloc[0][2:]}
    found = fit.predict({"C": 1e23, "model": "m3"}).table["median"]
    assert list(fit.predict(with_columns).table["median"]) == list(found)
    with pytest.raises(lawbook.RunsError, match="'new' has no runs to take it from"):
        fit.predict({"C": 1e23, "model": "new"}, new_groups=True)


def test_a_label_that_no_run_had_is_less_certain(fit):
    at = {"C": 1e23, "model": ["n", "o"], "log_width": 7, "optimizer": ["adam", "shampoo"]}
    sd = fit.predict(at, new_groups=True).table["sd"]
    assert sd[1] > 1.5 * sd[0]


def test_it_is_saved_and_loaded(fit, tmp_path):
    fit.save(tmp_path / "fit.nc")
    loaded = lawbook.load(tmp_path / "fit.nc")
    assert loaded.law.param("K").explained_by == ("log_width", "optimizer")
    at = {"C": 1e23, "model": "n", "log_width": 8.5, "optimizer": "muon"}
    one, other = (f.predict(at, new_groups=True, seed=5).table for f in (fit, loaded))
    pd.testing.assert_frame_equal(one, other)
    assert loaded.runs.sha256 == fit.runs.sha256


def test_what_cannot_be_explained_is_refused(tmp_path):
    with pytest.raises(lawbook.LawError, match="explained by 'log_width', but its pooling is full"):
        lawbook.fit(LAW, SEEN, explained_by={"gamma": "log_width"}, **OPTIONS)
    SEEN.to_csv(tmp_path / "runs.csv", index=False)
    out, by = ("-o", tmp_path / "fit.nc"), ("--by", "model")
    done = run("fit", "compute", tmp_path / "runs.csv", *out, *by, "--explained-by", "K=wdth")
    assert done.returncode == 2
    assert "column 'wdth', which explains 'K': there is no such column" in done.stderr
    done = run("fit", "compute", tmp_path / "runs.csv", *out, *by, "--explained-by", "J=log_width")
    assert done.returncode == 2
    assert "law 'compute': it has no param 'J'" in done.stderr
