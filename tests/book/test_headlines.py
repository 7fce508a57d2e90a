"""Headlines of papers come out of the book, each by one call at published values."""

import pytest
from headlines import HEADLINES, WITHOUT, rows, table, without

import lawbook
from lawbook.laws.citations import bibliography


@pytest.mark.parametrize("headline", HEADLINES, ids=lambda each: f"{each.source}-{each.asked}")
def test_the_headline_of_the_paper_comes_out(headline):
    low, high = headline.within
    assert low <= headline.value() <= high


@pytest.mark.parametrize("headline", HEADLINES, ids=lambda each: f"{each.source}-{each.asked}")
def test_the_call_that_is_shown_is_the_one_that_is_made(headline):
    found = eval(headline.call, {"lawbook": lawbook})
    if headline.predicts:
        found = found.table[headline.asked].iloc[0]
    assert found == headline.value()


def test_the_page_shows_all_of_them():
    assert len(table().splitlines()) == 2 + len(HEADLINES)
    assert len(without().splitlines()) == 2 + len(WITHOUT)


def test_each_paper_of_the_bibliography_has_a_headline_or_a_reason_why_it_has_none():
    told = {headline.key for headline in HEADLINES}
    assert not told & set(WITHOUT)
    assert told | set(WITHOUT) == set(bibliography())


def test_values_that_were_not_read_in_the_paper_are_marked():
    marked = [row["paper"] for row in rows() if row["paper"].endswith(", recalled")]
    assert marked == ["Jones (2021), recalled"]
