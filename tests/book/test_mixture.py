"""Mixtures: the released values in the paper's own form, and the law for other domains."""

from math import exp

import numpy as np
import pytest
from book_laws import published

import lawbook
from lawbook.models.mixture import LARGEST, over

LAW = lawbook.load_law("mixture")
SHARES = {"academic": 0.25, "prose": 0.09375, "dialogue": 0.03125, "symbolic": 0.25}
SHARES["internet"] = 1 - sum(SHARES.values())


def test_the_constant_before_the_exponential_is_part_of_every_exponent():
    t = (-10.0864, 2.7140, 2.7106, 2.6083, 1.5866)
    weighted = sum(x * share for x, share in zip(t, SHARES.values(), strict=True))
    expected = exp(0.9750) + exp(-2.1391 + weighted)
    assert LAW.formula(np, *SHARES.values(), **published(LAW)) == pytest.approx(expected)


@pytest.mark.parametrize("number", range(len(LARGEST)))
def test_each_domain_gains_most_from_its_own_share(number):
    at, own = published(LAW, number), list(LARGEST)[number]
    assert min(LARGEST, key=lambda j: at[f"t_{j}"]) == own


def test_the_law_can_be_made_for_other_domains():
    law = over({"code": 0.5, "web": 1.0})
    assert law.input_names == ("r_code", "r_web")
    loss = law.formula(np, 0.25, 0.75, c=1.0, t_code=0.4, t_web=-0.8)
    assert loss == pytest.approx(1 + exp(0.25 * 0.4 - 0.75 * 0.8))
    assert law.version != LAW.version
