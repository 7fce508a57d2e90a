"""Legal annotation: lines worked out from the released runs."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW, COMPUTE = lawbook.load_law("lawma"), lawbook.load_law("lawma_compute")
ISSUE_AREA = {"a": 0.578, "b": 0.1238}
POOLED = {"a": 0.19856, "b": 0.51248}


def test_the_accuracy_is_the_one_worked_out():
    assert LAW.formula(np, 100, **ISSUE_AREA) == printed("0.640607")
    assert LAW.formula(np, 1000, **ISSUE_AREA) == printed("0.703300")
    assert COMPUTE.formula(np, 1e21, **POOLED) == printed("0.549478")
    assert COMPUTE.formula(np, 1e24, **POOLED) == printed("0.850178")


def test_the_examples_for_an_accuracy_and_the_gain_of_a_decade():
    assert LAW.quantity("examples_for").formula(np, 0.703300, **ISSUE_AREA) == pytest.approx(
        1000, rel=1e-4
    )
    gain = LAW.quantity("gain_per_decade").formula(np, b=ISSUE_AREA["b"])
    odds = [x / (1 - x) for x in LAW.formula(np, np.array([100.0, 1000.0]), **ISSUE_AREA)]
    assert gain == pytest.approx(np.log(odds[1] / odds[0]))
