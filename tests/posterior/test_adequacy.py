"""Whether a law fits its runs: calibrated for right laws, and found where a law is wrong."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from commands import run
from scipy import stats

import lawbook
from lawbook.posterior.adequacy import FARTHEST, judge_adequacy
from lawbook.posterior.misfit import judge_law
from lawbook.priors import LogNormal, Normal

BEND = "share of the residuals that bends along "


def line(xp, x, *, a, b):
    """A straight line in log x."""
    return a + b * xp.log(x)


LINE = lawbook.Law(
    name="line",
    formula=line,
    inputs=[lawbook.Input("x", unit="tokens", seen=(1.0, 100.0))],
    response=lawbook.Response(
        "loss", "nats", noise=lawbook.Normal(on="identity", sigma=LogNormal(0.1, 0.5))
    ),
    params=[lawbook.Param("a", Normal(0.0, 2.0)), lawbook.Param("b", Normal(0.0, 2.0))],
)


def judged(y, n=20, draws=1000, seed=0):
    """The judgement of a straight line, with draws of its posterior under flat priors."""
    rng = np.random.default_rng(seed)
    x = np.geomspace(1, 100, n)
    design = np.stack([np.ones(n), np.log(x)], axis=1)
    best, [square], *_ = np.linalg.lstsq(design, y)
    sigma = np.sqrt(square / rng.chisquare(n - 2, draws))
    root = np.linalg.cholesky(np.linalg.inv(design.T @ design))
    a, b = best[:, None] + sigma * (root @ rng.standard_normal((2, draws)))
    runs = lawbook.read_runs(pd.DataFrame({"x": x, "loss": y}), LINE)
    found = judge_law(LINE, runs, {"a": a[None], "b": b[None], "sigma": sigma[None]})
    return found, found.table.set_index("name")["p"]


def of_line(seed, bend=0.0, n=20):
    rng = np.random.default_rng(seed)
    x = np.log(np.geomspace(1, 100, n))
    return rng.normal() + rng.normal() * x + bend * (x - x.mean()) ** 2 + 0.1 * rng.normal(size=n)


@pytest.fixture(scope="module")
def right_laws():
    """Judgements of 200 straight lines that are ones."""
    return [judged(of_line(seed), seed=seed) for seed in range(200)]


def test_of_a_right_law_the_tail_probability_of_a_bend_is_uniform(right_laws):
    assert stats.kstest([p[f"{BEND}x"] for _, p in right_laws], "uniform").pvalue > 0.01


def test_of_right_laws_few_are_doubted_and_a_bent_one_is(right_laws):
    doubted = sum(not found.fits for found, _ in right_laws)
    assert doubted <= stats.binom.ppf(0.999, 200, 0.03)  # conflict, noise and residuals: 1% each
    bent, _ = judged(of_line(1, bend=0.08))
    assert bent.problems[0].startswith("residuals: they bend along x (")


def test_a_stray_run_is_named_by_its_row():
    y = of_line(3, n=40)
    y[6] += 1.2
    found, _ = judged(y, n=40)
    assert any(p.startswith("residuals: that of row 7 is ") for p in found.problems)


def test_noise_that_its_prior_does_not_expect_is_told():
    found, p = judged(10 * of_line(4))
    assert p["sigma"] < 0.01
    [said] = [problem for problem in found.problems if problem.startswith("sigma: ")]
    assert said.endswith('try another law, or allow for a misfit with discrepancy="auto"')


def test_too_few_runs_say_nothing_of_residuals():
    _, p = judged(of_line(5, n=3), n=3)
    assert not [name for name in p.index if name.startswith(BEND)]


@pytest.fixture(scope="module")
def told(data, tmp_path_factory):
    """What the command line says of a fit to the runs of Chinchilla, and the file of the fit."""
    out = tmp_path_factory.mktemp("adequacy") / "fit.nc"
    options = ["--column", "N=params", "--column", "D=tokens", "--discrepancy", "none", "-o", out]
    return run("fit", "chinchilla", data / "chinchilla.csv", *options), out


@pytest.fixture(scope="module")
def of_chinchilla(told):
    return lawbook.load(told[1])


def test_the_runs_of_chinchilla_bend_where_the_law_has_no_interaction(of_chinchilla):
    found = of_chinchilla.adequacy.table.set_index("name")["p"]
    assert found[f"{BEND}N times D"] < 0.002
    assert of_chinchilla.diagnostics.trusted
    assert not of_chinchilla.trusted
    assert "the draws can be trusted; the law does not fit the runs: residuals" in repr(
        of_chinchilla
    )


def test_a_saved_fit_keeps_its_judgement_which_can_be_made_again(of_chinchilla):
    assert judge_adequacy(of_chinchilla) == of_chinchilla.adequacy


def test_every_result_says_that_the_law_does_not_fit(of_chinchilla):
    result = of_chinchilla.predict({"N": 1e11, "D": 2e12})
    assert result.provenance["fits"] == 0
    assert "But the law does not fit the runs: residuals: they bend along" in result.notes[0]


def test_the_command_line_tells_both_verdicts_and_ends_with_1(told):
    done, out = told
    said = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert "the draws can be trusted; the law does not fit the runs: residuals: they bend" in said
    assert "allow for a misfit with --discrepancy auto" in said
    done = run("predict", out, "--at", "N=1e11", "--at", "D=2e12", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["provenance"]["fits"] == 0
    assert done.stderr.startswith("the law does not fit the runs: residuals: they bend along")


def test_with_a_discrepancy_its_amplitude_is_judged_in_place_of_residuals():
    law = lawbook.load_law("chinchilla")
    fit = lawbook.fit(law, lawbook.simulate(law, n=12, seed=2), discrepancy="auto", draws=500)
    names = list(fit.adequacy.table["name"])
    expected = ["median loss", "sd of log loss", "sigma", "amplitude", FARTHEST]
    assert names == expected
    assert repr(fit).endswith("the law fits the runs")


def test_runs_where_the_priors_put_none_are_told_before_a_fit(tmp_path):
    frame = lawbook.simulate(lawbook.load_law("chinchilla"), n=20, seed=2).frame
    file = tmp_path / "runs.csv"
    frame.assign(loss=frame["loss"] * 4).to_csv(file, index=False)
    done = run("check", "chinchilla", file)
    assert done.returncode == 1
    assert done.stderr.startswith("prior-data conflict: the median loss of the runs is")
    assert "check the units of the columns" in done.stderr
    frame.to_csv(file, index=False)
    assert run("check", "chinchilla", file).returncode == 0


def test_draws_where_the_law_is_not_defined_are_left_out_of_the_checks():
    def root(xp, x, *, a, b):
        return a - b * xp.log(x)  # below zero for some draws, where noise on the log has none

    law = replace(
        LINE, name="root", formula=root, response=lawbook.Response("loss", "nats", lawbook.Normal())
    )
    rng = np.random.default_rng(0)
    x = np.geomspace(1, 100, 20)
    y = (5 - np.log(x)) * np.exp(rng.normal(0, 0.01, 20))
    runs = lawbook.read_runs(pd.DataFrame({"x": x, "loss": y}), law)
    draws = {"a": 5 + rng.normal(0, 0.02, (1, 500)), "b": 1 + rng.normal(0, 0.01, (1, 500))}
    draws["a"][0, :50] = -1.0
    found = judge_law(law, runs, draws | {"sigma": np.full((1, 500), 0.01)})
    assert {s.name for s in found.statistics} >= {f"{BEND}x", "sigma"}
    assert found.fits
