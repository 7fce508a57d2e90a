"""Losses of images, video, mathematics and text, and the best sizes, as in the paper's table."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

SIZE, COMPUTE, OPTIMUM = (
    lawbook.load_law(f"autoregressive_{of}") for of in ("size", "compute", "optimum")
)
PIXELS_8, PIXELS_32, VIDEO, MATHS = 0, 2, 5, 6
TEXT = {"L_inf": 0, "C_0": 3.47e8, "alpha": 0.048}


@pytest.mark.parametrize(
    ("law", "domain", "x", "loss"),
    [
        (COMPUTE, PIXELS_8, 1, "3.16377"),
        (COMPUTE, PIXELS_32, 1e-3, "2.49552"),
        (COMPUTE, PIXELS_32, 1, "2.35310"),
        (COMPUTE, PIXELS_32, 100, "2.30029"),
        (COMPUTE, VIDEO, 1, "1.17281"),
        (SIZE, MATHS, 1e6, "0.765985"),
        (SIZE, MATHS, 1e9, "0.440925"),
    ],
)
def test_the_loss_is_the_one_worked_out(law, domain, x, loss):
    assert law.formula(np, x, **published(law, domain)) == printed(loss)


def test_text_has_no_floor():
    assert COMPUTE.formula(np, 1.0, **TEXT) == printed("2.57002")
    language = lawbook.load_law("autoregressive_text_compute")
    assert language.formula(np, 1.0, **published(language)) == printed("2.57002")
    assert language.derive("compute_for", published="henighan2020", loss=2.57002) == (
        pytest.approx(1, rel=1e-3)
    )
    assert SIZE.formula(np, 1e9, L_inf=0, N_0=1.47e14, alpha=0.070) == printed("2.29992")
    back = COMPUTE.quantity("compute_for").formula(np, 2.57002, **TEXT)
    assert back == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize(
    ("at", "size", "tokens"),
    [
        ({"C_0": 3.3e-13, "beta": 0.73}, "1.29266e9", "1.11398e10"),
        (published(OPTIMUM, PIXELS_32), "2.07645e8", "6.93490e10"),
        (published(OPTIMUM, MATHS), "1.07253e8", None),
    ],
)
def test_the_best_size_for_a_pf_day_is_the_one_worked_out(at, size, tokens):
    assert OPTIMUM.formula(np, 1.0, **at) == printed(size)
    assert OPTIMUM.quantity("tokens_exponent").formula(np, beta=0.7) == printed("0.428571")
    if tokens:
        assert OPTIMUM.quantity("tokens").formula(np, 1.0, **at) == printed(tokens)
