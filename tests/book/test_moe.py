"""Mixtures of experts and streams: the papers' numbers, and what the laws say of experts."""

import numpy as np
import pandas as pd
import pytest
from book_laws import derived, points, printed, published, recalled, typical
from scipy.optimize import least_squares

import lawbook
from lawbook.models._experts import of_experts

JOINT, GRANULARITY, SPARSITY, UPCYCLING, PARSCALE = map(
    lawbook.load_law,
    ("moe_joint", "moe_granularity", "moe_sparsity", "moe_upcycling", "parscale"),
)


def test_for_eight_experts_the_joint_law_is_the_chinchilla_law_that_the_paper_prints():
    at = published(JOINT)
    of = of_experts(np, 8.0, **{name: value for name, value in at.items() if name != "c"})
    assert of["A"] == pytest.approx(21.833, rel=1e-3)
    assert of["B"] == pytest.approx(119.91, rel=1e-3)
    assert -of["alpha"] == printed("-0.1676")
    assert -of["beta"] == pytest.approx(-0.2338, abs=1e-4)


def test_more_experts_are_best_smaller_and_trained_longer():
    at = published(JOINT)
    experts = np.array([1.0, 2.0, 8.0, 32.0])
    size = derived(JOINT, "optimal_size", 1e21, experts, at=at)
    data = 1e21 / 6 / size
    assert np.all(np.diff(size) < 0)
    assert np.all(np.diff(JOINT.formula(np, size, data, experts, **at)) < 0)


@pytest.mark.parametrize(
    ("N", "D", "G", "loss"),
    [(4.3e9, 4.37e9, 8, 3.1097), (4.3e10, 2.894e10, 16, 2.4714), (3.01e11, 1.376e11, 32, 2.0596)],
)
def test_granularity_gives_what_its_terms_add_up_to(N, D, G, loss):
    at = recalled(GRANULARITY)
    assert GRANULARITY.formula(np, N, D, G, **at) == pytest.approx(loss, abs=1e-4)
    size = 0.47 + (2.1 / G**0.58 + 18.1) / N**0.115
    assert size + 30.8 / D**0.147 == pytest.approx(loss, abs=1e-4)


def test_experts_of_granularity_one_need_the_worth_of_finer_ones():
    at = recalled(GRANULARITY)
    more = 1e9 * derived(GRANULARITY, "worth", 16.0, at=at)
    coarse = GRANULARITY.formula(np, more, 1e10, 1.0, **at)
    assert coarse == pytest.approx(GRANULARITY.formula(np, 1e9, 1e10, 16.0, **at))


def test_larger_models_are_best_sparser():
    at = recalled(SPARSITY)
    best = derived(SPARSITY, "best_sparsity", np.array([1e9, 1e10, 1e11, 1e12]), at=at)
    assert np.isnan(best[0])  # dense
    assert np.all(np.diff(best[1:]) > 0)
    near = best[1] + np.linspace(-0.1, 0.1, 21)
    assert SPARSITY.formula(np, 1e10, 2e11, near, **at).argmin() == 10


def test_sparsity_gives_what_its_terms_add_up_to():
    at = recalled(SPARSITY)
    terms = 16612.5 / 1e9**0.5962, 5455.67 / 2e10**0.3954, 0.4598 / 0.25**-0.1666
    total = sum(terms) + 17.26 / (0.25**0.1603 * 1e9**0.1595) + 0.94
    assert SPARSITY.formula(np, 1e9, 2e10, 0.75, **at) == pytest.approx(total)


def test_upcycling_is_the_product_that_the_paper_writes():
    at = typical(UPCYCLING)
    P, U, N = points(UPCYCLING)
    mid = np.log(1e10)
    a, b = at["a"] + at["c"] * mid, at["b"] + at["c"] * mid  # slopes at one token
    d_1 = np.log(at["A"]) + (at["a"] + at["b"]) * mid + at["c"] * mid**2
    product = np.exp(d_1 + at["c"] * np.log(P) * np.log(U)) * P**-a * U**-b
    np.testing.assert_allclose(
        UPCYCLING.formula(np, P, U, N, **at), product * (N / 1e8) ** -at["s"] + at["E"]
    )


def test_dense_tokens_wear_out_what_upcycling_brings():
    at = typical(UPCYCLING)
    worthless = derived(UPCYCLING, "dense_tokens_worthless", at=at)
    few, many = (UPCYCLING.formula(np, worthless, U, 1e8, **at) for U in (1e9, 1e11))
    assert many == pytest.approx(few)
    assert derived(UPCYCLING, "slope", worthless, at=at) == pytest.approx(0)


@pytest.mark.parametrize(("number", "corpus"), [(0, "stack_v2_python"), (1, "pile")])
def test_the_refits_of_parscale_are_those_of_least_loss_on_the_released_points(
    number, corpus, data
):
    runs = pd.read_csv(data / "parscale.csv").query("corpus == @corpus")
    at = published(PARSCALE, number)

    def missed(log_at):
        values = dict(zip(at, np.exp(log_at), strict=True))
        found = PARSCALE.formula(np, runs.params_nonemb, runs.streams, **values)
        return np.log(found / runs.loss)

    start = np.log(list(at.values()))
    least = least_squares(missed, start, xtol=1e-12, ftol=1e-12)
    assert np.sqrt(np.mean(missed(start) ** 2)) < 0.003
    assert 2 * least.cost > 0.9 * np.sum(missed(start) ** 2)


def test_streams_count_by_their_logarithm():
    at = published(PARSCALE)
    eight = derived(PARSCALE, "effective_size", 1.6e9, 8.0, at=at)
    assert eight == pytest.approx(1.6e9 * (1 + 0.39346 * np.log(8)))
    assert PARSCALE.formula(np, eight, 1.0, **at) == pytest.approx(
        PARSCALE.formula(np, 1.6e9, 8.0, **at)
    )
