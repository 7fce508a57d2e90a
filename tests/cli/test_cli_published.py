"""`--published`, `lawbook derive` and `lawbook simulate`: as in Python, and what they refuse."""

import json

import pandas as pd
import pytest
import small
from commands import run

import lawbook
from lawbook.export import read_export

REFIT = lawbook.published("chinchilla", "besiroglu2024")
SOURCE = ("--published", "besiroglu2024")
POINT = ("--at", "N=7e10", "--at", "D=1.4e12")
ASKED = {
    ("predict", "chinchilla", *POINT): lambda: REFIT.predict({"N": 7e10, "D": 1.4e12}),
    ("allocate", "chinchilla", "--budget", "1e24"): lambda: REFIT.allocate(1e24),
    ("allocate", "chinchilla", "--planned", "N=7e10", "--planned", "D=1e12"): lambda: (
        REFIT.allocate(planned={"N": 7e10, "D": 1e12})
    ),
    ("derive", "chinchilla", "optimal_size", "--at", "C=1e22,1e24"): lambda: REFIT.derive(
        "optimal_size", C=[1e22, 1e24]
    ),
    ("derive", "chinchilla", "size_exponent"): lambda: REFIT.derive("size_exponent"),
}


def rows(frame):
    return pd.DataFrame(frame).reset_index(drop=True)


