"""Forced tokens: the paper's table, from which one claim follows in other units."""

import numpy as np
import pandas as pd
import pytest
from book_laws import printed, published

import lawbook
from lawbook.laws.values import tell_all
from lawbook.model.hierarchy import build

LAW, SUCCESS = lawbook.load_law("adversarial_activations"), lawbook.load_law("adversarial_success")
V = 50_304


def derived(name, *given, chi):
    return LAW.quantity(name).formula(np, *given, chi=chi)


def test_the_slope_is_the_claim_in_other_units():
    assert np.log2(V) == printed("15.6184")
    assert derived("kappa", 512, V, chi=20) == printed("26.2255")
    assert derived("kappa", 2048, V, chi=20) == printed("104.902")
    assert LAW.formula(np, 10, 1, 1, 2048, V, chi=16) == printed("1311.28")
    assert derived("activations_needed", 100, 1024, V, chi=20) == printed("1.90654")
    assert derived("activations_needed", 100, 2048, V, chi=16.3) == printed("0.776916")


@pytest.mark.parametrize(
    ("model", "d", "entries", "kappa", "chi"),
    [
        (0, 512, V, 24.2, "21.6740"),
        (2, 1024, V, 70.1, "14.9646"),
        (3, 2048, V, 128.4, "16.3399"),
        (4, 2560, V, 104.9, "25.0005"),
        (5, 2048, 50_120, 42.8, "49.0362"),
        (6, 2048, 50_120, 78.4, "26.7698"),
        (7, 768, 50_257, 27.2, "28.9277"),
    ],
)
def test_the_table_s_two_columns_agree(model, d, entries, kappa, chi):
    found = derived("kappa", d, entries, chi=1) / kappa
    assert found == printed(chi)
    assert published(LAW, model)["chi"] == round(found, 1)


def test_a_table_without_shares_of_dimensions_is_read():
    rows = [(a, 1.0, n, 2048, V, t) for a, n, t in [(8, 1, 910.2), (4, 1, 510.5), (1, 8, 16.8)]]
    table = pd.DataFrame(rows, columns=["a", "f", "n", "d", "V", "t_max"])
    assert len(lawbook.read_runs(table, LAW)) == 3
    assert tell_all(LAW, {name: table[name].to_numpy() for name in LAW.input_names})


def test_the_likelihood_has_a_slope_where_success_is_certain_but_for_rounding():
    runs = lawbook.simulate(SUCCESS, n=40, groups=["a", "b", "c"], seed=1)
    assert np.any(runs.response == 1)
    model = build(SUCCESS, runs).model
    point = model.initial_point() | {"s_log__": np.array(4.0)}
    assert SUCCESS.formula(np, 1.0, 16.0, kappa=55.0, s=np.exp(4.0)) == 1
    with model:
        slope = model.compile_dlogp(mode="FAST_COMPILE")(point)
    assert np.isfinite(slope).all()


@pytest.mark.parametrize(
    ("a", "n", "kappa", "tokens"), [(8, 1, 128.4, "1027.2"), (1, 8, 128.4, "16.05")]
)
def test_attacks_share_what_is_controlled(a, n, kappa, tokens):
    chi = derived("kappa", 2048, V, chi=1) / kappa
    assert LAW.formula(np, a, 1, n, 2048, V, chi=chi) == printed(tokens)
    assert SUCCESS.formula(np, kappa * a, a, kappa=kappa, s=6) == pytest.approx(0.5)
