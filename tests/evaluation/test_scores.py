"""Scores give what closed forms say, and the numbers of the benchmark they come from."""

import re

import numpy as np
import pytest
from scipy import integrate, stats

from lawbook import RunsError
from lawbook.evaluation import scores

RNG = np.random.default_rng(42)
PROBABILITIES = (np.arange(20_000) + 0.5) / 20_000


def normal(mean, sd):
    """Draws at the quantiles of normals, one per point: free of Monte Carlo error."""
    return stats.norm.ppf(PROBABILITIES)[:, None] * np.asarray(sd) + np.asarray(mean)


def test_rmsle_is_that_of_the_median_and_free_of_scale():
    truth = np.array([2.0, 3.0])
    draws = truth * np.exp(normal(0.0, 0.3)) * np.array([1.1, 1 / 1.1])
    assert scores.rmsle(draws, truth) == pytest.approx(np.log(1.1), rel=1e-6)
    assert scores.rmsle(draws * 7, truth * 7) == pytest.approx(np.log(1.1), rel=1e-6)
    mean = np.log(draws.mean(axis=0) / truth)
    assert scores.rmsle(draws, truth) != pytest.approx(np.sqrt(np.mean(mean**2)), rel=0.05)


def test_crps_of_normals_is_the_closed_form():
    mean, sd, truth = np.array([0.0, 1.0, -2.0]), np.array([1.0, 0.1, 3.0]), np.array([0.3, 1.5, 4])
    z = (truth - mean) / sd
    expected = z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi)
    np.testing.assert_allclose(scores.crps(normal(mean, sd), truth), sd * expected, rtol=1e-3)


def test_crps_of_few_draws_has_no_bias():
    draws = RNG.normal(size=(5, 20_000))
    found = scores.crps(draws, np.zeros(20_000))
    expected = 2 * stats.norm.pdf(0) - 1 / np.sqrt(np.pi)
    assert abs(found.mean() - expected) < 4 * found.std() / np.sqrt(20_000)


@pytest.mark.parametrize("df", [np.inf, 3.0])
@pytest.mark.parametrize("on", ["log", "identity"])
def test_log_score_is_the_log_of_a_density_of_y(df, on):
    location, scale, weights = np.array([[0.5], [1.0]]), np.array([[0.1], [0.3]]), [3, 1]

    grid = np.geomspace(1e-9, 1e9, 200_001) if on == "log" else np.linspace(-500, 500, 200_001)
    density = np.exp(scores.log_score(grid, location, scale, df=df, weights=weights, on=on))
    assert integrate.trapezoid(density, grid) == pytest.approx(1, abs=1e-4)


def test_log_score_in_another_unit_is_shifted_by_its_log():
    mixture = [[0.5], [1.0]], [[0.1], [0.3]]
    shift = scores.log_score([2.0], *mixture, unit=10.8259) - scores.log_score([2.0], *mixture)
    assert shift == pytest.approx(2.38194, abs=5e-6)


def test_log_score_takes_each_component_by_its_weight():
    one = scores.log_score([1.2, 1.3], [[0.1]], [[0.2]], df=4.0)
    expected = stats.t.logpdf((np.log([1.2, 1.3]) - 0.1) / 0.2, 4) - np.log(
        0.2 * np.array([1.2, 1.3])
    )
    np.testing.assert_allclose(one, expected, rtol=1e-12)
    two = scores.log_score([1.2, 1.3], [[0.1], [9.0]], [[0.2], [0.2]], df=4.0, weights=[1, 0])
    np.testing.assert_allclose(two, expected, rtol=1e-12)


def test_kernels_come_close_to_the_density_that_draws_came_from():
    draws = np.exp(normal([0.0, 1.0], [0.1, 0.2])[::20])
    truth = np.exp([0.1, 1.1])
    found = scores.log_score(truth, *scores.kernels(draws))
    expected = stats.norm.logpdf([0.1, 1.1], [0, 1], [0.1, 0.2]) - [0.1, 1.1]
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_coverage_of_a_right_forecast_is_the_level():
    truth = RNG.normal(size=4000)
    draws = np.broadcast_to(stats.norm.ppf(PROBABILITIES[::20])[:, None], (1000, 4000))
    np.testing.assert_allclose(scores.coverage(draws, truth), scores.LEVELS, atol=0.03)
    assert scores.msce(draws, truth) < 1e-3
    narrow = scores.coverage(draws / 2, truth, levels=[0.9])
    assert narrow == pytest.approx(2 * stats.norm.cdf(1.645 / 2) - 1, abs=0.03)


@pytest.mark.parametrize(("truth", "expected"), [(0.0, 0.0789429), (9.0, 0.633229)])
def test_msce_of_one_point_is_that_of_always_or_never_covered(truth, expected):
    assert scores.msce(normal([0.0], [1.0]), [truth]) == pytest.approx(expected, abs=5e-7)


def test_width_is_the_log_ratio_of_equal_tails():
    draws = np.exp(normal([0.0, 3.0], [0.1, 0.2]))
    np.testing.assert_allclose(scores.width(draws), [0.2 * 1.645, 0.4 * 1.645], rtol=1e-3)
    skewed = np.exp(stats.gamma.ppf(PROBABILITIES, 1.0)[:, None])
    expected = stats.gamma.ppf(0.75, 1.0) - stats.gamma.ppf(0.25, 1.0)
    assert scores.width(skewed, prob=0.5) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: scores.rmsle(np.ones((5, 2)), np.ones(3)),
            "scores: the draws have shape (5, 2), the truth (3,); "
            "expected (draws, points) with two draws or more, and (points,)",
        ),
        (
            lambda: scores.rmsle([[1.0, -1.0], [0.0, 2.0]], [1.0, 1.0]),
            "scores: the draws cannot be -1, nor what is at 1 other places; "
            "expected positive numbers, since logs are taken",
        ),
        (
            lambda: scores.crps([[1.0], [2.0]], [np.nan]),
            "scores: the truth cannot be nan, nor what is at 0 other places; "
            "expected finite numbers",
        ),
        (
            lambda: scores.coverage([[1.0], [2.0]], [1.0], levels=[50, 90]),
            "scores: levels are '50.0', '90.0'; "
            "expected probabilities between 0 and 1, such as (0.5, 0.9)",
        ),
        (
            lambda: scores.log_score([1.0], [[0.0]], [[0.0]]),
            "log_score: a scale or df is not positive; expected numbers above zero",
        ),
        (
            lambda: scores.log_score([1.0, 2.0, 3.0], np.zeros((4, 2)), np.ones((4, 2))),
            "log_score: the mixture has shape (4, 2), the truth (3,); "
            "expected (components, points) and (points,)",
        ),
        (
            lambda: scores.log_score([1.0], [[0.0]], [[1.0]], weights=[1, 1]),
            "log_score: weights have shape (2,); "
            "expected 1 of them, one per component, none negative",
        ),
        (
            lambda: scores.log_score([1.0], [[0.0]], [[1.0]], on="logit"),
            "log_score: unknown scale on='logit'; expected 'log' or 'identity'",
        ),
        (
            lambda: scores.kernels([[1.0, 2.0], [1.5, 2.0]]),
            "kernels: all draws are the same at point 1; "
            "expected draws that scatter, noise included",
        ),
    ],
)
def test_what_cannot_be_scored_says_why(call, text):
    with pytest.raises(RunsError, match=f"^{re.escape(text)}$"):
        call()
