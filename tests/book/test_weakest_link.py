"""The weakest link: values worked out from the paper's table, and the limits of both forms."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LINK, SOFT = lawbook.load_law("weakest_link"), lawbook.load_law("weakest_link_soft")
FITTED = {"w": 0.57129889, "delta": 0.23102405}  # least squares on the paper's 81 cells


def share(points):
    return (points - 1) / 99


@pytest.mark.parametrize(
    ("weaker", "stronger", "points"),
    [(60, 70, "59.0292"), (50, 70, "53.3309"), (70, 72, "65.9036")],
)
def test_the_cross_score_is_the_one_worked_out_whatever_the_order(weaker, stronger, points):
    for scores in ((weaker, stronger), (stronger, weaker)):
        found = LINK.formula(np, *map(share, scores), **FITTED)
        assert 1 + 99 * found == printed(points)


def test_both_forms_range_from_the_weakest_to_the_average():
    scores = share(50.0), share(70.0)
    assert LINK.formula(np, *scores, w=1.0, delta=0.0) == pytest.approx(share(50))
    assert SOFT.formula(np, *scores, t=500.0, delta=0.0) == pytest.approx(share(50), abs=1e-3)
    average = LINK.formula(np, *scores, w=0.5, delta=0.1)
    for t in (0.0, 1e-5, -1e-3):
        assert SOFT.formula(np, *scores, t=t, delta=0.1) == pytest.approx(average, abs=3e-4)


def test_the_weaker_score_that_is_needed_reaches_the_goal_or_does_not_exist():
    needed = LINK.quantity("weaker_needed").formula(np, share(60.0), share(75.0), **FITTED)
    assert LINK.formula(np, needed, share(75.0), **FITTED) == pytest.approx(share(60))
    assert np.isnan(LINK.quantity("weaker_needed").formula(np, 0.9, share(75.0), **FITTED))
    assert LINK.quantity("gain_ratio").formula(np, w=0.75) == 3
