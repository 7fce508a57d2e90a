"""Lawflow: the contrast of plans of people and of models, as the released lists have them."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

LAW = lawbook.load_law("lawflow")
HUMAN = [8, 13, 6, 9, 8]  # nodes per subtask
MODEL = [4, 4, 4, 4, 3, 4, 3, 4, 4, 4]


def test_the_contrast_is_that_of_the_mean_counts():
    means = LAW.formula(np, np.array([0, 1]), **published(LAW))
    assert means == pytest.approx([np.mean(HUMAN), np.mean(MODEL)])
    assert 1 / LAW.quantity("ratio").formula(np, beta=published(LAW)["beta"]) == printed("2.31579")
