"""Over-training: values worked out elsewhere, from rounded coefficients."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LOSS, ERROR = (lawbook.load_law(f"overtraining_{name}") for name in ("loss", "error"))
C4 = {"E": 1.51, "a": 141, "b": 190, "eta": 0.121}
RPJ = {"E": 1.84, "a": 212, "b": 367, "eta": 0.136}
REFINED = {"E": 1.73, "a": 157, "b": 246, "eta": 0.127}


@pytest.mark.parametrize(
    ("at", "inputs", "loss"),
    [
        (C4, (1e20, 20), "2.78299"),
        (C4, (1e22, 640), "2.37039"),
        (RPJ, (1e22, 20), "2.41327"),
        (REFINED, (1e20, 20), "2.87737"),
    ],
)
def test_the_loss_is_the_one_worked_out(at, inputs, loss):
    assert LOSS.formula(np, *inputs, **at) == printed(loss)


@pytest.mark.parametrize(("at", "M"), [(C4, "3.42978"), (RPJ, "7.51993"), (REFINED, "5.85944")])
def test_the_best_multiplier_is_the_one_worked_out(at, M):
    assert LOSS.optimum(np, 1e21, **at)[1] == printed(M)


@pytest.mark.parametrize(
    ("epsilon", "k", "gamma", "error"),
    [
        (0.850, 2.08, 0.756, "0.535771"),
        (0.857, 2.21, 0.715, "0.487094"),
        (0.865, 2.21, 0.707, "0.487622"),
    ],
)
def test_the_error_at_a_loss_is_the_one_worked_out(epsilon, k, gamma, error):
    assert ERROR.formula(np, 2.5, epsilon=epsilon, k=k, gamma=gamma) == printed(error)
