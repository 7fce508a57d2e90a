"""Where sampling begins: at a mode that holds some of the posterior, not at a mere spike."""

from dataclasses import replace

import numpy as np
import pytest

import lawbook
from lawbook.engine import start
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import pad
from lawbook.engine.program import program_of
from lawbook.engine.start import find_start
from lawbook.laws.values import medians
from lawbook.model.hierarchy import build

LAW = lawbook.load_law("compute")
NOISE = 0.01


def few_runs(runs, groups, seed):
    """Groups of so few runs that a law with two parameters of its own in each meets them."""
    rng = np.random.default_rng(seed)
    truth = {name: float(value) for name, value in medians(LAW).items()}
    rng.standard_normal(groups)
    truth["E"] *= np.exp(0.1 * rng.standard_normal(groups))
    truth["K"] *= np.exp(0.3 * rng.standard_normal(groups))
    labels = [f"group {i}" for i in range(groups)]
    return lawbook.simulate(LAW, truth, n=runs, noise=NOISE, seed=seed, groups=labels)


def begun(runs, seed):
    """Return where sampling begins, as positions and as the model's variables."""
    params = (*LAW.params, *LAW.noise_params)
    hierarchy = build(LAW, runs, {param.name: False for param in params})
    with scoped_jax():
        program = program_of(
            hierarchy.model, hierarchy.structure, hierarchy.offsets, hierarchy.spreads
        )
        table, initial = pad(hierarchy.model), program.density.initial
        options = (program.offsets, program.held, table, np.random.default_rng(seed))
        found = find_start(program.measure, initial, *options)
        variables, _ = program.density.describe(found.modes[0], table)
    return found, {name: np.asarray(values) for name, values in variables.items()}


def test_noise_does_not_vanish_where_groups_have_few_runs(monkeypatch):
    runs = few_runs(runs=4, groups=6, seed=1)
    _, found = begun(runs, seed=1)
    assert NOISE / 5 < found["sigma_population"] < NOISE * 5
    assert (found["sigma"][:6] > NOISE / 20).all()
    assert found["nu"] > 1
    # the highest mode, whatever it holds
    monkeypatch.setattr(start, "SEARCH", replace(start.SEARCH, far=np.inf))
    _, spike = begun(runs, seed=1)
    assert spike["sigma_population"] < NOISE / 1000


def test_a_mode_near_the_prior_is_left_as_it_is(monkeypatch):
    runs = few_runs(runs=8, groups=4, seed=3)
    found, _ = begun(runs, seed=3)
    monkeypatch.setattr(start, "SEARCH", replace(start.SEARCH, far=np.inf))
    highest, _ = begun(runs, seed=3)
    np.testing.assert_array_equal(found.modes, highest.modes)


def test_a_mode_far_from_the_prior_is_kept_where_the_runs_insist():
    truth = {name: float(value) for name, value in medians(LAW).items()}
    runs = lawbook.simulate(LAW, truth, n=40, noise=1e-5, seed=2, groups=["a", "b"])
    _, found = begun(runs, seed=2)  # seven of the prior's standard deviations below its median
    assert (found["sigma"][:2] > 1e-5 / 3).all()
    assert (found["sigma"][:2] < 3e-5).all()


@pytest.mark.slow
def test_a_fit_to_groups_of_few_runs_can_be_trusted():
    fit = lawbook.fit(
        LAW, few_runs(runs=4, groups=6, seed=1), draws=500, seed=1, discrepancy="none"
    )
    assert fit.diagnostics.trusted, fit
    sigma = fit.posterior["posterior"]["sigma_population"]
    assert NOISE / 3 < float(sigma.median()) < NOISE * 3
