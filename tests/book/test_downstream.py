"""Downstream: scores and losses worked out from the paper's tables, and its drawn curves."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook
from lawbook.models._log_power import of_paper
from lawbook.models.downstream_loss import alignment

BLEU, LOSS = lawbook.load_law("downstream_bleu"), lawbook.load_law("downstream_loss")
DRAWN = {  # BLEU read off the figures, per estimate; the second point is a quarter off in most
    0: [1.6, 6.1, 10.3, 11.7, 17.1, 19.0],
    1: [4.8, 11.5, 13.6, 15.4, 18.2, 19.6],
    2: [27.9, 29.7, 32.0, 33.0, 33.0, 33.0],
    3: [1.54, 2.84, 3.77, 4.87, 7.51, 9.12],
    4: [3.25, 6.00, 8.72, 9.12, 10.1, 10.6],
    5: [0.64, 1.01, 2.33, 2.52, 2.92, 3.79],
    6: [1.94, 4.05, 4.55, 5.54, 6.66, 7.21],
}
STEPS = {"de": [5e3, 1e4, 5e4, 1e5, 5e5, 1e6], "ro": [5e3, 1e4, 5e4, 1e5, 2.5e5, 5.1e5]}


def derived(law, name, *given, **at):
    quantity = law.quantity(name)
    return quantity.formula(np, *given, **{symbol: at[symbol] for symbol in quantity.needs})


@pytest.mark.parametrize(
    ("values", "D_p", "score"),
    [
        ((np.log(2), 0.5, 1.2), 1e9, "17.8756"),
        ((np.log(2), 0.5, 1.2), 1e11, "22.4318"),
        ((np.log(1e-3), 0.8, 1.0), 1e10, "11.5129"),
        ((-180.75, 9.00, 0.75), 6.5536e8, "1.65413"),
        ((-180.75, 9.00, 0.75), 6.5536e9, "10.3926"),
        ((-180.75, 9.00, 0.75), 1.31072e11, "18.7017"),
        ((-40.41, 2.11, 0.79), 6.5536e8, "2.01301"),
        ((-40.41, 2.11, 0.79), 1.31072e10, "5.54636"),
        ((-40.41, 2.11, 0.79), 6.68467e10, "7.20693"),
    ],
)
def test_the_score_is_the_one_worked_out_in_the_symbols_of_the_paper(values, D_p, score):
    at = of_paper(*values)
    found = BLEU.formula(np, D_p, **at)
    assert found == printed(score)
    assert derived(BLEU, "tokens_for", found, **at) == pytest.approx(D_p)
    assert derived(BLEU, "log_A", **at) == pytest.approx(values[0])
    assert derived(BLEU, "alpha", **at) == pytest.approx(values[1])


@pytest.mark.parametrize("number", DRAWN)
def test_printed_values_give_back_the_drawn_curve(number):
    D_p = 131_072 * np.array(STEPS["ro" if number in (5, 6) else "de"])
    score = BLEU.formula(np, D_p, **published(BLEU, number))
    assert np.sqrt(np.mean(np.log(score / DRAWN[number]) ** 2)) < 0.15


def test_what_follows_from_a_score_law_is_what_was_worked_out():
    at = published(BLEU)
    assert derived(BLEU, "tokens_for", 20, **at) == printed("2.19666e11")
    assert -np.log(at["D_0"]) == printed("-20.0833")
    assert derived(BLEU, "slope", 1e10, **at) == printed("0.254884")


@pytest.mark.parametrize(
    ("values", "D_p", "loss"),
    [
        ((0.9, 50, 0.3), 1e9, "0.999763"),
        ((0.9, 50, 0.3), 1e11, "0.925059"),
        ((2.45e-5, 0.49, 0.41), 6.5536e8, "143.471e-6"),
        ((2.45e-5, 0.49, 0.41), 6.68467e10, "42.3613e-6"),
        ((3.49e-5, 1.05e-2, 0.25), 6.5536e8, "100.525e-6"),
        ((3.49e-5, 1.05e-2, 0.25), 1.31072e11, "52.3507e-6"),
    ],
)
def test_the_loss_is_the_one_worked_out_in_any_unit(values, D_p, loss):
    at = dict(zip(LOSS.param_names, values, strict=True))
    found = LOSS.formula(np, D_p, **at)
    assert found == printed(loss)
    assert derived(LOSS, "tokens_for", found, **at) == pytest.approx(D_p)


def test_the_alignment_is_the_one_worked_out():
    mixtures = [(0.5, 0.5), (1, 0), (0, 1), (0.3, 0.7), (0.7, 0.3), (0, 0)]
    expected = [1.00, 0.70, 0.80, 0.98, 0.94, 0]
    assert [alignment(*mixture) for mixture in mixtures] == pytest.approx(expected)
    target = np.linspace(0, 1, 101)
    assert target[alignment(1 - target, target).argmax()] == pytest.approx(0.55)
    assert alignment(0.45, 0.55) == pytest.approx(1.0025)
