"""Bends of the mode are kept where they make what warm-up saw rounder, and given up elsewhere."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lawbook.engine.coordinates import plain_coordinates
from lawbook.engine.nuts import Chains
from lawbook.engine.roundness import rounder_of_two

SIZE, CHAINS = 50, 6  # of so many coordinates four are measured at once


def chains_with(bend: float) -> Chains:
    coordinates = plain_coordinates(SIZE, ())
    bends = (np.full((1, SIZE, SIZE, SIZE), bend),)
    return Chains(coordinates._replace(bends=bends), np.zeros((CHAINS, SIZE)), None)


def program(curvature_of: dict[bool, float]) -> Any:
    """Return a program whose largest curvature depends on whether coordinates are bent."""
    asked = []

    def measure(points, steps, coordinates, table):
        bent = bool(np.any(coordinates.bends[0]))
        asked.append((bent, len(points)))
        hessian = -np.diag([curvature_of[bent], *np.ones(SIZE - 1)])
        return np.zeros(len(points)), np.zeros(points.shape), np.tile(hessian, (len(points), 1, 1))

    return SimpleNamespace(
        rounder=lambda chains, seen: chains._replace(zeta=chains.zeta + 1),
        measure=measure,
        asked=asked,
    )


@pytest.mark.parametrize(
    ("bent", "straight", "kept"),
    [(10.0, 40.0, True), (40.0, 10.0, False), (np.nan, 10.0, False), (10.0, np.nan, True)],
)
def test_the_coordinates_with_the_smaller_largest_curvature_go_on(bent, straight, kept):
    made = program({True: bent, False: straight})
    found = rounder_of_two(made, chains_with(0.3), None, None)  # pyright: ignore
    assert bool(np.any(found.coordinates.bends[0])) is kept
    assert found.coordinates.bends[0].shape == (1, SIZE, SIZE, SIZE)  # no other program
    assert (found.zeta == 1).all()  # made rounder, too
    assert {count for _, count in made.asked} == {4}


def test_without_bends_nothing_is_measured():
    made = program({})
    found = rounder_of_two(made, chains_with(0.0), None, None)  # pyright: ignore
    assert (found.zeta == 1).all()
    assert made.asked == []


def test_a_stretch_counts():
    """What is stiff in coordinates of warm-up is so after it has been stretched."""
    made = program({True: 10.0, False: 20.0})
    wide = chains_with(0.3)
    narrow = np.diag([0.5, *np.ones(SIZE - 1)])

    def rounder(chains, seen):
        straight = not np.any(chains.coordinates.bends[0])
        stretch = narrow if straight else np.eye(SIZE)
        return chains._replace(coordinates=chains.coordinates._replace(stretch=stretch))

    made.rounder = rounder
    found = rounder_of_two(made, wide, None, None)  # pyright: ignore
    assert not np.any(found.coordinates.bends[0])  # 20 * 0.5**2 is 5
