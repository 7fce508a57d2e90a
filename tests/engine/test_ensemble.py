"""Ensembles of chains in step: against closed forms, and judged by nested R-hat."""

import jax
import numpy as np
import pytest
from test_engine import assert_moments, line

import lawbook
from lawbook.engine import sampling
from lawbook.engine.diagnostics import LIMITS, judge
from lawbook.engine.ensemble import ENSEMBLES, sample_in_step
from lawbook.engine.nuts import Chains
from lawbook.engine.sampling import moved_to, origins
from lawbook.engine.settings import Settings
from lawbook.errors import FitError

CHAINS = 2 * ENSEMBLES.superchains
SETTINGS = Settings(draws=100, chains=CHAINS, seed=4)


@pytest.fixture(scope="module")
def drawn():
    return sample_in_step(line()[0], SETTINGS, structure="line")


def test_a_linear_gaussian_posterior_is_that_of_the_closed_form(drawn):
    _, design, y, sigma = line()
    covariance = np.linalg.inv(design.T @ design / sigma**2 + np.eye(2) / 9)
    mean = covariance @ design.T @ y / sigma**2
    for i, name in enumerate(("a", "b")):
        assert_moments(drawn.variables[name], mean[i], np.sqrt(covariance[i, i]))


def test_chains_take_the_same_number_of_steps_and_start_from_few_places(drawn):
    steps = drawn.stats["n_steps"]
    assert (steps == steps[0]).all()
    assert len(np.unique(steps)) > 1  # the lengths are a sequence, not one
    places, counts = np.unique(drawn.stats["superchain"][:, 0], return_counts=True)
    assert len(places) == ENSEMBLES.superchains
    assert (counts == CHAINS / ENSEMBLES.superchains).all()


def test_the_same_seed_gives_the_same_draws(drawn):
    again = sample_in_step(line()[0], SETTINGS, structure="line")
    np.testing.assert_array_equal(again.variables["b"], drawn.variables["b"])


def test_draws_so_far_are_kept_when_it_is_interrupted(monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sampling, "enough", stop)  # asked when as many as wanted are drawn
    part = sample_in_step(line()[0], SETTINGS, structure="line")
    assert part.interrupted
    assert part.variables["a"].shape == (CHAINS, 100)
    monkeypatch.setattr(jax.random, "fold_in", stop)
    with pytest.raises(KeyboardInterrupt):
        sample_in_step(line()[0], SETTINGS, structure="line")


def test_superchains_that_never_met_are_not_to_be_trusted():
    rng = np.random.default_rng(5)
    places = np.repeat(np.arange(16), 4)
    still = rng.normal(size=16)[places, None] + 0.1 * rng.normal(size=(64, 100))
    moved = rng.normal(size=(64, 100))
    energy = rng.normal(size=(64, 100))
    good, bad = (
        judge({"a": draws}, np.zeros((64, 100)), energy, superchains=places)
        for draws in (moved, still)
    )
    assert good.rhat < LIMITS.rhat
    assert good.trusted
    assert bad.rhat > 2
    assert not bad.trusted


def test_a_summary_and_the_judgement_tell_of_the_same_rhat():
    runs = lawbook.simulate("compute", n=20, seed=1)
    options = {"chains": CHAINS, "draws": 100, "max_draws": 100}
    fit = lawbook.fit("compute", runs, engine="chees", discrepancy="none", **options)
    assert fit.summary()["r_hat"].max() == pytest.approx(fit.diagnostics.rhat)
    assert "by HMC of chains in step: 32 chains of 100 draws" in " ".join(repr(fit).split())


@pytest.mark.parametrize("chains", [16, 40])
def test_chains_that_make_no_ensemble_are_refused(chains):
    law = lawbook.load_law("compute")
    runs = lawbook.simulate(law, n=20, seed=1)
    with pytest.raises(FitError, match=f"^chains={chains}: .* multiple of 16, at least 32"):
        lawbook.fit(law, runs, engine="chees", chains=chains)


def test_a_chain_that_stands_where_there_is_no_density_goes_on_from_another():
    origin = origins(np.array([-1.0, -np.inf, -2.0, np.nan]))
    np.testing.assert_array_equal(origin, [0, 0, 2, 2])
    chains = Chains(None, np.arange(4.0)[:, None], np.arange(4.0))
    moved = moved_to(chains, origin)
    np.testing.assert_array_equal(moved.zeta[:, 0], [0, 0, 2, 2])
    np.testing.assert_array_equal(moved.step, [0, 0, 2, 2])
    assert moved_to(chains, origins(np.zeros(4))) is chains
    lost = origins(np.full(4, -np.inf))  # where none has any, all stay
    np.testing.assert_array_equal(lost, np.arange(4))
