"""Lawflow: the contrast of plans of people and of models, as the released lists have them."""

import fits
import numpy as np
import pandas as pd
import pytest
from book_laws import printed, published

import lawbook
from lawbook.errors import FitError

LAW = lawbook.load_law("lawflow")
HUMAN = [8, 13, 6, 9, 8]  # nodes per subtask
MODEL = [4, 4, 4, 4, 3, 4, 3, 4, 4, 4]


def test_the_contrast_is_that_of_the_mean_counts():
    means = LAW.formula(np, np.array([0, 1]), **published(LAW))
    assert means == pytest.approx([np.mean(HUMAN), np.mean(MODEL)])
    assert 1 / LAW.quantity("ratio").formula(np, beta=published(LAW)["beta"]) == printed("2.31579")


def released():
    rows = [("people", 0, y) for y in HUMAN] + [("model", 1, y) for y in MODEL]
    table = pd.DataFrame(rows, columns=["executor", "x", "y"]).assign(scenario=list("abcde") * 3)
    return lawbook.read_runs(table, LAW, by=["scenario", "executor"])


def test_counts_may_repeat():
    assert len(released()) == 15


def test_people_are_the_reference_and_have_no_ratio():
    found = fits.of_prior(LAW, released()).derive("ratio")
    assert found.table["executor"].tolist() == ["model"] * 5
    assert found.notes[0] == (
        "There is no row for 'a | people', 'b | people', 'c | people', 'd | people', 'e | people': "
        "no run there depends on what ratio follows from, so only its prior could be shown."
    )


def test_the_ratio_of_the_reference_is_refused():
    with pytest.raises(FitError) as found:
        fits.of_prior(LAW, released()).derive("ratio", scenario="a", executor="people")
    assert str(found.value) == (
        "ratio: no run of 'a | people' depends on what it follows from, 'beta'; expected groups "
        "whose runs do; ask for other groups"
    )
