"""A report with a backtest that was kept in a file: the same page, or a reason why not."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import small
from backtests import ABOUT, made_up
from commands import run
from test_report import Reader

from lawbook import FitError
from lawbook.evaluation.backtest_files import read_backtest
from lawbook.export import export, read_export
from lawbook.report.page import gather


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json"])
def test_a_backtest_comes_back_as_it_was_written(suffix, tmp_path):
    kept = made_up()
    kept.export(tmp_path / f"kept{suffix}")
    again = read_backtest(tmp_path / f"kept{suffix}")
    assert (again.by, again.order) == (("recipe",), "cost")
    pd.testing.assert_frame_equal(again.points, kept.points, check_dtype=False)
    pd.testing.assert_frame_equal(again.table, kept.table)
    pd.testing.assert_frame_equal(again.by_horizon(), kept.by_horizon())


def test_labels_that_look_like_numbers_or_blanks_stay_labels(tmp_path):
    kept = made_up()
    kept.points["recipe"] = kept.points["recipe"].replace({"gru": "7", "lstm": "NA"})
    kept.export(tmp_path / "kept.csv")
    again = read_backtest(tmp_path / "kept.csv")
    assert set(again.points["recipe"]) == {"7", "NA", "mlp"}
    pd.testing.assert_frame_equal(again.table, kept.table)


def test_a_report_is_the_same_from_a_file(tmp_path):
    fit, kept = small.fit(), made_up()
    kept.export(tmp_path / "kept.parquet")
    fit.report(tmp_path / "a.html", kept)
    fit.report(tmp_path / "b.html", backtest=tmp_path / "kept.parquet")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_coverage_stands_in_a_table_by_distance_and_other_laws_are_named():
    kept = made_up()
    section = next(s for s in gather(small.fit(), kept).sections if s.name == "calibration")
    assert section.said[-1] == "The law of this page, compute, is not among those that were tested."
    table = section.tables[1]
    assert table.caption == ABOUT
    along = [row[1] for row in table.rows]
    assert list(dict.fromkeys(along)) == ["compute", "N"]
    assert along.count("N") == 2 * 2  # laws, and within the runs or not
    assert sum(int(row[-1]) for row in table.rows) == 2 * len(kept.points)
    own = kept.points.replace({"law": {"revisiting_m2": "compute"}})
    far = (own["law"] == "compute") & (own["extrapolation_cost"] > 16)
    section = next(
        s
        for s in gather(small.fit(), type(kept)(kept.by, kept.order, own)).sections
        if s.name == "calibration"
    )
    assert len(section.said) == 2
    assert section.said[1] == (
        "At over 16 times the largest fitted compute, as far as this report looks, 90% intervals "
        f"of compute held {own[far]['covered_90'].mean():.0%} of {far.sum()} held-out runs."
    )
    near = replace(kept, points=own[own["extrapolation_cost"] < 20])
    section = next(s for s in gather(small.fit(), near).sections if s.name == "calibration")
    assert section.said[1] == (
        "No held-out run lies about as far as this report looks, 100 times the largest compute: "
        "the farthest lies 8 times beyond the fitted runs."
    )


def test_the_command_shows_a_backtest(tmp_path):
    small.fit().save(tmp_path / "fit.nc")
    made_up().export(tmp_path / "kept.csv")
    arguments = ["fit.nc", "-o", "report.html", "--backtest", "kept.csv", "--json"]
    done = run("report", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["left_out"].keys() == {"spending"}
    shown = Reader((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert ABOUT in shown


def test_what_is_no_backtest_is_refused(tmp_path):
    kept = made_up()
    with pytest.raises(FitError, match=r"none.csv: there is no such file; expected an exported"):
        read_backtest(tmp_path / "none.csv")
    kept.export(tmp_path / "kept.tex")
    with pytest.raises(FitError, match=r"tables are not read back from '.tex'; expected one of"):
        read_backtest(tmp_path / "kept.tex")
    (tmp_path / "torn.json").write_text('{"provenance": {')
    with pytest.raises(FitError, match=r"torn.json: it cannot be read as JSON \(.*\); expected a"):
        read_backtest(tmp_path / "torn.json")
    small.fit().predict({"C": 1e23}).export(tmp_path / "other.csv")
    with pytest.raises(FitError, match=r"other.csv: no backtest: it holds prediction; expected"):
        read_backtest(tmp_path / "other.csv")
    said = {"result": "backtest", "order": "cost"}
    export(kept.points, tmp_path / "old.csv", said)
    with pytest.raises(FitError, match=r"it does not say how its runs are grouped; expected the"):
        read_backtest(tmp_path / "old.csv")
    few = kept.points.drop(columns=["crps", "cost"])
    export(few, tmp_path / "few.csv", said | {"by": '["recipe"]'})
    with pytest.raises(FitError, match=r"it has no column 'crps', 'cost'; expected the points"):
        read_backtest(tmp_path / "few.csv")
    none = kept.points.loc[:, [not name.startswith("covered_") for name in kept.points]]
    export(none, tmp_path / "none.json", said | {"by": '["recipe"]'})
    with pytest.raises(FitError, match="it scores no intervals"):
        read_backtest(tmp_path / "none.json")


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json"])
def test_an_exported_table_is_read_back_with_its_provenance(suffix, tmp_path):
    found = small.fit().compare({"C": 1e23})
    found.export(tmp_path / f"found{suffix}")
    table, said = read_export(tmp_path / f"found{suffix}")
    expected = found.table.replace(np.inf, np.nan) if suffix == ".json" else found.table
    pd.testing.assert_frame_equal(table, expected, check_dtype=False, check_names=False)
    assert said["between"] == "recipe"
    assert str(said["reference"]) == found.reference
