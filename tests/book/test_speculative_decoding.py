"""Speculative decoding: the printed laws, and the chain that cannot pass its length."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

DATA, CAPACITY, WIDTH, CHAIN = (
    lawbook.load_law(f"speculative_decoding_{of}") for of in ("data", "capacity", "width", "chain")
)


@pytest.mark.parametrize(
    ("law", "x", "value"),
    [
        (DATA, 1, "5.05"),
        (DATA, 10, "5.23421"),
        (DATA, 100, "5.41841"),
        (CAPACITY, 1, "4.61"),
        (CAPACITY, 2, "5.12293"),
        (CAPACITY, 5, "5.80098"),
        (WIDTH, 1, "477.403"),
        (WIDTH, 4, "125.341"),
        (WIDTH, 16, "36.6323"),
        (WIDTH, 64, "14.4110"),
    ],
)
def test_the_value_is_the_one_worked_out(law, x, value):
    assert law.formula(np, x, **published(law)) == printed(value)


def test_natural_logs_meet_what_was_measured_and_the_printed_base_does_not():
    measured = 5.43  # at a hundred billion tokens
    at = published(DATA)
    assert DATA.formula(np, 100, **at) == pytest.approx(measured, abs=0.02)
    assert at["a"] + at["b"] * np.log10(100) < measured - 0.2


def test_many_sequences_leave_a_few_paths_each():
    at = published(WIDTH)
    assert WIDTH.quantity("width_of_many").formula(np, u=at["u"], w=at["w"]) == 7
    assert WIDTH.formula(np, 1e9, **at) == pytest.approx(7, abs=1e-3)


@pytest.mark.parametrize(
    ("q", "g", "accepted"), [(0.6, 4, "2.30560"), (0.8, 5, "3.68928"), (0.9, 8, "6.12580")]
)
def test_a_chain_is_accepted_as_far_as_its_tokens_go(q, g, accepted):
    at = {"a": np.log(q / (1 - q)), "b_T": 0.2, "b_n": 0.1}
    assert CHAIN.formula(np, 1, 1, g, **at) == printed(accepted)
    sure, never = (CHAIN.formula(np, 1, 1, g, **at | {"a": a}) for a in (40.0, -40.0))
    assert (sure, never) == (pytest.approx(g + 1), pytest.approx(1))
