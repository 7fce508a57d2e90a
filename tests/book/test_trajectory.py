"""The loss along a run: values solved for elsewhere, with two sets of constants."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

LAW = lawbook.load_law("trajectory")


def derived(name, *given, estimate=0):
    quantity, at = LAW.quantity(name), published(LAW, estimate)
    return quantity.formula(np, *given, **{symbol: at[symbol] for symbol in quantity.needs})


@pytest.mark.parametrize(
    ("estimate", "inputs", "loss", "critical", "least_steps"),
    [
        (0, (1e9, 1e5, 524288), "2.54605", "2.45199e6", "17615.6"),
        (0, (1e9, 2e4, 4e6), "2.59969", "2.22025e6", "12861.2"),
        (0, (6e7, 1e4, 5e5), "3.45955", "5.69455e5", "4675.28"),
        (1, (1e6, 1e5, 524288), "4.26510", "45425.7", "92026.6"),
        (1, (6e7, 1e4, 5e5), "3.25790", "143215", "7773.46"),
        (1, (1e9, 1e5, 524288), "2.46414", "470890", "52682.8"),
    ],
)
def test_the_loss_solves_the_equation(estimate, inputs, loss, critical, least_steps):
    found = LAW.formula(np, *inputs, **published(LAW, estimate))
    N, S, B = inputs
    assert found == printed(loss)
    assert derived("critical_batch", found, estimate=estimate) == printed(critical)
    assert derived("steps_for", found, N, B, estimate=estimate) == pytest.approx(S, rel=1e-9)
    large = derived("steps_for", found, N, 1e30, estimate=estimate)
    assert large == printed(least_steps)


def test_what_has_a_closed_form_is_the_one_worked_out():
    at = published(LAW)
    assert derived("critical_batch", 3.0) == printed("1.12257e6")
    for inputs, loss in (((1e8, 1e4), "3.10823"), ((1e9, 1e5), "2.40051")):
        assert LAW.formula(np, *inputs, 1e30, **at) == printed(loss)
    assert derived("least_loss", 33e9) == printed("1.79337")
