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
