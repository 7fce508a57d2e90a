"""`lawbook backtest`: what it prints and writes, and what it refuses."""

import json

import pandas as pd
import pytest
import small
from backtests import made_up
from commands import run

import lawbook
from lawbook.cli.terminal import show_backtest
from lawbook.evaluation.backtest_files import read_backtest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backtest")
    frame = small.runs().frame.rename(columns={"C": "flops"})
    frame[frame["recipe"].isin(["gru", "lstm"])].to_csv(folder / "runs.csv", index=False)
    return folder


def test_a_backtest_is_printed_as_json_and_its_points_are_written(folder):
    options = ["--by", "recipe", "--column", "C=flops", "--cut", "0.6", "--discrepancy", "none"]
    options += ["--baseline", "m2", "--order", "C", "--seed", "3"]
    done = run("backtest", "compute", "runs.csv", *options, "-o", "a.csv", "--json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["order"], said["by"]) == ("C", ["recipe"])
    assert [row["law"] for row in said["table"]] == ["compute", "m2"]
    assert sum(row["points"] for row in said["by_horizon"]) == 2 * 2 * 8
    assert [row["horizon_to"] for row in said["by_horizon"]].count(None) <= 2  # no end
    expected = lawbook.backtest(
        "compute",
        folder / "runs.csv",
        by="recipe",
        columns={"C": "flops"},
        order="C",
        cuts=[0.6],
        discrepancy="none",
        baselines=["m2"],
        seed=3,
    )
    written = pd.read_csv(folder / "a.csv", comment="#")
    pd.testing.assert_frame_equal(written, expected.points, check_dtype=False)
    assert said["table"][0]["rmsle"] == pytest.approx(expected.table.loc["compute", "rmsle"])


def test_horizons_are_printed_by_distance_with_what_is_out_of_reach(folder):
    options = ["--by", "recipe", "--column", "C=flops", "--discrepancy", "none", "--order", "C"]
    options += ["--horizon", "2", "--horizon", "10", "--horizon", "1e9"]
    done = run("backtest", "compute", "runs.csv", *options, "--json", "-o", "b.csv", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["horizons"] == [2, 10, 1e9]
    found = read_backtest(folder / "b.csv")
    assert said["notes"] == list(found.notes)
    assert said["notes"][0].startswith("1e9 times the C is out of reach of gru and lstm, left ")
    assert {row["along"] for row in said["by_horizon"]} == {"C"}
    ends = [(row["horizon_from"], row["horizon_to"]) for row in said["by_horizon"]]
    assert ends == [(1, 2), (2, 10), (10, 1e9)][: len(ends)]
    assert sum(row["points"] for row in said["by_horizon"]) == len(found.points)


def test_tables_fit_the_screen(capsys, tmp_path):
    show_backtest(made_up(), tmp_path / "picture.png", False)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    for text in ("learning_curve", "revisiting_m2", "0.0123", "1.23", "1 to 1.4", "over 16"):
        assert text in shown
    for scale in ("compute", "N"):
        assert f"By distance: times the largest {scale} of the fitted runs" in shown
    assert "written to" in shown
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("law", "options", "message"),
    [
        ("compute", ["-o", "points.xlsx"], "points.xlsx: nothing is written as '.xlsx'; expected"),
        ("compute", ["-o", "none/a.csv"], "none/a.csv: its folder does not exist"),
        ("compute", ["--column", "C=flops", "--cut", "2"], "--cut 2: expected numbers between"),
        (
            "compute",
            ["--column", "C=flops", "--horizon", "10", "--horizon", "2"],
            "--horizon 10 --horizon 2: they are no distances from near to far; expected factors "
            "above 1, each larger than the one before; write --horizon 2 --horizon 10 --horizon "
            "100",
        ),
        (
            "compute",
            ["--column", "C=flops", "--horizon", "1e9"],
            "choose less, or shares of the scales with --cut",
        ),
        ("compute", ["--column", "C=flops", "--baseline", "m9"], "--baseline: no 'm9'; expected"),
        ("compute", ["--column", "C=flops", "--missing", "no"], "--missing: there is no 'no'"),
        ("compute", ["--column", "C=flops", "--allow", "all"], "--allow: there is no 'all'"),
        ("compute,chinchilla", ["--column", "C=flops"], "'compute', 'chinchilla' differ in inputs"),
    ],
)
def test_bad_input_is_refused_with_one_message(folder, law, options, message):
    done = run("backtest", law, "runs.csv", "--by", "recipe", *options, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
