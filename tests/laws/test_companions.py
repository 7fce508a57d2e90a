"""Which laws go side by side, and laws in another unit."""

import numpy as np
import pytest

import lawbook
from lawbook import LawError
from lawbook.laws import public_weights
from lawbook.laws.companions import companions, difference
from lawbook.laws.public_weights import prior_weights
from lawbook.laws.rescaling import factor_between, in_unit_of
from lawbook.laws.values import medians

LAW = lawbook.load_law


@pytest.mark.parametrize(
    ("law", "found"),
    [
        ("chinchilla", ["chinchilla", "farseer", "skaling"]),
        ("farseer", ["farseer", "chinchilla", "skaling"]),
        ("shifted", ["shifted", "broken_2", "revisiting_m4"]),  # one of each paper
        ("compute", ["compute"]),  # that in PF-days is of other columns
    ],
)
def test_the_laws_of_the_book_that_go_with_one(law, found):
    assert [each.name for each in companions(LAW(law))] == found


def test_a_law_with_the_parameters_of_another_adds_nothing():
    assert not difference(LAW("chinchilla"), LAW("inference_aware"))
    assert "inference_aware" not in [law.name for law in companions(LAW("chinchilla"))]
    assert [law.name for law in companions(LAW("inference_aware"))] == [
        "inference_aware",
        "farseer",
        "skaling",
    ]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("chinchilla", "compute", "chinchilla is of N, D, loss, compute of C, loss"),
        ("kaplan", "farseer", ""),  # parameters of any sort are parameters, losses losses
        ("compute", "autoregressive_compute", "compute has C in FLOP, autoregressive_compute in"),
        ("synthetic_images", "kaplan_data", "synthetic_images has D in images, kaplan_data in"),
        ("qat", "moe_granularity", "qat has G in elements, moe_granularity in experts per expert"),
    ],
)
def test_runs_of_one_law_are_none_of_another(one, other, why):
    assert difference(LAW(one), LAW(other)).startswith(why)
    assert bool(difference(LAW(other), LAW(one))) == bool(why)


@pytest.mark.parametrize(
    ("unit", "other", "factor"),
    [
        ("bits/token", "nats/token", np.log(2)),
        ("nats/token", "nats/token", 1.0),
        ("bits/character", "nats/token", 2.9),  # 4.2 characters a token
        ("nats/token", "bits/byte", 0.34),
        ("perplexity", "nats/token", None),
        ("FLOP", "nats/token", None),
        ("nats/image", "nats/token", None),
    ],
)
def test_what_one_unit_of_loss_is_of_another(unit, other, factor):
    found = factor_between(unit, other)
    assert found == (factor if factor is None else pytest.approx(factor))


@pytest.mark.parametrize(
    ("law", "unit", "scaled"),
    [
        ("farseer", "nats/token", {"E_1": 2.9, "B_1": 2.9}),
        ("chinchilla", "bits/byte", {"E": 0.34, "A": 0.34, "B": 0.34}),
        ("skaling", "bits/byte", {"E": 0.34, "A": 0.34}),  # R is a ratio of two terms
    ],
)
def test_a_law_in_another_unit_is_itself_times_a_factor(law, unit, scaled):
    law = LAW(law)
    moved, factor = in_unit_of(law, unit), factor_between(law.response.unit, unit)
    at = [x.spread(np.linspace(0, 1, 5)) for x in law.inputs]
    before, after = (each.formula(np, *at, **medians(each)) for each in (law, moved))
    np.testing.assert_allclose(after, factor * before, rtol=1e-12)
    assert {p.name for p in law.params if moved.param(p.name) != p} == set(scaled)
    assert moved.response.unit == unit
    assert moved.version != law.version
    assert not moved.published
    assert in_unit_of(law, law.response.unit) is law


def test_a_law_that_no_size_scales_is_refused():
    said = "law 'kaplan': its loss is in nats/token, and cannot be had in bits/byte; expected a law"
    with pytest.raises(LawError, match=said):
        in_unit_of(LAW("kaplan"), "bits/byte")


def test_weights_beforehand_are_in_proportion_to_those_that_were_learned(monkeypatch):
    learned = {"chinchilla": 0.2, "skaling": 0.3, "farseer": 0.5}
    monkeypatch.setattr(public_weights, "LEARNED", learned)
    assert prior_weights(["skaling", "chinchilla"]) == pytest.approx(
        {"skaling": 0.6, "chinchilla": 0.4}
    )
    assert prior_weights(["mine", "skaling", "chinchilla"]) == pytest.approx(
        {"mine": 1 / 3, "skaling": 0.4, "chinchilla": 0.8 / 3}
    )
    assert prior_weights(["mine", "yours"]) == {"mine": 0.5, "yours": 0.5}
    assert sum(prior_weights(list(learned)).values()) == pytest.approx(1)
