"""Forecasting losses as the legends of the paper's notebooks have them."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

SIZE, DATA, COMPUTE = (lawbook.load_law(f"time_series_{of}") for of in ("size", "data", "compute"))


@pytest.mark.parametrize(
    ("law", "row", "x", "loss"),
    [
        (SIZE, 0, 1e3, "2.47445"),
        (SIZE, 0, 1e6, "2.02525"),
        (SIZE, 0, 1e9, "1.65759"),
        (SIZE, 1, 1e6, "4.50608"),
        (SIZE, 5, 1e9, "4.63440"),
        (DATA, 0, 1e7, "3.45209"),
        (DATA, 0, 1e9, "2.23914"),
        (DATA, 3, 1e10, "2.28880"),
        (COMPUTE, 0, 1e-7, "2.18890"),
    ],
)
def test_the_loss_is_the_one_worked_out(law, row, x, loss):
    assert law.formula(np, x, **published(law, row)) == printed(loss)


def test_what_a_decade_brings_and_what_a_loss_needs_are_in_line_with_the_law():
    at = published(SIZE)
    losses = SIZE.formula(np, np.array([1e6, 1e7]), **at)
    share = SIZE.quantity("per_decade").formula(np, alpha=at["alpha"])
    assert losses[1] / losses[0] == pytest.approx(share)
    assert SIZE.quantity("size_for").formula(np, losses[1], **at) == pytest.approx(1e7)
    data = DATA.formula(np, 1e9, **published(DATA))
    assert DATA.quantity("data_for").formula(np, data, **published(DATA)) == pytest.approx(1e9)
