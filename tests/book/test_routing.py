"""Routing: experts as they count, dense models of the same loss, and where experts stop to gain."""

import numpy as np
import pytest
from book_laws import points

import lawbook

LAW = lawbook.load_law("routing")
AT = {"a": -0.08, "b": -0.12, "c": 0.01, "d": 1.1, "E_start": 2.0, "E_max": 400.0}


def derived(name, *given):
    return LAW.quantity(name).value(given, AT)


def test_the_dense_model_of_the_effective_size_has_the_same_loss():
    N, E = points(LAW)
    dense = LAW.formula(np, derived("effective_size", N, E), 1.0, **AT)
    assert dense == pytest.approx(LAW.formula(np, N, E, **AT))


def test_one_expert_counts_as_the_start_and_very_many_as_the_most():
    dense, many = (LAW.formula(np, 1e9, E, **AT) for E in (1.0, 1e9))
    for loss, experts in ((dense, 2.0), (many, 400.0)):
        exponent = -0.08 * 9 - 0.12 * np.log10(experts) + 0.01 * 9 * np.log10(experts) + 1.1
        assert loss == pytest.approx(10**exponent)


def test_experts_gain_nothing_beyond_the_cutoff():
    size = derived("cutoff")
    assert size == pytest.approx(1e12)
    dense, routed = (LAW.formula(np, size, E, **AT) for E in (1.0, 256.0))
    assert dense == pytest.approx(routed)


def test_values_read_in_notes_alone_are_marked():
    assert all(estimate.recalled for estimate in LAW.published)
