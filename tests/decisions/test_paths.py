from dataclasses import replace

import numpy as np
import pytest
from fits import flat_law, grouped_runs, of_prior

import lawbook
from lawbook import ComputeOptimal, FixedRatio, OneInput, RunsError
from lawbook.decisions.paths import growth, scale_range, trace

CHINCHILLA = lawbook.load_law("chinchilla")
SCALES = np.geomspace(1e20, 1e26, 7)


@pytest.fixture(scope="module")
def fit():
    return of_prior(CHINCHILLA, grouped_runs(("recipe",)))


def test_a_fixed_ratio_keeps_it_and_costs_what_was_asked(fit):
    at = trace(fit, FixedRatio("D", "N", 20), SCALES)
    np.testing.assert_allclose(at["D"] / at["N"], 20, rtol=1e-12)
    np.testing.assert_allclose(6 * at["N"] * at["D"], SCALES, rtol=1e-9)


def test_one_input_grows_and_the_others_stay(fit):
    at = trace(fit, OneInput("N", D=1e11), SCALES)
    assert set(at["D"]) == {1e11}
    np.testing.assert_allclose(at["N"], SCALES / 6e11, rtol=1e-9)


def test_the_optimal_split_is_that_of_the_closed_form():
    law = CHINCHILLA.with_pooling("full")
    fit = of_prior(law, lawbook.simulate(law, n=20, seed=1), chains=1, draws=2)
    first = {n: fit.posterior["posterior"][n].to_numpy()[..., :1] for n in law.param_names}
    posterior = fit.posterior["posterior"].dataset.isel(draw=slice(0, 1))
    tree = type(fit.posterior).from_dict({"posterior": posterior})
    alone = replace(fit, posterior=tree)
    at = trace(alone, ComputeOptimal(), SCALES)
    A, B, a, b = (float(first[n].squeeze()) for n in ("A", "B", "alpha", "beta"))
    best = (a * A / (b * B)) ** (1 / (a + b)) * (SCALES / 6) ** (b / (a + b))
    # a split is judged by the loss, which is flat at its best
    np.testing.assert_allclose(at["N"], best, rtol=2e-3)
    np.testing.assert_allclose(6 * at["N"] * at["D"], SCALES, rtol=1e-9)


def test_a_path_starts_among_the_runs_and_ends_beyond_them(fit):
    start, stop = scale_range(fit, FixedRatio("D", "N", 20), None)
    assert start == np.median(fit.runs.cost)
    assert stop == pytest.approx(100 * fit.runs.largest["cost"])
    with pytest.raises(RunsError, match=r"upto=1\.0: the path starts at .* expected a larger"):
        scale_range(fit, OneInput("N", D=1e11), 1.0)


def test_what_is_no_path_is_said(fit):
    with pytest.raises(RunsError, match=r"D/M = 20: law 'chinchilla' has no input 'M'; expected"):
        trace(fit, FixedRatio("D", "M", 20), SCALES)
    with pytest.raises(RunsError, match=r"N alone: nothing is said of the input 'D'; expected a"):
        trace(fit, OneInput("N"), SCALES)
    with pytest.raises(RunsError, match=r"D/N = -1: expected a positive ratio"):
        trace(fit, FixedRatio("D", "N", -1), SCALES)
    with pytest.raises(RunsError, match=r"the inputs 'D' are free; expected two"):
        trace(fit, ComputeOptimal({"N": 1e9}), SCALES)
    with pytest.raises(RunsError, match=r"a cost of 1e\+200 is not reached within the inputs'"):
        trace(fit, FixedRatio("D", "N", 20), np.array([1e200]))
    flat = flat_law()
    runs = lawbook.simulate(flat, n=8, seed=1)
    other = of_prior(flat, runs, draws=5)
    assert list(trace(other, OneInput("x"), np.array([6.0, 12.0]))["x"]) == pytest.approx([1, 2])


@pytest.mark.parametrize(
    ("law", "name", "times"),
    [("chinchilla", "cost", 100), ("overtraining_error", "L", 1), ("weakest_link", "s_1", 1)],
)
def test_no_path_goes_to_a_hundred_times_a_loss(law, name, times):
    assert growth(lawbook.load_law(law), name) == times
