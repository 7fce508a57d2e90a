"""Summaries by training pairs: values worked out for the proposed form."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("clsum")
AT = {"Q_0": 0.35, "Q_inf": 0.50, "n_0": 30, "g": 0.5}


@pytest.mark.parametrize(
    ("n", "quality"),
    [
        (0, "0.350000"),
        (10, "0.370096"),
        (100, "0.427942"),
        (1000, "0.474400"),
        (50 + 0.3 * 200, "0.430563"),  # synthetic pairs count in part
        (1e30, "0.5"),
    ],
)
def test_the_quality_is_the_one_worked_out(n, quality):
    assert LAW.formula(np, n, **AT) == printed(quality)


def test_the_pairs_for_a_quality_are_the_inverse():
    assert LAW.quantity("pairs_for").formula(np, 0.45, **AT) == pytest.approx(240)
