"""Routing: sizes that the paper says dense models need, and where experts stop to gain."""

import numpy as np
import pytest
from book import published

import lawbook

LAW = lawbook.load_law("routing")
S_BASE, RL, HASH = (published(LAW, number) for number in range(3))


def derived(name, at, *given):
    quantity = LAW.quantity(name)
    return quantity.formula(np, *given, **{symbol: at[symbol] for symbol in quantity.needs})


def test_five_million_with_128_experts_are_as_good_as_55_million():
    assert derived("effective_size", S_BASE, 5e6, 128.0) == pytest.approx(5.5e7, rel=0.1)


@pytest.mark.parametrize("at", [S_BASE, RL, HASH])
def test_the_dense_model_of_the_effective_size_has_the_same_loss(at):
    dense = derived("effective_size", at, 3e8, 64.0)
    assert LAW.formula(np, dense, 1.0, **at) == pytest.approx(LAW.formula(np, 3e8, 64.0, **at))


def test_one_expert_counts_as_the_start_and_very_many_as_the_most():
    dense, many = (LAW.formula(np, 1e9, E, **HASH) for E in (1.0, 1e9))
    for loss, experts in ((dense, 4.175), (many, 477.741)):
        exponent = -0.087 * 9 - 0.136 * np.log10(experts) + 0.012 * 9 * np.log10(experts) + 1.157
        assert loss == pytest.approx(10**exponent)


def test_experts_gain_nothing_beyond_the_cutoff():
    size = derived("cutoff", S_BASE)  # the paper: 9.37e11, from coefficients before rounding
    assert size == pytest.approx(9.37e11, rel=0.1)
    dense, routed = (LAW.formula(np, size, E, **S_BASE) for E in (1.0, 256.0))
    assert dense == pytest.approx(routed)
