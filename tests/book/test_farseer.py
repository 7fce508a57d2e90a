"""Farseer: the paper's form, the released runs, and the best size of a budget."""

import numpy as np
import pandas as pd
import pytest
from book_laws import printed, published

import lawbook

LAW = lawbook.load_law("farseer")
REFIT = published(LAW)


def as_the_paper_writes_it(N, D):
    """Its eq. 3 with the refit values, N in 1e9."""
    floor = np.exp(-2.08231637 * N**0.05307599 + 1.27701431675575)
    scale = np.exp(6.52106754 * N**-0.12577667 - 1.85380537937077)
    return floor + scale * D ** -np.exp(-3.64018052 * N**0.04227158 + 2.42676716940491)


@pytest.mark.parametrize(
    ("N", "D", "loss"),
    [(1e8, 2e9, "0.695026"), (1e9, 2e10, "0.539358"), (1e10, 2e11, "0.440958")],
)
def test_it_is_the_law_that_the_paper_writes(N, D, loss):
    assert LAW.formula(np, N, D, **REFIT) == printed(loss)
    assert as_the_paper_writes_it(N / 1e9, D) == pytest.approx(float(loss), rel=1e-5)


def test_the_refit_passes_through_the_released_runs(data):
    runs = pd.read_csv(data / "farseer.csv")
    found = LAW.formula(np, runs.params, runs.tokens, **REFIT)
    assert np.sqrt((np.log(found / runs.loss_bpc) ** 2).mean()) == printed("0.00184")


@pytest.mark.parametrize("C", [1e19, 1e21, 1e23])
def test_no_size_serves_a_budget_better_than_the_best(C):
    size, data = LAW.optimum(np, C, **REFIT)
    assert 6 * size * data == pytest.approx(C)
    near = size * np.geomspace(0.5, 2, 41)
    assert LAW.formula(np, near, C / 6 / near, **REFIT).argmin() == 20


def test_best_tokens_per_parameter_grow_with_compute():
    ratio = LAW.quantity("tokens_per_parameter").formula(np, np.geomspace(1e20, 1e24, 5), **REFIT)
    assert np.all(np.diff(ratio) > 0)
    assert ratio[[0, -1]] == pytest.approx([25.219, 195.186], rel=1e-4)


def test_the_best_size_is_not_looked_for_where_hardly_a_token_is_left():
    # values at which the exponent of the data falls so fast that loss falls again far above
    at = {"E_1": 2.122, "e": 0.0754, "gamma": -0.1465, "B_1": 859.5, "r": 0.098, "b": 0.0219}
    at |= {"beta_1": 0.3244, "s": 0.1029, "a": 0.138}
    N = np.geomspace(1e9, 1e15, 60_001)
    loss = LAW.formula(np, N, 1e24 / 6 / N, **at)
    assert loss[-1] < 1.4
    (best,) = np.flatnonzero((loss[1:-1] < loss[:-2]) & (loss[1:-1] < loss[2:])) + 1
    assert LAW.optimum(np, 1e24, **at)[0] == pytest.approx(N[best], rel=1e-3)
