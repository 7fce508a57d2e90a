"""Repeated data: values worked out elsewhere."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("data_constrained")
AT = dict(LAW.published[0].at)


@pytest.mark.parametrize(
    ("inputs", "loss"),
    [
        ((6.34e9, 242e9, 25e9), "2.22564"),
        ((8.67e9, 178e9, 25e9), "2.22696"),
        ((2.8e9, 55e9, 55e9), "2.35440"),
        ((2.8e9, 55e9, 14e9), "2.37709"),
        ((2.8e9, 55e9, 1.25e9), "2.70121"),
        ((7e9, 1e11, 1e11), "2.24186"),
    ],
)
def test_the_loss_is_the_one_worked_out(inputs, loss):
    assert LAW.formula(np, *inputs, **AT) == printed(loss)
