"""Four learning curves: values worked out elsewhere, and the one that is solved for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from book_laws import printed

import lawbook

M4 = {"beta": 100, "c": -0.4, "alpha": 0.5, "e_inf": 0.1, "e_0": 0.999}


@pytest.mark.parametrize(
    ("name", "at", "x", "error"),
    [
        ("revisiting_m1", {"beta": 5, "c": -0.1}, 1e8, "0.792447"),
        ("revisiting_m2", {"e_inf": 0.1, "beta": 100, "c": -0.4}, 1e8, "0.163096"),
        ("revisiting_m3", {"beta": 0.9, "gamma": 1e-9, "c": 0.1}, 1e8, "0.144006"),
        ("revisiting_m4", M4, 1e6, "0.406452"),
        ("revisiting_m4", M4, 1e8, "0.157867"),
        ("revisiting_m4", M4, 1e10, "0.109432"),
    ],
)
def test_the_error_is_the_one_worked_out(name, at, x, error):
    assert lawbook.load_law(name).formula(np, x, **at) == printed(error)


class TestTheImplicitCurve:
    """revisiting_m4, whose response is solved for."""

    m4 = staticmethod(lawbook.load_law("revisiting_m4").formula)

    def test_is_solved_to_ten_digits_for_any_alpha(self):
        alpha = np.concatenate([[0], np.geomspace(1e-9, 8, 100)])[:, None]
        x = np.geomspace(1e3, 1e13, 200)
        level = {"e_inf": 0.1, "e_0": 0.999, "beta": 100, "c": -0.4}
        y = self.m4(np, x, alpha=alpha, **level)
        lower, upper = np.full(y.shape, 0.1), np.full(y.shape, 0.999)
        goal = np.log(level["beta"]) + level["c"] * np.log(x)
        for _ in range(60):  # bisection, on the equation as the paper has it
            middle = (lower + upper) / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                high = np.log(middle - 0.1) - alpha * np.log(0.999 - middle) > goal
            lower, upper = np.where(high, lower, middle), np.where(high, middle, upper)
        np.testing.assert_allclose(y, (lower + upper) / 2, atol=1e-10)

    def test_has_m2_and_the_logistic_curve_as_members(self):
        x, level = np.geomspace(1e7, 1e12, 50), {"e_inf": 0.1, "beta": 100, "c": -0.4}
        m2 = lawbook.load_law("revisiting_m2").formula(np, x, **level)
        np.testing.assert_allclose(self.m4(np, x, e_0=0.999, alpha=0, **level), m2, rtol=1e-10)
        odds = 100 * x**-0.4
        logistic = 0.1 + 0.899 * odds / (1 + odds)
        np.testing.assert_allclose(
            self.m4(np, x, e_0=0.999, alpha=1, **level), logistic, rtol=1e-10
        )

    def test_stays_between_its_ends_and_curves_finitely(self):
        x, level = np.geomspace(1e-30, 1e40, 141), np.array([0.1, 0.999, 100.0, -0.4])
        alphas = np.array([0.0, 1e-300, 1e-9, 1e-3, 0.5, 1.0, 5.0])
        names = ("e_inf", "e_0", "beta", "c", "alpha")
        y = self.m4(np, x, **dict(zip(names, level, strict=False)), alpha=alphas[:, None])
        assert ((y >= 0.1) & (y <= 0.999)).all()

        def total(values):
            return self.m4(jnp, x, **dict(zip(names, values, strict=True))).sum()

        with jax.enable_x64(True):
            at = np.column_stack([np.tile(level, (len(alphas), 1)), alphas])
            curvatures = jax.jit(jax.vmap(jax.hessian(total)))(at)
        assert np.isfinite(curvatures).all()

    def test_slope_and_curvature_are_those_of_the_implicit_function(self):
        x, alpha = 1e8, M4["alpha"]
        below, above = M4["e_inf"], M4["e_0"]
        with jax.enable_x64(True):

            def curve(log_beta):
                return self.m4(jnp, x, **(M4 | {"beta": jnp.exp(log_beta)}))

            log_beta = np.log(M4["beta"])
            slope = jax.jit(jax.grad(curve))(log_beta)
            curvature = jax.jit(jax.grad(jax.grad(curve)))(log_beta)
            y = float(curve(log_beta))
        expected = 1 / (1 / (y - below) + alpha / (above - y))
        assert slope == pytest.approx(expected, rel=1e-9)
        bend = expected**3 * (1 / (y - below) ** 2 - alpha / (above - y) ** 2)
        assert curvature == pytest.approx(bend, rel=1e-9)
