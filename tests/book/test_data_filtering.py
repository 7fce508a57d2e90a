"""Filtered pools: errors after so many samples, with the values of the released code."""

import numpy as np
import pandas as pd
import pytest
from book_laws import printed, published

import lawbook

UTILITY, RELEASED, DATA = (
    lawbook.load_law(f"data_filtering{form}") for form in ("", "_released", "_data")
)
POOL = 1.28e7


def at_pool(a, b, **rest):
    """What the laws take, from the paper's a and b."""
    return {"y_1": (128 * a) ** b, "g": np.log(128 * a), **rest}


# the grid's own b and tau, which the stored file rounds
OF_DATA = at_pool(a=0.022, b=-2.005 / 11, tau=4.0, d=0.1)
TAUS = np.array([74.0, 94.0, 58.0, 25.0]) / 11
POOLS_B = np.array([-0.16, -0.125, -0.1, -0.085])
POOLS = at_pool(a=0.025, b=POOLS_B, tau=TAUS, d=0.1)
POOLS_OF_DATA = at_pool(
    a=0.022,
    b=np.array([-2.005 / 11, -0.144848, -0.135303, -0.0975758]),
    tau=np.array([4.0, 4.3636, 2.9091, 1.4545]),
    d=0.1,
)
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
    at = at_pool(a=0.025, b=-0.16, d=0.1)
    plain = (0.025 * np.array(SAMPLES) / 1e5) ** -0.16 + 0.1
    for law in (UTILITY, DATA):
        np.testing.assert_allclose(law.formula(np, np.array(SAMPLES), POOL, **at, tau=1e9), plain)


def test_the_best_two_pools_swap_where_it_was_worked_out():
    ahead = RELEASED.quantity("epochs_ahead").formula(
        np, -0.125, **at_pool(a=0.025, b=-0.16, tau=6.7273)
    )
    assert ahead == printed("2.3959")
    assert RELEASED.derive("utility", published="goyal2024:1") == pytest.approx(-0.16)
    assert RELEASED.derive("pool_scale", published="goyal2024:1") == pytest.approx(0.025)


def errors_of_unions(law, pools, s):
    """Error on the best m pools, for each m."""
    union = law.union
    each = [{n: v[:m] if np.ndim(v) else v for n, v in pools.items()} for m in (1, 2, 3, 4)]
    return np.array([union(np, s, POOL, **of_m) for of_m in each])


@pytest.mark.parametrize(
    ("law", "pools", "s", "errors"),
    [
        (RELEASED, POOLS, 1.28e8, ("0.712710", "0.704000", "0.732340", "0.758719")),
        (RELEASED, POOLS, 6.4e8, ("0.688242", "0.614476", "0.624352", "0.648641")),
        (DATA, POOLS_OF_DATA, 6.4e8, ("0.692306", "0.609769", "0.599098", "0.620812")),
    ],
    ids=["released", "released, long", "data, long"],
)
def test_the_error_on_a_union_is_the_one_worked_out(law, pools, s, errors):
    assert list(errors_of_unions(law, pools, s)) == [printed(error) for error in errors]


@pytest.mark.parametrize(
    ("law", "pools", "best"),
    [
        (RELEASED, POOLS, {3.2e7: 1, 6.4e7: 1, 1.28e8: 2, 6.4e8: 2}),
        (DATA, POOLS_OF_DATA, {3.2e7: 1, 6.4e7: 1, 4.5e8: 3, 6.4e8: 3}),
    ],
    ids=["released", "data"],
)
def test_the_best_number_of_pools_is_the_papers(law, pools, best):
    assert {s: errors_of_unions(law, pools, s).argmin() + 1 for s in best} == best


@pytest.mark.parametrize("law", [UTILITY, RELEASED, DATA], ids=lambda law: law.name)
def test_a_union_of_one_pool_is_the_pool_and_of_equal_ones_a_larger_pool(law):
    union, s = law.union, np.geomspace(5e6, 7e8, 20)
    one, three = (
        at_pool(a=0.025, b=np.full((m, 1), -0.15), tau=np.full((m, 1), 5.0), d=0.1) for m in (1, 3)
    )
    alone = law.formula(np, s, POOL, **at_pool(a=0.025, b=-0.15, tau=5.0, d=0.1))
    np.testing.assert_allclose(union(np, s, POOL, **one), alone)
    larger = law.formula(np, s, 3 * POOL, **at_pool(a=0.025, b=-0.15, tau=15.0, d=0.1))
    np.testing.assert_allclose(union(np, s, POOL, **three), larger)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_five_pools_of_nine_checkpoints_are_fitted(seed):
    rng, s = np.random.default_rng(seed), np.tile(np.geomspace(2.56e7, 1.28e8, 9), 5)
    b, tau = np.append(POOLS_B, -0.12), np.append(TAUS, 6.0)
    at = at_pool(a=0.025, b=np.repeat(b, 9), tau=np.repeat(tau, 9), d=0.1)
    error = UTILITY.formula(np, s, POOL, **at) * np.exp(0.004 * rng.standard_normal(45))
    table = {"s": s, "n": POOL, "error": error, "pool": np.repeat(list("abcde"), 9)}
    runs = lawbook.read_runs(pd.DataFrame(table), UTILITY, by="pool", allow="sizes")
    fit = lawbook.fit(UTILITY, runs, seed=seed, discrepancy="none")
    assert fit.diagnostics.trusted
    assert fit.posterior["sample_stats"]["n_steps"].mean() < 100
