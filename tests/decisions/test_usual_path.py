"""Where a question goes that names no points, and where it ends."""

import numpy as np
import pandas as pd
import pytest
from fits import grouped_runs, of_prior

import lawbook
from lawbook import FixedRatio, OneInput
from lawbook.decisions.usual_path import usual_path

CHINCHILLA = lawbook.load_law("chinchilla")


def test_the_usual_path_goes_on_as_the_runs_do():
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe",)), draws=5)
    N, D = (fit.runs.inputs[name] for name in "ND")
    path, scale, upto, end = usual_path(fit)
    assert isinstance(path, FixedRatio)
    assert (path.of, path.per, scale) == ("D", "N", "cost")
    assert path.value == pytest.approx(np.exp(np.mean(np.log(D / N))), rel=1e-12)
    assert upto == 100 * fit.runs.largest["cost"]
    assert end["D"] / end["N"] == pytest.approx(path.value, rel=1e-12)
    assert 6 * end["N"] * end["D"] == pytest.approx(upto, rel=1e-9)


def test_other_inputs_stay_and_shares_have_an_end():
    law = lawbook.load_law("data_constrained")
    fit = of_prior(law, lawbook.simulate(law, n=30, seed=1))
    usual = usual_path(fit)
    assert dict(usual.path.fixed) == {"U_D": np.median(fit.runs.inputs["U_D"])}
    assert usual.end["U_D"] == np.median(fit.runs.inputs["U_D"])
    law = lawbook.load_law("weakest_link")  # shares: nothing lies beyond 1
    fit = of_prior(law, lawbook.simulate(law, n=30, seed=1))
    usual = usual_path(fit)
    assert isinstance(usual.path, OneInput)
    assert (usual.scale, usual.upto) == ("s_1", fit.runs.largest["s_1"])


def test_recipes_are_compared_where_the_runs_go_unless_points_are_named():
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe",)), draws=50)
    usual = usual_path(fit)
    pd.testing.assert_frame_equal(fit.compare().table, fit.compare(usual.end).table)
    first, second = fit.runs.levels("recipe")[:2]
    found = fit.crossover(first, second)
    named = fit.crossover(first, second, along=usual.path, upto=usual.upto)
    pd.testing.assert_frame_equal(found.table, named.table)
    two = of_prior(CHINCHILLA, grouped_runs(("recipe", "corpus")), draws=20)
    [corpus] = two.runs.levels("corpus")[:1]
    found = two.compare(between="recipe", within={"corpus": corpus})
    named = two.compare(usual_path(two).end | {"corpus": corpus}, between="recipe")
    pd.testing.assert_frame_equal(found.table, named.table)
    mixture = lawbook.average({"a": fit, "b": fit}, {"a": 0.5, "b": 0.5})
    assert mixture.compare().table["N"].iloc[-1] == pytest.approx(usual.end["N"])
