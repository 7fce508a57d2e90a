"""Real and generated images: what the scaling abilities of the paper's figure say."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("synthetic_images")
FLOORED = lawbook.load_law("synthetic_images_floored")


@pytest.mark.parametrize(
    ("k", "share"), [(0.528, "0.693515"), (0.195, "0.873573"), (0.265, "0.832199")]
)
def test_twice_the_images_leave_the_share_that_was_worked_out(k, share):
    assert LAW.quantity("per_doubling").formula(np, k=k) == printed(share)
    losses = LAW.formula(np, np.array([1e6, 2e6]), c=100.0, k=k)
    assert losses[1] / losses[0] == printed(share)


@pytest.mark.parametrize(("k", "factor"), [(0.528, "3.71649"), (0.265, "13.6761")])
def test_half_the_loss_takes_as_many_images_as_worked_out(k, factor):
    at = {"c": 100.0, "k": k}
    half = LAW.formula(np, 1e6, **at) / 2
    assert LAW.quantity("images_for").formula(np, half, **at) / 1e6 == printed(factor)


def test_without_a_floor_both_laws_are_one():
    at = {"c": 100.0, "k": 0.2}
    assert FLOORED.formula(np, 1e6, E=0.0, **at) == LAW.formula(np, 1e6, **at)
    images = FLOORED.quantity("images_for").formula(np, 2.0, E=1.0, **at)
    assert images == LAW.quantity("images_for").formula(np, 1.0, **at)
