"""Broken and shifted power laws: the paper's numbers, and what becomes of them at the limits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import lawbook
from lawbook.laws.values import parameters
from lawbook.models.broken_1 import between
from lawbook.priors import LogNormal, Normal

ADDITION = {
    "a": 0.41388453,
    "b": 2.27727229,
    "c0": 0.0550773484,
    "c1": 5.66290382,
    "d1": 612.583617,
    "f1": 0.0591930364,
}
FIGURE_1 = {"a": 1e-3, "b": 4.66e3, "c0": 0.05, "c1": 0.49, "d1": 3e6, "f1": 1.1}
FIGURE_1 |= {"c2": -0.811, "d2": 1e14, "f2": 1.425}
BROKEN_1, BROKEN_2 = map(lawbook.load_law, ("broken_1", "broken_2"))


def in_every_library(law, x, at):
    """The law's value by NumPy, JAX and PyTensor."""
    yield law.formula(np, x, **at)
    with jax.enable_x64(True):
        yield float(law.formula(jnp, jnp.asarray(x, float), **at))
    yield pytensor.function(
        [], law.formula(pt, pt.as_tensor(float(x)), **at), mode="FAST_COMPILE"
    )()


@pytest.mark.parametrize(
    ("x", "printed"),
    [
        (200, "2.11479"),
        (400, "2.05067"),
        (600, "1.75292"),
        (800, "0.760188"),
        (1000, "0.510910"),
        (4000, "0.413920"),
    ],
)
def test_the_addition_curve_is_the_released_one(x, printed):
    half_a_digit = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    for value in in_every_library(BROKEN_1, x, ADDITION):
        assert value == pytest.approx(float(printed), abs=half_a_digit)


# the figure's third break lies at 2e20 and is sharp: it does nothing up to 1e16
@pytest.mark.parametrize(
    ("x", "printed"),
    [(1, "4660.00"), (1e4, "2931.43"), (1e8, "325.643"), (1e12, "2.40875"), (1e16, "0.698613")],
)
def test_two_breaks_of_the_first_figure(x, printed):
    half_a_digit = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    for value in in_every_library(BROKEN_2, x, FIGURE_1):
        assert value == pytest.approx(float(printed), abs=half_a_digit)


def test_slopes_before_and_after_each_break_are_sums():
    x = np.array([1e-60, 1e12, 1e120])
    at = FIGURE_1 | {"a": 0.0, "d1": 1e-20, "f1": 0.2, "f2": 0.2, "d2": 1e60}
    log_y = [np.log(BROKEN_2.formula(np, x * step, **at)) for step in (np.exp(-0.5), np.exp(0.5))]
    np.testing.assert_allclose(log_y[0] - log_y[1], [0.05, 0.54, -0.271], rtol=1e-6)


def test_without_a_change_of_slope_no_break_is_left():
    x, at = np.geomspace(1e5, 1e10, 30), ADDITION | {"c1": 0.0}
    rest = {name: at[name] for name in ("a", "b", "c0")}
    expected = lawbook.load_law("broken_0").formula(np, x, **rest)
    np.testing.assert_allclose(BROKEN_1.formula(np, x, **at), expected, rtol=1e-12)
    two = at | {"c2": 0.0, "d2": 1e9, "f2": 0.1}
    np.testing.assert_allclose(BROKEN_2.formula(np, x, **two), expected, rtol=1e-12)
    m2 = {"e_inf": rest["a"], "beta": rest["b"], "c": -rest["c0"]}
    revisiting = lawbook.load_law("revisiting_m2").formula(np, x, **m2)
    np.testing.assert_allclose(expected, revisiting, rtol=1e-12)


def test_a_corner_stays_finite_with_its_slopes():
    def curve(f):
        return BROKEN_1.formula(jnp, jnp.array([100.0, 612.0, 613.0, 1e12]), **ADDITION | {"f1": f})

    with jax.enable_x64(True):
        value, slope = curve(1e-9), jax.jacfwd(curve)(1e-9)
    log_x = np.maximum(np.log(np.array([100.0, 612.0, 613.0, 1e12]) / ADDITION["d1"]), 0)
    hinge = np.exp(-5.66290382 * log_x) * [
        100**-0.0550773484,
        612**-0.0550773484,
        613**-0.0550773484,
        0,
    ]
    np.testing.assert_allclose(value, 0.41388453 + 2.27727229 * hinge, rtol=1e-6)
    assert np.isfinite(slope).all()


def test_breaks_keep_their_order_and_lie_in_the_range():
    rng, law = np.random.default_rng(3), BROKEN_2
    pooled = {
        p.name: np.array([p.prior_of_pooled.quantile(q) for q in rng.uniform(size=4000)])
        for p in law.params
    }
    at = parameters(law, np, pooled)
    assert (at["d1"] < at["d2"]).all()
    low, high = law.inputs[0].seen
    for name in ("d1", "d2"):
        assert np.mean((low < at[name]) & (at[name] < high)) > 0.7, name


def test_another_range_moves_the_breaks_with_it():
    law = between(160, 928)
    assert law.inputs[0].seen == (160, 928)
    assert law.param("d1").prior.quantile(0.5) == pytest.approx(np.sqrt(160 * 928), rel=0.05)
    assert law.param("b").prior.at == (("x", 160.0),)


def test_shifted_is_a_broken_law_with_one_early_break():
    x, at = np.geomspace(1e3, 1e11, 50), {"e_inf": 0.1, "beta": 300.0, "c": -0.4, "d": 3e7}
    shifted = lawbook.load_law("shifted").formula(np, x, **at)
    broken = BROKEN_1.formula(np, x, a=0.1, b=300 * 3e7**-0.4, c0=0.0, c1=0.4, d1=3e7, f1=1.0)
    np.testing.assert_allclose(shifted, broken, rtol=1e-12)
    near = lawbook.load_law("shifted").formula(np, x, **(at | {"d": 1e-6}))
    m2 = lawbook.load_law("revisiting_m2").formula(np, x, e_inf=0.1, beta=300.0, c=-0.4)
    np.testing.assert_allclose(near, m2, rtol=1e-9)


@pytest.mark.slow
def test_a_fit_finds_the_addition_curve():
    import arviz as az

    law = between(160, 928).with_pooling("full")
    # additions are learned at once, and their loss is in nats
    law = law.with_priors(c1=Normal(4.0, 3.0), f1=LogNormal(0.1, 0.8), a=LogNormal(0.4, 0.5))
    law = law.with_priors(b=LogNormal(2.0, 0.5))
    runs = lawbook.simulate(law, ADDITION, n=60, noise=0.005, seed=4)
    draws = (
        lawbook.fit(law, runs, draws=500, chains=4, seed=7, discrepancy="none")
        .posterior["posterior"]
        .dataset
    )
    ess = az.ess(draws)
    for name, value in ADDITION.items():
        assert ess[name] > 150, f"{name} mixes too slowly to judge"
        z = (draws[name].mean() - value) / draws[name].std()
        assert abs(z) < 4, f"{name} is {float(z):.1f} sd from {value}"
