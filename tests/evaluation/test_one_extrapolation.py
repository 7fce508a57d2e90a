"""Two ways to extrapolate along one input, one answer.

A prediction conditions the process on the runs by a Cholesky factor, at any points; a backtest
forecasts many curves by a Kalman filter, beyond the last run. The coverage that is printed beside
a prediction was measured on the second.
"""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from fits import TRUSTED

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density
from lawbook.engine.settings import Settings
from lawbook.evaluation.curve_forecasts import Forecaster, mixture, table_of
from lawbook.fitting import Fit
from lawbook.laws.kernels import KERNELS
from lawbook.laws.public_curves import OF_CURVES
from lawbook.model.hierarchy import build
from lawbook.model.kalman import forecast, run_filter
from lawbook.posterior.conditioning import condition
from lawbook.posterior.fitted import origin
from lawbook.posterior.inference import with_discrepancy
from lawbook.posterior.responses import blocks

LAW = lawbook.load_law("compute").with_pooling("full")
AHEAD = np.array([1e-3, 0.05, 0.3, 1.0, 2.5, 8.0])  # e-folds beyond the last run
NOISE = {"sigma": 0.02, "amplitude": 0.1, "length": 1.5, "checkpoint": 0.03}
NOTHING = 1e-9


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("absent", [None, "amplitude", "checkpoint"])
def test_conditioning_and_the_filter_agree_beyond_the_last_run(kernel, absent):
    """With both processes, and with one alone, so that each variance is held on its own."""
    rng = np.random.default_rng(3)
    noise = NOISE | ({} if absent is None else {absent: NOTHING})
    x, residual = np.sort(rng.uniform(0, 6, 17)), rng.normal(0, 0.1, 17)
    columns = {name: np.array([value]) for name, value in noise.items()}
    at = (x[-1] + AHEAD)[:, None]
    found = condition(kernel, x[:, None], residual[:, None], at, columns, True, rng)
    same = np.ones(17)
    hyper = [noise[name] for name in ("amplitude", "length", "checkpoint")]
    with scoped_jax():
        each = [value * same for value in (*hyper, noise["sigma"])]
        state = run_filter(kernel, *map(jnp.asarray, (x, 0 * same, residual)), *each)
        mean, process, short = map(np.asarray, forecast(kernel, state, AHEAD, *hyper))
    assert np.abs(mean).max() > 0.01  # near the runs both say something
    np.testing.assert_allclose(found.mean[:, 0], mean, atol=1e-7)
    whole = process + short + noise["sigma"] ** 2
    np.testing.assert_allclose((found.process + found.noise)[:, 0], whole, rtol=1e-5)
    if absent == "checkpoint":
        np.testing.assert_allclose(found.process[:, 0], process, rtol=1e-5)
        np.testing.assert_allclose(short, 0, atol=1e-12)
    if absent == "amplitude":
        # what runs tell of the checkpoints' noise is taken off the whole
        np.testing.assert_allclose(whole - noise["sigma"] ** 2, short, rtol=1e-5)
        assert short[0] < 0.9 * short[-1]
        assert short[-1] == pytest.approx(noise["checkpoint"] ** 2, rel=1e-6)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_prediction_and_a_forecast_of_the_same_parameters_are_the_same(kernel):
    law = with_discrepancy(LAW, replace(OF_CURVES, kernel=kernel))
    runs = lawbook.simulate(LAW, n=14, noise=0.02, seed=1)
    at = runs.largest["C"] * np.exp(AHEAD)
    forecaster, rng = Forecaster(law), np.random.default_rng(2)
    with scoped_jax():
        model = build(law, runs).model
        density = compile_density(model)
        mean, covariance = forecaster.prior(density)
        x = rng.multivariate_normal(mean, covariance, 40)
        table = table_of(model, runs, np.ones(len(runs)))
        found = mixture(law, density.describe, x, table, at)
        location, scale, _ = (np.asarray(part) for part in found)
        drawn = [density.describe(one, table)[0] for one in x]
        values = {name: np.array([float(one[name]) for one in drawn]) for name in drawn[0]}
    posterior = {name: (("chain", "draw"), each[None]) for name, each in values.items()}
    labels = {"chain": [0], "draw": np.arange(len(x))}
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(posterior, labels)})
    fit = Fit(law, runs, tree, TRUSTED, origin("lawbook", Settings()))
    points = fit.predict({"C": at}, kind="run").table[["C"]]
    [some] = blocks(fit, points, "run", 0)
    assert np.abs(some.departure.mean[0]).max() > 0.01
    np.testing.assert_allclose((np.log(some.value) + some.departure.mean).T, location, atol=1e-6)
    spread = np.sqrt(some.departure.process + some.departure.noise).T
    np.testing.assert_allclose(spread, scale, rtol=1e-5)
