"""Loss to loss: the shifted power law, both ways."""

import numpy as np
import pytest

import lawbook

LAW = lawbook.load_law("loss_to_loss")
PAPER = {"K": 0.8, "E_0": 1.5, "kappa": 1.2, "E_1": 0.9}
M = 0.9 + 0.8  # at 2.5 nats
AT = {"M": M, "e": 2.5 * 0.8 * 1.2 / M, "E_0": 1.5, "kappa": 1.2}


def test_excesses_over_the_floors_are_a_power_law():
    L_0 = np.array([1.7, 2.5, 3.5])
    np.testing.assert_allclose(LAW.formula(np, L_0, **AT), 0.9 + 0.8 * (L_0 - 1.5) ** 1.2)


@pytest.mark.parametrize("name", ["K", "E_1"])
def test_the_papers_symbols_follow_from_level_and_elasticity(name):
    assert LAW.quantity(name).formula(np, **AT) == pytest.approx(PAPER[name])


def test_the_loss_that_is_needed_gives_back_the_other():
    quantity = LAW.quantity("needed")
    needed = quantity.formula(np, LAW.formula(np, 2.2, **AT), **AT)
    assert needed == pytest.approx(2.2)
    with np.errstate(invalid="ignore"):
        assert np.isnan(quantity.formula(np, 0.8, **AT))


def test_a_loss_below_the_floor_of_the_first_text_stays_at_that_of_the_second():
    assert LAW.formula(np, 1.2, **AT) == pytest.approx(0.9, abs=0.01)
