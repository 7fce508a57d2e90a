"""Forecasts as mixtures: drawn from, stacked, and corrected by what a law missed on relatives."""

import numpy as np
import pytest
from scipy import stats

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density
from lawbook.evaluation.curve_forecasts import (
    FORECASTING,
    Forecast,
    Forecaster,
    merged,
    of_curve,
    table_of,
)
from lawbook.evaluation.recalibration import DEGREES, FACTORS, learn_recalibration, recalibrated
from lawbook.evaluation.relatives import BORROWING, corrected, errors_at
from lawbook.evaluation.stacking import mixed, weights
from lawbook.model.hierarchy import build

CURVE = lawbook.load_law("learning_curve")
COMPONENTS = FORECASTING.components


def forecast(mean=0.0, sd=1.0, points=2, components=COMPONENTS, df=np.inf, khat=0.1):
    shape = (components, points)
    return Forecast(*(np.full(shape, float(value)) for value in (mean, sd, df)), khat)


def uneven(points=3, seed=0):
    rng = np.random.default_rng(seed)
    location, scale = (
        rng.normal(1.0, 0.1, (COMPONENTS, points)),
        rng.uniform(0.05, 0.1, (COMPONENTS, points)),
    )
    return Forecast(location, scale, np.full((COMPONENTS, points), np.inf), 0.2)


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
    assert found.location.shape == (COMPONENTS, 2)
    assert (found.location == 5).mean() == pytest.approx(0.3, abs=1 / COMPONENTS)
    assert found.khat == 0.6
    alone = mixed(members, np.array([1.0, 0.0]), seed=0)
    assert (alone.location == 0).all()
    again = mixed([uneven(), uneven(seed=1)], np.array([0.5, 0.5]), seed=4)
    np.testing.assert_array_equal(
        again.location, mixed([uneven(), uneven(seed=1)], np.array([0.5, 0.5]), seed=4).location
    )


def test_errors_of_a_relative_are_standardised_and_averaged_nearby():
    of = forecast(1.0, 0.5, points=3)
    log_x, log_y = np.array([0.0, BORROWING.window / 2, 3.0]), np.array([1.5, 2.5, 0.0])
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


def test_long_curves_are_merged_in_bins_of_log_scale_and_short_ones_are_not():
    x = np.geomspace(1e-3, 1, 5 * FORECASTING.rows)
    y = 1 + 0.1 * x**-0.3 + 0.01 * np.sin(np.arange(len(x)))
    rows, counts = merged(of_curve(CURVE, x, y))
    assert len(rows) == len(counts) == FORECASTING.rows
    assert counts.sum() == len(x)
    logs = np.log(rows.inputs["x"]), np.log(rows.response)
    np.testing.assert_allclose(counts @ logs[0], np.log(x).sum())
    np.testing.assert_allclose(counts @ logs[1], np.log(y).sum())
    assert (np.diff(logs[0]) > 0).all()
    short = of_curve(CURVE, x[: FORECASTING.rows], y[: FORECASTING.rows])
    assert merged(short)[0] is short
    plain = lawbook.load_law("shifted")  # its noise is Student-t: a mean of runs has another
    assert len(merged(of_curve(plain, x, y))[0]) == len(x)


def test_a_merged_row_says_what_its_runs_say_together():
    scales, times = np.array([0.1, 0.3, 1.0]), 4
    rng = np.random.default_rng(5)
    y = np.exp(rng.normal(0, 0.1, (3, times)))
    apart = of_curve(CURVE, np.repeat(scales, times), y.ravel())
    means = np.exp(np.log(y).mean(axis=1))
    together = of_curve(CURVE, scales, means)
    positions = rng.normal(0, 0.3, (4, 8))
    found = []
    with scoped_jax():
        model = build(CURVE, apart).model
        density = compile_density(model)
        for runs, counts in ((apart, np.ones(12)), (together, np.full(3, float(times)))):
            table = table_of(model, runs, counts)
            terms = [density.evaluate(x, table)[0]["loss"] for x in positions]
            found.append([float(t[: len(runs)].sum()) for t in terms])
    sigma = np.exp(positions[:, density.layout.names.index("sigma")])
    away = np.log(y) - np.log(y).mean(axis=1, keepdims=True)
    within = -(away**2).sum() / (2 * sigma**2) - 3 * (
        (times - 1) / 2 * np.log(2 * np.pi * sigma**2) + np.log(times) / 2
    )
    jacobian = np.log(means).sum() - np.log(y).sum()  # densities are of y, not of its log
    np.testing.assert_allclose(np.subtract(*found), within + jacobian, rtol=1e-6)


def test_the_prior_of_a_curve_is_the_normal_that_forecasts_replace():
    runs = of_curve(CURVE, np.geomspace(0.01, 1, 9), np.linspace(1.5, 1, 9))
    forecaster, rng = Forecaster(CURVE), np.random.default_rng(9)
    with scoped_jax():
        model = build(CURVE, runs).model
        density = compile_density(model)
        table = table_of(model, runs, np.ones(9))
        told_nothing = table._replace(weights={"run": 0 * table.weights["run"]})
        mean, covariance = forecaster.prior(density)
        x = mean + rng.normal(0, 1, (6, len(mean))) * np.sqrt(np.diag(covariance))
        found = [float(density.log_density(at, told_nothing)) for at in x]
    np.testing.assert_allclose(found, stats.multivariate_normal(mean, covariance).logpdf(x))


def test_forecasts_that_were_too_narrow_are_widened_and_the_others_narrowed():
    rng = np.random.default_rng(6)
    at = {"narrow": 2.0, "right": 1.0, "wide": 0.5}
    sets = {
        name: [(forecast(sd=0.1, points=24), rng.normal(0, 0.1 * sd, 24)) for _ in range(60)]
        for name, sd in at.items()
    }
    found = learn_recalibration(sets)
    for name, (factor, df) in found.items():
        assert df == np.inf  # what came true is normal
        assert factor == pytest.approx(at[name], rel=0.11)  # one step of the grid


def test_one_curve_hardly_moves_the_factor_but_heavy_tails_of_many_are_seen():
    rng = np.random.default_rng(7)
    one = [(forecast(sd=0.1, points=24), rng.normal(0, 0.15, 24))]
    assert learn_recalibration({"one": one})["one"][0] < 1.25
    heavy = [(forecast(sd=0.1, points=24), 0.1 * rng.standard_t(4, 24)) for _ in range(60)]
    factor, df = learn_recalibration({"heavy": heavy})["heavy"]
    assert df in DEGREES[2:]
    assert factor == FACTORS[len(FACTORS) // 2] == 1


def test_a_recalibrated_forecast_keeps_its_mean_and_moves_what_lies_around_it():
    before = uneven()
    after = recalibrated(before, 1.5, 6.0)
    np.testing.assert_allclose(moments(after)[0], moments(before)[0])
    np.testing.assert_allclose(moments(after)[1], 1.5 * moments(before)[1])
    assert (after.df == 6).all()
