"""Learning rate and batch size: the optima that the paper's coefficients give."""

import numpy as np
import pytest
from book import printed, published

import lawbook

RATE, BATCH = lawbook.load_law("step_law_rate"), lawbook.load_law("step_law_batch")


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


def test_steps_and_the_exponent_follow():
    at = published(BATCH)
    assert BATCH.quantity("steps").formula(np, 1e11, **at) == pytest.approx(1e11**0.429 / 0.58)
    exponent = RATE.quantity("rate_exponent").formula(np, a=-0.713, b=0.307)
    assert exponent == pytest.approx(-0.406)
