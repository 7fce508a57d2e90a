"""Whether a comparison is decided, and the runs that are expected to decide it."""

import fits
import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

import lawbook
from lawbook.errors import ComparisonError, FitError

SD, SIGMA, GAP = 0.1, 0.1, 0.02
AT = {"x": 4.0}


@pytest.fixture(scope="module")
def fit():
    """Two recipes whose responses are independent and normal, sd 0.1, means 0.02 apart."""
    draws = np.random.default_rng(3).standard_normal((4, 1000, 2))
    draws = (draws - draws.mean(axis=(0, 1))) / draws.std(axis=(0, 1))
    return fits.by_hand(1 + SD * draws + [0.0, GAP], ["gru", "lstm"], sigma=SIGMA)


def sure(runs):
    """What the larger probability is expected to be after so many runs, first of gru, in turn."""
    left = [1 / (1 / SD**2 + count / SIGMA**2) for count in ((runs + 1) // 2, runs // 2)]
    sd, learned = np.sqrt(sum(left)), np.sqrt(2 * SD**2 - sum(left))

    def weighted(z):
        return stats.norm.pdf(z) * stats.norm.cdf(abs(GAP + learned * z) / sd)

    return integrate.quad(weighted, -8, 8, points=[-GAP / learned])[0]


def test_what_is_decided_says_so(fit):
    found = fit.compare(AT).decided(0.55)
    assert found
    assert found.level == "gru"
    assert found.p_best == pytest.approx(stats.norm.cdf(GAP / SD / np.sqrt(2)), abs=0.02)
    assert found.runs is None
    assert repr(found).startswith("Decided at x = 4 tokens: gru is best with probability 0.5")


def test_what_is_not_decided_names_the_runs_that_are_expected_to_decide(fit):
    found = fit.compare(AT).decided(0.8)
    assert not found
    expected = next(n for n in range(1, 9) if sure(n) >= 0.8)
    assert len(found.runs) == expected
    np.testing.assert_allclose(
        found.runs["p_best"], [sure(n + 1) for n in range(expected)], atol=0.02
    )
    said = repr(found)
    assert said.startswith("Not decided at x = 4 tokens: gru is best with probability 0.5")
    assert f"and 0.8 was asked for. After these {expected} runs, " in said
    assert "recipe = gru" in said
    assert "recipe = lstm" in said


def test_runs_that_are_not_enough_are_said_to_be(fit):
    found = fit.compare(AT).decided(0.99)
    assert len(found.runs) == 8
    assert "which is still not enough" in repr(found)


def test_a_plan_stops_where_the_choice_is_expected_to_be_made(fit):
    candidates = pd.DataFrame({"x": [4.0] * 6, "recipe": ["gru", "lstm"] * 3})
    target = pd.DataFrame({"x": [4.0, 4.0], "recipe": ["gru", "lstm"]})
    options = {"target": target, "candidates": candidates, "n": 6, "between": "recipe"}
    assert len(fit.plan(**options).table) == 6
    found = fit.plan(**options, until=sure(2) - 0.01).table
    assert len(found) == 2
    with pytest.raises(FitError, match="it is of a choice between groups"):
        fit.plan(target=target, until=0.9)
    with pytest.raises(FitError, match=r"a probability from 0\.5 to less than 1"):
        fit.plan(**options, until=1.0)


def test_nobody_says_which_runs_decide_between_single_runs(fit):
    found = fit.compare(AT, kind="run").decided(0.9)
    assert found.runs is None
    assert repr(found).endswith("and 0.9 was asked for.")


@pytest.mark.parametrize("prob", [0.4, 1.0, float("nan")])
def test_a_probability_that_is_none_is_refused(fit, prob):
    with pytest.raises(ComparisonError, match=r"expected a probability from 0\.5 to less than 1"):
        fit.compare(AT).decided(prob)


def test_runs_that_cannot_help_are_not_named():
    settled = np.random.default_rng(0).normal([1.0, 1.0], [1e-9, 1e-9], (4, 250, 2))
    fit = fits.by_hand(settled, ["gru", "lstm"], sigma=10.0)
    found = fit.compare(AT).decided(0.9)
    assert found.runs.empty
    assert "No run within ten times the largest run's cost is expected to help." in repr(found)


def test_of_several_laws_it_is_only_said_whether_it_is_decided(fit):
    both = lawbook.average({"first": fit, "second": fit}, [0.5, 0.5])
    assert both.compare(AT).decided(0.9).runs is None
