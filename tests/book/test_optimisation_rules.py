"""Rules for rates, batches and sizes: what they say at a run, and that budgets add up."""

import numpy as np
import pytest

import lawbook


def at_recalled(name, number=0):
    law = lawbook.load_law(name)
    estimate = law.published[number]
    assert estimate.recalled  # none was read in its paper
    return law, dict(estimate.at)


@pytest.mark.parametrize(
    ("name", "number", "x", "value"),
    [
        ("deepseek_rate", 0, 1e20, 0.3118 * 1e20**-0.125),
        ("deepseek_batch", 0, 1e20, 0.2920 * 1e20**0.3271),
        ("deepseek_allocation", 0, 1e20, 0.1715 * 1e20**0.5243),
        ("porian_rate", 0, 1e8, 3.7 * 1e8**-0.36),
        ("porian_batch", 0, 1e8, 0.00037 * 1e8**0.703),
        ("batch_size", 0, 1e11, 0.0306 * 1e11**0.383),
        ("batch_size", 1, 1e11, 0.0471 * 1e11**0.462),
    ],
)
def test_a_rule_is_a_power_law(name, number, x, value):
    law, at = at_recalled(name, number)
    assert law.formula(np, x, **at) == pytest.approx(value)


def test_deepseeks_tokens_are_what_its_operations_leave_of_the_budget():
    law, at = at_recalled("deepseek_allocation")
    tokens = law.quantity("tokens").formula(np, 1e20, **at)
    assert tokens == pytest.approx(5.8316 * 1e20**0.4757, rel=1e-3)  # its other fit


def test_the_critical_batch_is_larger_than_the_best_and_grows_faster():
    law, best = at_recalled("batch_size")
    _, critical = at_recalled("batch_size", 1)
    D = np.array([1e9, 1e11])
    ratio = law.formula(np, D, **critical) / law.formula(np, D, **best)
    assert np.all(ratio > 1)
    assert ratio[1] > ratio[0]
    steps = law.quantity("steps").formula(np, 1e11, **best)
    assert steps * 2048 * law.formula(np, 1e11, **best) == pytest.approx(1e11)
