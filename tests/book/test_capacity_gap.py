"""The best teacher and the best student, as the paper's line has them."""

import numpy as np
import pytest
from book_laws import drawn, printed, published

import lawbook
from lawbook.laws.values import parameters

LAW = lawbook.load_law("capacity_gap")


@pytest.mark.parametrize(
    ("S", "T"), [(100, "238.302"), (500, "1237.5"), (1000, "2486.5"), (2700, "6733.1")]
)
def test_the_best_teacher_is_the_one_worked_out(S, T):
    assert LAW.formula(np, S, **published(LAW)) == printed(T)


@pytest.mark.parametrize(("T", "S"), [(6738, "2701.96"), (13000, "5208.77")])
def test_the_best_student_is_the_one_worked_out(T, S):
    assert LAW.quantity("best_student").formula(np, T, **published(LAW)) == printed(S)


def test_what_the_priors_expect_of_a_small_student_is_a_size():
    rng, n = np.random.default_rng(1), 20_000
    pooled = {p.name: drawn(p.prior_of_pooled, n, rng) for p in (*LAW.params, *LAW.noise_params)}
    T = LAW.formula(np, 100.0, **parameters(LAW, np, pooled))
    noise = {p.name: pooled[p.name] for p in LAW.noise_params}
    seen = LAW.response.noise.draw(T, noise, {}, better="lower", rng=rng)
    low, high = np.quantile(seen, [0.05, 0.95])
    assert 100 < low < 238 < high < 500
