"""Weights of laws: stacking against closed forms, and what is hidden of a table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fits import by_hand

import lawbook
from lawbook.evaluation import law_weights
from lawbook.evaluation.law_comparison import largest
from lawbook.evaluation.law_weights import HIDING, weigh
from lawbook.evaluation.stacking import weights
from lawbook.laws import public_weights

TOWARDS = np.array([0.2, 0.3, 0.5])


def test_laws_that_predict_alike_keep_the_weights_beforehand():
    densities = np.repeat(np.random.default_rng(0).normal(size=(7, 1)), 3, axis=1)
    np.testing.assert_allclose(weights(densities, TOWARDS, 10.0), TOWARDS)


def test_a_law_that_is_far_ahead_has_the_share_of_runs_in_all_counts():
    densities = np.zeros((30, 3)) - 1000.0
    densities[:, 1] = 0.0
    expected = (10 * TOWARDS + 30 * np.array([0, 1, 0])) / 40
    np.testing.assert_allclose(weights(densities, TOWARDS, 10.0), expected)
    # where laws share the runs among them, so do the weights
    densities[:12] = densities[:12, [1, 0, 2]]
    expected = (10 * TOWARDS + np.array([12, 18, 0])) / 40
    np.testing.assert_allclose(weights(densities, TOWARDS, 10.0), expected)


def test_weights_are_the_mode_under_the_pseudo_counts():
    densities = np.random.default_rng(1).normal(0, 1, (40, 3))
    found = weights(densities, TOWARDS, 10.0)
    assert found.sum() == pytest.approx(1)

    def objective(some):
        mixed = np.log(np.exp(densities) @ some).sum()
        return mixed + (10 * TOWARDS * np.log(some)).sum()

    for step in np.random.default_rng(2).normal(0, 1e-3, (50, 3)):
        assert objective(found) >= objective((found + step) / (found + step).sum())


@pytest.fixture(scope="module")
def table():
    x = np.geomspace(1, 10, 16)
    one = pd.DataFrame({"x": x, "recipe": "gru"})
    two = pd.DataFrame({"x": 100 * x[:12], "recipe": "lstm"})
    frame = pd.concat([one, two], ignore_index=True).assign(loss=lambda f: 1 + 0.1 * f.x**0.5)
    law = by_hand(np.ones((1, 9, 2)), ["gru", "lstm"]).law
    return lawbook.read_runs(frame, law, by="recipe")


def test_of_each_group_the_largest_quarter_is_hidden(table):
    hidden = largest(table)
    np.testing.assert_array_equal(np.flatnonzero(hidden), [12, 13, 14, 15, 25, 26, 27])
    alike = replace(table, frame=table.frame.assign(x=1.0))
    assert not largest(alike).any()


def flat_fit(table, responses):
    fit = by_hand(np.broadcast_to(np.asarray(responses, float), (2, 50, 2)), ["gru", "lstm"])
    return replace(fit, runs=replace(table, law=fit.law))


@pytest.fixture
def refitted(monkeypatch):
    """Stands for the fits without the largest runs: those at hand, on the runs that are left."""
    asked = []

    def infer_alike(law, tables, settings, beside):
        asked.append((len(tables[0]), len(beside[0]), settings))
        for each in tables:
            level = 1.0 if len(asked) == 1 else 2.0
            yield replace(flat_fit(each, [level, level]), runs=each)

    monkeypatch.setattr(law_weights, "infer_alike", infer_alike)
    return asked


def test_laws_are_weighed_by_how_they_predict_the_largest_runs(table, refitted, monkeypatch):
    monkeypatch.setattr(public_weights, "LEARNED", {})
    runs = replace(table, frame=table.frame.assign(loss=np.where(table.frame.index > 20, 1, 1.02)))
    fits = {"near": flat_fit(runs, [1, 1]), "far": flat_fit(runs, [2, 2])}
    found = weigh(fits, seed=3)
    assert [(left, whole) for left, whole, _ in refitted] == [(21, 28), (21, 28)]
    assert refitted[0][2].draws == HIDING.draws
    assert refitted[0][2].seed == 3
    # all 7 hidden runs lie near the first; equal weights are worth 10
    assert found.weights == pytest.approx({"near": (7 + 5) / 17, "far": 5 / 17}, abs=1e-6)
    assert found.prior == {"near": 0.5, "far": 0.5}
    scatter = -np.log(0.1 * np.sqrt(2 * np.pi))
    hidden = runs.response[largest(runs)]
    near, far = (scatter - 0.5 * np.mean((hidden - level) ** 2) / 0.01 for level in (1.0, 2.0))
    assert found.held_out == pytest.approx({"near": near, "far": far})
    assert found.how == (
        "weights by how well each law, fitted without the 7 largest runs, predicts these, drawn "
        "towards equal weights"
    )


def test_a_law_without_a_value_at_a_hidden_run_is_hardly_believed(table, refitted, monkeypatch):
    nowhere = iter([np.full(7, np.nan), np.zeros(7)])
    monkeypatch.setattr(law_weights, "log_densities", lambda *_: next(nowhere))
    fits = {name: flat_fit(table, [1, 1]) for name in ("lost", "found")}
    assert weigh(fits).weights == pytest.approx({"lost": 5 / 17, "found": 12 / 17})


@pytest.mark.parametrize("rows", [slice(0, 6), slice(0, 19)])
def test_a_table_that_is_too_small_leaves_the_weights_beforehand(
    table, rows, refitted, monkeypatch
):
    monkeypatch.setattr(law_weights, "LEARNED", {"one": 0.2, "two": 0.8})
    monkeypatch.setattr(public_weights, "LEARNED", {"one": 0.2, "two": 0.8})
    runs = table.take(np.arange(len(table))[rows])
    fits = {name: replace(flat_fit(table, [1, 1]), runs=runs) for name in ("one", "two")}
    found = weigh(fits)
    assert found.weights == {"one": 0.2, "two": 0.8}
    assert not refitted
    assert not found.held_out
    assert found.how == (
        "weights learned over public tables, for the table is too small to hide its largest "
        "quarter: that takes 4 runs there, and 6 others in each group"
    )
