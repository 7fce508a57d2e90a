import numpy as np
import pytest
from fits import of_prior

import lawbook
from lawbook.posterior.shrinkage import pooling_factors

LAW = lawbook.load_law("compute").with_pooling(E="partial", K="none", gamma="full")
SIZE = (2, 400, 6)


def with_groups(values):
    """A fit whose groups have these values of E around a population of 2, (chain, draw, group)."""
    runs = lawbook.simulate(LAW, n=4, groups=[f"r{i}" for i in range(6)], seed=1)
    fit = of_prior(LAW, runs, draws=SIZE[1])
    posterior = fit.posterior["posterior"].to_dataset()
    posterior["E_population"] = posterior["E_population"] * 0 + 2.0
    posterior["E"] = posterior["E"] * 0 + values
    fit.posterior["posterior"] = posterior
    return fit


def test_groups_that_their_runs_tell_are_not_pooled():
    rng = np.random.default_rng(0)
    values = 2 * np.exp(rng.normal(size=6) + 0.001 * rng.normal(size=SIZE))
    assert pooling_factors(with_groups(values))["E"] == pytest.approx(0, abs=1e-4)


def test_groups_known_by_their_population_alone_are_pooled():
    values = 2 * np.exp(np.random.default_rng(0).normal(size=SIZE))
    assert pooling_factors(with_groups(values))["E"] == pytest.approx(1, abs=0.01)


def test_half_told_is_half_pooled():
    rng = np.random.default_rng(0)
    own = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0]) * np.sqrt(5 / 6)  # of variance 1
    values = 2 * np.exp(own + rng.normal(size=SIZE))
    assert pooling_factors(with_groups(values))["E"] == pytest.approx(0.5, abs=0.02)


def test_only_what_is_pooled_partially_has_a_factor():
    assert set(pooling_factors(with_groups(np.ones(SIZE) + np.arange(6)))) == {"E", "sigma"}
