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
