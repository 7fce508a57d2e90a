"""Sources in the model: members of the population, summed out exactly."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.laws.sources import Source, of_estimate
from lawbook.model.hierarchy import build

LAW = lawbook.load_law("compute")
RUNS = lawbook.simulate(LAW, n=12, noise=0.01, seed=1, groups=["a", "b", "c"])
POOL = {"E": "partial", "K": "full", "gamma": "none"}
# two groups of one source, which share gamma; and a source of E alone, known in one direction
PRECISION = np.array([[50.0, 10, 0, -20], [10, 40, 5, 0], [0, 5, 60, 3], [-20, 0, 3, 30]])
FIRST = Source(
    "first",
    "1",
    ("E", "K", "E", "gamma"),
    ("a", "a", "b", ""),
    (0.5, -0.3, 0.6, -1.7),
    (1.0, -2.0, 0.5, 0.0),
    tuple(map(tuple, PRECISION)),
)
SECOND = Source(
    "second", "2", ("E", "K"), ("", ""), (0.4, -0.2), (0.0, 0.0), ((4.0, 4.0), (4.0, 4.0))
)


def prior_of(param):
    prior = LAW.with_pooling(**POOL).param(param).prior_of_pooled
    return np.log(prior.median), prior.log_sd


def expected(source, mu, tau, log_k):
    """Log density of what a source says, up to a constant, by integrals of normals."""
    mean = {
        "E": (mu, tau**2),
        "K": (log_k, 0.0),
        "gamma": (prior_of("gamma")[0], prior_of("gamma")[1] ** 2),
    }
    m = np.array([mean[name][0] for name in source.params])
    t = np.diag([mean[name][1] for name in source.params])
    precision, at = np.array(source.precision), np.array(source.at)
    values, axes = np.linalg.eigh(precision)
    told = values > 1e-9
    r = np.sqrt(values[told])[:, None] * axes[:, told].T
    y = r @ at + (axes[:, told].T @ np.array(source.slope)) / np.sqrt(values[told])
    return stats.multivariate_normal(r @ m, np.eye(len(y)) + r @ t @ r.T).logpdf(y)


def test_the_terms_of_sources_are_those_of_normals_summed_out():
    law = LAW.with_pooling(**POOL)
    non_centred = {p.name: False for p in (*law.params, *law.noise_params)}
    hierarchy = build(law, RUNS, non_centred, [FIRST, SECOND, FIRST])
    with scoped_jax():
        density, table = compile_density(hierarchy.model), pad(hierarchy.model)
        rng, terms, wanted = np.random.default_rng(0), [], []
        for _ in range(3):
            x = density.initial + 0.3 * rng.standard_normal(density.layout.size)
            found, variables = density.evaluate(x, table)
            terms.append(np.asarray(found["informed_by"])[:3])
            at = {name: float(variables[name]) for name in ("E_population", "E_spread_recipe")}
            known = (
                np.log(at["E_population"]),
                at["E_spread_recipe"],
                np.log(float(variables["K_size"])),
            )
            wanted.append([expected(source, *known) for source in (FIRST, SECOND, FIRST)])
    # a source that knows less has rows of nought, whose terms are constants
    differences = np.array(terms) - np.array(wanted)
    np.testing.assert_allclose(differences, differences[[0, 0, 0]], atol=1e-8)
    np.testing.assert_allclose(differences[:, 0], 0, atol=1e-8)


def test_sources_count_as_groups_that_tell_of_a_spread():
    law = LAW.with_pooling("partial")
    pair = RUNS.take((RUNS.frame["recipe"] != "c").to_numpy())
    alone, informed = build(law, pair), build(law, pair, sources=[FIRST])
    few = {spread.name: type(spread.owner.op).__name__ for spread in alone.model.free_RVs}
    more = {spread.name: type(spread.owner.op).__name__ for spread in informed.model.free_RVs}
    assert few["E_spread_recipe"] == "LogNormalRV"
    assert more["E_spread_recipe"] == "HalfNormalRV"
    assert few["sigma_spread_recipe"] == more["sigma_spread_recipe"] == "LogNormalRV"


def test_models_without_sources_are_as_they_were():
    assert build(LAW, RUNS).structure[-1] == ()
    assert "informed_by" not in build(LAW, RUNS).model


def test_an_estimate_follows_a_reference_that_moved():
    law = lawbook.load_law("chinchilla")
    estimate = law.estimate("besiroglu2024")
    moved = law.with_priors(A=dataclasses.replace(law.param("A").prior.prior, median=400.0))
    plain = of_estimate(moved, estimate, "x")  # A itself is pooled
    assert np.exp(plain.at[1]) == pytest.approx(482.00572)
    assert np.linalg.inv(plain.precision)[1, 1] ** 0.5 == pytest.approx(0.2583, abs=1e-4)
