"""Quantisation-aware training: the errors of the paper's table, and what follows from them."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

QAT, ERROR = lawbook.load_law("qat"), lawbook.load_law("qat_error")


def derived(law, name, *given):
    quantity, at = law.quantity(name), published(law)
    return quantity.formula(np, *given, **{symbol: at[symbol] for symbol in quantity.needs})


@pytest.mark.parametrize(
    ("setting", "inputs", "delta"),
    [
        (0, (594e6, 1e11, 128), "0.0573005"),
        (1, (594e6, 1e11, 128), "0.0210090"),
        (2, (594e6, 1e11, 128), "0.0399691"),
        (3, (594e6, 1e11, 128), "0.0381151"),
        (0, (74e6, 1e10, 32), "0.0585762"),
    ],
)
def test_the_error_is_the_one_worked_out(setting, inputs, delta):
    assert ERROR.formula(np, *inputs, **published(ERROR, setting)) == printed(delta)


def test_weights_and_activations_add_up_and_cross_over():
    both = [ERROR.formula(np, 594e6, 1e11, 128, **published(ERROR, i)) for i in (1, 2)]
    assert 0.906 * sum(both) == printed("0.0552462")
    far = [ERROR.formula(np, 594e6, 594e9, 32, **published(ERROR, i)) for i in (2, 1)]
    assert far[0] / far[1] == printed("1.22630")


def test_the_loss_is_that_at_full_precision_and_the_error():
    with np.errstate(divide="ignore"):  # log2(1) is 0
        loss = QAT.formula(np, 594e6, 1e11, np.array([1.0, 128.0]), **published(QAT))
    assert loss[0] == printed("2.74093")
    assert loss[1] - loss[0] == printed("0.0573005")
    share = derived(QAT, "effective_share", 594e6, 1e11, 128)
    assert share == printed("0.712149")
    with np.errstate(divide="ignore"):
        smaller = QAT.formula(np, share * 594e6, 1e11, 1.0, **published(QAT))
    assert smaller == pytest.approx(loss[1])
    fc2 = {name: published(ERROR, 3)[name] for name in ERROR.param_names}
    other = QAT.quantity("effective_share").formula(
        np, 594e6, 1e11, 128, A=237.7042, alpha=0.3022, **fc2
    )
    assert other == printed("0.794820")


def test_the_loss_is_least_at_the_critical_data_and_groups_keep_the_tolerance():
    critical = derived(QAT, "critical_data", 594e6, 128)
    D = critical * np.geomspace(0.5, 2, 41)
    assert QAT.formula(np, 594e6, D, 128, **published(QAT)).argmin() == 20
    G = derived(ERROR, "largest_group", 594e6, 1e11, 0.05)
    assert ERROR.formula(np, 594e6, 1e11, G, **published(ERROR)) == pytest.approx(0.05)
