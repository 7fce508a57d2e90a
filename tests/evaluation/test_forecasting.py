"""Forecasts of learning curves in one call: what they say, what moves them, what is refused."""

import itertools
import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from commands import run

import lawbook
from lawbook import FitError, RunsError
from lawbook.evaluation import forecasting
from lawbook.evaluation.curve_forecasts import of_curve
from lawbook.evaluation.curve_stack import priors_of
from lawbook.evaluation.member_laws import MEMBERS, member
from lawbook.evaluation.populations import POOLING, Moments, over, population
from lawbook.evaluation.public_curves import (
    FILE,
    PublicCurves,
    public_curves,
    read_public_curves,
)

PLAIN = "learning_curve_plain"
LAWS = {PLAIN: public_curves().laws[PLAIN]}
ALONE = PublicCurves(LAWS, ((1.0, 3.0, 0.9, 50), (3.0, 5.0, 0.8, 20)))
X = np.geomspace(1e6, 1e8, 8)
KINDS = {"a": (0.3, 0.25), "b": (0.35, 0.2), "c": (0.25, 0.3)}  # floor and exponent


def value(x, floor, exponent):
    return floor + 3 * x**-exponent


def table(names="abc", x=X, noise=0.004, seed=1):
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame({"x": x, "loss": value(x, *KINDS[name]), "model": name}) for name in names
    ]
    found = pd.concat(parts, ignore_index=True)
    return found.assign(loss=found["loss"] * np.exp(noise * rng.standard_normal(len(found))))


@pytest.fixture(autouse=True)
def _one_law(monkeypatch):
    """All of it by one law, which is compiled once."""
    monkeypatch.setattr(forecasting, "public_curves", lambda: ALONE)


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forecasting, "public_curves", lambda: ALONE)
        return lawbook.forecast(table(), by="model", seed=3)


def test_a_forecast_is_near_what_comes(found):
    assert list(found.table["model"]) == ["a", "a", "b", "b", "c", "c"]
    np.testing.assert_allclose(found.table["x"], [2e8, 4e8] * 3)
    np.testing.assert_allclose(found.table["extrapolation_x"], [2, 4] * 3)
    came = [value(x, *KINDS[name]) for name, x in found.table[["model", "x"]].to_numpy()]
    inside = (found.table["eti95_lower"] <= came) & (came <= found.table["eti95_upper"])
    assert inside.all()
    np.testing.assert_allclose(found.table["median"], came, rtol=0.03)
    width = np.log(found.table["eti90_upper"] / found.table["eti90_lower"]).to_numpy()
    assert (width[1::2] > width[::2]).all()  # farther is less certain
    assert (width < 0.2).all()


def test_each_row_says_what_was_measured_at_its_distance(found):
    assert list(found.table["covered_90"]) == [0.9, 0.8] * 3
    near = lawbook.forecast(table("a"), by="model", times=[3, 9])
    assert near.table["covered_90"].tolist()[0] == 0.9
    assert math.isnan(near.table["covered_90"].tolist()[1])


def test_a_forecast_is_a_result(found, tmp_path):
    assert isinstance(found, lawbook.Result)
    assert found.draws.dims == ("draw", "point")
    median = np.median(found.draws, axis=0)
    np.testing.assert_allclose(median, found.table["median"], rtol=1e-12)
    assert found.weights == {PLAIN: 1.0}
    assert repr(found).splitlines()[0] == (
        "Forecast of loss of 3 curves at 2 to 4 times the last scale: one new run"
    )
    assert f"Laws in the mixture: {PLAIN} 100%." in found.notes
    assert "3 curves" in found._repr_html_()
    found.export(tmp_path / "forecast.csv")
    again = pd.read_csv(tmp_path / "forecast.csv", comment="#")
    pd.testing.assert_frame_equal(again, found.table, check_dtype=False)
    found.export(tmp_path / "draws.nc")
    assert found.provenance["runs_sha256"] == found.runs.sha256
    assert json.loads(found.provenance["laws"]) == {PLAIN: 1.0}
    figure = found.plot()
    assert [panel.get_title(loc="left") for panel in figure.axes[:3]] == ["a", "b", "c"]


def test_units_do_not_matter_and_the_seed_does(found):
    other = table().assign(x=lambda t: t["x"] * 1e3, loss=lambda t: t["loss"] * 50)
    again = lawbook.forecast(other, by="model", seed=3)
    np.testing.assert_allclose(again.table["x"], 1e3 * found.table["x"])
    np.testing.assert_allclose(again.table["median"], 50 * found.table["median"], rtol=1e-6)
    same = lawbook.forecast(table(), by="model", seed=3)
    np.testing.assert_array_equal(same.draws, found.draws)
    different = lawbook.forecast(table(), by="model", seed=4)
    assert not np.array_equal(different.draws, found.draws)


