"""Retrieval over length: values worked out for the proposed forms, and their limits."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW, FORGETTING = lawbook.load_law("lawcat"), lawbook.load_law("lawcat_forgetting")
AT = {"A": 1, "c": 0, "l_50": 4.5, "s": 3}  # in thousands of tokens


@pytest.mark.parametrize(
    ("length", "accuracy"),
    [(1, "0.989145"), (2, "0.919294"), (4, "0.587429"), (8, "0.151088")],
)
def test_the_accuracy_is_the_one_worked_out(length, accuracy):
    assert LAW.formula(np, length, **AT) == printed(accuracy)


def test_the_context_that_keeps_an_accuracy_is_the_inverse():
    context = LAW.quantity("effective_context")
    assert context.formula(np, 0.9, **AT) == printed("2.16337")
    assert context.formula(np, 0.9, **AT | {"l_50": 38.1051, "s": 4}) == printed("22.000")
    with np.errstate(invalid="ignore"):
        assert np.isnan(context.formula(np, 0.99, **AT | {"A": 0.95}))
    assert LAW.quantity("lost_per_doubling").formula(np, s=3) == pytest.approx(3 * np.log(2))


def test_both_forms_fall_from_the_ceiling_to_chance():
    ends = {"A": 0.9, "c": 0.1}
    assert LAW.formula(np, 4.5, **AT | ends) == pytest.approx(0.5)
    for law, rest in ((LAW, {"l_50": 4.5, "s": 3}), (FORGETTING, {"tau": 4.5, "k": 1.5})):
        near, far = law.formula(np, np.array([1e-9, 1e9]), **ends, **rest)
        assert (near, far) == (pytest.approx(0.9), pytest.approx(0.1))
