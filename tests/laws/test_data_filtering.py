"""Filtered pools: errors after so many samples, with the values of the released code."""

import numpy as np
import pytest
from book import printed, published

import lawbook

UTILITY, RELEASED, DATA = (
    lawbook.load_law(f"data_filtering{form}") for form in ("", "_released", "_data")
)
POOL = 1.28e7
# the grid's own b, which the stored file rounds
OF_DATA = {"a": 0.022, "b": -2.005 / 11, "tau": 4.0, "d": 0.1}
SAMPLES = (1.28e7, 2.56e7, 6.4e7, 1.28e8)


@pytest.mark.parametrize(
    ("law", "at", "errors"),
    [
        (RELEASED, published(RELEASED), ("0.930187", "0.841630", "0.753790", "0.712710")),
        (UTILITY, published(RELEASED), ("0.930187", "0.851150", "0.772753", "0.736090")),
        (DATA, OF_DATA, ("0.928026", "0.840861", "0.754205", "0.713665")),
    ],
    ids=["released", "utility", "data"],
)
def test_the_error_is_the_one_worked_out(law, at, errors):
    found = law.formula(np, np.array(SAMPLES), POOL, **at)
    assert list(found) == [printed(error) for error in errors]


def test_the_worst_pool_and_many_epochs_are_the_ones_worked_out():
    assert RELEASED.formula(np, 1.28e8, POOL, **published(RELEASED, 3)) == printed("0.923143")
    assert RELEASED.formula(np, 6.4e8, POOL, **published(RELEASED)) == printed("0.688242")
    assert DATA.formula(np, 6.4e8, POOL, **OF_DATA) == printed("0.692306")


def test_a_pool_that_never_wears_out_follows_its_power_law():
    at = {"a": 0.025, "b": -0.16, "d": 0.1}
    plain = (0.025 * np.array(SAMPLES) / 1e5) ** -0.16 + 0.1
    for law in (UTILITY, DATA):
        np.testing.assert_allclose(law.formula(np, np.array(SAMPLES), POOL, **at, tau=1e9), plain)


def test_the_best_two_pools_swap_where_it_was_worked_out():
    ahead = RELEASED.quantity("epochs_ahead").formula(np, -0.125, b=-0.16, tau=6.7273)
    assert ahead == printed("2.3959")