@pytest.mark.parametrize("command", ASKED, ids=lambda command: " ".join(command[:3]))
def test_published_values_answer_as_in_python(command, tmp_path):
    expected = ASKED[command]()
    done = run(*command, *SOURCE, "--json", "-o", "found.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    pd.testing.assert_frame_equal(rows(told["rows"]), expected.table, check_dtype=False)
    assert told["provenance"]["uncertainty"] == "none: these are point values"
    written, _ = read_export(tmp_path / "found.csv")
    pd.testing.assert_frame_equal(written, expected.table, check_dtype=False)
    text = run(*command, *SOURCE)
    assert (text.returncode, text.stderr) == (0, "")
    said = " ".join(text.stdout.split())
    assert "at the values of besiroglu2024" in said
    assert "point values of besiroglu2024, without their uncertainty" in said
    assert "interval" not in said.replace("they have no interval", "")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            ("predict", "chinchilla", *POINT),
            "chinchilla: a law alone has no values of its parameters; expected a saved fit, or "
            "published values with --published, of which this law has 'hoffmann2022:1', "
            "'hoffmann2022:2', 'besiroglu2024'; add it",
        ),
        (
            ("allocate", "compute", "--budget", "1e24"),
            "compute: a law alone has no values of its parameters; expected a saved fit, or "
            "published values with --published, of which this law has nothing; fit the law to runs",
        ),
        (
            ("derive", "chinchilla", "optimal_size", "--published", "kaplan2020"),
            "law 'chinchilla': of 'kaplan2020' it has none of published values; expected one of "
            "'hoffmann2022:1', 'hoffmann2022:2', 'besiroglu2024'; name it so",
        ),
        (
            ("predict", "chinchilla", *SOURCE, *POINT, "--kind", "run"),
            "--kind: published values say nothing of groups or of how runs scatter; expected it "
            "only with a saved fit; leave it out",
        ),
        (
            ("derive", "chinchilla", "size_exponent", *SOURCE, "--new-groups"),
            "--new-groups: published values say nothing of groups or of how runs scatter; expected "
            "it only with a saved fit; leave it out",
        ),
        (
            ("predict", "chinchilla", *SOURCE, *POINT, "--law", "compute"),
            "--law: with --published the law stands in place of a fit; expected one law; leave it "
            "out",
        ),
        (
            ("predict", "fit.nc", *SOURCE, *POINT),
            "law 'fit.nc': the book has no law of that name; expected a law of the book or a path "
            "that ends in .py; look it up with lawbook.find, or lawbook laws",
        ),
        (
            ("derive", "chinchilla", "peak", *SOURCE),
            "law 'chinchilla': it has no derived quantity 'peak'; expected one of 'optimal_size', "
            "'optimal_data', 'size_exponent'; correct the name",
        ),
    ],
)
def test_what_published_values_cannot_answer_is_refused(command, message, tmp_path):
    done = run(*command, "-o", "found.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {message}\n"
    assert not list(tmp_path.iterdir())


def test_laws_of_files_have_published_values_too(tmp_path):
    book = lawbook.load_law("chinchilla").formula.__globals__["__file__"]
    done = run("predict", book, *SOURCE, *POINT, "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert told["rows"][0]["loss"] == REFIT.predict({"N": 7e10, "D": 1.4e12}).table["loss"][0]
    alone = run("predict", book, *POINT, cwd=tmp_path)
    assert alone.returncode == 2
    assert "a law alone has no values" in alone.stderr


def test_a_saved_fit_derives_as_in_python(tmp_path):
    small.fit().save(tmp_path / "fit.nc")
    quantity = small.fit().law.derived[0]
    given = [f"{name}=2.9" for name in quantity.given]
    options = [text for pair in given for text in ("--at", pair)]
    done = run("derive", "fit.nc", quantity.name, *options, "--json", cwd=tmp_path)
    expected = small.fit().derive(quantity.name, **dict.fromkeys(quantity.given, 2.9))
    found = rows(json.loads(done.stdout)["rows"])
    pd.testing.assert_frame_equal(found, expected.table, check_dtype=False)
    text = run("derive", "fit.nc", quantity.name, *options, cwd=tmp_path)
    assert " ".join(expected.headline.split()) in " ".join(text.stdout.split())


def test_runs_are_simulated_as_in_python(tmp_path):
    done = run("simulate", "chinchilla", "-n", 40, "--seed", 1, "-o", "runs.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Simulated, not measured: E = 1.8" in " ".join(done.stdout.split())
    frame, said = read_export(tmp_path / "runs.csv")
    expected = lawbook.simulate(lawbook.load_law("chinchilla"), n=40, seed=1)
    pd.testing.assert_frame_equal(frame, expected.frame.reset_index(drop=True))
    assert said["result"] == "simulated runs"
    assert said["truth"] == "medians of the priors"
    at = dict(REFIT.estimate.at)
    run("simulate", "chinchilla", "-n", 40, *SOURCE, "-o", "runs.parquet", cwd=tmp_path)
    found = lawbook.read_runs(tmp_path / "runs.parquet", "chinchilla")
    assert found.sha256 == lawbook.simulate(lawbook.load_law("chinchilla"), at, n=40).sha256


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-o", "runs.nc"), "runs.nc: nothing is written as '.nc'; expected one of '.csv', "),
        (("-o", "no/runs.csv"), "no/runs.csv: its folder does not exist; expected a folder"),
        (("-n", 2, "-o", "runs.csv"), "it has 2 runs; expected at least 5, one for each"),
        (("--published", "x", "-o", "runs.csv"), "of 'x' it has none of published values"),
    ],
)
def test_runs_that_cannot_be_simulated_are_refused(options, message, tmp_path):
    done = run("simulate", "chinchilla", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_sources_are_listed_by_the_names_that_are_asked_for():
    shown = run("show", "chinchilla").stdout
    assert all(source in shown for source in lawbook.load_law("chinchilla").sources)
    told = json.loads(run("show", "chinchilla", "--json").stdout)
    assert [e["source"] for e in told["published"]] == list(lawbook.load_law("chinchilla").sources)


def test_commands_stand_in_the_order_of_work_each_in_one_line():
    _, _, text = run("--help").stdout.partition("Commands")
    rows = [line.split() for line in text.splitlines() if line.startswith("│")]
    assert [row[1] for row in rows] == (
        "laws find show simulate check fit fit-many predict derive compare crossover allocate plan "
        "report forecast backtest calibration compare-laws demo"
    ).split()