def test_columns_may_have_other_names_and_points_be_named(found):
    other = table().rename(columns={"x": "tokens", "loss": "error"})
    columns = {"x": "tokens", "loss": "error"}
    each = lawbook.forecast(other, by="model", columns=columns, at=[2e8, 4e8], seed=3)
    pd.testing.assert_frame_equal(each.table, found.table)
    points = pd.DataFrame({"x": [4e8, 2e8], "model": ["c", "a"]})
    some = lawbook.forecast(table(), by="model", at=points, seed=3)
    assert some.table[["x", "model"]].to_numpy().tolist() == [[4e8, "c"], [2e8, "a"]]


def test_relatives_that_were_trained_further_move_a_forecast():
    rng = np.random.default_rng(7)
    far = np.geomspace(1e6, 4e8, 12)
    # curves of one family all turn upwards where nobody who stopped at 1e8 could know
    parts = []
    for i in range(8):
        x = X if i == 0 else far
        y = value(x, 0.3, 0.25) * np.exp(0.002 * rng.standard_normal(len(x)))
        y *= np.where(x > 1.2e8, (x / 1.2e8) ** 0.1, 1.0)
        parts.append(pd.DataFrame({"x": x, "loss": y, "trial": f"r{i}", "family": "f"}))
    curves = pd.concat(parts, ignore_index=True)
    at = pd.DataFrame({"x": np.geomspace(1.5e8, 4e8, 8), "trial": "r0", "family": "f"})
    by = ["trial", "family"]
    alone = lawbook.forecast(curves, by=by, at=at)
    moved = lawbook.forecast(curves, by=by, at=at, relatives=["family"])
    truth = value(4e8, 0.3, 0.25) * (4e8 / 1.2e8) ** 0.1
    missed = [abs(math.log(one.table["median"].iloc[-1] / truth)) for one in (alone, moved)]
    assert missed[1] < 0.8 * missed[0]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"at": 5e7},
            RunsError,
            "at: x=5e+07 lies below the last run of a, at 1e+08; expected scales beyond the last "
            "run of each curve; leave such points out, or give times= of the last scale",
        ),
        (
            {"at": 2e8, "times": 2},
            FitError,
            "at and times: both say where to forecast; expected one of them; leave times= out",
        ),
        (
            {"times": [0.5]},
            FitError,
            "times=[0.5]: no multiples of the last scale; expected numbers of 1 or more; write "
            "times=[2, 4]",
        ),
        (
            {"relatives": ["task"]},
            FitError,
            "relatives: 'task' do not group the runs, which are grouped by 'model'; expected "
            "grouping columns; name them in by=",
        ),
    ],
)
def test_what_does_not_fit_is_refused(options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lawbook.forecast(table(), by="model", **options)


def test_curves_that_the_laws_cannot_follow_are_refused():
    accuracy = table().assign(loss=lambda t: 1 / (1 + t["loss"]))
    message = (
        "column 'loss': 3 of 3 curves rise with x; expected a loss or an error, which falls; give "
        "an error rate in place of an accuracy, as 1 - accuracy"
    )
    for call in (lawbook.forecast, lambda *a, **k: lawbook.backtest("forecast", *a, **k)):
        with pytest.raises(RunsError, match=f"^{re.escape(message)}$"):
            call(accuracy, by="model")
    short = pd.concat([table("ab"), table("c").tail(3)])
    message = (
        "curve 'c': fewer than 4 runs; expected at least 4 of every curve; leave these curves out "
        "of the table"
    )
    with pytest.raises(RunsError, match=f"^{re.escape(message)}$"):
        lawbook.forecast(short, by="model")


def test_a_backtest_of_the_forecast_is_the_forecast():
    whole = table(x=np.geomspace(1e6, 4e8, 12))
    fitted, larger = whole[whole["x"] <= 1e8], whole[whole["x"] > 1e8]
    test = lawbook.backtest(ALONE, fitted, by="model", held_out=larger, seed=3)
    at = larger[["x", "model"]]
    asked = lawbook.forecast(fitted, by="model", at=at, seed=3)
    by_point = test.points.set_index(["model", "x"])["median"]
    own = asked.table.set_index(["model", "x"])["median"]
    np.testing.assert_allclose(by_point, own[by_point.index], rtol=0.01)  # draws of their own
    assert list(test.table.index) == ["forecast"]
    assert test.points["cut"].unique().tolist() == [len(fitted) / len(whole)]
    cuts = lawbook.backtest(ALONE, whole, by="model", cuts=[0.6], relatives=["model"])
    assert list(cuts.table.index) == ["forecast", "forecast with relatives"]


def test_finished_curves_have_their_part_and_are_not_scored():
    whole = table(x=np.geomspace(1e6, 4e8, 12))
    beyond = whole[(whole["x"] > 1e8) & (whole["model"] == "a")]
    fitted = whole.drop(beyond.index)
    test = lawbook.backtest(ALONE, fitted, by="model", held_out=beyond)
    assert set(test.points["model"]) == {"a"}
    beside = lawbook.backtest(ALONE, fitted[fitted["model"] == "a"], by="model", held_out=beyond)
    assert not np.allclose(test.points["median"], beside.points["median"], rtol=1e-6, atol=0)


def test_what_is_held_out_must_be_larger_runs_of_the_same_groups():
    whole = table()
    fitted, larger = whole[whole["x"] < 4e7], whole[whole["x"] > 4e7]
    strange = larger.assign(model="d")
    message = "held_out: 'd' has no runs to fit; expected groups of the table; leave its rows out"
    with pytest.raises(RunsError, match=f"^{re.escape(message)}$"):
        lawbook.backtest("forecast", fitted, by="model", held_out=strange)
    with pytest.raises(RunsError, match=r"^held_out: a has runs below 2\.68"):
        lawbook.backtest("forecast", fitted, by="model", held_out=larger.assign(x=1e6))
    message = (
        "backtest: 'chinchilla' beside 'forecast': several inputs, or noise that is not on the "
        "log; expected laws in one input with noise on the log; backtest them apart"
    )
    with pytest.raises(FitError, match=f"^{re.escape(message)}$"):
        lawbook.backtest(["chinchilla", "forecast"], fitted, by="model")


def test_the_prior_of_a_curve_is_what_the_others_have_in_common():
    known = LAWS[PLAIN].population
    law = member(PLAIN)
    curves = [of_curve(law, X, value(X, *KINDS[name])) for name in "abc"]
    assert priors_of(PLAIN, curves[:1], known, 0) == [known]
    before = priors_of(PLAIN, curves, known, 0)
    other = of_curve(law, X, value(X, 0.9, 0.6))
    after = priors_of(PLAIN, [other, *curves[1:]], known, 0)
    np.testing.assert_allclose(after[0][0], before[0][0])  # its own part is left out
    assert not np.allclose(after[1][0], before[1][0])


def test_a_population_is_drawn_towards_what_is_known():
    known = np.zeros(2), np.eye(2)
    nobody = Moments(np.empty((0, 2)), np.empty((0, 2, 2)))
    mean, covariance = population(nobody, known)
    np.testing.assert_allclose(mean, 0)
    np.testing.assert_allclose(covariance, (1 + POOLING.narrowest**2) * np.eye(2))
    three = Moments(np.full((3, 2), 2.0), np.zeros((3, 2, 2)))
    np.testing.assert_allclose(population(three, known)[0], 3 * 2 / (3 + POOLING.centre))
    apart = over([(np.array([1.0]), np.eye(1)), (np.array([3.0]), np.eye(1))])
    np.testing.assert_allclose(apart[0], [2])
    np.testing.assert_allclose(apart[1], [[2]])


def test_what_is_shipped_is_whole():
    public = public_curves()
    assert tuple(public.laws) == MEMBERS
    assert sum(public.weights.values()) == pytest.approx(1, abs=1e-4)
    for name, of in public.laws.items():
        mean, covariance = of.population
        assert covariance.shape == (len(mean), len(mean)), name
        assert len(mean) == len(member(name).params) + 4  # those of the process
        assert np.linalg.eigvalsh(covariance).min() > 0
        assert 0.4 < of.factor < 2.5
    ends = [row[:2] for row in public.coverage]
    assert all(low < high for low, high in ends)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(ends))
    assert all(0 <= share <= 1 and count > 0 for _, _, share, count in public.coverage)
    written = json.loads(FILE.read_text("utf-8"))
    assert json.loads(json.dumps(read_public_curves(FILE).in_json())) == written


