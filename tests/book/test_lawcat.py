"""Retrieval over length: values worked out for the proposed forms, and their limits."""

import numpy as np
import pandas as pd
import pytest
from book_laws import drawn, printed

import lawbook
from lawbook.laws.values import parameters

LAW, FORGETTING = lawbook.load_law("lawcat"), lawbook.load_law("lawcat_forgetting")
AT = {"A": 1, "c": 0, "r": 4.5, "s": 3}  # lengths in thousands of tokens, trained on one


@pytest.mark.parametrize(
    ("length", "accuracy"),
    [(1, "0.989145"), (2, "0.919294"), (4, "0.587429"), (8, "0.151088")],
)
def test_the_accuracy_is_the_one_worked_out(length, accuracy):
    assert LAW.formula(np, length, 1, **AT) == printed(accuracy)


def test_the_context_that_keeps_an_accuracy_is_the_inverse():
    context = LAW.quantity("effective_context")
    assert context.formula(np, 0.9, 1, **AT) == printed("2.16337")
    assert context.formula(np, 0.9, 1, **AT | {"r": 38.1051, "s": 4}) == printed("22.000")
    with np.errstate(invalid="ignore"):
        assert np.isnan(context.formula(np, 0.99, 1, **AT | {"A": 0.95}))
    assert LAW.quantity("lost_per_doubling").formula(np, s=3) == pytest.approx(3 * np.log(2))


def test_both_forms_fall_from_the_ceiling_to_chance():
    ends = {"A": 0.9, "c": 0.1}
    assert LAW.formula(np, 4.5, 1, **AT | ends) == pytest.approx(0.5)
    for law, rest in ((LAW, {"r": 4.5, "s": 3}), (FORGETTING, {"q": 4.5, "k": 1.5})):
        near, far = law.formula(np, np.array([1e-9, 1e9]), 1, **ends, **rest)
        assert (near, far) == (pytest.approx(0.9), pytest.approx(0.1))


@pytest.mark.parametrize("law", [LAW, FORGETTING], ids=lambda law: law.name)
def test_the_paper_s_headline_is_nothing_rare_under_the_priors(law):
    rng = np.random.default_rng(1)
    pooled = {p.name: drawn(p.prior_of_pooled, 20_000, rng) for p in law.params}
    accuracy = law.formula(np, 22_000, 1_000, **parameters(law, np, pooled))
    assert np.mean(accuracy > 0.9) > 0.05  # over 90% at 22,000 tokens after training on 1,000
    assert np.mean(law.formula(np, 1_000, 1_000, **parameters(law, np, pooled)) > 0.9) > 0.55


def test_one_length_in_training_is_enough_and_one_in_the_test_is_not():
    table = {"length": [512, 1024, 2048, 4096, 8192], "accuracy": [1, 0.99, 0.98, 0.65, 0.3]}
    runs = pd.DataFrame(table).assign(trained=4096, trials=500)
    assert len(lawbook.read_runs(runs, LAW)) == 5
    with pytest.raises(lawbook.RunsError, match="column 'length': it has 1 distinct size"):
        lawbook.read_runs(runs.assign(length=1024), LAW)
