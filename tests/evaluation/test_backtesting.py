"""Backtests: what is hidden, how it is scored, and what can go wrong before anything is fitted."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook import FitError, RunsError
from lawbook.evaluation import scores
from lawbook.evaluation.backtest_files import read_backtest
from lawbook.evaluation.backtest_results import Backtest
from lawbook.evaluation.curve_forecasts import forecast_curves
from lawbook.evaluation.scoring import SCORING
from lawbook.evaluation.splits import Split, factors_of
from lawbook.posterior.inference import with_discrepancy

LAW = lawbook.load_law("compute")
GROUPS = ["gru", "lstm", "mlp"]
CUTS = (0.5, 0.7)
RUNS = lawbook.simulate(LAW, n=12, noise=0.01, seed=1, groups=GROUPS)
SEED = 5


@pytest.fixture(scope="module")
def test():
    return lawbook.backtest(LAW, RUNS, cuts=CUTS, baselines=["m2"], seed=SEED)


def hidden(group, cut):
    """Which runs of a group lie beyond the share of its scales that is fitted."""
    here = RUNS.frame["recipe"] == group
    last = np.sort(RUNS.frame.loc[here, "C"])[int(cut * 11)]
    return here & (RUNS.frame["C"] <= last), here & (RUNS.frame["C"] > last)


def test_points_are_the_largest_runs_of_each_group_and_cut(test):
    for law in ("compute", "m2"):
        points = test.points[test.points.law == law]
        assert len(points) == 3 * (6 + 4)
        for (group, cut), found in points.groupby(["recipe", "cut"]):
            fitted, held = (RUNS.frame[mask] for mask in hidden(group, cut))
            assert sorted(found["cost"]) == sorted(held["C"])
            assert sorted(found["truth"]) == sorted(held["loss"])
            factor = found["cost"] / fitted["C"].max()
            np.testing.assert_allclose(found["extrapolation_cost"], factor, rtol=1e-12)
            np.testing.assert_allclose(found["extrapolation_C"], factor, rtol=1e-12)


def test_distances_count_from_the_largest_fitted_run_of_the_group():
    frame = RUNS.frame
    small = frame["C"] < frame["C"].median()
    kept = small | ((frame["recipe"] == "gru") & (frame["C"] < frame["C"].max() / 2))
    split = Split(0.5, RUNS.take(kept.to_numpy()), RUNS.take(~kept.to_numpy()))
    held = frame[~kept]
    last = held["recipe"].map(frame[kept].groupby("recipe")["C"].max())
    np.testing.assert_allclose(factors_of(split)["extrapolation_C"], held["C"] / last)


def test_scores_are_those_worked_out_by_hand(test):
    law, rng = with_discrepancy(LAW, "auto"), np.random.default_rng(SEED)
    splits = [
        Split(cut, *(RUNS.take(mask.to_numpy()) for mask in hidden(group, cut)))
        for cut in CUTS
        for group in GROUPS
    ]
    rows = test.points[test.points.law == "compute"].groupby(["cut", "recipe"], sort=False)
    for forecast, split, (_, found) in zip(
        forecast_curves(law, splits, SEED), splits, rows, strict=True
    ):
        draws, truth = forecast.draws(SCORING.of_curve, rng), split.held.response
        np.testing.assert_allclose(found["median"], np.median(draws, axis=0))
        np.testing.assert_allclose(found["crps"], scores.crps(np.log(draws), np.log(truth)))
        density = scores.log_score(truth, forecast.location, forecast.scale, df=forecast.df)
        np.testing.assert_allclose(found["log_score"], density)
        np.testing.assert_allclose(found["width_90"], scores.width(draws))
        np.testing.assert_allclose(found["msce"], scores.msce(draws, truth))
        assert found["covered_80"].mean() == scores.coverage(draws, truth, [0.8])[0]
        rmsle = np.sqrt(np.mean(found["log_error"] ** 2))
        assert rmsle == pytest.approx(scores.rmsle(draws, truth))
        assert (found["khat"] == forecast.khat).all()


def test_a_law_foretells_what_it_made_itself(test):
    assert test.table.loc["compute", "rmsle"] < 0.03
    assert test.table.loc["compute", "covered_90"] > 0.7
    assert test.table.loc["compute", "log_score"] > test.table.loc["m2", "log_score"]


def test_the_same_seed_gives_the_same_points(test):
    again = lawbook.backtest(LAW, RUNS, cuts=CUTS, baselines=["m2"], seed=SEED)
    pd.testing.assert_frame_equal(again.points, test.points)


def test_it_prints_one_row_a_law(test):
    assert list(test.table.index) == ["compute", "m2"]
    assert list(test.table["curves"]) == [6, 6]
    assert list(test.table["points"]) == [30, 30]
    assert {"rmsle", "crps", "log_score", "covered_50", "covered_95", "msce"} <= set(test.table)
    lines = repr(test).splitlines()
    assert lines[0] == (
        "Backtest along cost: 30 held-out runs of 6 curves, each curve weighted equally"
    )
    assert [line.split()[0] for line in lines[1:4]] == ["law", "compute", "m2"]
    assert lines[4:] == list(test.notes)
    assert all(line.startswith("The intervals of m2 are too narrow at ") for line in lines[4:])


def test_export_comes_back(test, tmp_path):
    test.export(tmp_path / "points.csv")
    read = pd.read_csv(tmp_path / "points.csv", comment="#")
    pd.testing.assert_frame_equal(read, test.points, check_dtype=False)
    test.export(tmp_path / "points.json")
    said = json.loads((tmp_path / "points.json").read_text())["provenance"]
    made_of = {"result": "backtest", "lawbook": lawbook.__version__, "order": "cost"}
    made_of |= {"by": '["recipe"]', "laws": "compute, m2", "cuts": "[0.5, 0.7]", "seed": SEED}
    made_of |= {"runs_sha256": RUNS.sha256, "runs_notes": "", "horizons": "[]", "missed": "[]"}
    assert said == made_of == dict(test.provenance)
    again = read_backtest(tmp_path / "points.json")
    assert again.draws is None
    assert again.provenance == said
    pd.testing.assert_frame_equal(again.table, test.table)


def test_the_picture_is_labelled(test, tmp_path):
    figure = test.plot()
    figure.savefig(tmp_path / "figure.png")
    near, far = figure.axes
    assert near.get_xlabel() == "probability of the interval"
    assert near.get_ylabel() == "held-out runs inside"
    assert far.get_xlabel() == "compute as a multiple of the largest fitted"
    assert far.get_ylabel() == "held-out runs inside 90% intervals"
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["compute", "m2"]
    shown = near.lines[1]
    assert list(shown.get_xdata()) == [0.5, 0.8, 0.9, 0.95]
    assert shown.get_ydata()[2] == test.table.loc["compute", "covered_90"]
    for line in far.lines[1:]:
        assert (np.diff(line.get_xdata()) > 0).all()  # from near to far


def made(rows):
    columns = ["law", "recipe", "cut", "extrapolation_C", "log_error", "covered_90"]
    points = pd.DataFrame(rows, columns=columns)
    rest = dict.fromkeys(("C", "truth", "median", "crps", "log_score", "width_90", "khat"), 1.0)
    return Backtest(("recipe",), "C", points.assign(**rest))


def test_curves_weigh_equally_however_many_points_they_have():
    many = [("a law", "many", 0.5, 1.1, 0.1, True)] * 9
    few = [("a law", "few", 0.5, 1.1, -0.3, False)]
    far = [("a law", "few", 0.5, 5.0, -0.7, True)]
    found = made([*many, *few, *far])
    near = found.by_horizon([2.0]).iloc[0]
    assert near["rmsle"] == pytest.approx((0.1 + 0.3) / 2)
    assert near["bias"] == pytest.approx((0.1 - 0.3) / 2)
    assert near["covered_90"] == 0.5
    assert (near["curves"], near["points"]) == (2, 10)
    whole = found.table.loc["a law"]
    assert whole["rmsle"] == pytest.approx((0.1 + np.sqrt((0.3**2 + 0.7**2) / 2)) / 2)
    assert whole["bias"] == pytest.approx((0.1 - (0.3 + 0.7) / 2) / 2)
    assert whole["covered_90"] == 0.75


def test_horizons_ascend_within_laws_as_given():
    rows = [
        (law, "one", 0.5, far, 0.1, True)
        for law in ("z", "a")
        for far in (30, 1.2, 10 * (1 + 1e-12))
    ]
    index = made(rows).by_horizon([2, 10]).index
    assert index.names == ["law", "along", "horizon"]
    assert list(index.get_level_values("law")) == ["z"] * 3 + ["a"] * 3
    assert list(index.get_level_values("along")) == ["C"] * 6
    assert [interval.right for interval in index.get_level_values("horizon")] == [
        *(2, 10, np.inf),
    ] * 2


def one_curve():
    frame = RUNS.frame[RUNS.frame["recipe"] == "gru"]
    return pd.DataFrame({"x": frame["C"], "loss": frame["loss"]})


def test_scores_do_not_depend_on_units_for_a_curve_in_relative_units():
    table = one_curve()
    scaled = pd.DataFrame({"x": table["x"] * 3.7e-15, "loss": table["loss"] * 0.0131})
    one, other = (
        lawbook.backtest("learning_curve", t, cuts=[0.6], seed=2).points for t in (table, scaled)
    )
    for column in ("log_error", "crps", "width_90", "extrapolation_x", "msce"):
        np.testing.assert_allclose(other[column], one[column], atol=1e-6, err_msg=column)
    np.testing.assert_allclose(other["log_score"] + np.log(0.0131), one["log_score"], atol=1e-6)
    assert one["log_error"].abs().max() < 0.1


@pytest.mark.slow
def test_a_baseline_that_fits_the_law_sees_relative_units_too():
    found = lawbook.backtest("learning_curve", one_curve(), cuts=[0.6], baselines=["huber"])
    assert found.table.loc["huber", "rmsle"] < 0.1


def test_several_laws_are_stacked():
    steep = LAW.with_priors(gamma=lawbook.priors.LogNormal(median=0.6, log_sd=0.1))
    laws = [LAW, replace(steep, name="steep")]
    found = lawbook.backtest(laws, RUNS, cuts=[0.7], discrepancy="none", seed=3)
    assert list(found.table.index) == ["compute", "steep", "stacked"]
    error = found.table["rmsle"]
    assert error["stacked"] < error["steep"]


@pytest.mark.slow
def test_a_law_in_several_inputs_is_fitted_to_all_groups_at_once():
    law = lawbook.load_law("chinchilla").with_pooling("full")
    runs = lawbook.simulate(law, n=14, noise=0.01, seed=4)
    found = lawbook.backtest(law, runs, cuts=[0.6], baselines=["huber"], seed=1)
    assert found.order == "cost"
    assert list(found.table.index) == ["chinchilla", "huber"]
    held = runs.cost > np.quantile(runs.cost, 0.6)
    assert list(found.table["points"]) == [held.sum()] * 2
    assert found.table.loc["chinchilla", "rmsle"] < 0.1
    assert (found.points["extrapolation_cost"] > 1).all()


def refused(error, text, *laws, runs=RUNS, **options):
    with pytest.raises(error, match=re.escape(text)):
        lawbook.backtest(list(laws) or LAW, runs, **options)


def test_a_cut_that_leaves_too_few_runs_names_the_group():
    refused(
        RunsError,
        "cut 0.2 of {'recipe': 'gru'}: it fits 3 runs and hides 9; expected at least 4 and 1",
        cuts=[0.2],
    )


def test_options_that_do_not_fit_say_what_would():
    refused(
        FitError,
        "baselines: no 'm9'; expected some of 'm1', 'm2', 'm3', 'm4', 'broken', 'huber'",
        baselines=["m2", "m9"],
    )
    refused(RunsError, "order='N': the law has no such input, or no cost; expected", order="N")
    for cuts in ([], [1.5], 0.7, [float("nan")]):
        refused(FitError, f"cuts={cuts!r}: expected numbers between 0 and 1", cuts=cuts)
    refused(FitError, "prob=[90]: expected numbers between 0 and 1", prob=[90])
    refused(FitError, "discrepancy='gp' for law 'compute'", discrepancy="gp")
    refused(FitError, "by= is for a table; these runs are already read", by="recipe")


def test_laws_that_cannot_be_set_side_by_side_are_named():
    refused(
        FitError,
        "backtest: 'compute', 'chinchilla' differ in inputs or response",
        *("compute", "chinchilla"),
    )
    refused(FitError, "the laws are 'compute', 'compute'; expected one or more", LAW, "compute")
    refused(RunsError, "runs of 'compute': their columns are not those of law", "chinchilla")
    runs = lawbook.simulate(lawbook.load_law("chinchilla"), n=20, seed=1)
    refused(
        FitError,
        "baselines: 'm2' are for one input; expected 'huber'",
        "chinchilla",
        runs=runs,
        baselines=["m2"],
    )
