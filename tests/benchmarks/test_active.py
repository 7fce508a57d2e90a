"""Designs that the benchmark of active choices sets beside ours."""

import active
import numpy as np
import pytest
from designs import Ideal

import lawbook


def test_designs_take_what_adds_most_per_cost_and_stay_within_the_budget():
    slopes = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 3.0], [0.0, 3.0], [0.0, 1.0]])
    picture = Ideal(slopes, np.ones(5), np.eye(2), np.array([4]))
    cost = np.array([0.1, 1.0, 1.0, 5.0, 9.0])
    assert active.greedy(picture.narrowness, [], [0, 1, 2, 3], cost, 2.1) == [2, 1, 0]
    assert active.greedy(picture.narrowness, [2], [0, 1, 3], cost, 1.0) == [1]
    assert active.greedy(picture.narrowness, [], [3], cost, 1.0) == []
    # the first run says nothing of the target, but much of its parameter for its cost
    assert active.greedy(picture.information, [], [0, 1, 2, 3], cost, 1.0) == [0]
    assert active.greedy(picture.information, [], [1, 2, 3], cost, 1.0) == [2]
    np.testing.assert_allclose(picture.information([2]) - picture.information([]), np.log(10))


def test_the_cheapest_come_first():
    cost = np.array([3.0, 1.0, 2.0, 9.0])
    assert active.cheapest([0, 1, 2, 3], cost, 6.0) == [1, 2, 0]
    assert active.cheapest([0, 3], cost, 2.0) == []


def test_what_is_explained_is_1_where_all_is_and_0_for_the_mean():
    truth = np.array([1.0, 2.0, 4.0])
    assert active.explained(truth, truth) == 1
    assert active.explained(truth, np.full(3, truth.mean())) == pytest.approx(0)


def test_both_tables_are_read_and_cost_something(data, monkeypatch):
    monkeypatch.setattr(active, "DATA", data)
    for law, table in active.tables().values():
        runs = lawbook.read_runs(table, law, allow=["duplicates", "sizes"])
        assert (np.asarray(runs.cost) > 0).all()
