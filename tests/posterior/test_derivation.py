"""Quantities that follow from a law's parameters, with their uncertainty."""

import re

import fits
import numpy as np
import pandas as pd
import pytest
import small
import xarray as xr

import lawbook
from lawbook import Derived, FitError, LawError, RunsError

CHINCHILLA = lawbook.load_law("chinchilla")


def says(error, text):
    return pytest.raises(error, match=re.escape(text))


def compute(xp, loss, *, E, K, gamma):
    return xp.exp(-xp.log((loss - E) / K) / gamma)


def test_a_quantity_is_derived_draw_by_draw_for_every_group_and_value():
    found = small.fit().derive("compute_for", loss=[3.0, 4.0], prob=0.8)
    draws = small.fit().posterior["posterior"]
    expected = compute(np, 4.0, E=draws["E"].sel(recipe="gru"), K=draws["K"], gamma=draws["gamma"])
    assert list(found.table["recipe"]) == np.repeat(small.runs().levels("recipe"), 2).tolist()
    assert found.table["loss"].tolist() == [3.0, 4.0] * 4
    exact = found.draws.isel(point=1)
    assert found.draws.dims == ("chain", "draw", "point")
    np.testing.assert_allclose(exact.to_numpy(), expected.to_numpy())
    row = found.table.iloc[1]
    assert row["median"] == pytest.approx(float(expected.median()))
    assert row["eti80_lower"] == pytest.approx(float(expected.quantile(0.1)))
    assert row["eti80_upper"] == pytest.approx(float(expected.quantile(0.9)))
    assert found.draws.attrs["unit"] == "FLOP"


def test_groups_may_be_chosen_and_new_ones_come_from_the_population():
    one = small.fit().derive("compute_for", loss=4.0, recipe="gru").table
    assert one["recipe"].tolist() == ["gru"]
    new = small.fit().derive("compute_for", loss=4.0, recipe="rwkv", new_groups=True, seed=1)
    assert new.table["recipe"].tolist() == ["rwkv"]
    with says(RunsError, "grouping column 'recipe': no run has 'rwkv' (row 1)"):
        small.fit().derive("compute_for", loss=4.0, recipe="rwkv")


def test_a_quantity_may_need_nothing_but_the_parameters():
    fit = fits.of_prior(CHINCHILLA, lawbook.simulate(CHINCHILLA, seed=1))
    found = fit.derive("size_exponent")
    draws = fit.posterior["posterior"]
    share = draws["beta"] / (draws["alpha"] + draws["beta"])
    assert list(found.table)[:3] == ["mean", "sd", "median"]
    assert found.table["median"].item() == pytest.approx(float(share.median()))


def test_draws_without_the_quantity_are_counted_and_left_out():
    floor = small.fit().posterior["posterior"]["E"].sel(recipe="gru")
    loss = float(floor.median())
    found = small.fit().derive("compute_for", loss=loss, recipe="gru")
    assert found.table["defined"].item() == pytest.approx(float((floor < loss).mean()))
    assert np.isfinite(found.table["median"].item())
    assert int(found.draws.isnull().sum()) == int((floor >= loss).sum())
    assert "defined" in repr(found)
    with says(
        FitError,
        "compute_for at loss=0.1: it exists in no posterior draw; expected values of 'loss' "
        "for which it exists in some; change them",
    ):
        small.fit().derive("compute_for", loss=[4.0, 0.1])


def test_it_prints_and_exports_with_its_provenance(tmp_path):
    found = small.fit().derive("compute_for", loss=4.0)
    assert repr(found).startswith("compute_for [FLOP] by compute\n")
    assert "eti95_lower" in repr(found)
    found.export(tmp_path / "compute.csv")
    assert "# quantity: compute_for" in (tmp_path / "compute.csv").read_text()
    again = pd.read_csv(tmp_path / "compute.csv", comment="#")
    np.testing.assert_allclose(again["median"], found.table["median"])
    found.export(tmp_path / "compute.nc")
    stored = xr.load_dataset(tmp_path / "compute.nc")["compute_for"]
    np.testing.assert_array_equal(stored, found.draws)


@pytest.mark.parametrize(
    ("name", "given", "error", "text"),
    [
        (
            "size",
            {},
            LawError,
            "law 'compute': it has no derived quantity 'size'; expected one of 'compute_for'",
        ),
        ("compute_for", {}, RunsError, "column 'loss': there is no such column"),
        ("compute_for", {"loss": 4, "M": 1}, RunsError, "column 'M': it is neither an input nor"),
        ("compute_for", {"loss": "low"}, RunsError, "'low' (row 1) cannot be read as numbers"),
        ("compute_for", {"loss": 4, "prob": 2}, FitError, "prob=2: no probabilities"),
    ],
)
def test_what_cannot_be_derived_says_why(name, given, error, text):
    with says(error, text):
        small.fit().derive(name, **given)


def anything(xp, *given, alpha):
    return alpha


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: Derived("best size", compute),
            "derived quantity 'best size': its name is not one word; "
            "expected letters, digits and underscores",
        ),
        (
            lambda: Derived("size", "N"),
            "derived quantity 'size': its formula is 'N'; expected a plain function",
        ),
        (
            lambda: Derived("size", anything),
            "derived quantity 'size': its formula takes *args, **kwargs or positional-only "
            "arguments; expected f(xp, *given, *, params), each by name",
        ),
        (
            lambda: Derived("size", lambda xp, C: C),
            "derived quantity 'size': its formula takes no params; expected some of the law's "
            "after the *, because the uncertainty of the quantity comes from them; add them",
        ),
        (
            lambda: Derived("size", lambda xp, prob, *, E: prob + E),
            "derived quantity 'size': its formula is given 'prob', which is an option of "
            "Fit.derive; expected another name; rename it",
        ),
        (
            lambda: lawbook.Law(
                **{**vars(small.LAW), "derived": [Derived("it", lambda xp, *, alpha: alpha)]}
            ),
            "law 'compute': the derived quantity 'it' needs 'alpha'; expected some of the params "
            "'E', 'K', 'gamma' after the *",
        ),
        (
            lambda: lawbook.Law(**{**vars(small.LAW), "derived": [*small.LAW.derived] * 2}),
            "law 'compute': it derives 'compute_for' twice; expected different names; rename one",
        ),
    ],
)
def test_a_wrong_quantity_fails_where_it_is_declared(make, text):
    with says(LawError, text):
        make()


def test_what_is_derived_does_not_change_the_version_of_a_law():
    bare = lawbook.Law(**{**vars(CHINCHILLA), "derived": ()})
    assert bare.version == CHINCHILLA.version
    assert bare != CHINCHILLA
