"""The terms that laws share: what they are, at ordinary and at extreme values."""

import jax
import jax.numpy as jnp
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from lawbook import terms

TERMS = {
    "power": (lambda xp, x: terms.power(xp, x, -0.3), lambda x: x**-0.3),
    "logistic": (terms.logistic, lambda x: 1 / (1 + np.exp(-x))),
    "logit": (lambda xp, x: terms.logit(xp, x / 2000), lambda x: np.log(x / (2000 - x))),
    "log_logistic": (
        lambda xp, x: terms.log_logistic(xp, x, 5.0, 2.5),
        lambda x: 1 / (1 + (x / 5) ** 2.5),
    ),
    "soft_minimum": (
        lambda xp, x: terms.soft_minimum(xp, xp.log(x), 1.0, 4.0),
        lambda x: np.log((x**-4.0 + np.exp(-4.0)) ** -0.25),
    ),
    "smooth_break": (
        lambda xp, x: terms.smooth_break(xp, x, 0.7, 20.0, 0.4),
        lambda x: np.log((1 + (x / 20) ** 2.5) ** 0.28),
    ),
    "log10": (terms.log10, np.log10),
    "log2": (terms.log2, np.log2),
    "power10": (lambda xp, x: terms.power10(xp, x / 500), lambda x: 10 ** (x / 500)),
    "halved": (lambda xp, x: terms.halved(xp, x, 70.0), lambda x: 2 ** (-x / 70)),
    "kept": (
        lambda xp, x: terms.kept(xp, x, 2.0, 0.5),
        lambda x: np.maximum(1 - np.exp(0.5 - x / 2), 1 - np.exp(-0.05)),
    ),
    "repeated": (
        lambda xp, x: terms.repeated(xp, 3.0, x, 15.0),
        lambda x: 3 + 45 * (1 - np.exp(-x / 15)),
    ),
}


@pytest.mark.parametrize(("term", "as_written"), TERMS.values(), ids=TERMS)
def test_a_term_is_its_formula_in_every_array_library(term, as_written):
    x = np.geomspace(1e-2, 1e3, 41)
    expected = as_written(x)
    symbol = pt.dvector("x")
    in_pytensor = pytensor.function([symbol], term(pt, symbol), mode="FAST_COMPILE")
    with jax.enable_x64(True):
        for value in (term(np, x), term(jnp, jnp.asarray(x)), in_pytensor(x)):
            np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-13)


def test_logistic_and_soft_minimum_keep_values_and_slopes_far_out():
    far = np.array([-700.0, -40.0, 40.0, 1e4])
    assert terms.logistic(np, -700.0) == pytest.approx(np.exp(-700.0))
    with jax.enable_x64(True):
        slopes = jax.vmap(jax.grad(lambda x: terms.logistic(jnp, x)))(far)
        towards = jax.vmap(jax.grad(lambda x: terms.soft_minimum(jnp, x, 0.0, 8.0)))(far)
    assert np.isfinite(slopes).all()
    np.testing.assert_allclose(towards, [1, 1, 0, 0], atol=1e-12)


def test_a_sharp_soft_minimum_is_the_minimum():
    a, b = np.array([0.1, 2.0, 5.0]), 2.0
    bound = terms.soft_minimum(np, a, b, 1e3)
    np.testing.assert_allclose(bound, np.minimum(a, b), atol=np.log(2) / 1e3)
    assert (bound <= np.minimum(a, b)).all()


def test_a_root_is_found_element_by_element_and_missed_where_there_is_none():
    goal = np.array([2.0, 9.0, 1e6])
    found = terms.root(np, lambda x: x**2 - goal, 0.0, 10.0)
    np.testing.assert_allclose(found[:2], [2**0.5, 3.0], rtol=1e-14)
    assert np.isnan(found[2])


def test_a_set_wears_out_epoch_by_epoch_and_from_the_64th_on_all_count_as_that_one():
    x = np.geomspace(1e-2, 1e3, 41)
    later = [2 ** (-k / 5) * np.log(np.clip(x, k, k + 1) / k) for k in range(1, 63)]
    expected = sum(later) + 2 ** (-63 / 5) * np.log(np.maximum(x, 63) / 63)
    with jax.enable_x64(True):
        for value in (terms.worn(np, x, 5.0), terms.worn(jnp, jnp.asarray(x), 5.0)):
            np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(terms.worn(np, x[x > 1], 1e15), np.log(x[x > 1]), rtol=1e-9)


def test_the_best_split_of_a_budget_is_where_the_loss_is_least():
    at = {"A": 480.0, "B": 2000.0, "alpha": 0.35, "beta": 0.37}
    N, D = terms.best_split(np, 1e21, E=1.8, **at)
    assert 6 * N * D == pytest.approx(1e21)
    others = N * np.geomspace(0.5, 2, 201)
    loss = at["A"] * others ** -at["alpha"] + at["B"] * (1e21 / 6 / others) ** -at["beta"]
    assert loss.argmin() == 100


def test_the_best_bits_are_where_a_bit_counts_most_and_there_are_none_where_fewer_always_help():
    kinds = ((2.0, 0.5), (1.5, 1.0), (1.0, 2.0))
    best = terms.best_bits(np, kinds)
    bits = best * np.geomspace(0.8, 1.25, 201)
    per_bit = np.prod([terms.kept(np, bits, *kind) for kind in kinds], axis=0) / bits
    assert per_bit.argmax() == 100
    assert np.isnan(terms.best_bits(np, ((2.0, 0.0),)))


def test_what_newton_solved_has_exact_first_and_second_derivatives():
    def root_of(a):
        return terms.iterated(jnp, lambda x: (x + a / x) / 2, jnp.ones_like(a), steps=6)

    with jax.enable_x64(True):
        at = jnp.array(3.0)
        found = root_of(at), jax.grad(root_of)(at), jax.grad(jax.grad(root_of))(at)
    np.testing.assert_allclose(found, (3**0.5, 3**-0.5 / 2, -(3**-1.5) / 4), rtol=1e-12)
