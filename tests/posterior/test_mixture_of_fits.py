"""A mixture of fits: each draw is one of a fit's, as often as its weight says."""

from dataclasses import replace

import fits
import numpy as np
import pytest
import xarray as xr
from fits import by_hand, of_prior

import lawbook
from lawbook import ComparisonError, FitError
from lawbook.laws.rescaling import in_unit_of

RECIPES = ["gru", "lstm"]
RNG = np.random.default_rng(0)


def told(gru, lstm, spread=0.0, draws=500):
    """A fit by hand whose draws lie around these responses."""
    return by_hand(RNG.normal([gru, lstm], spread, (4, draws, 2)), RECIPES)


@pytest.fixture(scope="module")
def sure():
    """Two fits that disagree in every draw: gru is best in one, lstm in the other."""
    return lawbook.average({"one": told(1.0, 2.0), "two": told(4.0, 3.0)}, [0.3, 0.7])


@pytest.fixture(scope="module")
def unsure():
    each = {"one": told(1.0, 1.2, 0.3), "two": told(1.1, 1.0, 0.2), "none": told(9.0, 8.0)}
    return lawbook.average(each, {"one": 0.25, "two": 0.75, "none": 0.0})


@pytest.fixture(scope="module")
def laws():
    """Draws from the priors of three laws, all of the same runs."""
    chinchilla = lawbook.load_law("chinchilla")
    runs = lawbook.simulate(chinchilla, n=20, noise=0.01, groups=RECIPES, seed=1)
    found = {}
    for name in ("chinchilla", "skaling", "farseer"):
        law = in_unit_of(lawbook.load_law(name), "nats/token")
        found[name] = of_prior(law, replace(runs, law=law), draws=50)
    return lawbook.average(found, [0.5, 0.3, 0.2])


def test_each_draw_is_one_of_a_fits_as_often_as_its_weight_says(sure):
    drawn = sure.predict({"x": [2.0, 3.0]}).draws
    assert dict(drawn.sizes) == {"chain": 1, "draw": 2000, "point": 4}
    values = drawn.isel(chain=0).to_numpy()
    pairs, counts = np.unique(values, axis=0, return_counts=True)
    # one law at all points of a draw
    assert pairs.tolist() == [[1, 1, 2, 2], [4, 4, 3, 3]]
    assert counts.tolist() == [600, 1400]
    assert 0.2 < (values[:1000, 0] == 1).mean() < 0.4  # laws do not stand in a row


def test_it_predicts_between_its_fits(unsure):
    table = unsure.predict({"x": 2.0}, prob=0.9).table.set_index("recipe")
    means = [f.predict({"x": 2.0}).table["mean"].to_numpy() for f in unsure.taking_part.values()]
    np.testing.assert_allclose(table["mean"], 0.25 * means[0] + 0.75 * means[1], atol=0.01)
    assert list(unsure.taking_part) == ["one", "two"]
    assert table.loc["gru", "share_parameters"] > 0.5


def test_a_law_is_as_probable_as_its_weight_where_all_its_draws_agree(sure):
    table = sure.compare({"x": 2.0}, reference="lstm").table.set_index("recipe")
    assert table.loc["gru", "p_best"] == 0.3
    assert table.loc["gru", "p_better"] == 0.3
    assert table.loc["gru", "odds"] == pytest.approx(3 / 7)
    assert table.loc["gru", "gap"] == pytest.approx(0.3 * -1 + 0.7 * 1)
    assert table.loc["gru", "expected_regret"] == pytest.approx(0.7)


def test_probabilities_are_those_of_the_fits_averaged_by_weight(unsure):
    options = {"reference": "lstm", "rope": 0.1}
    found = unsure.compare({"x": 2.0}, **options).table
    each = [fit.compare({"x": 2.0}, **options).table for fit in unsure.taking_part.values()]
    for name in ("p_better", "p_best", "p_equivalent", "gap", "expected_regret"):
        expected = 0.25 * each[0][name] + 0.75 * each[1][name]
        np.testing.assert_allclose(found[name], expected, atol=0.03)
    assert (found["p_better_mcse"].dropna() < 0.02).all()


def test_order_flips_where_one_law_says_so(laws):
    path = lawbook.FixedRatio("D", "N", 20)
    found = laws.crossover(*RECIPES, along=path).table.iloc[0]
    each = [fit.crossover(*RECIPES, along=path).table.iloc[0] for fit in laws.fits.values()]
    for name in ("p_flip", "p_never", "p_first_after"):
        expected = sum(w * one[name] for w, one in zip((0.5, 0.3, 0.2), each, strict=True))
        assert found[name] == pytest.approx(expected, abs=0.15)
    assert found[["p_flip", "p_beyond", "p_never"]].sum() == pytest.approx(1)
    comparison = laws.compare(along=lawbook.ComputeOptimal(), upto=1e23)
    assert len(comparison.table) == 120
    assert comparison.law.name == "chinchilla, skaling and farseer together"
    assert "under chinchilla, skaling and farseer together" in comparison.sentence()


