"""Decisions beyond the runs say how often intervals held there: in Python, terminal and report."""

from dataclasses import replace

import fits
import pytest

import lawbook
from lawbook.cli.terminal import show_allocation, show_comparison, show_crossover
from lawbook.export import read_export
from lawbook.laws import public_tables as learned
from lawbook.laws.public_tables import Held
from lawbook.report.page import gather

CHINCHILLA = lawbook.load_law("chinchilla")
RECIPES = fits.RECIPES
SENTENCE = (
    "In backtests at 2 to 500 times the largest fitted compute, 90% intervals held 88% of new "
    "runs of 18 public tables."
)
NEAR = (
    "In backtests at 1 to 2 times the largest fitted compute, 90% intervals held 97% of new runs "
    "of 20 public tables."
)
COMPUTE = (Held(1, 2, 0.97, 20), Held(2, 500, 0.88, 18))
ENDED = (
    "Nobody has measured how often intervals hold at this distance: backtests end at 500 times the "
    "largest fitted compute. Take them for too narrow."
)


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    """What was measured, in numbers that stay."""
    found = {"compute": COMPUTE, "input": (Held(1, 500, 0.88, 9),), "curve": ()}
    monkeypatch.setattr(learned, "COVERAGE", found)
    monkeypatch.setattr(learned, "COVERAGE_ALONE", {"compute": (), "input": ()})


def of_prior(noise):
    law = replace(CHINCHILLA, response=replace(CHINCHILLA.response, noise=noise))
    return fits.of_prior(law, fits.grouped_runs(("recipe",)), draws=50)


@pytest.fixture(scope="module")
def fit():
    return of_prior(lawbook.Discrepancy())


@pytest.fixture(scope="module")
def alone():
    """Of a law of which nothing was measured here."""
    return of_prior(CHINCHILLA.response.noise)


def at(fit, times):
    """A point of so many times the largest run's compute, nothing else beyond the runs."""
    largest = fit.runs.largest
    return {"N": largest["N"] * times**0.5, "D": largest["cost"] * times**0.5 / 6 / largest["N"]}


def budget(fit, times):
    return times * fit.runs.largest["cost"]


ASKED = {
    "compare": lambda fit, times: fit.compare(at(fit, times)),
    "allocate": lambda fit, times: fit.allocate(budget(fit, times)),
    "crossover": lambda fit, times: fit.crossover(
        *RECIPES[:2], along=lawbook.FixedRatio("D", "N", 20), upto=budget(fit, times)
    ),
    "predict": lambda fit, times: fit.predict(at(fit, times)),
}
SHOWN = {"compare": show_comparison, "allocate": show_allocation, "crossover": show_crossover}


@pytest.mark.parametrize("asked", ASKED)
def test_what_was_measured_at_the_distance_is_said_once(fit, asked, tmp_path, capsys):
    found = ASKED[asked](fit, 100)
    assert repr(found).count(SENTENCE) == 1
    assert found.provenance["backtests"] == SENTENCE
    found.export(tmp_path / "found.json")
    assert read_export(tmp_path / "found.json")[1]["backtests"] == SENTENCE
    if asked in SHOWN:
        assert found.sentence().count(SENTENCE) == 1
        SHOWN[asked](found)
        shown = " ".join(capsys.readouterr().out.split())
        assert shown.count(SENTENCE) == 1


@pytest.mark.parametrize("asked", SHOWN)
def test_beyond_the_backtests_that_is_said(fit, asked):
    assert ENDED in ASKED[asked](fit, 5000).sentence()


@pytest.mark.parametrize("asked", SHOWN)
def test_where_nothing_was_measured_a_decision_says_nothing(alone, asked):
    found = ASKED[asked](alone, 100)
    assert "backtests" not in found.sentence()
    assert "measured" not in found.sentence()
    assert "backtests" not in found.provenance


@pytest.mark.parametrize("asked", ["compare", "allocate"])
def test_within_the_runs_nothing_is_said(fit, asked):
    found = ASKED[asked](fit, 0.2)
    assert "backtests" not in found.sentence()
    assert "backtests" not in found.provenance


def test_each_point_has_what_was_measured_at_its_own_distance(fit):
    near, far = at(fit, 1.5), at(fit, 100)
    both = fit.compare({name: [near[name], far[name]] for name in near})
    assert NEAR in both.sentence(0)
    assert SENTENCE in both.sentence(1)
    assert both.provenance["backtests"] == SENTENCE
    spent = fit.allocate([budget(fit, 1.5), budget(fit, 100)])
    assert [NEAR in spent.sentence(row) for row in (0, 1)] == [True, False]
    assert [SENTENCE in spent.sentence(row) for row in (0, 1)] == [False, True]


def test_the_farthest_input_counts_for_an_allocation_too(fit):
    """A budget that is all spent on N."""
    largest = fit.runs.largest
    held = {"D": largest["cost"] / largest["N"] / 60}
    found = fit.allocate(budget(fit, 1.0), subject_to=held)
    assert found.table["extrapolation_N"][0] == pytest.approx(10)
    assert (
        "In backtests at 1 to 500 times the largest fitted N, 90% intervals held 88% of new runs "
        "of 9 public tables."
    ) in found.sentence(0)


def test_of_a_cost_of_ones_own_there_is_no_distance_in_compute(fit):
    found = fit.allocate(budget(fit, 0.01), cost=lambda N, D: 6 * N * D)
    assert "extrapolation_cost" not in found.table
    assert "extrapolation_N" in found.table


def test_a_report_says_it_with_its_verdict(fit, alone):
    page = gather(fit)
    assert sum("In backtests at " in text for text in page.details) == 1
    [spent] = [section for section in page.sections if section.name == "spending"]
    assert sum("In backtests at " in text for text in spent.said) == 1
    assert not any("In backtests at " in text for text in gather(alone).details)
    single = fits.of_prior(fit.law, lawbook.simulate(CHINCHILLA, n=20, seed=1), draws=50)
    assert sum("In backtests at " in text for text in gather(single).details) == 1