def test_the_command_prints_what_python_returns(found, tmp_path):
    table().rename(columns={"x": "tokens"}).to_csv(tmp_path / "curves.csv", index=False)
    options = ["curves.csv", "--by", "model", "--column", "x=tokens", "--seed", 3]
    done = run("forecast", *options, "-o", "out.csv", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = pd.DataFrame(json.loads(done.stdout)["rows"])
    pd.testing.assert_frame_equal(rows, found.table, check_dtype=False)
    written = pd.read_csv(tmp_path / "out.csv", comment="#")
    pd.testing.assert_frame_equal(written, found.table, check_dtype=False)
    shown = run("forecast", *options, "--at", "x=2e8,4e8", cwd=tmp_path)
    assert shown.returncode == 0
    assert shown.stdout.startswith("Forecast of loss of 3 curves at 2 to 4 times the last scale")
    assert max(map(len, shown.stdout.splitlines())) <= 80
    for text in ("extrapolation", "held", "90%", "80%", "2 x", "4 x"):
        assert text in shown.stdout


def test_the_command_refuses_what_does_not_fit(tmp_path):
    table().to_csv(tmp_path / "curves.csv", index=False)
    done = run("forecast", "curves.csv", "--by", "model", "--at", "x=1e7", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "error: --at: x=1e+07 lies below the last run of a, at 1e+08; expected scales beyond the "
        "last run of each curve; leave such points out, or give --times of the last scale\n"
    )
