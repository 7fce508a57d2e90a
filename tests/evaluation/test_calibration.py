"""Simulation-based calibration: what is right passes, what is wrong is named."""

import json

import numpy as np
import pandas as pd
import pytest
from commands import run

import lawbook
from lawbook import FitError, RunsError
from lawbook.evaluation import calibration as module

LAW = lawbook.load_law("compute")
OPTIONS = {"n": 12, "tables": 60, "discrepancy": "none", "seed": 1}


@pytest.fixture(scope="module")
def found():
    return lawbook.calibration(LAW, **OPTIONS)


def test_a_law_is_calibrated_under_its_own_priors(found):
    assert list(found.table["parameter"]) == ["E", "K", "gamma", "sigma", "nu"]
    assert found.draws.dims == ("table", "parameter")
    assert found.draws.shape == (60, 5)
    assert ((0 <= found.draws) & (found.draws <= 1)).all()
    assert found.uneven == ()
    assert found.table["covered_90"].between(0.75, 1).all()  # of 60, at more than 3 sds
    told = found.table.set_index("parameter")["prior_in_eti90"]
    assert told["E"] < told["nu"]  # twelve runs hardly tell how heavy tails are
    assert found.fits.trusted
    assert found.undrawn == 0


def test_it_says_what_it_found(found):
    assert found.headline.startswith("Calibration of compute by 60 simulated tables of 12 runs: 9")
    assert found.headline.endswith("of the values that the runs came from; their ranks are uniform")
    assert found.notes == (
        "The values were drawn from the priors: where these are wrong, nothing is shown.",
    )
    assert found.provenance["result"] == "calibration"
    figure = found.plot()
    assert [panel.get_title() for panel in figure.axes][:5] == list(found.parameters)
    low, high = figure.axes[0].get_ylim()
    [curve] = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 62]
    assert (np.abs(curve.get_ydata()) < high).all()
    assert low == -high


def test_the_same_seed_gives_the_same_ranks(found):
    again = lawbook.calibration("compute", **OPTIONS)
    np.testing.assert_array_equal(again.draws, found.draws)


def test_noise_that_is_twice_that_of_the_model_is_found(monkeypatch):
    drawn = module.with_response

    def louder(law, inputs, values, around, group, rng):
        return drawn(law, inputs, values, {**around, "sigma": 2 * around["sigma"]}, group, rng)

    monkeypatch.setattr(module, "with_response", louder)
    found = lawbook.calibration(LAW, **OPTIONS)
    assert "sigma" in found.uneven
    assert "their ranks are not uniform: 'sigma'" in found.headline


def test_pooling_over_columns_that_no_simulated_table_has_is_left_aside(found):
    nested = LAW.with_pooling(E={"recipe": "partial"}, K={"seed": "none"})
    again = lawbook.calibration(nested, **OPTIONS)
    pd.testing.assert_frame_equal(again.table, found.table)


def test_runs_give_their_inputs():
    loss = np.linspace(3.2, 2.8, 12)
    wide = {"C": np.geomspace(1e17, 1e20, 12), "loss": loss}
    narrow = {"C": np.geomspace(1e18, 1.5e18, 12), "loss": loss}
    several = [lawbook.calibration(LAW, pd.DataFrame(table), **OPTIONS) for table in (wide, narrow)]
    assert [one.provenance["runs"] for one in several] == [12, 12]
    told = [one.table.set_index("parameter").loc["gamma", "prior_in_eti90"] for one in several]
    assert told[0] < told[1]  # runs near one place say little of a slope


def test_the_process_and_its_length_are_drawn_as_the_model_has_them():
    law = lawbook.load_law("chinchilla")
    runs = lawbook.simulate(law, n=20, seed=1)
    whole = module.with_discrepancy(law, "auto", runs)
    truths = module.drawn_from_priors(whole, 500, np.random.default_rng(1))
    length = whole.response.noise.length
    assert set(np.unique(truths["length"])) <= set(module.nodes_of(length))
    assert np.median(truths["length"]) == pytest.approx(length.quantile(0.5), rel=0.2)
    assert np.median(truths["amplitude"]) == pytest.approx(
        whole.response.noise.amplitude.quantile(0.5), rel=0.2
    )


def test_tables_that_no_run_could_give_are_counted_or_refused(monkeypatch):
    drawn = module.with_response
    first = iter([np.inf] * 5)

    def broken(*of):
        table = drawn(*of)
        return table | {"loss": table["loss"] * next(first, 1.0)}

    monkeypatch.setattr(module, "with_response", broken)
    found = lawbook.calibration(LAW, **OPTIONS)
    assert found.undrawn == 5
    assert found.draws.sizes["table"] == 55
    assert found.notes[1].startswith("Left out: 5 tables drawn from the priors")
    first = iter([np.inf] * 60)
    with pytest.raises(FitError, match=r"^law 'compute': none of 60 tables drawn from its priors"):
        lawbook.calibration(LAW, **OPTIONS)


def test_what_cannot_be_done_is_refused():
    with pytest.raises(FitError, match=r"^tables=5: too few to tell anything; expected 20 or more"):
        lawbook.calibration(LAW, tables=5)
    with pytest.raises(
        FitError, match=r"^n=2: too few runs for the parameters of 'compute'; expec"
    ):
        lawbook.calibration(LAW, n=2)
    grouped = lawbook.simulate(LAW, n=12, groups=["a", "b"])
    with pytest.raises(RunsError, match=r"^runs: they are grouped by 'recipe'; expected one table"):
        lawbook.calibration(LAW, grouped)


def test_the_command_prints_it_and_tells_by_its_exit(found, tmp_path):
    options = ["-n", "12", "--tables", "60", "--discrepancy", "none", "--seed", "1"]
    shown = run("calibration", "compute", *options, "-o", str(tmp_path / "ranks.csv"), "--json")
    assert shown.returncode == 0
    rows = json.loads(shown.stdout)["rows"]
    assert [row["covered_90"] for row in rows] == list(found.table["covered_90"])
    assert (tmp_path / "ranks.csv").exists()
    told = run("calibration", "compute", *options)
    assert told.stdout.split() == repr(found).split()
    assert told.returncode == 0
