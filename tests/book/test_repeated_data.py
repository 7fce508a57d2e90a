"""Repeated data: the edges of the paper's band, and the damage between them."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

EDGE, DAMAGE = lawbook.load_law("repeated_data_edge"), lawbook.load_law("repeated_data")
LEFT, RIGHT = published(EDGE, 0), published(EDGE, 1)
EDGES = {f"{name}_l": value for name, value in LEFT.items()}
EDGES |= {f"{name}_r": value for name, value in RIGHT.items()}


@pytest.mark.parametrize(
    ("N", "left", "right", "worst"),
    [
        (8e8, "43.4029", "1803.12", "279.751"),
        (1e8, "139.075", "5100.00", "842.189"),
        (1e9, "38.3045", "1612.76", "248.548"),
    ],
)
def test_the_band_lies_where_it_was_worked_out(N, left, right, worst):
    assert EDGE.formula(np, N, **LEFT) == printed(left)
    assert EDGE.formula(np, N, **RIGHT) == printed(right)
    assert DAMAGE.quantity("worst_epochs").formula(np, N, **EDGES) == printed(worst)


def test_two_epochs_are_at_the_edge_for_hundreds_of_billions():
    assert EDGE.formula(np, 2e11, **LEFT) == printed("1.97094")
    size = EDGE.quantity("harmful_size").formula(np, 1.97094, **LEFT)
    assert size == pytest.approx(2e11, rel=1e-4)


def test_half_of_the_damage_is_done_at_the_edges_and_none_far_from_them():
    E = np.array([1e-9, 139.075, 842.189, 5100.0, 1e15])
    left = DAMAGE.quantity("remaining").formula(np, 1e8, E, 0.1, **EDGES, A_1=0.8, b=0.8)
    np.testing.assert_allclose(-np.log(left), [0, 0.4, 0.8, 0.4, 0], atol=1e-5)


WITHOUT = {"L_inf": 1.2, "A": 1.5 * 1e8**0.3, "alpha": 0.3, "B": 0.2 * 1e10**0.3, "beta": 0.3}


def test_the_loss_is_that_of_a_model_of_the_size_that_is_left():
    damaged = DAMAGE.formula(np, 8e8, 1e11, 280.0, 0.1, **WITHOUT, **EDGES, A_1=0.8, b=0.8)
    smaller = DAMAGE.formula(
        np, 8e8 * np.exp(-0.8), 1e11, 280.0, 0.1, **WITHOUT, **EDGES, A_1=1e-12, b=0.8
    )
    assert damaged == pytest.approx(smaller, rel=1e-6)
    spared = DAMAGE.formula(np, 4e8, 1e11, 1e-9, 0.1, **WITHOUT, **EDGES, A_1=0.8, b=0.8)
    assert spared == pytest.approx(2.2, abs=0.1)  # the paper's level, nats per token


def test_the_loss_rises_and_falls_again_in_the_course_of_one_run():
    D = np.geomspace(1e9, 1e11, 400)
    E = 0.1 * D / 2e7  # a tenth of the tokens repeat twenty million
    loss = DAMAGE.formula(np, 8e8, D, E, 0.1, **WITHOUT, **EDGES, A_1=0.8, b=0.8)
    turns = np.flatnonzero(np.diff(np.sign(np.diff(loss))))
    assert len(turns) == 2
    assert loss[turns[1] + 1] > loss[turns[0] + 1] * 1.01