def test_it_allocates_with_the_best_inputs_of_each_law(laws):
    found = laws.allocate([1e21, 1e22], prob=0.9)
    each = [fit.allocate([1e21, 1e22], prob=0.9) for fit in laws.fits.values()]
    assert list(found.table) == list(each[0].table)
    assert dict(found.draws.sizes) == {"chain": 1, "draw": 100, "row": 4}
    draws = found.draws.isel(chain=0)
    for row in range(4):
        theirs = [one.draws.isel(row=row)["N"].to_numpy().ravel() for one in each]
        mine = draws.isel(row=row)["N"].to_numpy()
        assert [int(np.isin(mine, own).sum()) for own in theirs] == [50, 30, 20]
    spent = (6 * draws["N"] * draws["D"]).transpose("draw", "row").to_numpy()
    np.testing.assert_allclose(spent, np.tile([1e21, 1e22], (100, 2)), rtol=1e-4)
    at_bound = [one.table["at_bound"] for one in each]
    expected = 0.5 * at_bound[0] + 0.3 * at_bound[1] + 0.2 * at_bound[2]
    np.testing.assert_allclose(found.table["at_bound"], expected)
    assert "under chinchilla, skaling and farseer together" in found.sentence()
    planned = laws.allocate(planned={"N": 1e9, "D": 2e10})
    assert (planned.draws["excess_loss"] >= 0).all()
    with pytest.raises(FitError, match="lines of equal response are those of one law"):
        found.plot("inputs")


def test_results_are_drawn_and_say_where_they_come_from(laws):
    at = {"N": 1e10, "D": 2e11}
    results = [laws.predict(at), laws.compare(at), laws.allocate(1e22)]
    for result in results:
        said = result.provenance
        assert said["law"] == "chinchilla, skaling and farseer together"
        assert said["weights"] == "chinchilla 0.5000, skaling 0.3000, farseer 0.2000"
        assert said["weights_found"] == "weights as given"
        assert said["runs_sha256"] == laws.runs.sha256
        assert result.plot() is not None
    prediction = results[0].table.iloc[0]
    assert prediction["extrapolation_N"] == pytest.approx(1e10 / laws.runs.largest["N"])


def test_it_says_its_weights_and_whom_not_to_trust(laws):
    assert repr(laws) == (
        "Mixture of 0.50 chinchilla, 0.30 skaling and 0.20 farseer, fitted to 40 runs: weights as "
        "given."
    )
    assert laws.trusted
    problem = "R-hat of E is 1.2, expected 1.01; draw more"
    bad = replace(laws.fits["skaling"], diagnostics=replace(fits.TRUSTED, problems=(problem,)))
    doubtful = lawbook.average({**laws.fits, "skaling": bad}, laws.weights)
    assert doubtful.doubts == (f"skaling: the draws must not be trusted: {problem}",)
    assert not doubtful.trusted
    assert repr(doubtful).endswith(f"skaling: the draws must not be trusted: {problem}.")
    assert doubtful.predict({"N": 1e9, "D": 1e10}).provenance["problems"] == f"skaling: {problem}"
    # whom nothing is taken from need not be trusted
    assert lawbook.average(doubtful.fits, [1, 0, 1]).trusted
    assert doubtful.table.loc["skaling", ["weight", "trusted"]].tolist() == [0.3, False]


def test_it_comes_back_from_a_file_bit_for_bit(laws, tmp_path):
    noted = replace(laws, prior={"chinchilla": 0.2}, held_out={"farseer": 1.5}, notes=("So.",))
    noted.save(tmp_path / "fits.nc")
    again = lawbook.load_together(tmp_path / "fits.nc")
    assert repr(again) == repr(noted)
    for name in ("weights", "how", "prior", "held_out", "notes"):
        assert getattr(again, name) == getattr(noted, name)
    at = {"N": 1e10, "D": 2e11}
    xr.testing.assert_identical(again.predict(at).draws, laws.predict(at).draws)
    xr.testing.assert_identical(again.allocate(1e22).draws, laws.allocate(1e22).draws)
    assert isinstance(again.fits["farseer"], lawbook.Fit)
    assert again.fits["farseer"].law.response.unit == "nats/token"
    # and so does a fit in another unit than its law's, alone
    laws.fits["farseer"].save(tmp_path / "fit.nc")
    alone = lawbook.load(tmp_path / "fit.nc")
    xr.testing.assert_identical(alone.predict(at).draws, laws.fits["farseer"].predict(at).draws)


def test_a_file_of_the_other_kind_says_how_it_is_opened(laws, tmp_path):
    laws.save(tmp_path / "fits.nc")
    laws.fits["skaling"].save(tmp_path / "fit.nc")
    several = "it holds a mixture of chinchilla, skaling and farseer; expected a fit of one law; "
    with pytest.raises(FitError, match=several + "open it with lawbook.load_together"):
        lawbook.load(tmp_path / "fits.nc")
    with pytest.raises(FitError, match="a fit of skaling alone; expected a mixture of several; op"):
        lawbook.load_together(tmp_path / "fit.nc")
    with pytest.raises(FitError, match="it has no fit of kaplan; expected some of chinchilla, ska"):
        lawbook.load_together(tmp_path / "fits.nc", ["kaplan"])
    content = (tmp_path / "fits.nc").read_bytes()
    (tmp_path / "fits.nc").write_bytes(content[: len(content) // 2])
    with pytest.raises(FitError, match="it is no saved fit, or it was cut short"):
        lawbook.load_together(tmp_path / "fits.nc")


def test_laws_that_are_not_in_the_book_are_given(sure, tmp_path):
    sure.save(tmp_path / "fits.nc")
    with pytest.raises(FitError, match="a fit of 'flat', which is not in the book"):
        lawbook.load_together(tmp_path / "fits.nc")
    again = lawbook.load_together(tmp_path / "fits.nc", [fits.flat_law()])
    assert again.weights == {"one": 0.3, "two": 0.7}


def test_laws_with_other_inputs_are_not_averaged(sure, laws):
    with pytest.raises(ComparisonError, match="fitted to different runs"):
        lawbook.average({"one": sure.fits["one"], "two": laws.fits["skaling"]}, [1, 1])
