"""Backtests at distance: which cuts reach a horizon, and scores by how far beyond the runs."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fits import of_prior
from test_backtesting import made

import lawbook
from lawbook import FitError, RunsError
from lawbook.evaluation import backtesting
from lawbook.evaluation.backtest_files import read_backtest
from lawbook.evaluation.splits import splits_beyond

COMPUTE, CHINCHILLA = lawbook.load_law("compute"), lawbook.load_law("chinchilla")
SCALES = {"wide": np.geomspace(1e18, 1e21, 10), "narrow": np.geomspace(1e18, 4e18, 7)}


def of_scales(scales, law=COMPUTE):
    """Runs of the compute law at given scales of each group."""
    rows = [(x, 3 * (x / 1e18) ** -0.05, name) for name, xs in scales.items() for x in xs]
    frame = pd.DataFrame(rows, columns=["C", "loss", "recipe"])
    return lawbook.read_runs(frame, law, by="recipe", allow=("sizes", "duplicates"))


def fitted_of(split):
    return {name: set(group) for name, group in split.fitted.frame.groupby("recipe")["C"]}


@pytest.mark.parametrize("apart", [True, False])
def test_each_group_is_cut_as_deep_as_its_largest_run_has_to_lie_beyond(apart):
    runs = of_scales(SCALES)
    found = splits_beyond(runs, "C", (2, 10, 100), apart, fewest=4)
    wide, narrow = SCALES["wide"], SCALES["narrow"]
    kept = {2: wide[:-1], 10: wide[:7], 100: wide[:4]}
    of_wide = {s.cut: fitted_of(s)["wide"] for s in found.splits if "wide" in fitted_of(s)}
    assert of_wide == {cut: set(scales) for cut, scales in kept.items()}
    of_narrow = [(s.cut, fitted_of(s)["narrow"]) for s in found.splits if "narrow" in fitted_of(s)]
    assert of_narrow == [(2, set(narrow[:4]))]  # 4e18 / 2 is a scale of its own
    assert len(found.splits) == (4 if apart else 3)
    for split in found.splits:  # what takes part is fitted or held out; the rest is neither
        fitted, held = (set(part.frame["recipe"]) for part in (split.fitted, split.held))
        assert fitted == held
    reach = 4 ** (3 / 6)
    assert found.missed == [
        f"{horizon} times the C is out of reach of narrow, left out there: with 4 runs of 3 scales "
        f"fitted, the largest lies {reach:.0f} times beyond."
        for horizon in (10, 100)
    ]


def test_a_cut_that_a_nearer_horizon_has_made_is_not_made_again():
    far_apart = [*np.geomspace(1e18, 2e18, 6), 1e21]
    found = splits_beyond(of_scales({"one": far_apart}), "C", (2, 10, 100), True, fewest=4)
    assert [s.cut for s in found.splits] == [2]
    assert found.missed == []


@pytest.mark.parametrize(
    ("scales", "fewest", "most"),
    [
        # two scales do not tell how a law bends
        (np.repeat([1e18, 1e21], 8), 4, "none is left beyond"),
        (np.geomspace(1e18, 1e19, 6), 6, "none is left beyond"),
        (np.geomspace(1e18, 1e19, 6), 4, "the largest lies 2.51 times beyond"),
    ],
)
def test_what_no_group_reaches_is_refused_and_told_what_is_reached(scales, fewest, most):
    message = (
        f"horizons=[5]: the runs do not span so much; expected at least {fewest} runs of 3 scales "
        f"to fit, and then {most}; choose less, or shares of the scales with cuts="
    )
    with pytest.raises(RunsError, match=re.escape(message)):
        splits_beyond(of_scales({"one": scales}), "C", [5], False, fewest)


@pytest.mark.parametrize(
    "horizons", [(10, 2), (2, 2), [1, 2], 2, "10", ["2"], [float("nan")], [float("inf")], [0.5]]
)
def test_horizons_are_ascending_factors(horizons):
    message = (
        f"horizons={horizons!r}: they are no distances from near to far; expected factors above "
        "1, each larger than the one before; write horizons=(2, 10, 100)"
    )
    with pytest.raises(FitError, match=re.escape(message)):
        lawbook.backtest(COMPUTE, of_scales(SCALES), horizons=horizons)
    with pytest.raises(FitError, match=re.escape(message)):
        made([("law", "one", 0.5, 3.0, 0.1, True)]).by_horizon(horizons)


@pytest.fixture(scope="module")
def curves():
    runs = lawbook.simulate(COMPUTE, n=20, noise=0.01, seed=1, groups=["gru", "mlp"])
    short = (runs.frame["recipe"] == "gru") | (runs.frame["C"] > runs.frame["C"].max() / 50)
    return runs.take(short.to_numpy())


@pytest.fixture(scope="module")
def test(curves):
    return lawbook.backtest(COMPUTE, curves, horizons=(2, 10, 100), discrepancy="none")


def test_a_backtest_reaches_its_horizons(curves, test):
    assert test.horizons == (2.0, 10.0, 100.0)
    frame = curves.frame[curves.frame["recipe"] == "gru"]
    for cut, points in test.points[test.points["recipe"] == "gru"].groupby("cut"):
        last = frame["C"][frame["C"] <= frame["C"].max() / cut].max()
        np.testing.assert_allclose(points["extrapolation_cost"], points["cost"] / last)
        assert len(points) == (frame["C"] > last).sum()
        assert points["extrapolation_cost"].max() >= cut
    assert set(test.points["cut"]) == {2, 10, 100}
    assert set(test.points.loc[test.points["recipe"] == "mlp", "cut"]) == {2}
    assert test.scales == ("cost",)  # the input is the cost
    index = test.by_horizon().index
    assert {(far.left, far.right) for *_, far in index} == {
        (1, 2),
        (2, 10),
        (10, 100),
        (100, np.inf),
    }
    assert test.by_horizon()["points"].sum() == len(test.points)
    lines = repr(test).splitlines()
    assert lines[1].split()[:6] == ["law", "along", "times", "rmsle", "bias", "log_score"]
    assert lines[2].split()[:5] == ["compute", "cost", "1", "to", "2"]
    said = [line for line in lines if "is out of reach of mlp, left out there: with 4 runs" in line]
    assert [line.split()[0] for line in said] == ["10", "100"]


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_horizons_come_back_from_a_file(test, tmp_path, suffix):
    test.export(tmp_path / f"kept{suffix}")
    again = read_backtest(tmp_path / f"kept{suffix}")
    assert (again.horizons, again.missed, again.notes) == (test.horizons, test.missed, test.notes)
    pd.testing.assert_frame_equal(again.by_horizon(), test.by_horizon())


def test_shares_of_the_scales_may_be_cut_and_scored_by_horizons(curves):
    found = lawbook.backtest(COMPUTE, curves, cuts=[0.5], horizons=(3, 1e6), discrepancy="none")
    assert set(found.points["cut"]) == {0.5}
    assert (found.horizons, found.missed) == ((3.0, 1e6), ())
    assert [far.right for far in found.by_horizon().index.get_level_values("horizon")] == [3, 1e6]


def from_priors(monkeypatch):
    """Let fits be draws from the prior, and return the tables that are fitted."""
    tables = []

    def infer_alike(law, some, settings, beside):
        tables.extend(some)
        return [of_prior(law, table, draws=20) for table in some]

    monkeypatch.setattr(backtesting, "infer_alike", infer_alike)
    return tables


def in_two(by=()):
    sizes, tokens = np.geomspace(1e8, 1e10, 8), np.geomspace(1e9, 1e11, 6)
    frame = pd.DataFrame({"N": np.repeat(sizes, 6), "D": np.tile(tokens, 8)})
    frame["loss"] = CHINCHILLA.formula(
        np, frame["N"], frame["D"], **dict(CHINCHILLA.published[0].at)
    )
    for name in by:
        frame[name] = np.where(frame.index % 3 == 1, "few", "many")
    return lawbook.read_runs(frame, CHINCHILLA, by=by)


def test_runs_are_cut_along_one_input_whatever_the_others_are(monkeypatch):
    tables, runs = from_priors(monkeypatch), in_two()
    found = lawbook.backtest(
        CHINCHILLA, runs, order="N", horizons=(2, 10, 1000), discrepancy="none"
    )
    sizes = np.unique(runs.inputs["N"])
    limits = [sizes[sizes <= 1e10 / horizon].max() for horizon in (2, 10)]
    assert [table.inputs["N"].max() for table in tables] == limits
    assert [len(np.unique(table.inputs["D"])) for table in tables] == [6, 6]
    assert [len(table) for table in tables] == [6 * (sizes <= limit).sum() for limit in limits]
    assert len(found.missed) == 1
    assert found.missed[0].startswith("1e3 times the N is out of reach: with 5 runs of 3 ")
    points = found.points
    limit = np.where(points["cut"] == 2, *limits)
    np.testing.assert_allclose(points["extrapolation_N"], points["N"] / limit)
    assert points["extrapolation_D"].between(0, 1).all()
    cost = points["extrapolation_N"] * points["extrapolation_D"]  # the largest D is fitted
    np.testing.assert_allclose(points["extrapolation_cost"], cost)
    assert found.scales == ("N", "cost", "D")
    table = found.by_horizon()
    for scale in found.scales:
        factor = points[f"extrapolation_{scale}"]
        along = table.xs(("chinchilla", scale), level=("law", "along"))["points"]
        for far, count in zip(along.index.to_list(), along, strict=True):
            assert count == ((factor > far.left) & (factor <= far.right * (1 + 1e-9))).sum()
    of_tokens = table.xs("D", level="along").index.get_level_values("horizon")
    assert [(far.left, far.right) for far in of_tokens] == [(0, 1)]


def test_groups_that_do_not_span_a_horizon_take_no_part_in_it(monkeypatch):
    tables = from_priors(monkeypatch)
    runs = in_two(by=["recipe"])
    near = (runs.frame["recipe"] == "many") | (runs.inputs["N"] < 2e9)
    runs = runs.take(near.to_numpy())
    found = lawbook.backtest(CHINCHILLA, runs, order="N", horizons=(2, 20), discrepancy="none")
    assert [table.levels("recipe") for table in tables] == [("few", "many"), ("many",)]
    assert set(found.points.loc[found.points["recipe"] == "few", "cut"]) == {2}
    assert found.missed[0].startswith("20 times the N is out of reach of few, left out there: ")


def test_intervals_that_did_not_hold_are_named_at_the_nearest_distance():
    rows = [("law", "one", 0.5, far, 0.1, held) for far in (3.0, 30.0) for held in [True] * 12]
    assert made(rows).notes == ()
    rows = [(*row[:5], i % 2 == 0 or row[3] < 10) for i, row in enumerate(rows)]
    found = replace(made(rows), horizons=(2.0, 10.0))
    assert found.notes == (
        "The intervals of law are too narrow at over 10 times the largest fitted C: 90% intervals "
        "held 50% of 12 held-out runs.",
    )
    few = replace(found, points=found.points.iloc[-8:])
    assert few.notes == ()


def test_draws_of_heavy_tails_are_scored(monkeypatch):
    """Noise on the log may go beyond the largest number, and below the smallest."""
    from_priors(monkeypatch)
    real = backtesting.by_fit.__globals__["predict"]

    def predict(*arguments, **options):
        found = real(*arguments, **options)
        found.draws[0, 0], found.draws[0, 1] = 0.0, np.inf
        return found

    monkeypatch.setitem(backtesting.by_fit.__globals__, "predict", predict)
    found = lawbook.backtest(CHINCHILLA, in_two(), horizons=(2,), discrepancy="none")
    numbers = found.points[["median", "crps", "log_score", "width_90"]]
    assert np.isfinite(numbers).all(axis=None)
