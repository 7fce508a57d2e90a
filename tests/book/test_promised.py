"""What abstracts promise beside a paper's main law: shape, information, throughput, gain, break."""

import numpy as np
import pytest
from book_laws import printed, published, typical

import lawbook
from lawbook.models.downstream_loss import alignment

WIDTH, INFORMATION, THROUGHPUT, GAIN, BREAK, TEXT = map(
    lawbook.load_law,
    (
        "sparsing_width",
        "autoregressive_information",
        "speculative_decoding_throughput",
        "lawma_gain",
        "downstream_break",
        "autoregressive_text",
    ),
)


def derived(law, name, *given, at):
    quantity = law.quantity(name)
    return quantity.formula(np, *given, **{symbol: at[symbol] for symbol in quantity.needs})


def test_the_ratio_is_a_line_in_width_over_depth_up_to_the_bottleneck():
    at = {"A_flat": 0.08, "q": 0.3, "r_b": 114.0}
    found = WIDTH.formula(np, np.array([0.0, 57.0, 114.0, 400.0]), **at)
    assert found == pytest.approx([0.056, 0.068, 0.08, 0.08])
    assert derived(WIDTH, "slope", at=at) == pytest.approx(0.012 / 57)


def test_infogain_is_that_of_the_two_sizes_in_the_text():
    at = published(INFORMATION)
    assert INFORMATION.formula(np, 1e9, **at) == printed("0.10")
    assert INFORMATION.formula(np, 3e12, **at) == printed("0.20")
    assert derived(INFORMATION, "size_for", 0.2, at=at) == printed("3e12")
    N_c = derived(INFORMATION, "N_c", at=at)
    assert N_c == printed("3.3e5")
    assert at["lam"] * np.log(1e9 / N_c) == printed("0.10")


def test_language_loses_what_the_paper_prints():
    assert TEXT.formula(np, 1e9, **published(TEXT)) == printed("2.29992")


@pytest.mark.parametrize(
    ("name", "number", "x", "value"),
    [
        ("autoregressive_size", 7, 1e8, "2.2057"),
        ("autoregressive_size", 8, 1e8, "2.2296"),
        ("autoregressive_compute", 7, 1e-2, "2.19694"),
        ("autoregressive_compute", 8, 1e-2, "2.21444"),
        ("autoregressive_optimum", 7, 1.0, "2.623e8"),
        ("autoregressive_optimum", 8, 1.0, "1.848e8"),
    ],
)
def test_pairs_of_image_and_text_have_rows(name, number, x, value):
    law = lawbook.load_law(name)
    assert law.formula(np, x, **published(law, number)) == printed(value)


def test_the_best_size_of_language_is_the_one_worked_out():
    law = lawbook.load_law("autoregressive_optimum")
    assert law.formula(np, 1.0, **published(law, 9)) == printed("1.29266e9")


MEASURED = {1: 250, 2: 500, 4: 800, 8: 1200, 16: 1650, 32: 2050, 40: 2100, 48: 2200, 64: 2150}


def test_throughput_is_the_papers_line_and_its_table_has_one_of_its_own():
    assert THROUGHPUT.formula(np, 64.0, **published(THROUGHPUT)) == printed("1728.28")
    B, S = np.array(list(MEASURED)), np.array(list(MEASURED.values()))
    s_1, s_0 = np.polyfit(np.log2(B), S, 1)
    assert s_1 == printed("352.4")
    assert s_0 == printed("183.9")
    of_table = {"s_1": s_1, "s_0": s_0}
    assert np.corrcoef(THROUGHPUT.formula(np, B, **of_table), S)[0, 1] ** 2 == printed("0.988")
    one = derived(THROUGHPUT, "for_one", 64.0, at=of_table)
    assert one == pytest.approx(THROUGHPUT.formula(np, 64.0, **of_table) / 64)


def test_a_gain_is_the_distance_of_two_logits():
    def logit(share):
        return np.log(share / (1 - share))

    small, large = logit(0.803) - logit(0.426), logit(0.819) - logit(0.584)
    assert (small, large) == (printed("1.70"), printed("1.17"))  # of the page: 8B, 70B
    s = (large - small) / np.log10(70 / 8)
    at = {"g": small - s * np.log10(8), "s": s}
    assert GAIN.formula(np, 7e10, **at) == pytest.approx(large)
    assert derived(GAIN, "tuned", 7e10, 0.584, at=at) == pytest.approx(0.819)


def test_a_mixture_that_fits_follows_a_power_law_and_others_turn():
    at = {"f_ref": 20.0, "s": 0.2, "m": 0.6, "D_b": 1e10}
    D_p = np.geomspace(1e9, 1e15, 7)
    fits = np.diff(np.log(BREAK.formula(np, D_p, 1.0, **at)))
    assert fits == pytest.approx(np.full(6, 0.2 * np.log(10)))
    falls = np.diff(np.log(BREAK.formula(np, D_p, 0.0, **at)))
    assert falls[0] > 0
    assert falls[-1] == pytest.approx(-0.4 * np.log(10), rel=1e-6)
    least = derived(BREAK, "least_alignment", at=at)
    assert least == pytest.approx(2 / 3)
    level = np.log(BREAK.formula(np, D_p, least, **at))
    assert level[-1] == pytest.approx(level[-2], abs=1e-6)


def test_half_the_tokens_of_each_language_fit_a_task_and_english_alone_does_not():
    at = typical(BREAK)
    half, english = alignment(0.5, 0.5), alignment(1.0, 0.0)
    assert (half, english) == (pytest.approx(1.0), 0.7)
    both = [BREAK.formula(np, 1e11, Al, **at) for Al in (half, english)]
    assert both[0] > both[1]
