"""Chinchilla and its kin in size and data: the numbers of the papers, and how they belong."""

import numpy as np
import pytest
from book_laws import points, printed, published

import lawbook

CHINCHILLA = lawbook.load_law("chinchilla")
REFIT = published(CHINCHILLA, 2)


@pytest.mark.parametrize(
    ("estimate", "inputs", "loss"),
    [
        (2, (1e9, 2e10), "2.52921"),
        (2, (70e9, 1.4e12), "1.97342"),
        (2, (280e9, 3e11), "1.99908"),
        (2, (7.23527e10, 1.32683e12), "1.97397"),
        (1, (70e9, 1.4e12), "1.92085"),
    ],
)
def test_the_loss_is_the_one_worked_out(estimate, inputs, loss):
    assert CHINCHILLA.formula(np, *inputs, **published(CHINCHILLA, estimate)) == printed(loss)


def derived(name, *given, estimate=2):
    quantity = CHINCHILLA.quantity(name)
    at = published(CHINCHILLA, estimate)
    return quantity.formula(np, *given, **{x: at[x] for x in quantity.needs})


def test_the_best_split_of_a_budget_is_where_the_loss_is_least():
    size, data = derived("optimal_size", 5.76e23), derived("optimal_data", 5.76e23)
    assert size == printed("7.23527e10")
    assert data == printed("1.32683e12")
    near = size * np.geomspace(0.5, 2, 41)
    loss = CHINCHILLA.formula(np, near, 5.76e23 / 6 / near, **REFIT)
    assert loss.argmin() == 20
    step = derived("optimal_size", 5.76e24) / size
    assert np.log10(step) == pytest.approx(derived("size_exponent"))


def test_compute_is_chinchilla_along_its_best_split():
    A, B, alpha, beta = (REFIT[name] for name in ("A", "B", "alpha", "beta"))
    G, gamma = (alpha * A / (beta * B)) ** (1 / (alpha + beta)), alpha * beta / (alpha + beta)
    at = {"E": REFIT["E"], "K": (A * G**-alpha + B * G**beta) * 6**gamma, "gamma": gamma}
    compute = lawbook.load_law("compute")
    loss = compute.formula(np, 5.76e23, **at)
    assert loss == printed("1.97397")
    assert compute.quantity("compute_for").formula(np, loss, **at) == pytest.approx(5.76e23)


def test_skaling_without_coupling_is_chinchilla():
    skaling, runs = lawbook.load_law("skaling"), points(CHINCHILLA)
    at = {name: value for name, value in REFIT.items() if name != "B"}
    loss = skaling.formula(np, *runs, R=REFIT["B"] / REFIT["A"], k=1, **at)
    np.testing.assert_allclose(loss, CHINCHILLA.formula(np, *runs, **REFIT), rtol=1e-12)
