"""Adaptive importance sampling on posteriors whose moments are known."""

import jax
import numpy as np
import pymc as pm
import pytensor.tensor as pt
from scipy import stats

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.engine.importance import KHAT_LIMIT, Lanes, sample_tables
from lawbook.engine.proposals import Proposal

CHINCHILLA = lawbook.load_law("chinchilla")


def observed_by(y):
    """Coords, and the runs that a model has whether or not they tell anything."""
    return pm.Model(coords={"run": np.arange(len(y))})


def gaussian(y):
    """Mean and level of normal runs; the posterior of both is normal, and they are correlated."""
    with observed_by(y) as model:
        data = pm.Data("y_observed", y, dims="run")
        x = pm.Data("x", np.linspace(0.5, 1.5, len(y)), dims="run")
        level, slope = pm.Normal("level", 0, 2), pm.Normal("slope", 0, 3)
        pm.Normal("y", level + slope * x, 0.5, observed=data, dims="run")
    return model


def gaussian_moments(y):
    design = np.stack([np.ones(len(y)), np.linspace(0.5, 1.5, len(y))], axis=1)
    covariance = np.linalg.inv(design.T @ design / 0.25 + np.diag([1 / 4, 1 / 9]))
    return covariance @ design.T @ y / 0.25, covariance


def without_data(declare):
    """A model whose posterior is its prior."""
    with observed_by([0.0]) as model:
        data = pm.Data("y_observed", np.zeros(1), dims="run")
        declare()
        pm.Normal("y", 0.0, 1.0, observed=data, dims="run")
    return model


def banana():
    x = pm.Normal("x", 0, 1)
    pm.Normal("y_bent", x**2 / 2, 0.5)


def two_modes():
    apart = pm.NormalMixture.dist(w=[0.5, 0.5], mu=[-0.5, 0.5], sigma=[0.1, 0.1])
    pm.CustomDist("x", logp=lambda value: pm.logp(apart, value), initval=0.3)


def heavy_tails():
    for i in range(12):
        pm.Cauchy(f"x{i}", 0, 1)


def weighted(models, draws=1000, rounds=3, seed=1):
    with scoped_jax():
        density = compile_density(models[0])
        tables = [pad(model) for model in models]
        return sample_tables(
            Lanes(density, 64), density, tables, draws=draws, rounds=rounds, seed=seed
        )


def test_positions_that_share_a_table_have_the_values_of_each():
    rng = np.random.default_rng(1)
    with scoped_jax():
        models = [gaussian(rng.normal(size=7)) for _ in range(3)]
        density = compile_density(models[0])
        each = [pad(model) for model in models]
        tables = jax.tree.map(lambda *a: np.stack([np.asarray(v) for v in a]), *each)
        of = np.array([0, 0, 0, 0, 0, 1, 2, 2, 2])
        x = rng.normal(size=(len(of), 2))
        alone, abreast = Lanes(density, 8), Lanes(density, 8, abreast=4)
        np.testing.assert_allclose(
            abreast.values(tables, x, of), alone.values(tables, x, of), rtol=1e-12
        )
        for ours, theirs in zip(
            abreast.slopes(tables, x, of), alone.slopes(tables, x, of), strict=True
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def moments(found, table):
    weights, x = found.weights[table], found.positions[table]
    mean = weights @ x
    return mean, (x - mean).T @ ((x - mean) * weights[:, None])


RUNS = [
    stats.norm(loc, 0.7).rvs(n, random_state=n)
    for loc, n in [(0.0, 7), (3.0, 8), (-1.0, 5), (9.0, 3)]
]


def test_tables_of_normal_posteriors_have_their_means_and_covariances():
    found = weighted([gaussian(y) for y in RUNS])
    assert found.positions.shape == (4, 3000, 2)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1)
    assert (found.khat < 0.5).all()
    assert (found.effective > 1500).all()
    for table, y in enumerate(RUNS):
        expected, covariance = gaussian_moments(y)
        mean, spread = moments(found, table)
        error = np.sqrt(np.diag(covariance) / found.effective[table])
        assert (np.abs(mean - expected) < 4.5 * error).all()
        np.testing.assert_allclose(spread, covariance, rtol=0.15)


def test_a_table_alone_has_the_same_posterior_as_among_others():
    together = weighted([gaussian(y) for y in RUNS])
    for table, y in enumerate(RUNS):
        alone = weighted([gaussian(y)], seed=5)
        (mean, spread), (other, _) = moments(alone, 0), moments(together, table)
        count = min(alone.effective[0], together.effective[table])
        assert (np.abs(mean - other) < 4.5 * np.sqrt(2 * np.diag(spread) / count)).all()


