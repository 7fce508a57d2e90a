"""What is to be cited for a law, as BibTeX."""

import re

import pytest
from book_laws import LAWS

import lawbook
from lawbook import LawError
from lawbook.laws.citations import bibliography, described, references

UNCITED = ("learning_curve", "learning_curve_plain", "shifted")  # of a paper without a number
MINE = '''"""A law of mine.

Source: {source}.
"""
from lawbook import Estimate, Input, Law, Param, Response
from lawbook.priors import LogNormal

def loss(xp, N, *, E):
    return E + 1 / N

LAW = Law(
    "mine", loss, [Input("N", "parameters", seen=(1, 2))], Response("loss", "nats"),
    [Param("E", LogNormal(1, 1))], published=[{published}],
)
'''


def keys_of(text):
    return re.findall(r"^@\w+\{(\w+),$", text, re.MULTILINE)


@pytest.mark.parametrize("law", LAWS)
def test_every_law_is_cited_by_its_papers_and_estimates(law):
    if law.name in UNCITED:
        with pytest.raises(LawError, match=f"^law '{law.name}': it has no reference; expected a"):
            lawbook.cite(law)
        return
    text = lawbook.cite(law)
    assert keys_of(text) == references(law)
    assert {estimate.key for estimate in law.published} <= set(references(law))
    assert text.count("{") == text.count("}")
    for key in references(law):
        assert lawbook.cite(law, key) in text
        assert keys_of(lawbook.cite(law, key)) == [key]


def test_papers_stand_in_the_order_of_the_page_and_estimates_once():
    assert references(lawbook.load_law("chinchilla")) == ["hoffmann2022", "besiroglu2024"]
    assert lawbook.cite("chinchilla").count("@") == 2


def test_the_whole_bibliography_is_read():
    assert len(bibliography()) == 74
    for key, entry in bibliography().items():
        assert entry.startswith("@")
        assert f"{{{key},\n" in entry
        assert entry.count("{") == entry.count("}")
        assert "  title = {" in entry


def test_papers_are_named_without_tex():
    assert described("ludziejewski2025").authors == "Ludziejewski, Pióro, Krajewski et al."
    assert described("gao2024sae").dated == "Gao, Dupré la Tour, Tillman et al. (2024)"
    assert described("owt_scaling").dated == "shehper"
    assert not [key for key in bibliography() if set(str(described(key))) & set("\\{}")]


def test_a_key_of_another_law_is_refused():
    with pytest.raises(LawError) as refused:
        lawbook.cite("chinchilla", "kaplan2020")
    assert str(refused.value) == (
        "law 'chinchilla': it has no reference 'kaplan2020'; "
        "expected one of 'hoffmann2022', 'besiroglu2024'"
    )


def test_a_law_of_ones_own_is_cited_by_the_paper_that_its_page_names(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(MINE.format(source="arXiv:2001.08361", published=""))
    assert keys_of(lawbook.cite(file)) == ["kaplan2020"]
    file.write_text(MINE.format(source="my notebook", published=""))
    with pytest.raises(LawError, match=r"^law 'mine': it has no reference; expected a published"):
        lawbook.cite(file)
    file.write_text(MINE.format(source="arXiv:2001.08361", published="Estimate('me2026', E=1.0)"))
    assert keys_of(lawbook.cite(file, "kaplan2020")) == ["kaplan2020"]
    with pytest.raises(LawError) as refused:
        lawbook.cite(file)
    assert str(refused.value) == (
        "law 'mine': the bibliography has no entry 'me2026', the key of an estimate; expected the "
        "keys of models/references.bib; cite the law's other references by key: 'kaplan2020'"
    )
