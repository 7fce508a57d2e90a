"""Kaplan's laws: the numbers of the paper and of its replication."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook


@pytest.mark.parametrize(
    ("name", "estimate", "inputs", "loss"),
    [
        ("kaplan_size", 0, (1e8,), "2.82996"),
        ("kaplan_size", 0, (1e9,), "2.37564"),
        ("kaplan_size", 0, (1.5e9,), "2.30355"),
        ("kaplan_data", 0, (1e9,), "2.81564"),
        ("kaplan_data", 0, (2.2e10,), "2.09917"),
        ("kaplan", 0, (1e8, 1e9), "2.95673"),
        ("kaplan", 0, (1e9, 2.2e10), "2.36932"),
        ("kaplan", 1, (196608, 2.86e7), "4.78839"),
        ("kaplan", 1, (786432, 9.04e7), "4.29202"),
        ("kaplan", 1, (4423680, 9.04e9), "3.71949"),
        ("kaplan_steps", 0, (1e8, 1e4), "3.10823"),
        ("kaplan_steps", 0, (1e9, 1e5), "2.40051"),
        ("kaplan_compute", 0, (1e-3,), "3.75464"),
        ("kaplan_compute", 0, (1,), "2.65808"),
        ("kaplan_compute", 0, (1e3,), "1.88178"),
    ],
)
def test_the_loss_is_the_one_worked_out(name, estimate, inputs, loss):
    law = lawbook.load_law(name)
    assert law.formula(np, *inputs, **published(law, estimate)) == printed(loss)


def test_data_are_enough_where_the_loss_is_above_that_of_endless_data_by_what_is_tolerated():
    law = lawbook.load_law("kaplan")
    N = np.array([1e7, 1e9])
    D = law.derive("data_needed", published="kaplan2020", N=N, tolerated=0.02)
    assert D == pytest.approx(5519.32 * N ** (0.076 / 0.103), rel=1e-5)
    at = published(law)
    endless = (at["N_c"] / N) ** at["alpha_N"]
    assert law.formula(np, N, D, **at) == pytest.approx(1.02 * endless)


@pytest.mark.parametrize(
    ("what", "left"), [("size", "0.949"), ("data", "0.936"), ("compute", "0.966")]
)
def test_a_doubling_leaves_what_the_paper_says(what, left):
    found = lawbook.load_law(f"kaplan_{what}").derive("per_doubling", published="kaplan2020")
    assert found == printed(left)
