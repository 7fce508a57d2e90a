"""Replications: what the committed results say of published laws comes out again."""

import pandas as pd
import pytest
from findings import COLUMNS, RECALLED, headline
from replicate import LAWS, RESULTS, keep, replicate

QUICK = ("chinchilla",)  # the others take more than ten seconds each
KEPT = pd.read_csv(RESULTS, keep_default_na=False)


CASES = [pytest.param(law, id=law, marks=() if law in QUICK else pytest.mark.slow) for law in LAWS]


def test_every_replication_has_its_results_and_every_failure_its_reason():
    assert set(KEPT["law"]) == set(LAWS)
    assert list(KEPT) == ["law", *COLUMNS, "date"]
    failed = KEPT[~KEPT["holds"]]
    assert failed["note"].str.len().gt(0).all(), failed[failed["note"] == ""]
    assert KEPT["lower"].le(KEPT["median"]).all()
    assert KEPT["median"].le(KEPT["upper"]).all()


@pytest.mark.parametrize("law", CASES)
def test_what_held_of_a_paper_holds_again(law, data):
    found, kept = replicate(law, data), KEPT[KEPT["law"] == law]
    assert list(found) == list(COLUMNS)
    assert list(found["quantity"]) == list(kept["quantity"])
    assert found["published"].to_numpy() == pytest.approx(kept["published"].to_numpy(), rel=1e-3)
    read = ~kept["source"].str.endswith(RECALLED).to_numpy()
    lost = found[read & kept["holds"].to_numpy() & ~found["holds"].to_numpy()]
    assert lost.empty, lost.to_string()


def test_results_of_other_laws_stay_when_one_is_run_again(tmp_path, monkeypatch):
    path = tmp_path / "results.csv"
    path.write_bytes(RESULTS.read_bytes())
    monkeypatch.setattr("replicate.RESULTS", path)
    again = KEPT[KEPT["law"] == "chinchilla"].head(1)
    keep("chinchilla", again[list(COLUMNS)])
    new = pd.read_csv(path, keep_default_na=False)
    assert list(new[new["law"] == "chinchilla"]["quantity"]) == list(again["quantity"])
    others = KEPT[KEPT["law"] != "chinchilla"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        new[new["law"] != "chinchilla"].reset_index(drop=True), others, check_exact=False
    )


def test_a_median_that_is_not_of_the_draws_lies_between_the_ends():
    row = headline("rank correlation", 0.9, "a paper", [0.7, 0.8], False, "why", median=0.95)
    assert (row["median"], row["upper"]) == (0.95, 0.95)
    assert row["lower"] < row["median"]
    assert row["note"] == "why"
