"""Runs that stand apart: found together, told with their distance, and none among right runs."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

import lawbook
from lawbook.laws.kernels import correlation
from lawbook.posterior import apart
from lawbook.posterior.apart import APART, StandApart

SCENARIO = {
    "N": [6e7, 6e7, 1.25e8, 1.25e8, 1.25e8, 2.5e8, 2.5e8, 3.5e8, 3.5e8, 5e8, 7.6e8, 7.6e8],
    "D": [2e9, 6e9, 2e9, 5e9, 1.2e10, 5e9, 1e10, 4e9, 1.4e10, 1e10, 8e9, 1.5e10],
}


def around(rng, n, planted=None, sigma=0.004):
    """Runs of a process and noise, some of them shifted, with a grid of sizes around the truth."""
    x = rng.uniform(0, 8, n)
    process = 0.02**2 * correlation(np, "matern52", np.abs(x[:, None] - x) / 2.5)
    process += 0.5**2 * np.outer(x / 8, x / 8) + 1.0  # a law of two parameters
    truth = process + sigma**2 * np.eye(n)
    residual = rng.multivariate_normal(np.zeros(n), truth)
    for i, shift in (planted or {}).items():
        residual[i] += shift
    sizes = np.geomspace(0.5, 16, 6)
    noise = np.tile((sizes[:, None] * sigma) ** 2, n)
    covariance = process + noise[:, :, None] * np.eye(n)
    return apart._Normal(residual, covariance, noise, np.full(6, -np.log(6)))


def best(found) -> StandApart:
    return max(apart._searched(found), key=lambda one: one.log_odds)


def test_odds_and_distances_are_those_of_the_joint_normal_distribution():
    rng = np.random.default_rng(3)
    found = around(rng, 9, {4: 0.06, 7: -0.05})
    r, n = found.residual, 9

    def log_terms(chosen):
        wide = found.noise.copy()
        wide[:, chosen] *= APART.factor**2
        covariance = found.covariance + (wide - found.noise)[:, :, None] * np.eye(n)
        terms = [multivariate_normal(np.zeros(n), c).logpdf(r) for c in covariance]
        return np.array(terms) + found.log_prior

    one = best(found)
    assert set(one.runs) == {4, 7}
    none, both = (np.logaddexp.reduce(log_terms(chosen)) for chosen in ([], [4, 7]))
    prior = 2 * np.log(APART.share / (1 - APART.share))
    assert one.log_odds == pytest.approx(both - none + prior, rel=1e-6)
    # no other two are more probable
    others = [np.logaddexp.reduce(log_terms(list(two))) for two in combinations(range(n), 2)]
    assert both == pytest.approx(max(others))
    # what all other runs lead to expect, at each size, weighted by its probability
    weight = np.exp(log_terms([4, 7]) - both)
    more = (APART.factor**2 - 1) * found.noise
    wide = found.covariance + (more * np.isin(range(n), [4, 7]))[:, :, None] * np.eye(n)
    for run, shift, sd in zip(one.runs, one.shift, one.sd, strict=True):
        rest = [i for i in range(n) if i != run]
        gains = [np.linalg.solve(v[np.ix_(rest, rest)], v[rest, run]) for v in wide]
        away = np.array([r[run] - gain @ r[rest] for gain in gains])
        spread = [v[run, run] - gain @ v[rest, run] for v, gain in zip(wide, gains, strict=True)]
        assert shift == pytest.approx(weight @ away, rel=1e-6)
        variance = weight @ (spread - more[:, run] + away**2) - shift**2
        assert sd == pytest.approx(np.sqrt(variance), rel=1e-6)


@pytest.mark.parametrize("n", [12, 40])
def test_among_right_runs_hardly_any_is_told(n):
    rng = np.random.default_rng(n)
    told = [len(best(around(rng, n)).certain().runs) > 0 for _ in range(300)]
    assert np.mean(told) <= 0.01


def test_runs_that_hide_each_other_are_found_together():
    rng = np.random.default_rng(1)
    found = [set(best(around(rng, 16, {2: 0.1, 9: 0.1})).certain().runs) for _ in range(50)]
    assert np.mean([one == {2, 9} for one in found]) > 0.9


def scenario(seed=5, bad=(4, 9), noise=0.004) -> pd.DataFrame:
    table = pd.DataFrame(SCENARIO)
    law = lawbook.load_law("chinchilla")
    value = law.formula(np, table["N"], table["D"], **dict(law.published[0].at))
    shift = np.where(table.index.isin(bad), 0.09, 0.0)
    rng = np.random.default_rng(seed)
    return table.assign(loss=value * np.exp(shift + noise * rng.standard_normal(len(table))))


def fitted(table, **options):
    return lawbook.fit("chinchilla", table, draws=250, chains=2, seed=1, **options)


def test_of_twelve_runs_the_two_that_went_wrong_are_named():
    fit = fitted(scenario())
    [said] = fit.adequacy.problems
    assert said.startswith("rows ")
    assert "rows 5 and 10 lie" in said or "rows 10 and 5 lie" in said
    assert "% above what the law and the other runs lead to expect" in said
    assert "leave out with where= what went wrong" in said
    row = fit.adequacy.table.set_index("name").loc[lambda t: t.index.str.startswith("runs that")]
    assert row["observed"].item() > row["high"].item()
    assert row["p"].item() < 1 / APART.odds
    assert "does not fit" in str(fit)


def test_of_twelve_right_runs_none_is_named():
    assert fitted(scenario(bad=())).adequacy.fits


def test_runs_of_groups_are_judged_by_their_own_group():
    other = scenario(6, bad=()).assign(kind="b")
    other["loss"] *= 1.09  # all of them, and so none went wrong
    table = pd.concat([scenario().assign(kind="a"), other], ignore_index=True)
    [said] = fitted(table, by="kind").adequacy.problems
    assert "rows 5 and 10 lie" in said or "rows 10 and 5 lie" in said


def test_large_tables_and_explained_groups_are_passed_over(monkeypatch):
    monkeypatch.setattr(apart, "APART", apart.Apart(runs=11))
    fit = fitted(scenario())
    assert fit.adequacy.fits
    assert not fit.adequacy.table["name"].str.startswith("runs that").any()


@pytest.mark.slow
def test_of_chinchillas_runs_one_that_its_replication_left_out_is_named(data):
    table = pd.read_csv(data / "chinchilla.csv")
    columns = {"N": "params", "D": "tokens"}
    options = {"columns": columns, "max_draws": 600}
    [said] = fitted(table, **options).adequacy.problems
    assert said.startswith("row 2 lies ")
    assert table["replication_outlier"].iloc[1]
    assert fitted(table[~table["replication_outlier"]], **options).adequacy.fits
