"""Distillation: losses without a teacher as published, and with one from a refit."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

SUPERVISED, DISTILLED = (
    lawbook.load_law(name) for name in ("distillation_supervised", "distillation")
)
REFIT = {  # of 354 points read off the figures
    "A": 515546,
    "B": 618737,
    "alpha": 0.5764,
    "beta": 0.5170,
    "gamma": 0.4922,
    "c_0": 2.3601,
    "c_1": 497432,
    "f_1": 0.1016,
    "d_1": 2.7624,
}


@pytest.mark.parametrize(
    ("N", "D", "loss"),
    [
        (1e8, 2e9, "3.00627"),
        (1e9, 2e10, "2.37469"),
        (7.75e9, 1.55e11, "2.00357"),
        (1e9, 5.12e11, "2.16255"),
    ],
)
def test_the_loss_without_a_teacher_is_the_one_worked_out(N, D, loss):
    assert SUPERVISED.formula(np, N, D, **published(SUPERVISED)) == printed(loss)


def test_without_a_teacher_the_best_size_grows_with_the_root_of_compute():
    exponent = SUPERVISED.derive("size_exponent", published="busbridge2025")
    assert exponent == printed("0.5137")


@pytest.mark.parametrize(
    ("N", "D", "teacher", "loss"),
    [
        (5.46e8, 1.23e10, 2.5, 2.53354),
        (9.75e8, 2.13e10, 2.172, 2.32178),
        (1.82e9, 3.89e10, 1.8953, 2.19387),
    ],
)
def test_the_loss_with_a_teacher_is_that_of_the_refit(N, D, teacher, loss):
    alone = SUPERVISED.formula(np, N, D, **published(SUPERVISED))
    # the refit is printed to four digits, its steep switch to fewer
    assert DISTILLED.formula(np, N, D, alone, teacher, **REFIT) == pytest.approx(loss, abs=2e-4)


@pytest.mark.parametrize(("N", "D"), [(5.46e8, 1.23e10), (1.82e9, 3.89e10), (7.75e9, 5e11)])
def test_the_best_teacher_leaves_the_student_the_least_loss(N, D):
    alone = SUPERVISED.formula(np, N, D, **published(SUPERVISED))
    best = DISTILLED.quantity("best_teacher").formula(np, N, D, alone, **REFIT)
    teachers = alone * np.geomspace(0.5, 1.5, 20_001)
    students = DISTILLED.formula(np, N, D, alone, teachers, **REFIT)
    assert best == pytest.approx(teachers[np.argmin(students)], rel=2e-4)
    assert best < alone
