"""Overshadowing: round values for the algebra, and the lines read off the paper's figure."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

POPULARITY, LENGTH, SIZE = (
    lawbook.load_law(f"overshadowing_{of}") for of in ("popularity", "length", "size")
)
ROUND = {"alpha": 0.15, "P_c": 2}


def test_the_rate_is_zero_where_it_says_and_rises_with_the_log():
    assert POPULARITY.formula(np, 2.0, **ROUND) == 0
    assert POPULARITY.formula(np, 10, **ROUND) == printed("0.241416")
    assert POPULARITY.formula(np, 100, **ROUND) == printed("0.586803")
    assert POPULARITY.quantity("popularity_for").formula(np, 0.3, **ROUND) == printed("14.7781")


@pytest.mark.parametrize(
    ("law", "model", "x", "points"),
    [
        (POPULARITY, 0, 2, 37.3312),
        (POPULARITY, 0, 100, 60.8416),
        (POPULARITY, 1, 10, 36.3241),
        (LENGTH, 0, 10, 49.3961),
        (LENGTH, 0, 100, 66.6482),
        (SIZE, 0, 1.6e8, 19.0290),
        (SIZE, 0, 1.3e10, 41.1310),
    ],
)
def test_the_rate_is_that_of_the_drawn_line(law, model, x, points):
    # the zeros of the lines are known to three digits
    assert 100 * law.formula(np, x, **published(law, model)) == pytest.approx(points, abs=0.02)


def test_the_size_for_a_rate_is_the_inverse():
    at = published(SIZE)
    S = SIZE.quantity("size_for").formula(np, 0.3, **at)
    assert SIZE.formula(np, S, **at) == pytest.approx(0.3)
