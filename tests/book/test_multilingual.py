"""Languages together: what they lend each other, and what more of them cost."""

import numpy as np
import pytest
from book_laws import typical

import lawbook

TRANSFER, LANGUAGES = map(lawbook.load_law, ("multilingual_transfer", "multilingual_languages"))
ATLAS = {"alpha": 0.11 / 0.243, "phi": 0.11, "beta": 0.04 / 0.272, "psi": -0.04}


def derived(law, name, *given, at):
    quantity = law.quantity(name)
    return quantity.formula(np, *given, **{symbol: at[symbol] for symbol in quantity.needs})


def test_a_language_alone_is_chinchillas():
    at = typical(TRANSFER)
    chinchilla = {name: at[name] for name in ("E", "A", "B", "alpha", "beta")}
    law = lawbook.load_law("chinchilla")
    assert TRANSFER.formula(np, 1e9, 2e10, 0.0, 0.0, **at) == pytest.approx(
        law.formula(np, 1e9, 2e10, **chinchilla)
    )
    tokens = derived(TRANSFER, "effective_tokens", 1e10, 4e10, 1e11, at=at)
    assert tokens == pytest.approx(1e10 + at["tau_t"] * 4e10 + at["tau_o"] * 1e11)


def test_four_times_the_languages_cost_what_the_paper_says():
    """In ATLAS 1.4 times the size, 2.74 times the tokens, r**0.97 times the compute."""
    size, data, compute = (
        derived(LANGUAGES, f"{what}_factor", 4.0, at=ATLAS) for what in ("size", "data", "compute")
    )
    assert size == pytest.approx(1.4, abs=0.01)
    assert data == pytest.approx(2.74, abs=0.01)
    assert compute == pytest.approx(size * data)
    assert np.log(compute) / np.log(4) == pytest.approx(0.97, abs=0.002)


def test_the_factors_keep_the_loss():
    at = typical(LANGUAGES) | ATLAS
    size, data = (derived(LANGUAGES, f"{what}_factor", 4.0, at=at) for what in ("size", "data"))
    before = LANGUAGES.formula(np, 5.0, 1e9, 2e10, **at)
    after = LANGUAGES.formula(np, 20.0, 1e9 * size, 2e10 * data / 4, **at)
    assert after == pytest.approx(before)
