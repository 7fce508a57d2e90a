"""Replications: what the committed results say of published laws comes out again."""

import pandas as pd
import pytest
from book_laws import LAWS
from conftest import REPOSITORY
from findings import COLUMNS, RECALLED, about, headline, table
from replicate import REPLICATIONS, RESULTS, keep, kept, replicate

QUICK = ("chinchilla",)  # the others take more than ten seconds each
KEPT = kept()
CASES = [
    pytest.param(name, id=name, marks=() if name in QUICK else pytest.mark.slow)
    for name in REPLICATIONS
]


def test_every_replication_has_its_results_and_every_failure_its_reason():
    assert set(KEPT["replication"]) == set(REPLICATIONS)
    assert list(KEPT) == ["replication", *COLUMNS, "date"]
    failed = KEPT[~KEPT["holds"].fillna(True)]
    assert failed["note"].str.len().gt(0).all(), failed[failed["note"] == ""]
    assert KEPT["lower"].le(KEPT["median"]).all()
    assert KEPT["median"].le(KEPT["upper"]).all()


def test_the_page_of_results_counts_them_truthfully():
    said = " ".join((REPOSITORY / "docs" / "results.md").read_text("utf-8").split())
    judged = KEPT["holds"].notna()
    held = int(KEPT["holds"].fillna(False).sum())
    assert f"`python benchmarks/replicate.py` makes {len(REPLICATIONS)} replications" in said
    assert f"each of {judged.sum()} coefficients and headlines" in said
    assert f"whether it was found again ({held} were)" in said
    assert f"It holds {(~judged).sum()} more whose published value was not read" in said


def test_every_result_is_about_a_law_of_the_book():
    """So that a page of the gallery shows it."""
    assert set(KEPT["law"]) <= {case.id for case in LAWS}


def test_what_rests_on_a_recalled_value_is_neither_held_nor_not():
    recalled = KEPT["source"].str.endswith(RECALLED)
    assert recalled.any()
    assert list(KEPT["holds"].isna()) == list(recalled)
    row = headline("a", 0.5, f"a paper, {RECALLED}", [0.7], False, "why")
    assert (row["holds"], row["note"]) == (None, "")
    assert table("chinchilla", [row])["holds"].isna().all()


def test_rows_are_of_their_replications_law_unless_they_say_otherwise():
    rows = [headline(name, 0.5, "a paper", [0.5], True) for name in "ab"]
    found = table("lawma", [rows[0], *about("lawma_compute", rows[1:])])
    assert list(found) == list(COLUMNS)
    assert list(found["law"]) == ["lawma", "lawma_compute"]


@pytest.mark.parametrize("name", CASES)
def test_what_held_of_a_paper_holds_again(name, data):
    found, before = replicate(name, data), KEPT[KEPT["replication"] == name]
    assert list(found) == list(COLUMNS)
    assert list(found["law"]) == list(before["law"])
    assert list(found["quantity"]) == list(before["quantity"])
    assert found["published"].to_numpy() == pytest.approx(before["published"].to_numpy(), rel=1e-3)
    held, holds = (rows["holds"].fillna(False).to_numpy(bool) for rows in (before, found))
    assert not (held & ~holds).any(), found[held & ~holds].to_string()


def test_results_of_other_replications_stay_when_one_is_run_again(tmp_path, monkeypatch):
    path = tmp_path / "results.csv"
    path.write_bytes(RESULTS.read_bytes())
    monkeypatch.setattr("replicate.RESULTS", path)
    again = KEPT[KEPT["replication"] == "chinchilla"].head(1)
    keep("chinchilla", again[list(COLUMNS)])
    new = kept()
    assert list(new[new["replication"] == "chinchilla"]["quantity"]) == list(again["quantity"])
    others = KEPT[KEPT["replication"] != "chinchilla"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        new[new["replication"] != "chinchilla"].reset_index(drop=True), others, check_exact=False
    )


def test_a_median_that_is_not_of_the_draws_lies_between_the_ends():
    row = headline("rank correlation", 0.9, "a paper", [0.7, 0.8], False, "why", median=0.95)
    assert (row["median"], row["upper"]) == (0.95, 0.95)
    assert row["lower"] < row["median"]
    assert row["note"] == "why"
