"""Density: losses, scores and doubling times, from the curves of the journal version."""

import numpy as np
import pytest
from book_laws import drawn, printed, published

import lawbook
from lawbook.laws.values import parameters

LOSS, SCORE, TREND = (lawbook.load_law(f"densing_{of}") for of in ("loss", "score", "trend"))
MMLU, AVERAGE = published(LOSS, 0), published(LOSS, 5)
MMLU_SCORE, AVERAGE_SCORE = published(SCORE, 0), published(SCORE, 3)


@pytest.mark.parametrize(
    ("of_loss", "of_score", "N", "loss", "points"),
    [
        (MMLU, MMLU_SCORE, 1e9, "0.224183", "50.5251"),
        (MMLU, MMLU_SCORE, 7e9, "0.190346", "66.9706"),
        (MMLU, MMLU_SCORE, 7e10, "0.158184", "80.7492"),
        (AVERAGE, AVERAGE_SCORE, 1e9, "0.216579", "30.0538"),
        (AVERAGE, AVERAGE_SCORE, 7e9, "0.179158", "47.2617"),
        (AVERAGE, AVERAGE_SCORE, 7e10, "0.144471", "66.1911"),
    ],
)
def test_the_loss_and_the_score_of_a_size_are_the_ones_worked_out(
    of_loss, of_score, N, loss, points
):
    found = LOSS.formula(np, N, 5e12, **of_loss)
    assert found == pytest.approx(float(loss), abs=6e-6)  # from coefficients of five digits
    assert 100 * SCORE.formula(np, found, **of_score) == pytest.approx(float(points), abs=4e-3)


def test_a_score_leads_back_to_the_size():
    loss = SCORE.quantity("loss_for").formula(np, 0.666, **MMLU_SCORE)
    assert loss == pytest.approx(0.191117, abs=2e-6)
    size = LOSS.quantity("size_for").formula(np, loss, 5e12, **MMLU)
    assert size == pytest.approx(6.66536e9, rel=1e-3)
    values = [MMLU[name] for name in ("a", "b", "alpha", "beta")]
    density = SCORE.quantity("density").formula(np, 0.666, 8.03e9, 5e12, *values, **MMLU_SCORE)
    assert density == pytest.approx(0.830057, rel=1e-3)  # of Llama-3-8B
    made_up = {"a": 8, "alpha": 0.15, "b": 30, "beta": 0.17}
    link = {"S_max": 0.95, "d": 0.25, "l_0": 0.62, "gamma": -9}
    loss = LOSS.formula(np, 1e9, 1e12, **made_up)
    assert loss == printed("0.630950")
    assert SCORE.formula(np, loss, **link) == printed("0.582767")
    assert LOSS.quantity("size_for").formula(np, loss, 1e12, **made_up) == pytest.approx(1e9)
    at_60 = SCORE.quantity("loss_for").formula(np, 0.60, **link)
    assert LOSS.quantity("size_for").formula(np, at_60, 1e12, **made_up) == printed("1.23057e9")


def test_the_priors_keep_scores_to_what_there_is():
    rng = np.random.default_rng(1)
    pooled = {p.name: drawn(p.prior_of_pooled, 20_000, rng) for p in SCORE.params}
    loss = SCORE.inputs[0].spread(rng.uniform(size=20_000))
    scores = SCORE.formula(np, loss, **parameters(SCORE, np, pooled))
    assert np.mean(scores > 1.05) < 0.01


@pytest.mark.parametrize(
    ("A", "days"), [(0.0073, "94.9517"), (0.007, "99.0210"), (0.0048, "144.406")]
)
def test_the_density_doubles_as_fast_as_the_paper_says(A, days):
    assert TREND.quantity("doubling").formula(np, A=A) == printed(days)


def test_the_trend_is_that_of_the_drawn_line():
    at = published(TREND)
    assert TREND.quantity("doubling").formula(np, A=at["A"]) == printed("106.163")
    for t, density in ((0, "0.0734464"), (365, "0.796062"), (699, "7.04727")):
        assert TREND.formula(np, t, **at) == printed(density)
    assert TREND.quantity("shrinking").formula(np, 120, A=0.0073) == printed("0.416445")
