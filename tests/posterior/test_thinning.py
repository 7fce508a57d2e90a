"""Fewer draws where all would take too long."""

import numpy as np
import pytest
from fits import grouped_runs, of_prior

import lawbook
from lawbook.posterior.thinning import step_to, thinned


def test_draws_are_left_out_evenly_and_only_where_there_are_more():
    law = lawbook.load_law("chinchilla")
    fit = of_prior(law, grouped_runs(("recipe",)), chains=4, draws=100)
    few = thinned(fit, 100).posterior["posterior"]
    assert few.sizes["chain"] * few.sizes["draw"] == 100
    every = fit.posterior["posterior"]["E"].to_numpy()[:, ::4]
    np.testing.assert_array_equal(few["E"].to_numpy(), every)
    assert thinned(fit, 400) is fit
    assert thinned(fit, 399).posterior["posterior"].sizes["draw"] == 50


@pytest.mark.parametrize(("draws", "of", "step"), [(200, 1000, 5), (200, 1100, 5), (200, 100, 1)])
def test_a_step_leaves_at_least_so_many(draws, of, step):
    assert step_to(draws, of) == step
