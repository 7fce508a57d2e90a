"""A derived quantity at published values in one call, and what is refused."""

import re

import numpy as np
import pytest
from book_laws import LAWS

import lawbook
from lawbook import LawError

CHINCHILLA = lawbook.load_law("chinchilla")
REFIT = "besiroglu2024"


def test_one_call_gives_the_number_that_the_table_of_the_source_has():
    found = CHINCHILLA.derive("optimal_size", published=REFIT, C=5.76e23)
    assert isinstance(found, float)
    told = lawbook.published(CHINCHILLA, REFIT).derive("optimal_size", C=5.76e23)
    assert found == told.table["optimal_size"].item()
    several = CHINCHILLA.derive("optimal_size", published=REFIT, C=[1e22, 5.76e23])
    np.testing.assert_allclose(several[1], found)


@pytest.mark.parametrize(
    ("name", "source", "given", "message"),
    [
        ("size", REFIT, {}, "law 'chinchilla': it has no derived quantity 'size'; expected one of"),
        (
            "optimal_size",
            "hoffmann2022",
            {"C": 1e22},
            "law 'chinchilla': of 'hoffmann2022' it has 2 sets of published values; expected one "
            "of 'hoffmann2022:1', 'hoffmann2022:2'; name it so",
        ),
        (
            "optimal_size",
            REFIT,
            {"compute": 1e22},
            "law 'chinchilla': optimal_size is given 'compute'; expected 'C', each by name; "
            "`lawbook show` says what they are",
        ),
        (
            "optimal_size",
            REFIT,
            {"C": "much"},
            "law 'chinchilla': optimal_size: what is given under 'C' does not make numbers that go "
            "together; expected a number each, or arrays that broadcast; correct them",
        ),
    ],
)
def test_what_does_not_fit_is_refused(name, source, given, message):
    with pytest.raises(LawError, match=f"^{re.escape(message)}"):
        CHINCHILLA.derive(name, published=source, **given)


def test_a_quantity_out_of_range_or_without_a_value_is_refused():
    law = lawbook.load_law("fp_quant")
    with pytest.raises(LawError) as found:
        law.derive("critical_data", published="sun2025", N=-1, E=4, M=3, B=128)
    assert str(found.value) == (
        "law 'fp_quant': critical_data: N = -1 is out of range; expected numbers between 0 and "
        "Infinity; correct it"
    )
    with pytest.raises(LawError) as found:
        lawbook.load_law("densing_score").derive("loss_for", published="xiao2024:1", score=0.1)
    assert str(found.value) == (
        "law 'densing_score': loss_for does not exist at these values; expected values of 'score' "
        "for which it exists; change them"
    )


@pytest.mark.parametrize("law", LAWS)
def test_rows_of_one_source_are_told_apart(law):
    of_key = {}
    for estimate in law.published:
        of_key.setdefault(estimate.key, []).append(estimate.label)
    for key, labels in of_key.items():
        assert len(set(labels)) == len(labels), f"{law.name}: {key} has {labels}"
        assert len(labels) == 1 or all(labels), f"{law.name}: {key} lacks labels"


def test_limits_are_sentences():
    from dataclasses import replace

    law = replace(CHINCHILLA, limits=["Runs at one size tell nothing of alpha."])
    assert law.limits == ("Runs at one size tell nothing of alpha.",)
    assert law.version == CHINCHILLA.version
    with pytest.raises(LawError) as found:
        replace(CHINCHILLA, limits="too few runs")
    assert str(found.value) == (
        "law 'chinchilla': its limit 't' is no sentence; expected a sequence of sentences; end "
        "each with a full stop"
    )
