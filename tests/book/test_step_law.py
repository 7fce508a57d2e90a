"""Learning rate and batch size: the optima that the paper's coefficients give, and around them."""

import numpy as np
import pytest
from book_laws import printed, published, typical

import lawbook

RATE, BATCH, SURFACE = (
    lawbook.load_law(f"step_law_{name}") for name in ("rate", "batch", "surface")
)
# the paper's optimum, and a curvature in the range of the public grids: log loss bends by 0.0144
# in log rate, by 0.0116 in log batch, and by -0.0048 across
OPTIMUM = {"c": 1.79, "a": -0.713, "b": 0.307, "c_B": 0.58, "b_B": 0.571}
BENT = {"h_1": 0.12, "h_12": -0.04, "h_2": 0.1}
AT = {"L_best": 2.2, **OPTIMUM, **BENT}
CELL = (1.0737e9, 5.69e10)


def derived(name, *given, **at):
    quantity = SURFACE.quantity(name)
    return quantity.formula(np, *given, **{needed: at[needed] for needed in quantity.needs})


@pytest.mark.parametrize(
    ("N", "D", "eta", "tokens"),
    [
        (1e9, 1e11, "1.63250e-3", "1.10771e6"),
        (7e9, 1.4e12, "9.16557e-4", "4.99882e6"),
        (2.147e8, 4e9, "1.82007e-3", "1.76280e5"),
        (1.0737e9, 5.69e10, "1.30513e-3", "8.02781e5"),
        (2.15e9, 2e10, "5.77086e-4", "4.41892e5"),
    ],
)
def test_the_optimum_is_the_one_worked_out(N, D, eta, tokens):
    assert RATE.formula(np, N, D, **published(RATE)) == printed(eta)
    assert BATCH.formula(np, D, **published(BATCH)) == printed(tokens)
    assert derived("optimal_rate", N, D, **AT) == printed(eta)
    assert derived("optimal_batch", D, **AT) == printed(tokens)


def test_steps_and_the_exponent_follow():
    at = published(BATCH)
    assert BATCH.quantity("steps").formula(np, 1e11, **at) == pytest.approx(1e11**0.429 / 0.58)
    exponent = RATE.quantity("rate_exponent").formula(np, a=-0.713, b=0.307)
    assert exponent == pytest.approx(-0.406)


def test_the_loss_is_least_at_the_optimum_of_the_paper():
    eta, B = derived("optimal_rate", *CELL, **AT), derived("optimal_batch", CELL[1], **AT)
    best = SURFACE.formula(np, *CELL, eta, B, **AT)
    assert best == pytest.approx(2.2, rel=1e-12)
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    around = SURFACE.formula(
        np, *CELL, eta * np.exp(np.cos(angles)), B * np.exp(np.sin(angles)), **AT
    )
    assert (around > best).all()


@pytest.mark.parametrize(
    ("x", "y", "rise"),
    [
        (np.log(2), 0.0, 0.5 * 0.0144 * np.log(2) ** 2),  # about a third of a percent
        (0.0, np.log(2), 0.5 * 0.0116 * np.log(2) ** 2),
        (1.0, 1.0, 0.5 * (0.0144 + 0.0116 - 2 * 0.0048)),
        (1.0, -1.0, 0.5 * (0.0144 + 0.0116 + 2 * 0.0048)),
    ],
)
def test_the_log_loss_rises_by_the_quadratic_form_of_the_curvature(x, y, rise):
    eta = derived("optimal_rate", *CELL, **AT) * np.exp(x)
    B = derived("optimal_batch", CELL[1], **AT) * np.exp(y)
    assert np.log(SURFACE.formula(np, *CELL, eta, B, **AT) / 2.2) == pytest.approx(rise, rel=1e-9)
    assert derived("excess", *CELL, eta, B, **AT) == pytest.approx(np.expm1(rise), rel=1e-9)


def test_the_rate_for_a_batch_is_the_best_at_that_batch():
    B = 4 * derived("optimal_batch", CELL[1], **AT)
    eta = derived("rate_for_batch", *CELL, B, **AT)
    # by the card: ln eta* - (H_12 / H_11) ln(B / B*)
    assert eta == pytest.approx(derived("optimal_rate", *CELL, **AT) * 4 ** (0.0048 / 0.0144))
    near = SURFACE.formula(np, *CELL, eta * np.array([0.97, 1.0, 1.03]), B, **AT)
    assert near.argmin() == 1


def test_where_the_optimum_is_known_a_quadratic_in_logs_is_found_again():
    at = typical(SURFACE)
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1, (2, 50))
    eta, B = derived("optimal_rate", *CELL, **at), derived("optimal_batch", CELL[1], **at)
    log_loss = np.log(SURFACE.formula(np, *CELL, eta * np.exp(x), B * np.exp(y), **at))
    terms = np.stack([x**2 / 2, x * y, y**2 / 2, np.ones(50)], axis=1)
    [h11, h12, h22, level], *_ = np.linalg.lstsq(terms, log_loss)
    factor = np.array([[at["h_1"], at["h_12"]], [0, at["h_2"]]])
    np.testing.assert_allclose([[h11, h12], [h12, h22]], factor.T @ factor, atol=1e-12)
    assert level == pytest.approx(np.log(at["L_best"]))
