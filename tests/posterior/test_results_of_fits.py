"""What all results offer, whatever was asked: table, draws, picture, file, origin, sentences."""

from dataclasses import replace

import fits
import numpy as np
import pandas as pd
import pytest
import small
import xarray as xr
from matplotlib.figure import Figure

import lawbook
from lawbook.export import read_export
from lawbook.result import SHOWN, Result

LOSS, ERROR = (lawbook.load_law(f"overtraining_{name}") for name in ("loss", "error"))
PATH = {"C": np.geomspace(1e20, 1e23, 8)}
DOUBTFUL = replace(fits.TRUSTED, problems=("R-hat of E is 1.2, expected 1.01; draw more",))


def doubted(fit):
    return replace(fit, diagnostics=DOUBTFUL)


def with_likelihood(fit, seed):
    """The fit, with log likelihoods as leave-one-out needs them."""
    rng, draws = np.random.default_rng(seed), fit.posterior["posterior"].dataset
    coords = {"chain": draws["chain"], "draw": draws["draw"], "run": np.arange(len(fit.runs))}
    shape = [len(values) for values in coords.values()]
    terms = (tuple(coords), rng.normal(0.01 * seed, 0.1, shape))
    groups = {"posterior": draws, "log_likelihood": xr.Dataset({"loss": terms}, coords)}
    observed = ("run", fit.runs.response)
    groups["observed_data"] = xr.Dataset({"loss": observed}, {"run": coords["run"]})
    return replace(fit, posterior=xr.DataTree.from_dict(groups))


def two_laws(fit):
    return {"one": with_likelihood(fit, 1), "two": with_likelihood(fit, 2)}


def prediction(judged):
    return judged(small.fit()).predict(PATH)


def derivation(judged):
    return judged(small.fit()).derive("compute_for", loss=[3.0, 3.5, 4.0])


def chain(judged):
    first, second = (
        fits.of_prior(law, lawbook.simulate(law, n=20, noise=0.01, seed=1)) for law in (LOSS, ERROR)
    )
    return lawbook.Chain(judged(first), second).predict({**PATH, "M": 20})


def mixture(judged):
    return lawbook.average(two_laws(judged(small.fit())), [1, 3]).predict(PATH)


def laws(judged):
    return lawbook.compare_laws(two_laws(judged(small.fit())), held_out=False, evidence=False)


def backtest(_):
    runs = lawbook.simulate(small.LAW, n=12, noise=0.01, seed=1)
    options = {"cuts": [0.5], "discrepancy": "none", "baselines": ["m2"]}
    return lawbook.backtest(small.LAW, runs, **options)


OF_FITS = [prediction, derivation, chain, mixture, laws]


@pytest.fixture(scope="module", params=[*OF_FITS, backtest], ids=lambda make: make.__name__)
def result(request):
    return request.param(lambda fit: fit)


def rows_of(result):
    """What is exported: of a backtest the points, which its table sums up."""
    return result.points if isinstance(result, lawbook.Backtest) else result.table


def test_a_result_has_a_table_and_draws_with_named_dims(result):
    assert isinstance(result, Result)
    assert isinstance(result.table, pd.DataFrame)
    assert len(result.table)
    assert len(result.shown)
    if result.draws is not None:
        assert set(result.draws.dims) in ({"chain", "draw", "point"}, {"draw", "point"})
        assert result.draws.sizes["point"] == len(rows_of(result))
        assert result.draws.attrs["unit"]


def test_it_is_drawn(result, tmp_path):
    figure = result.plot()
    assert isinstance(figure, Figure)
    assert figure.canvas.manager is None  # no window of pyplot's
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 5000


def test_it_is_written_with_where_it_comes_from(result, tmp_path):
    said = result.provenance
    assert said["result"]
    assert all(isinstance(value, str | int | float) for value in said.values())
    result.export(tmp_path / "table.json")
    table, read = read_export(tmp_path / "table.json")
    assert read == dict(said)
    rows = rows_of(result)
    assert len(table) == len(rows)
    assert [str(name) for name in rows] == list(table)[-rows.shape[1] :]
    if result.draws is None:
        with pytest.raises(lawbook.FitError, match=r"there is no export as '\.nc'"):
            result.export(tmp_path / "draws.nc")
    else:
        result.export(tmp_path / "draws.nc")
        stored = xr.load_dataset(tmp_path / "draws.nc")
        np.testing.assert_array_equal(stored[result.draws.name], result.draws)
        assert stored.attrs["result"] == said["result"]


def test_its_headline_is_one_line_above_the_table(result):
    assert result.headline
    lines = repr(result).splitlines()
    assert lines[0] == result.headline
    assert lines[1].split() == [str(name) for name in result.shown]
    assert lines[len(lines) - len(result.notes) :] == list(result.notes)
    assert ("more rows" in repr(result)) == (len(result.shown) > SHOWN)


def test_a_notebook_shows_the_same(result):
    html = result._repr_html_()
    assert html.count("<tr") == 1 + min(len(result.shown), SHOWN)
    for text in (result.headline, *result.notes):
        assert text.replace("'", "&#x27;") in html


@pytest.mark.parametrize("make", OF_FITS)
def test_draws_that_are_not_to_be_trusted_are_said(make):
    found = make(doubted)
    assert not found.provenance["trusted"]
    assert "the draws must not be trusted: " in repr(found)
    assert DOUBTFUL.problems[0] in repr(found)
    assert "must not be trusted" not in repr(make(lambda fit: fit))


def test_draws_of_a_backtest_are_those_that_scores_were_taken_from():
    found = backtest(None)
    assert found.draws.dims == ("draw", "point")
    np.testing.assert_array_equal(found.draws["law"], found.points["law"])
    np.testing.assert_array_equal(found.draws["cut"], found.points["cut"])
    baseline = (found.points["law"] == "m2").to_numpy()
    of_baseline = found.draws[:, baseline]  # of a baseline all draws are kept
    truth = found.points["truth"][baseline].to_numpy()
    np.testing.assert_allclose(of_baseline.median("draw"), found.points["median"][baseline])
    low, high = of_baseline.quantile([0.05, 0.95], "draw").to_numpy()
    inside = (low <= truth) & (truth <= high)
    np.testing.assert_array_equal(inside, found.points["covered_90"][baseline])
