"""Sparse autoencoders: the paper's form and its digitised figure."""

import numpy as np
import pandas as pd
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("sparse_autoencoders")
AT = dict(LAW.published[0].at)  # recalled: what checks it is the digitised figure


@pytest.mark.parametrize(
    ("n", "k", "error"), [(2**15, 64, "0.431352"), (2**11, 32, "0.631"), (2**19, 512, "0.2351")]
)
def test_it_is_the_law_that_the_paper_writes(n, k, error):
    log_n, log_k = np.log(n), np.log(k)
    rest = np.exp(-0.50 + 0.26 * log_k - 0.017 * log_n - 0.042 * log_k * log_n)
    assert LAW.formula(np, n, k, **AT) == pytest.approx(rest + np.exp(-1.32 - 0.085 * log_k))
    assert LAW.formula(np, n, k, **AT) == printed(error)


def test_its_values_miss_the_digitised_points_by_little(data):
    runs = pd.read_csv(data / "sae.csv")
    found = LAW.formula(np, runs.latents, runs.active_latents, **AT)
    assert np.sqrt((np.log(found / runs.normalized_mse) ** 2).mean()) == printed("0.014")


def test_latents_for_an_error_reach_it_and_there_are_none_below_the_floor():
    quantity = LAW.quantity("latents_for")
    n = quantity.formula(np, 0.35, 64.0, **AT)
    assert LAW.formula(np, n, 64.0, **AT) == pytest.approx(0.35)
    with np.errstate(invalid="ignore"):
        assert np.isnan(quantity.formula(np, 0.15, 64.0, **AT))
