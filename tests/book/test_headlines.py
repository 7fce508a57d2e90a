"""Headlines of papers come out of the book, each by one call at published values."""

import pytest
from headlines import HEADLINES, table

import lawbook


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
