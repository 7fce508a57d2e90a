"""Activation ratios: the curves of the paper's table, and the data that reach their limit."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

RELU, SILU = lawbook.load_law("sparsing_relu"), lawbook.load_law("sparsing_silu")


@pytest.mark.parametrize(
    ("law", "model", "D", "ratio"),
    [
        (RELU, 0, 20, "0.0743617"),
        (RELU, 0, 100, "0.0674351"),
        (RELU, 3, 100, "0.0853394"),
        (RELU, 3, 300, "0.0745264"),
        (RELU, 4, 20, "0.0976767"),
        (RELU, 4, 300, "0.0816501"),
        (RELU, 5, 300, "0.0768116"),
        (SILU, 0, 20, "0.384711"),
        (SILU, 0, 300, "0.402362"),
        (SILU, 4, 20, "0.352305"),
        (SILU, 4, 300, "0.379835"),
    ],
)
def test_the_ratio_is_the_one_worked_out(law, model, D, ratio):
    assert law.formula(np, float(D), **published(law, model)) == printed(ratio)


@pytest.mark.parametrize(
    ("law", "model", "tokens"),
    [
        (RELU, 0, "343.272"),
        (RELU, 4, "283.996"),
        (RELU, 5, "526.167"),
        (SILU, 0, "28.6423"),
        (SILU, 4, "31.5663"),
    ],
)
def test_a_twentieth_of_the_limit_is_reached_where_it_was_worked_out(law, model, tokens):
    at = published(law, model)
    D = law.quantity("data_to_limit").formula(np, 0.05, **at)
    assert D == printed(tokens)
    assert law.formula(np, D, **at) == pytest.approx(at["A_0"] * (1.05 if law is RELU else 0.95))
    assert law.quantity("limit_sparsity").formula(np, A_0=at["A_0"]) == 1 - at["A_0"]
