"""Vocabulary: the released values, and the sizes that all three approaches recommend."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook

LOSS, ISOFLOP, DERIVATIVE = (
    lawbook.load_law(name) for name in ("vocabulary", "vocabulary_isoflop", "vocabulary_derivative")
)
K_1 = np.exp(-2.4846510161625193)  # N_nv = K_1 sqrt(F)


def tokens(characters, entries):
    """Tokens of a text, as the released code counts them."""
    log = np.log(entries)
    return characters * (0.00639222 * log**2 - 0.15811069 * log + 1.20470122)


def derived(law, *given):
    at, quantity = published(law), law.quantity("optimal_vocabulary")
    return quantity.formula(np, *given, **{name: at[name] for name in quantity.needs})


def test_the_loss_is_the_one_worked_out_with_either_count_of_tokens():
    assert [tokens(1, V) for V in (4096, 32768, 96256)] == [
        printed(share) for share in ("0.331821", "0.251803", "0.232083")
    ]
    inputs = 1129.891136, 96256 * 2048 / 1e6
    for entries, loss in ((96.256, "-5.21804"), (96256, "-5.09250")):
        D = tokens(236122137568, entries) / 1e9
        assert LOSS.formula(np, *inputs, D, **published(LOSS)) == printed(loss)


@pytest.mark.parametrize(
    ("N_nv", "d", "sizes"),
    [
        (3e3, 3200, (39367, 42538, 36648)),
        (7e3, 4096, (62280, 67450, 59547)),
        (70e3, 8192, (211860, 230861, 217961)),
    ],
)
def test_the_best_vocabulary_is_the_one_of_the_released_code(N_nv, d, sizes):
    F = (N_nv * 1e6 / K_1) ** 2
    found = derived(ISOFLOP, F, d), derived(DERIVATIVE, N_nv, d), derived(LOSS, N_nv, d, F)
    assert [round(size) for size in found] == pytest.approx(sizes, abs=1)


def test_the_best_vocabulary_has_the_least_loss_of_its_budget():
    best = derived(LOSS, 7000.0, 4096.0, 7e21)
    N_v = best * 4096 / 1e6 * np.geomspace(0.5, 2, 41)
    loss = LOSS.formula(np, 7000.0, N_v, 7e21 / 6e15 / (7000 + N_v), **published(LOSS))
    assert loss.argmin() == 20


@pytest.mark.parametrize("name", ["A_1", "A_2", "B"])
def test_the_priors_of_the_terms_are_centred_on_what_the_paper_reports(name):
    at, param = published(LOSS), LOSS.param(name)
    size = param.prior.size(np, at[name], **{x: at[x] for x in param.prior.needs})
    assert abs(np.log(size / param.prior.prior.median)) < 0.8 * param.prior.prior.log_sd
