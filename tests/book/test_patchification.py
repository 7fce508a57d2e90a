"""Patches: errors of rows that were fitted to the paper's tables."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("patchification")
DEIT_64 = {"E": 0.1857, "A": 0.1325, "alpha": 1.576}
ADVENTURER_224 = {"E": 0.1539, "A": 0.0201, "alpha": 1.438}
COCO_BOX = {"E": 0.4771, "A": 0.0401, "alpha": 0.519}


@pytest.mark.parametrize(
    ("at", "p", "error"),
    [
        (DEIT_64, 16, "0.318200"),
        (DEIT_64, 4, "0.200606"),
        (ADVENTURER_224, 1, "0.154273"),
        (ADVENTURER_224, 8, "0.161318"),
        (COCO_BOX, 64, "0.559441"),
    ],
)
def test_the_error_is_the_one_worked_out(at, p, error):
    assert LAW.formula(np, p, **at) == printed(error)


def test_the_side_for_an_error_and_the_gain_of_halving_are_in_line_with_the_law():
    assert LAW.quantity("side_for").formula(np, 0.200606, **DEIT_64) == pytest.approx(4, rel=1e-4)
    coarse, fine = LAW.formula(np, np.array([16.0, 8.0]), **DEIT_64)
    gain = LAW.quantity("gain_of_halving").formula(np, 16.0, A=0.1325, alpha=1.576)
    assert gain == pytest.approx(coarse - fine)
