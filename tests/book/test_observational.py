"""Benchmark scores through one skill: the form's values and its inverse."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("observational")
AT = {"c": 0.25, "a": -1.0, "b_s": 0.5, "b_t": 0.4, "b_st": 0.02, "w": 1.0}  # w = 1: logistic


@pytest.mark.parametrize(("skill", "score"), [(1.0, "0.798294"), (0.0, "0.625000")])
def test_the_score_of_a_skill_is_the_one_worked_out(skill, score):
    assert LAW.formula(np, 1, 1, **AT | {"a": skill}) == printed(score)


def test_the_size_for_a_score_is_the_inverse():
    at = AT | {"w": 2.5}
    size = LAW.quantity("size_for").formula(np, 0.6, 2.0, **at)
    assert LAW.formula(np, size, 2.0, **at) == pytest.approx(0.6)


def test_a_lopsided_link_raises_the_logistic_share_to_a_power():
    # 0.25 + 0.75 / (1 + exp(-1))**3
    assert LAW.formula(np, 1, 1, **AT | {"a": 1.0, "w": 3.0}) == printed("0.543034")
