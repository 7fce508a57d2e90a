"""`lawbook allocate` and `lawbook plan`: what they print and write, and what they refuse."""

import json
from dataclasses import replace

import pandas as pd
import pytest
import typer
from commands import run
from fits import TRUSTED, grouped_runs, of_prior

import lawbook
from lawbook import FitError
from lawbook.cli import main
from lawbook.cli.decisions import allocate, plan

CHINCHILLA = lawbook.load_law("chinchilla")
TARGET = ["N=7e10", "D=1e12"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("decisions")
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe",)))
    fit.save(folder / "fit.nc")
    doubtful = replace(TRUSTED, problems=("few draws",))
    replace(fit, diagnostics=doubtful).save(folder / "doubtful.nc")
    frame = pd.DataFrame({"N": [1e9, 1e10], "D": [1e11, 2e10], "recipe": ["gru", "lstm"]})
    frame.to_csv(folder / "candidates.csv", index=False)
    return folder


def test_budgets_are_split_as_in_python(folder):
    arguments = ["--budget", "1e22", "--budget", "1e24", "--subject-to", "N=..7e9"]
    done = run("allocate", "fit.nc", *arguments, "--json", "-o", "a.csv", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    fit = lawbook.load(folder / "fit.nc")
    expected = fit.allocate([1e22, 1e24], subject_to={"N": (None, 7e9)}).table
    pd.testing.assert_frame_equal(pd.DataFrame(told["rows"]), expected, check_dtype=False)
    assert told["provenance"]["result"] == "allocation"
    written = pd.read_csv(folder / "a.csv", comment="#")
    pd.testing.assert_frame_equal(written, expected, check_dtype=False)


def test_a_split_is_said_in_a_sentence_a_row(folder, capsys):
    allocate(folder / "fit.nc", planned=TARGET)
    out = " ".join(capsys.readouterr().out.split())
    found = lawbook.load(folder / "fit.nc").allocate(planned={"N": 7e10, "D": 1e12})
    assert out == " ".join(" ".join(found.paragraphs()).split())
    assert out.count("The planned inputs have an excess loss of ") == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "allocate: expected either a budget or planned inputs"),
        ({"budget": [1e22], "planned": TARGET}, "allocate: expected either a budget or planned"),
        ({"budget": [-1.0]}, r"budget=\[-1.0\]: no budgets; expected positive numbers"),
        ({"budget": [1e22], "subject_to": ["N=1..2..3"]}, r"--subject-to: '1..2..3' is no bound"),
        ({"budget": [1e22], "subject_to": ["N=a"]}, r"--subject-to: 'a' is no bound"),
    ],
)
def test_what_cannot_be_split_is_refused(folder, options, message):
    with pytest.raises(FitError, match=message):
        allocate(folder / "fit.nc", **options)


def test_candidates_are_chosen_from_a_table(folder):
    arguments = ["--target", TARGET[0], "--target", TARGET[1], "--candidates", "candidates.csv"]
    done = run("plan", "fit.nc", *arguments, "-n", "1", "--json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    fit, table = lawbook.load(folder / "fit.nc"), pd.read_csv(folder / "candidates.csv")
    expected = fit.plan(target={"N": 7e10, "D": 1e12}, candidates=table, n=1).table
    pd.testing.assert_frame_equal(pd.DataFrame(told["rows"]), expected, check_dtype=False)
    assert len(expected) == 1
    assert told["rows"][0]["recipe"] in ("gru", "lstm")
    assert 0 < told["rows"][0]["relative_sd"] <= 1


def test_a_plan_is_printed_and_written(folder, capsys):
    plan(folder / "fit.nc", target=["alpha"], n=2, out=folder / "plan.json")
    out = " ".join(capsys.readouterr().out.split())
    assert out.startswith("To know the parameter alpha better, train 2 runs for ")
    assert "relative sd" in out
    assert out.endswith(f"written to {folder / 'plan.json'}".replace("\n", " "))
    assert len(json.loads((folder / "plan.json").read_text())["rows"]) == 2


def test_a_plan_for_nothing_that_there_is_is_refused(folder, monkeypatch, capsys):
    with pytest.raises(FitError, match="target='gama': law 'chinchilla' has no such parameter"):
        plan(folder / "fit.nc", target=["gama"])
    arguments = ["plan", "fit.nc", "--target", "alpha", "--candidates", "none.csv"]
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", ["lawbook", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("error: none.csv: ")


@pytest.mark.parametrize(
    "decide",
    [
        lambda path: allocate(path, budget=[1e22]),
        lambda path: plan(path, target=["alpha"], n=1),
    ],
    ids=["allocate", "plan"],
)
def test_decisions_of_a_doubtful_fit_say_so_and_end_with_1(folder, decide, capsys):
    with pytest.raises(typer.Exit) as ended:
        decide(folder / "doubtful.nc")
    assert ended.value.exit_code == 1
    said = capsys.readouterr()
    assert "But the draws must not be trusted: few draws." in " ".join(said.out.split())
    assert said.err == "the draws must not be trusted: few draws\n"
