"""Inference-aware allocation: the condition of the optimum, and what the abstract promises."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

LAW = lawbook.load_law("inference_aware")
AT = published(LAW, 1)


def derived(name, *given):
    quantity = LAW.quantity(name)
    return quantity.formula(np, *given, **{symbol: AT[symbol] for symbol in quantity.needs})


def test_with_nothing_to_serve_the_split_is_chinchillas():
    chinchilla = lawbook.load_law("chinchilla")
    N, D = chinchilla.optimum(np, 1e22, **AT)
    goal = LAW.formula(np, N, D, **AT)
    assert derived("optimal_size", goal, 0.0) == pytest.approx(N)
    assert derived("optimal_data", goal, 0.0) == pytest.approx(D)
    assert derived("total_cost", goal, 0.0) == pytest.approx(1e22)


@pytest.mark.parametrize("served", [0.0, 1e11, 1e13])
def test_the_best_model_of_a_loss_is_where_elasticities_have_the_ratio_of_costs(served):
    N, D = (derived(name, 2.1, served) for name in ("optimal_size", "optimal_data"))
    assert LAW.formula(np, N, D, **AT) == pytest.approx(2.1)
    size, data = AT["A"] * N ** -AT["alpha"], AT["B"] * D ** -AT["beta"]
    ratio = AT["alpha"] * size / (AT["beta"] * data)
    assert ratio == pytest.approx(1 + served / (3 * D))


def test_a_13b_model_that_serves_2e12_tokens_is_better_replaced_by_a_smaller_one():
    """The abstract: 7B and more data in its place save 1.7e22 FLOP, 17%."""
    budget = np.geomspace(1e21, 1e25, 10_001)
    D = np.interp(13e9, *lawbook.load_law("chinchilla").optimum(np, budget, **AT))
    goal, cost = LAW.formula(np, 13e9, D, **AT), 13e9 * (6 * D + 2 * 2e12)
    saved = cost - derived("total_cost", goal, 2e12)
    assert derived("optimal_size", goal, 2e12) == printed("7.1e9")
    assert saved == pytest.approx(1.7e22, rel=0.05)
    assert saved / cost == pytest.approx(0.17, abs=0.01)
