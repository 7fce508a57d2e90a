"""Floating-point formats: losses, critical data and best layouts as the paper has them."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

LAW = lawbook.load_law("fp_quant")
AT = published(LAW)


def derived(name, *given):
    return LAW.quantity(name).value(given, AT)


@pytest.mark.parametrize(
    ("format_", "loss", "term"),
    [
        ((4, 3, 128), "2.56307", "0.000441477"),
        ((2, 1, 128), "2.59787", "0.0352375"),
        ((1, 1, 512), "2.79406", "0.231432"),
    ],
)
def test_the_loss_is_the_one_worked_out(format_, loss, term):
    found = LAW.formula(np, 1e9, 1e11, *format_, **AT)
    assert found == printed(loss)
    assert found - LAW.formula(np, 1e9, 1e11, *format_[:2], 1, **AT) == printed(term)


@pytest.mark.parametrize(
    ("N", "E", "M", "tokens"),
    [
        (1e9, 8, 7, "1.72955e15"),
        (1e9, 4, 3, "2.73290e13"),
        (1e9, 2, 1, "3.92845e11"),
        (7e9, 4, 3, "4.27035e13"),
        (70e9, 4, 3, "7.24155e13"),
    ],
)
def test_more_data_does_harm_from_where_the_paper_says(N, E, M, tokens):
    critical = derived("critical_data", N, E, M, 128)
    assert critical == printed(tokens)
    near = LAW.formula(np, N, critical * np.geomspace(0.5, 2, 41), E, M, 128, **AT)
    assert near.argmin() == 20


@pytest.mark.parametrize(
    ("P", "exponent", "mantissa"),
    [(4, "1.57754", "1.42246"), (8, "3.65507", "3.34493"), (16, "7.81014", "7.18986")],
)
def test_the_best_layout_is_the_paper_s(P, exponent, mantissa):
    assert derived("exponent_bits", P) == printed(exponent)
    assert derived("mantissa_bits", P) == printed(mantissa)


@pytest.mark.parametrize(
    ("D", "bits"), [(1e11, "4.26841"), (1e12, "5.17897"), (1e13, "6.28377"), (1e14, "7.62426")]
)
def test_the_best_width_grows_with_the_data(D, bits):
    assert derived("optimal_bits", D, 128) == printed(bits)


@pytest.mark.parametrize(("C", "bits"), [(1e21, "4.19025"), (1e31, "7.57763")])
def test_the_best_width_of_a_budget_lies_between_four_and_eight_bits(C, bits):
    assert derived("optimal_bits_at", C, 128) == printed(bits)
