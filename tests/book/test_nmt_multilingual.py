"""Tasks that share a model: values worked out for round coefficients."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("nmt_multilingual")
SHAPE = {"c_1": 0.25, "c_2": 0.5, "c_3": 1}
AT = {"beta_1": 20, "alpha": 0.25, "L_inf": 1.0, **SHAPE}


@pytest.mark.parametrize(("p", "share"), [(0.1, "0.171151"), (0.5, "0.588388"), (0.9, "0.923717")])
def test_the_effective_share_is_the_one_worked_out(p, share):
    assert LAW.quantity("effective_share").formula(np, p, **SHAPE) == printed(share)


@pytest.mark.parametrize(
    ("N", "p", "loss"), [(1e8, 1, "1.200000"), (1e8, 0.5, "1.22836"), (1e9, 0.1, "1.17486")]
)
def test_the_loss_is_the_one_worked_out(N, p, loss):
    assert LAW.formula(np, N, p, **AT) == printed(loss)


def test_tasks_that_do_not_meet_split_the_parameters():
    neutral = {**SHAPE, "c_1": 0}
    assert LAW.quantity("synergy").formula(np, 0.3, **neutral) == pytest.approx(0)
    assert LAW.quantity("synergy").formula(np, 0.3, **SHAPE) > 0
    apart = LAW.formula(np, 1e8, np.array([0.5, 1.0]), **AT | neutral) - 1
    assert apart[0] / apart[1] == printed("1.18921")
