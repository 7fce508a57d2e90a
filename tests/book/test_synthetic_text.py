"""Training on made-up data: the errors that the paper predicts, from values solved for them."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("synthetic_text")
# solved from the six predicted accuracies per model, with one beta
LARGE = {"B": 1.646856e6, "D_l": 2.92514e4, "beta": 0.51, "E": 16.18}
SMALL = {"B": 3.717753e6, "D_l": 4.95344e4, "beta": 0.51, "E": 14.21}


@pytest.mark.parametrize(
    ("D", "large", "small", "predicted"),
    [
        (1e10, "26.7950", "35.4026", ("26.8", "35.4")),
        (5e10, "21.4028", "25.2877", ("21.4", "25.3")),
        (2.5e11, "18.6043", "19.5242", ("18.6", "19.5")),
        (1e12, "17.4021", "16.9281", ("17.4", "16.9")),
        (4e12, "16.7894", "15.5754", ("16.8", "15.6")),
    ],
)
def test_the_error_is_the_one_predicted(D, large, small, predicted):
    for at, exact, rounded in ((LARGE, large, predicted[0]), (SMALL, small, predicted[1])):
        assert LAW.formula(np, D, **at) == printed(exact)
        assert LAW.formula(np, D, **at) == printed(rounded)


def test_the_data_for_an_error_and_the_gain_that_is_left():
    assert LAW.quantity("data_for").formula(np, 17.9, **LARGE) == printed("5.02666e11")
    assert LAW.quantity("data_for").formula(np, 20.0, **SMALL) == printed("2.08492e11")
    left = {name: LARGE[name] for name in ("B", "D_l", "beta")}
    assert LAW.quantity("to_gain").formula(np, 4e12, **left) == pytest.approx(16.7894 - 16.18, 1e-4)
    with np.errstate(divide="ignore"):  # no data at all
        assert LAW.quantity("to_gain").formula(np, 0.0, **left) == pytest.approx(56.3, abs=0.05)
