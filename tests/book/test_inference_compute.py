"""Compute at test time and after pre-training: sampling, search, rewards and transfer."""

import numpy as np
import pytest
from book_laws import derived, printed, recalled

import lawbook

SAMPLING, SEARCH, PASSES, ERRORS, TRANSFER = map(
    lawbook.load_law,
    ("repeated_sampling", "train_test_compute", "rl_compute", "rl_post_training", "transfer"),
)


def test_log_coverage_is_a_power_law_of_the_answers():
    at = {"a": -1.8, "b": -0.5}
    assert SAMPLING.formula(np, np.array([1.0, 100.0]), **at) == pytest.approx(
        np.exp([-1.8, -0.18])
    )
    answers = derived(SAMPLING, "answers_for", 0.9, at=at)
    assert SAMPLING.formula(np, answers, **at) == pytest.approx(0.9)


def test_test_compute_is_the_line_that_the_paper_draws():
    at = recalled(SEARCH)
    line = -1.2 * np.log10(3e14) + 0.004 * -500 + 29
    assert np.log10(SEARCH.formula(np, 3e14, -500.0, **at)) == pytest.approx(line)


def test_ten_times_the_training_saves_fifteen_times_the_search():
    assert derived(SEARCH, "saved_by_decade", at=recalled(SEARCH)) == pytest.approx(15, rel=0.06)


def test_half_of_the_gain_in_pass_rate_is_made_at_the_middle():
    at = {"R_0": 0.3, "A": 0.61, "C_mid": 3000.0, "B": 1.5}
    assert PASSES.formula(np, 3000.0, **at) == pytest.approx(0.455)
    assert PASSES.formula(np, 1e9, **at) == printed("0.61")
    reward = lawbook.load_law("reward")
    curve = {"R_0": 0.3, "G": 0.31, "C_mid": 3000.0, "B": 1.5}
    C = np.geomspace(1e3, 1e5, 5)
    np.testing.assert_allclose(PASSES.formula(np, C, **at), reward.formula(np, C, **curve))
    with np.errstate(invalid="ignore"):
        needed = derived(PASSES, "compute_for", np.array([0.55, 0.62]), at=at)
    assert PASSES.formula(np, needed[0], **at) == pytest.approx(0.55)
    assert np.isnan(needed[1])


def test_larger_models_learn_more_from_as_much_and_ever_less_so():
    at = {"L_ref": 0.4, "K_max": 0.1, "N_0": 5e9}
    k = derived(ERRORS, "exponent", np.array([5e8, 5e9, 5e11]), at=at)
    assert k == pytest.approx([0.1 / 11, 0.05, 0.1 / 1.01])
    log_L = np.log(ERRORS.formula(np, 5e9, np.array([1e19, 1e20, 1e21]), **at))
    np.testing.assert_allclose(np.diff(log_L) / np.log(10), [-0.05, -0.05])


def test_transfer_is_the_product_that_the_paper_writes():
    at = recalled(TRANSFER)
    moved = 1.9e4 * 3e5**0.18 * 4e7**0.38
    assert TRANSFER.formula(np, 3e5, 4e7, **at) == pytest.approx(moved)
    assert derived(TRANSFER, "multiplier", 3e5, 4e7, at=at) == pytest.approx(1 + moved / 3e5)
