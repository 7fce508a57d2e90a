"""The best teacher and the best student, as the paper's line has them."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

LAW = lawbook.load_law("capacity_gap")


@pytest.mark.parametrize(
    ("S", "T"), [(100, "238.302"), (500, "1237.5"), (1000, "2486.5"), (2700, "6733.1")]
)
def test_the_best_teacher_is_the_one_worked_out(S, T):
    assert LAW.formula(np, S, **published(LAW)) == printed(T)


@pytest.mark.parametrize(("T", "S"), [(6738, "2701.96"), (13000, "5208.77")])
def test_the_best_student_is_the_one_worked_out(T, S):
    assert LAW.quantity("best_student").formula(np, T, **published(LAW)) == printed(S)