def test_a_banana_has_its_moments():
    found = weighted([without_data(banana)], draws=2000, rounds=4)
    assert found.khat[0] < KHAT_LIMIT
    (x, y), weights = found.positions[0].T, found.weights[0]
    # y = x^2 / 2 + e with the sd 1/2
    for values, expected in [(x, 0), (y, 0.5), (x**2, 1), (x * y, 0), ((y - 0.5) ** 2, 0.75)]:
        mean = weights @ values
        error = np.sqrt(np.sum(weights**2 * (values - mean) ** 2))
        assert error < 0.15
        assert abs(mean - expected) < 4 * error


def test_tails_that_no_proposal_reaches_are_reported():
    model = without_data(heavy_tails)
    # an estimate of a tail's shape by 3,000 draws varies by 0.15
    found = [weighted([model], seed=seed).khat[0] for seed in range(1, 10)]
    assert np.median(found) > KHAT_LIMIT


def test_of_two_modes_both_are_found_or_it_is_reported():
    # of one that no draw ever comes near no weight can tell; these two are near each other
    model, trusted = without_data(two_modes), []
    for seed in (1, 2, 3):
        found = weighted([model], seed=seed)
        share = found.weights[0] @ (found.positions[0][:, 0] > 0)
        trusted.append(bool(found.khat[0] < KHAT_LIMIT))
        assert not trusted[-1] or abs(share - 0.5) < 0.1
    assert any(trusted)


def test_a_mixture_of_proposals_has_the_density_that_its_draws_have():
    rng = np.random.default_rng(8)
    roots = np.array([[[[1.0, 0.0], [0.5, 0.8]], [[0.7, 0.0], [-0.4, 1.2]]]])
    mixture = Proposal(np.array([[0.3, 0.7]]), np.array([[[0.0, 0.0], [2.0, -1.0]]]), roots)
    other = Proposal(np.ones((1, 1)), np.array([[[1.0, 0.0]]]), 1.5 * np.eye(2)[None, None])
    u = mixture.draw(40_000, rng)
    # over draws of one of them the ratio of two densities is 1 on average
    ratio = np.exp(other.log_density(u) - mixture.log_density(u))[0]
    back = other.draw(40_000, rng)
    ratio_back = np.exp(mixture.log_density(back) - other.log_density(back))[0]
    for found in (ratio, ratio_back):
        error = found.std() / np.sqrt(len(found))
        assert error < 0.05
        assert abs(found.mean() - 1) < 4 * error


def test_a_posterior_cut_off_on_one_side_is_sampled_to_its_tail():
    # as of a noise that the runs bound from above alone: no one Student-t has this shape
    def bounded():
        for i in range(6):
            pm.CustomDist(
                f"x{i}", logp=lambda v: -(v**2) / 2 - pt.exp(4 * v), initval=-0.5, class_name="cut"
            )

    found = weighted([without_data(bounded)], draws=400, rounds=10)
    grid = np.linspace(-8, 3, 20_001)
    density = np.exp(-(grid**2) / 2 - np.exp(4 * grid))
    density /= density.sum()
    mean = density @ grid
    sd = np.sqrt(density @ (grid - mean) ** 2)
    centre, spread = moments(found, 0)
    assert found.khat[0] < KHAT_LIMIT
    np.testing.assert_allclose(centre, mean, atol=4 * sd / np.sqrt(found.effective[0]))
    np.testing.assert_allclose(np.sqrt(np.diag(spread)), sd, rtol=0.1)


def test_the_same_seed_gives_the_same_draws():
    models = [gaussian(y) for y in RUNS[:2]]
    first, again, other = (weighted(models, draws=100, seed=s) for s in (1, 1, 2))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first.positions, other.positions)
    np.testing.assert_array_equal(first.resampled(50, 3), again.resampled(50, 3))


def test_resampled_draws_have_the_weighted_moments():
    found = weighted([gaussian(y) for y in RUNS])
    draws = found.resampled(4000, 2)
    assert draws.shape == (4, 4000, 2)
    for table in range(4):
        mean, spread = moments(found, table)
        np.testing.assert_allclose(
            draws[table].mean(axis=0), mean, atol=4 * np.sqrt(np.diag(spread).max() / 4000)
        )
