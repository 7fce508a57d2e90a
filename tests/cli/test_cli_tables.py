"""Tables as strangers make them, at the command line: read and said, or one message and code 2."""

import json
from dataclasses import fields

import commands
import pandas as pd
import pytest
import typer

from lawbook.cli import app
from lawbook.cli.tables import TableOptions

EXPORT = pd.DataFrame(
    {
        "Name": [f"run-{i}" for i in range(9)],
        "State": ["finished"] * 8 + ["crashed"],
        "config.flops": ["1e19", "3e19", "1e20 FLOPs", "3e20", "1e21", "3e21", "3e21", "1e22", "9"],
        "summary.val/loss": ["3.1", "2.9", "2.7", "2.6", "2.5", "2.4", "2.45", "NaN", "2"],
        "group": ["gru", "mlp"] * 4 + ["gru"],
    }
)
NAMED = ["--column", "C=config.flops", "--column", "loss=summary.val/loss"]
GROUPED = ["--by", "recipe", "--column", "recipe=group"]
FILTERED = ["--where", "State == 'finished'", "--drop-nonfinite", "--best-of", "C"]


@pytest.fixture
def export(tmp_path):
    EXPORT.to_csv(tmp_path / "export.csv", index=False)
    return tmp_path / "export.csv"


def found(result):
    assert (result.returncode, result.stderr) == (0, "")
    told = json.loads(result.stdout)["found"]
    return [row["found"] for row in told if row["checked"] in ("runs", "read")]


def refusal(*arguments):
    result = commands.run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("error: ") == 1
    return result.stderr.strip()


def test_an_export_of_a_tracker_is_checked_as_it_is(export):
    told = found(commands.run("check", "compute", export, *NAMED, *GROUPED, *FILTERED, "--json"))
    assert told == [
        "7 of export.csv",
        "column 'config.flops' (C): it reads '1e20 FLOPs' as 1e20",
        "1 left out by the filter State == 'finished'",
        "1 left out, whose loss is not finite",
        "0 left out, not the best of C",
    ]
    best = [*NAMED, *FILTERED, "--json"]  # ungrouped, the worse of two runs goes
    assert found(commands.run("check", "compute", export, *best))[0] == "6 of export.csv"


def test_a_header_with_blanks_can_be_named(tmp_path):
    text = "flops , val loss\n1e19,3.1\n3e19, 2.9\n1e20,2.7\n3e20,2.6\n"
    (tmp_path / "runs.csv").write_text(text)
    columns = ["--column", "C=flops", "--column", "loss=val loss"]
    told = found(commands.run("check", "compute", tmp_path / "runs.csv", *columns, "--json"))
    assert told == ["4 of runs.csv"]


def test_a_delimiter_and_a_decimal_mark_may_be_given(tmp_path):
    text = "C;loss\n1e19;3,104\n3e19;2,917\n1e20;2,733\n3e20;2,648\n"
    (tmp_path / "runs.csv").write_text(text)
    command = ["check", "compute", tmp_path / "runs.csv"]
    message = refusal(*command)
    assert message.endswith("name the decimal mark with --decimal . or --decimal ,")
    for sep in ("semicolon", ";"):
        told = found(commands.run(*command, "--decimal", ",", "--sep", sep, "--json"))
        assert told[0] == "4 of runs.csv"
        assert told[1].endswith("4 entries were read as numbers, '3,104' as 3.104")
    assert "looks" not in refusal(*command, "--decimal", ".", "--sep", "comma")
    assert refusal(*command, "--sep", "::").startswith("error: --sep ::: it cannot part columns")


def test_wide_tables_are_stacked(tmp_path):
    table = pd.DataFrame(
        {"C": [1e19, 1e20, 1e21], "loss_gru": [3, 2.8, 2.7], "lstm": [3.1, 3, 2.9]}
    )
    table.to_csv(tmp_path / "runs.csv", index=False)
    command = ["check", "compute", tmp_path / "runs.csv", "--by", "recipe", "--json"]
    for wide in (["recipe=loss_gru,lstm"], ["recipe=loss_gru", "recipe=lstm"]):
        options = [part for one in wide for part in ("--wide", one)]
        told = found(commands.run(*command, *options))
        assert told == [
            "6 of runs.csv",
            "'loss_gru', 'lstm' were stacked as 'loss' by 'recipe'",
        ]
    assert refusal(*command, "--wide", "recipe=los_*").endswith("as in --wide 'recipe=loss_*'")
    assert "expected NAME=VALUE" in refusal(*command, "--wide", "recipe")


@pytest.mark.parametrize("command", ["check", "fit", "backtest"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--where", "__import__('os').system('touch broken')"], "is not read; expected comp"),
        (["--where", "State = 'x'"], "it cannot be read; expected comparisons of columns"),
        (["--where", "state == 'x'"], "did you mean 'State'?"),
        (["--sep", "ab"], "it cannot part columns"),
        (["--decimal", "comma"], "it is no decimal mark; expected '.' or ','"),
        (["--wide", "recipe=x*"], "no column is 'x*'"),
        (["--best-of", "width"], "--best-of: 'width': there is no such column"),
        (["--by", "group"], "give the groups one, as in --by kind with --column kind=group"),
    ],
)
def test_bad_input_is_refused_once_and_leaves_nothing(command, options, said, export, tmp_path):
    out = ["-o", tmp_path / "out.nc"] if command == "fit" else []
    arguments = [command, "compute", export, *NAMED, *options, *out]
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    result = commands.run(*arguments, cwd=folder)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert not list(folder.iterdir())
    assert not (tmp_path / "out.nc").exists()


def test_every_command_that_reads_runs_has_every_option_of_a_table():
    there = typer.main.get_command(app).commands
    for command in ("check", "fit", "backtest"):
        known = {param.name for param in there[command].params}
        assert {field.name for field in fields(TableOptions)} <= known
        assert "table" not in known
        shown = " ".join(commands.run(command, "--help").stdout.split())
        for option in ("--sep", "--decimal", "--wide", "--where", "--drop-nonfinite", "--best-of"):
            assert option in shown
