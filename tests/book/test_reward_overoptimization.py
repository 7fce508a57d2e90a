"""Reward overoptimization: the curves read off the figures, and what follows from them."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

BON, RL, WIN_RATE = (
    lawbook.load_law(f"reward_overoptimization_{form}") for form in ("bon", "rl", "win_rate")
)
ROUND = {"p": np.exp(0.35 / 0.154 - 1), "beta": 0.154}


def derived(law, name, *given, **at):
    return law.quantity(name).value(given, at)


@pytest.mark.parametrize(
    ("estimate", "peak", "reward"),
    [(0, "2.04925", "0.503091"), (1, "3.18141", "1.00707"), (2, "3.67647", "1.21783")],
)
def test_the_best_of_n_peaks_where_it_was_worked_out(estimate, peak, reward):
    at = published(BON, estimate)
    found = derived(BON, "peak", **at)
    assert found == printed(peak)
    assert derived(BON, "peak_reward", **at) == printed(reward)
    assert BON.formula(np, found, **at) == pytest.approx(derived(BON, "peak_reward", **at))
    n = derived(BON, "best_n", **at)
    assert np.log(n) - (n - 1) / n == pytest.approx(found**2)


def test_the_reproduction_has_standard_errors_of_its_intervals():
    errors = {e.label: dict(e.errors) for e in BON.published if e.key == "rush_srik"}
    assert len(errors) == 5
    wanted = {"alpha": (0.5173 - 0.2532) / 3.92, "beta": (0.1943 - 0.0823) / 3.92}
    assert errors["500 comparisons"] == pytest.approx(wanted, rel=1e-4)
    # more comparisons delay the peak, as the reproduction says
    peaks = [derived(BON, "peak", **dict(e.at)) for e in BON.published if e.key == "rush_srik"]
    assert peaks == sorted(peaks)


@pytest.mark.parametrize(
    ("estimate", "n", "kl", "reward"),
    [(0, 1000, "5.90876", "0.485651"), (2, 60_000, "10.0021", "1.19404")],
)
def test_the_reward_of_so_many_samples_is_the_one_worked_out(estimate, n, kl, reward):
    distance = np.log(n) - (n - 1) / n
    assert distance == printed(kl)
    assert BON.formula(np, np.sqrt(distance), **published(BON, estimate)) == printed(reward)


def test_a_larger_proxy_peaks_where_the_trend_says():
    at = {"alpha": 0.651796, "beta": 0.0957888}
    assert derived(BON, "peak", **at) == printed("3.40226")
    assert derived(BON, "peak_reward", **at) == printed("1.10879")


def test_reinforcement_peaks_and_falls_where_it_was_worked_out():
    assert RL.formula(np, 3.0, **ROUND) == printed("0.542441")
    assert derived(RL, "peak", **ROUND) == printed("3.57058")
    assert derived(RL, "peak_reward", **ROUND) == printed("0.549869")
    assert derived(RL, "break_even", **ROUND) == printed("9.70584")
    drawn = published(RL, 0)
    assert derived(RL, "peak", **drawn) == printed("3.60707")
    assert derived(RL, "peak_reward", **drawn) == printed("0.548274")
    assert derived(RL, "break_even", **drawn) == printed("9.80502")


def test_rounds_with_a_new_proxy_push_the_peak_out():
    assert derived(RL, "after_rounds", 6.0, 4, **ROUND) == printed("1.72535")
    assert derived(RL, "after_rounds", 6.0, 1, **ROUND) == printed("0.444414")


def test_a_win_rate_begins_and_breaks_even_at_that_of_the_start_policy():
    at = {"w_0": -0.4, **ROUND}
    assert RL.formula(np, 3.0, **ROUND) == pytest.approx(3 * (0.35 - 0.154 * np.log(3)))
    far = derived(WIN_RATE, "break_even", **ROUND)
    assert WIN_RATE.formula(np, far, **at) == pytest.approx(1 / (1 + np.exp(0.4)))
    assert (
        WIN_RATE.formula(np, 3.57058, **at) > WIN_RATE.formula(np, np.array([3, 4.2]), **at).max()
    )


def test_the_prior_of_the_peak_is_one_of_distances():
    prior = RL.param("p").prior_of_pooled
    low, high = prior.quantile(0.005), prior.quantile(0.995)
    assert (low, high) == (pytest.approx(1.1, abs=0.05), pytest.approx(14.5, abs=0.1))
    for estimate in (0, 1):
        assert low < derived(RL, "peak", **published(RL, estimate)) < high
