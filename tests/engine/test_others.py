"""The other samplers: each that is installed runs, in double precision, and says what we need."""

from importlib.util import find_spec

import jax
import numpy as np
import pymc as pm
import pytest

from lawbook.engine import others as backends
from lawbook.engine.others import ENGINES, sample_elsewhere
from lawbook.engine.settings import Settings
from lawbook.engine.tree import judge_draws
from lawbook.errors import FitError


@pytest.fixture(scope="module")
def model():
    """A mean of forty numbers around 3 with a spread of 2, unknown, and groups."""
    y = np.random.default_rng(4).normal(3.0, 2.0, size=40)
    with pm.Model(coords={"run": range(40), "g": ["a", "b"]}) as model:
        observed = pm.Data("y_observed", y, dims="run")
        index = pm.Data("g_index", np.arange(40) % 2, dims="run")
        level = pm.Normal("level", 0, 10, dims="g")
        spread = pm.LogNormal("spread", 0, 1)
        pm.Deterministic("share", level / spread, dims="g")
        pm.Normal("y", level[index], spread, observed=observed, dims="run")
    return model


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.filterwarnings("ignore:.*JAX|.*os.fork:RuntimeWarning")
def test_every_sampler_that_is_installed_draws_and_reports_alike(engine, model, monkeypatch):
    if find_spec(engine) is None:
        pytest.skip(f"{engine} is not installed")
    monkeypatch.setattr(backends, "WARM_UP", 200)
    x64 = jax.config.jax_enable_x64
    tree = sample_elsewhere(model, engine, Settings(draws=100, chains=2, seed=1), progress=False)
    assert jax.config.jax_enable_x64 == x64
    posterior, likelihood = tree["posterior"].dataset, tree["log_likelihood"].dataset["y"]
    shapes = {"level": (2, 100, 2), "spread": (2, 100), "share": (2, 100, 2)}
    for name, shape in shapes.items():
        draws = posterior[name].to_numpy()
        assert draws.shape == shape, name
        assert draws.dtype == np.float64, f"{name}: {engine} rounds its draws"
        assert np.isfinite(draws).all(), name
    assert posterior["level"].dims == ("chain", "draw", "g")
    assert likelihood.shape == (2, 100, 40)
    level = posterior["level"].to_numpy()[..., np.arange(40) % 2]
    spread = posterior["spread"].to_numpy()[..., None]
    y = model["y_observed"].get_value()
    expected = -0.5 * ((y - level) / spread) ** 2 - np.log(spread * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(likelihood, expected, rtol=1e-9)
    assert abs(posterior["spread"].mean() - np.std(y)) < 0.5
    assert judge_draws(tree).divergences == 0


def test_a_sampler_that_is_missing_is_named(model, monkeypatch):
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    with pytest.raises(FitError, match="engine 'nutpie': it is not installed; expected the pack"):
        sample_elsewhere(model, "nutpie", Settings(), progress=False)
