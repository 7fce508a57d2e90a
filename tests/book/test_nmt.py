"""Translation: the losses of two refits, the best split and what another one costs."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

LAW = lawbook.load_law("nmt")
START = {"alpha": 0.2, "p_e": 0.4, "p_d": 0.6, "L_inf": 1.0}
SOURCE, TARGET = published(LAW, 0), published(LAW, 1)


def exponents(at):
    return {name: at[name] for name in ("p_e", "p_d")}


@pytest.mark.parametrize(
    ("sizes", "loss"),
    [
        ((1, 1), "1.200000"),
        ((4, 1), "1.11487"),
        ((1, 4), "1.08706"),
        ((2, 2), "1.100000"),
        ((1.6, 2.4), "1.09801"),
    ],
)
def test_the_loss_is_the_one_worked_out_in_units_of_the_baseline(sizes, loss):
    assert LAW.formula(np, 252 * sizes[0], 302 * sizes[1], **START) == printed(loss)


@pytest.mark.parametrize(
    ("sizes", "source", "target"),
    [
        ((252, 302), "0.944700", "0.887900"),
        ((126, 151), "0.986180", "0.946936"),
        ((1343, 151), "0.952100", "0.871203"),
        ((126, 1612), "0.914989", "0.851645"),
    ],
)
def test_the_loss_is_that_of_the_refits(sizes, source, target):
    assert LAW.formula(np, *sizes, **SOURCE) == printed(source)
    assert LAW.formula(np, *sizes, **TARGET) == printed(target)


def test_the_best_split_leaves_the_least_loss_and_others_pay_the_penalty():
    share = LAW.quantity("decoder_share")
    assert share.formula(np, **exponents(SOURCE)) == printed("0.775322")
    assert share.formula(np, **exponents(TARGET)) == printed("0.588712")
    penalty = LAW.quantity("split_penalty")
    for at, expected in ((START, "1.00511"), (SOURCE, "1.10921"), (TARGET, "1.00218")):
        assert penalty.formula(np, 0.55, **exponents(at)) == printed(expected)
    assert penalty.formula(np, 0.55, p_e=0.2, p_d=0.3) == printed("1.00255")
    best = LAW.quantity("best_loss").formula(np, 1000.0, **SOURCE)
    other = LAW.formula(np, 450.0, 550.0, **SOURCE)
    assert (other - 0.8996) / (best - 0.8996) == pytest.approx(1.10921, rel=1e-5)
