"""Low precision: effective parameters, losses and best bits as the paper has them."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook
from lawbook.terms import kept

LAW, AFTER = lawbook.load_law("precision"), lawbook.load_law("precision_ptq")
AT = published(LAW)
KINDS = ("w", "a", "kv")
FULL = 1e6  # so many bits that all parameters count


def derived(name, *given, **other):
    return LAW.quantity(name).value(given, AT | other)


@pytest.mark.parametrize(
    ("P", "shares"),
    [(4, ("0.696358", "0.331414", "0.827565")), (8, ("0.931950", "0.890560", "0.997352"))],
)
def test_the_shares_that_count_are_the_ones_worked_out(P, shares):
    for kind, expected in zip(KINDS, shares, strict=True):
        assert kept(np, P, AT[f"gamma_{kind}"], AT[f"n_{kind}"]) == printed(expected)
    assert derived("effective_share", P) == pytest.approx(
        np.prod([float(s) for s in shares]), rel=1e-5
    )
    assert kept(np, 4, AT["gamma_w"], 0) == printed("0.775887")


def test_the_loss_is_the_one_worked_out():
    for bits, loss in (
        ((FULL,) * 3, "3.41909"),
        ((4, FULL, FULL), "3.50934"),
        ((8,) * 3, "3.46421"),
    ):
        assert LAW.formula(np, 1e8, 1e10, *bits, **AT) == printed(loss)
    assert derived("effective_share", 6) == printed("0.611291")


def test_the_best_bits_are_the_ones_worked_out_with_and_without_offsets():
    best = derived("optimal_bits")
    assert best == printed("7.00211")
    P = best * np.geomspace(0.5, 2, 41)
    assert (derived("effective_share", P) / P).argmax() == 20
    gamma = np.mean([AT[f"gamma_{kind}"] for kind in KINDS])
    plain = {f"gamma_{kind}": gamma for kind in KINDS} | {f"n_{kind}": 0 for kind in KINDS}
    assert derived("optimal_bits", **plain) == printed("3.70768")


@pytest.mark.parametrize(("b", "delta"), [(1.1277, "0.0438909"), (-1.1277, "0.00460116")])
def test_what_quantising_adds_is_the_one_worked_out_whatever_the_sign_of_the_offset(b, delta):
    at = {"gamma_D": 0.5068, "gamma_N": 0.3439, "gamma_post": 0.5907}
    assert AFTER.formula(np, 1e8, 1e10, 4, C_T=0.0598 * np.exp(b), **at) == printed(delta)
    assert AFTER.formula(np, 1e8, 1e10, 4, C_T=0.0598, **at) == printed("0.01421")


@pytest.mark.parametrize(
    ("N", "D", "bits", "added"), [(1e8, 1e10, 4, "0.0438909"), (3e7, 2.6e10, 3, "0.586")]
)
def test_the_offset_of_quantising_is_added(N, D, bits, added):
    assert AFTER.formula(np, N, D, bits, **published(AFTER)) == printed(added)
