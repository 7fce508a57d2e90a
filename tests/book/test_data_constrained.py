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


@pytest.mark.parametrize(("epochs", "worth"), [(4, 3.72567), (16, 10.5825), (40, 15.1675)])
def test_tokens_seen_again_are_worth_what_was_worked_out(epochs, worth):
    kept = LAW.derive("kept_value", published="muennighoff2023", epochs=epochs)
    assert epochs * kept == pytest.approx(worth, rel=1e-5)
    half = LAW.derive("kept_value", published="muennighoff2023", epochs=epochs - 1e-6)
    last = (epochs * kept - (epochs - 1e-6) * half) / 1e-6
    assert LAW.derive("last_epoch", published="muennighoff2023", epochs=epochs) == pytest.approx(
        last, rel=1e-3
    )
