"""Bent ridges: both samplers follow them to their ends."""

import numpy as np
import pymc as pm
import pytest
from arviz_stats.base.array import array_stats

from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.engine.importance import KHAT_LIMIT, Lanes, sample_tables
from lawbook.engine.ridges import Ridge
from lawbook.engine.sampling import sample
from lawbook.engine.settings import Settings

BEND, WIDTH = 1.5, 0.05


def ridge(along=lambda x: BEND * x**2):
    """y is known to be BEND x**2 up to WIDTH, and neither is known otherwise."""
    with pm.Model(coords={"run": [0]}) as model:
        data = pm.Data("seen", np.zeros(1), dims="run")
        x, y = pm.Normal("x", 0, 1), pm.Normal("y", 0, 1)
        pm.Normal("miss", y - along(x), WIDTH, observed=data, dims="run")
    return model


def moments():
    """Mean and sd of x and of y, by integrating over x; given x, y is normal."""
    x = np.linspace(-6, 6, 200_001)
    weight = np.exp(-(x**2) / 2 - (BEND * x**2) ** 2 / (2 * (1 + WIDTH**2)))
    weight /= weight.sum()
    y, variance = BEND * x**2 / (1 + WIDTH**2), WIDTH**2 / (1 + WIDTH**2)
    mean = weight @ y
    sds = np.sqrt(weight @ x**2), np.sqrt(weight @ (y - mean) ** 2 + variance)
    return np.array([0.0, mean]), np.array(sds)


def test_a_ridge_is_straightened_and_bent_again_without_changing_volume():
    rng = np.random.default_rng(4)
    i, j, k = np.ogrid[:4, :4, :4]  # lower ones are softer: only they bend the others
    bend = 3 * rng.normal(size=(2, 4, 4, 4)) * ((j < i) & (k < i))
    found = Ridge(rng.normal(size=(2, 4)), rng.normal(size=(2, 4, 4)), bend)
    zeta = rng.normal(size=(2, 5, 4))
    np.testing.assert_allclose(found.straight(found.bent(zeta)), zeta, atol=1e-8)
    steps = 0.1 * np.eye(4)  # differences of squares are exact
    slopes = [(found.bent(zeta + s) - found.bent(zeta - s)) / 0.2 for s in steps]
    slope = np.stack(slopes, axis=-1)
    np.testing.assert_allclose(found.slope(zeta[:, 0]), slope[:, 0], rtol=1e-6, atol=1e-9)
    volume = np.abs(np.linalg.det(slope))
    expected = np.abs(np.linalg.det(found.axes))[:, None]
    np.testing.assert_allclose(volume, np.broadcast_to(expected, (2, 5)), rtol=1e-6)


def test_importance_sampling_follows_a_thin_ridge_to_its_ends():
    with scoped_jax():
        model = ridge()
        density = compile_density(model)
        found = sample_tables(
            Lanes(density, 64), density, [pad(model)], draws=2000, rounds=4, seed=1
        )
    assert found.khat[0] < KHAT_LIMIT
    assert found.effective[0] > 4000  # of 8000; of a ridge as it is, one in eight
    mean, sd = moments()
    drawn = found.weights[0] @ found.positions[0]
    assert (np.abs(drawn - mean) < 4 * sd / np.sqrt(found.effective[0])).all()
    spread = np.sqrt(found.weights[0] @ (found.positions[0] - drawn) ** 2)
    np.testing.assert_allclose(spread, sd, rtol=0.06)


def test_nuts_follows_a_thin_ridge_to_its_ends():
    raw = sample(ridge(), Settings(draws=1000, seed=2))
    mean, sd = moments()
    for name, m, s in zip(("x", "y"), mean, sd, strict=True):
        draws = raw.variables[name]
        ess = array_stats.ess(draws, chain_axis=0, draw_axis=1, method="mean")
        assert ess > 400
        assert abs(draws.mean() - m) < 4 * s / np.sqrt(ess)
        assert draws.std() == pytest.approx(s, rel=4 / np.sqrt(ess))
