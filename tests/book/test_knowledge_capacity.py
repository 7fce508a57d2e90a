"""Bits per parameter: the counts of the paper, and the proposed knee between them."""

import numpy as np
import pytest
from book_laws import printed

import lawbook
from lawbook.models._biographies import VALUES, taught

LAW = lawbook.load_law("knowledge_capacity")
AT = {"kappa_1000": 2.1, "s": 0.30103, "m": 1, "k": 8}


def derived(name, *given, **at):
    return LAW.quantity(name).value(given, AT | at)


def test_a_person_is_worth_as_many_bits_as_the_paper_counts():
    assert np.log2(VALUES) == printed("47.5916")
    assert taught(np, 1e6) / 1e6 == printed("54.9136")
    assert taught(np, 1e6) == printed("5.49136e7")
    assert taught(np, 1e7) == printed("5.15916e8")
    assert taught(np, 2e7) == printed("1.01183e9")
    assert taught(np, 1e6) / 1.8 == printed("3.05075e7")
    assert taught(np, 1e6) / 1.24e8 == printed("0.442851")


@pytest.mark.parametrize(
    ("most", "bits"), [(0.5, "0.499999"), (1.8, "1.74338"), (2.1, "1.92571"), (4, "2.09849")]
)
def test_the_knee_lies_where_it_was_worked_out(most, bits):
    P = taught(np, 1e6) / most
    assert derived("bits", 1e6, P, 1000) == printed(bits)
    assert LAW.formula(np, 1e6, P, 1000, **AT) * most == printed(bits)


def test_exposures_raise_the_ceiling_up_to_a_thousand():
    E = np.array([300.0, 1000.0, 5000.0])
    overfull = derived("bits", 1e7, 1e6, E, kappa_1000=2)
    assert overfull[0] == pytest.approx(1.39196, rel=1e-5)
    assert overfull[1] == overfull[2] == pytest.approx(2)
    assert derived("exposures_for", 1.39196, kappa_1000=2) == pytest.approx(300, rel=1e-4)
    assert np.isnan(derived("exposures_for", 2.5))


def test_sizes_and_people_that_fill_each_other():
    people = derived("people", 1e8, 1000.0)
    assert taught(np, people) == pytest.approx(2.1e8)
    assert derived("size_for", taught(np, people), 1000.0) == pytest.approx(1e8)
    assert taught(np, 1.6e8) / 2.1 < 1e10
    assert np.isnan(derived("people", 1e10, 1000.0))  # more than there are names


def test_no_model_is_said_to_store_more_than_it_was_taught():
    at = AT | {"m": 0.98, "kappa_1000": 4000.0}
    underfull = lawbook.simulate(LAW, at, n=500, seed=1).response
    assert (underfull < 1).all()
    assert np.median(underfull) == pytest.approx(0.98, abs=0.002)
