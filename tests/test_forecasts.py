"""Forecasts as mixtures: drawn from, stacked, and corrected by what a law missed on relatives."""

import numpy as np
import pytest
from scipy import stats

from lawbook.borrowing import WINDOW, corrected, errors_at
from lawbook.forecasting import KEPT, Forecast
from lawbook.stacking import mixed, weights


def forecast(mean=0.0, sd=1.0, points=2, components=KEPT, df=np.inf, khat=0.1):
    shape = (components, points)
    return Forecast(*(np.full(shape, float(value)) for value in (mean, sd, df)), khat)


def uneven(points=3, seed=0):
    rng = np.random.default_rng(seed)
    location, scale = rng.normal(1.0, 0.1, (KEPT, points)), rng.uniform(0.05, 0.1, (KEPT, points))
    return Forecast(location, scale, np.full((KEPT, points), np.inf), 0.2)


def moments(forecast):
    variance = forecast.location.var(axis=0) + (forecast.scale**2).mean(axis=0)
    return forecast.location.mean(axis=0), np.sqrt(variance)


@pytest.mark.parametrize("df", [np.inf, 5.0])
def test_draws_have_the_quantiles_of_the_mixture(df):
    drawn = np.log(forecast(0.7, 0.2, df=df).draws(40_000, np.random.default_rng(1)))
    assert drawn.shape == (40_000, 2)
    levels = [0.05, 0.5, 0.95]
    expected = stats.t.ppf(levels, df, 0.7, 0.2)
    np.testing.assert_allclose(np.quantile(drawn[:, 0], levels), expected, atol=0.012)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.02


def test_draws_take_the_components_in_turn():
    two = Forecast(np.array([[0.0], [9.0]]), np.full((2, 1), 1e-9), np.full((2, 1), np.inf), 0.1)
    drawn = np.log(two.draws(5, np.random.default_rng(1)))[:, 0]
    np.testing.assert_allclose(drawn, [0, 9, 0, 9, 0], atol=1e-6)


def test_weights_go_where_runs_are_probable():
    # m of n curves can come from one law only, the others from the other: shares with one
    # curve's worth added, halved between the laws
    alone = np.array([[0.0, -60.0]] * 7 + [[-60.0, 0.0]] * 2)
    np.testing.assert_allclose(weights(alone), [7.5 / 10, 2.5 / 10], atol=1e-9)
    np.testing.assert_allclose(weights(np.zeros((4, 3))), 1 / 3)
    shifted = alone + np.arange(9)[:, None]  # what makes a curve likely under all says nothing
    np.testing.assert_allclose(weights(shifted), weights(alone))


def test_weights_are_the_best_of_those_that_could_be():
    rng = np.random.default_rng(2)
    densities = rng.normal(0, 1, (40, 2))

    def gain(share):
        mix = np.log(np.exp(densities) @ [share, 1 - share]).sum()
        return mix + (np.log(share) + np.log(1 - share)) / 2  # one curve's worth of equal weights

    shares = np.linspace(0.001, 0.999, 999)
    best = shares[np.argmax([gain(share) for share in shares])]
    assert weights(densities)[0] == pytest.approx(best, abs=2e-3)


def test_a_mixture_holds_each_member_by_its_weight():
    members = [forecast(0.0, khat=0.2), forecast(5.0, khat=0.6)]
    found = mixed(members, np.array([0.7, 0.3]), seed=0)
    assert found.location.shape == (KEPT, 2)
    assert (found.location == 5).mean() == pytest.approx(0.3, abs=1 / KEPT)
    assert found.khat == 0.6
    alone = mixed(members, np.array([1.0, 0.0]), seed=0)
    assert (alone.location == 0).all()
    again = mixed([uneven(), uneven(seed=1)], np.array([0.5, 0.5]), seed=4)
    np.testing.assert_array_equal(
        again.location, mixed([uneven(), uneven(seed=1)], np.array([0.5, 0.5]), seed=4).location
    )


def test_errors_of_a_relative_are_standardised_and_averaged_nearby():
    of = forecast(1.0, 0.5, points=3)
    log_x, log_y = np.array([0.0, WINDOW / 2, 3.0]), np.array([1.5, 2.5, 0.0])
    found = errors_at(of, log_x, log_y, np.array([0.0, 1.0, 3.0]))
    np.testing.assert_allclose(found, [(1.0 + 3.0) / 2, np.nan, -2.0])


KIN = np.ones((1, 3, 3))  # all of the same kind


def test_a_curve_without_relatives_keeps_its_forecast():
    before = uneven()
    unknown = np.full((2, 3), np.nan)
    for errors, kinship, shares in (
        (np.empty((0, 3)), np.ones((1, 1, 1)), [0.5]),  # no relatives
        (unknown, KIN, [0.5]),  # none with runs at these scales
        (np.ones((2, 3)), KIN, [0.0]),  # kinship that means nothing
        (np.ones((2, 3)), 0 * KIN, [0.5]),  # no kin of this kind
    ):
        after = corrected(before, errors, kinship, shares)
        np.testing.assert_allclose(after.location, before.location, rtol=1e-12)
        np.testing.assert_allclose(after.scale, before.scale, rtol=1e-12)


def test_a_twin_tells_the_error_itself():
    before, truth = uneven(), np.array([1.3, 0.8, 1.0])
    mean, sd = moments(before)
    errors = ((truth - mean) / sd)[None]
    after = corrected(before, errors, np.ones((1, 2, 2)), [1 - 1e-9])
    found, narrow = moments(after)
    np.testing.assert_allclose(found, truth, atol=1e-6)
    np.testing.assert_allclose(narrow, 0.01 * sd, rtol=1e-6)  # the least that is left
    np.testing.assert_array_equal(after.df, before.df)


def test_relatives_move_and_narrow_as_conditional_normals_do():
    before = uneven(points=2)
    model, family = np.zeros((2, 4, 4))
    model[:2, :2], family[:, :] = 1, 1
    errors = np.array([[1.0, np.nan], [-0.5, 2.0], [0.3, np.nan]])
    after = corrected(before, errors, np.array([model, family]), [0.5, 0.3])
    mean, sd = moments(before)

    joint = np.full((4, 4), 0.3) + 0.5 * model
    np.fill_diagonal(joint, 1.0)
    across, among = joint[0, 1:], joint[1:, 1:]
    shift = across @ np.linalg.inv(among) @ errors[:, 0]
    left = 1 - across @ np.linalg.inv(among) @ across
    found, narrow = moments(after)
    np.testing.assert_allclose(found[0], mean[0] + sd[0] * shift)
    np.testing.assert_allclose(narrow[0], sd[0] * np.sqrt(left))
    # at the second point only one distant relative is known
    np.testing.assert_allclose(found[1], mean[1] + sd[1] * 0.3 * 2.0)
    np.testing.assert_allclose(narrow[1], sd[1] * np.sqrt(1 - 0.3**2))
    assert (narrow < sd).all()
