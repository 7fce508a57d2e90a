"""The bound of the planning benchmark, against every batch there is."""

from itertools import combinations

import fits
import numpy as np
import pandas as pd
import pytest
from designs import WIDE, Ideal, ideal

import lawbook


def made_up(seed):
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(12, 4)) * rng.lognormal(0, 0.7, (12, 1))
    return Ideal(slopes, rng.lognormal(-1, 0.5, 12), np.eye(4), np.array([10, 11])), rng


@pytest.mark.parametrize("seed", range(8))
def test_no_batch_goes_below_the_bound(seed):
    picture, rng = made_up(seed)
    cost, given, free = rng.lognormal(0, 1, 12), [0, 1], np.arange(2, 10)
    budget = cost[free].sum() * rng.uniform(0.1, 0.7)
    batches = [list(batch) for size in range(9) for batch in combinations(free, size)]
    widths = [picture.width(given + batch) for batch in batches if cost[batch].sum() <= budget]
    bound = picture.least_width(given, free, cost, budget)
    assert 0 < bound <= min(widths) * (1 + 1e-9)


def test_where_all_runs_are_within_the_budget_the_bound_is_reached():
    picture, rng = made_up(0)
    cost, free = rng.lognormal(0, 1, 12), np.arange(2, 10)
    bound = picture.least_width([0, 1], free, cost, 2 * cost.sum())
    assert bound == pytest.approx(picture.width(range(10)), rel=1e-6)


def test_the_picture_of_a_line_is_the_line():
    def line(xp, x, *, a, b):
        return a + b * x

    normal, sigma = lawbook.priors.Normal, lawbook.priors.LogNormal(0.5, 0.001)
    law = lawbook.Law(
        name="line",
        formula=line,
        inputs=[lawbook.Input("x", unit="tokens", seen=(1.0, 10.0))],
        response=lawbook.Response("loss", "nats", noise=lawbook.Normal("identity", sigma)),
        params=[lawbook.Param("a", normal(0, 1)), lawbook.Param("b", normal(0, 2))],
    )
    runs = lawbook.read_runs(pd.DataFrame({"x": [1.0, 2.0, 4.0], "loss": 0.0}), law, allow="sizes")
    found = ideal(fits.of_prior(law, runs), np.array([2]))
    np.testing.assert_allclose(found.slopes, [[1, 1], [1, 2], [1, 4]], atol=1e-6)
    np.testing.assert_allclose(found.noise, 0.25, rtol=0.01)
    np.testing.assert_allclose(found.width([]), WIDE * np.sqrt(1 + 16 * 4), rtol=1e-6)
