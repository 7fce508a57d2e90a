"""What all results of decisions offer, and offer alike."""

import json
from dataclasses import replace

import fits
import pandas as pd
import pytest
import xarray as xr

import lawbook
from lawbook import FitError, FixedRatio
from lawbook.decisions.allocation import Allocation
from lawbook.decisions.comparison import Comparison
from lawbook.decisions.crossover import Crossover
from lawbook.decisions.identification import Identification
from lawbook.decisions.planning import Plan
from lawbook.export import read_export
from lawbook.result import Result

CHINCHILLA = lawbook.load_law("chinchilla")
AT = {"N": 7e10, "D": 1e12}
PATH = FixedRatio("D", "N", 20)
GRID = {"N": [1e9, 1e10], "D": [1e10]}
ASKED = {
    Comparison: lambda fit: fit.compare(AT),
    Crossover: lambda fit: fit.crossover("gru", "lstm", along=PATH),
    Allocation: lambda fit: fit.allocate(1e22),
    Plan: lambda fit: fit.plan(target="alpha", grid=GRID, n=2),
    Identification: lambda fit: fit.identified(),
}


@pytest.fixture(scope="module")
def fit():
    return fits.of_prior(CHINCHILLA, fits.grouped_runs("recipe"))


@pytest.mark.parametrize("kind", ASKED, ids=lambda kind: kind.__name__)
def test_results_offer_the_same(kind, fit, tmp_path):
    found = ASKED[kind](fit)
    assert isinstance(found, kind)
    assert isinstance(found, Result)
    assert isinstance(found.table, pd.DataFrame)
    assert isinstance(found.draws, xr.DataArray | xr.Dataset)
    assert found.draws.sizes["chain"] == 2
    assert found.draws.sizes["draw"] == 100
    assert found.provenance["law"] == "chinchilla"
    assert found.provenance["result"] == kind.__name__.lower()
    assert "\n" not in found.headline
    assert not found.headline.endswith(".")
    assert found.sentence().startswith(f"{found.headline}.")
    assert repr(found).startswith(f"{found.headline}\n")
    assert found._repr_html_().count("<table") == 1
    found.plot().savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 5000


@pytest.mark.parametrize("kind", ASKED, ids=lambda kind: kind.__name__)
def test_results_are_written_as_table_and_as_draws(kind, fit, tmp_path):
    found = ASKED[kind](fit)
    found.export(tmp_path / "found.csv")
    table, said = read_export(tmp_path / "found.csv")
    assert len(table) == len(found.table)
    assert said["result"] == found.provenance["result"]
    found.export(tmp_path / "found.nc")
    with xr.open_dataset(tmp_path / "found.nc") as written:
        assert written.sizes["draw"] == 100
        assert written.attrs["runs_sha256"] == found.provenance["runs_sha256"]


@pytest.mark.parametrize("kind", ASKED, ids=lambda kind: kind.__name__)
def test_results_of_a_doubtful_fit_say_so_once(kind, fit):
    doubtful = replace(fit, diagnostics=replace(fits.TRUSTED, problems=("few draws",)))
    found = ASKED[kind](doubtful)
    said = "But the draws must not be trusted: few draws."
    assert found.notes[-1] == said
    assert repr(found).endswith(said)
    assert found.sentence().count(said) == 1


def test_contraction_is_that_of_the_draws_and_is_drawn(fit):
    found = fit.identified()
    assert list(found.draws) == list(CHINCHILLA.param_names)
    for name in CHINCHILLA.param_names:
        row, spread = found.table.loc[name], float(found.draws[name].std())
        assert row["posterior_sd"] == pytest.approx(spread)
        assert row["prior_sd"] == CHINCHILLA.param(name).prior_of_pooled.spread
        assert row["contraction"] == pytest.approx(1 - (spread / row["prior_sd"]) ** 2)
        assert row["identified"] == (spread <= row["prior_sd"] / 2)
    [panel] = found.plot().axes
    assert [text.get_text() for text in panel.get_yticklabels()] == list(CHINCHILLA.param_names)
    assert panel.get_xlabel() == "prior-to-posterior contraction"


def test_a_fit_that_identifies_all_proposes_no_runs():
    table = pd.DataFrame(
        {"prior_sd": [1.0], "posterior_sd": [0.1], "contraction": [0.99], "identified": [True]},
        index=pd.Index(["E"], name="parameter"),
    )
    found = Identification(CHINCHILLA, table, xr.Dataset(), {"trusted": 1}, None)
    assert found.headline == "All parameters are identified by the runs"
    assert found.sentence() == ""


def test_the_path_stands_in_words_and_exactly(fit):
    path = FixedRatio("D", "N", 20.123456789)
    for found in (fit.compare(along=path), fit.crossover("gru", "lstm", along=path)):
        assert found.provenance["along"] == "D/N = 20.12"
        assert found.provenance["path"] == repr(path)
    with pytest.raises(FitError, match=r"there is no export as '\.pdf'"):
        found.export("found.pdf")
    assert json.loads(found.provenance["horizon"]) == list(found.horizon)
