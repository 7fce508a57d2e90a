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
    damage = -np.log(DAMAGE.formula(np, 1e8, E, 0.1, **EDGES, A_1=0.8, b=0.8))
    np.testing.assert_allclose(damage, [0, 0.4, 0.8, 0.4, 0], atol=1e-5)
