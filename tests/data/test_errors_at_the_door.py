"""Bad input at the command line: one message that says what to do, exit code 2, no traceback."""

import pandas as pd
import pytest
import small

from lawbook import cli
from lawbook.errors import LawError
from lawbook.priors import LogNormal

GOOD = pd.DataFrame(
    {
        "C": [1e19, 3e19, 1e20, 3e20, 1e21, 3e21],
        "loss": [3.1, 2.9, 2.7, 2.6, 2.5, 2.4],
        "recipe": ["gru", "gru", "gru", "mlp", "mlp", "mlp"],
    }
)


@pytest.fixture
def lawbook(monkeypatch, capsys):
    """Run the command line; return exit code, standard output and standard error."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["lawbook", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def refuses(lawbook):
    """Run what must be refused, with and without --json; return the message."""

    def run(*arguments):
        code, out, error = lawbook(*arguments)
        assert (code, out) == (2, "")
        assert error.startswith("error: ")
        assert "Traceback" not in error
        assert lawbook(*arguments, "--json") == (2, "", error)
        return error

    return run


@pytest.fixture
def table(tmp_path):
    """Write runs, some of their cells changed, and return the path."""

    def write(frame=GOOD, **cells):
        frame = frame.astype(object)
        for name, (row, value) in cells.items():
            frame.loc[row - 1, name] = value
        frame.to_csv(tmp_path / "runs.csv", index=False)
        return tmp_path / "runs.csv"

    return write


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "fit.nc"
    small.fit().save(path)
    return path


FAULTS = {
    "a column that is missing": (
        GOOD.rename(columns={"C": "flops"}),
        {},
        ["column 'C': there is no such column", "did you mean --column C=flops"],
    ),
    "text among numbers": (GOOD, {"C": (3, "large")}, ["'large' (row 3) cannot be read", "7e9"]),
    "another quantity": (
        GOOD,
        {"C": (3, "1e20 GPU-hours")},
        ["'1e20 GPU-hours' (row 3) has a unit", "expected plain numbers in FLOP"],
    ),
    "commas of two meanings": (
        GOOD.assign(loss=["3,104", "2,917", "2,733", "2,648", "2,505", "2,418"]),
        {},
        ["'3,104' (row 1), '2,917' (row 2)", "could part thousands or decimals", "--decimal ."],
    ),
    "a blank": (GOOD, {"loss": (2, "")}, ["column 'loss': it is blank in row 2", "--missing drop"]),
    "nan": (GOOD, {"loss": (2, "nan")}, ["column 'loss': it is blank in row 2"]),
    "an infinity": (GOOD, {"C": (4, "inf")}, ["inf (row 4) is not finite"]),
    "a zero": (GOOD, {"C": (1, 0)}, ["0 (row 1) is out of range", "values above 0"]),
    "a negative loss": (GOOD, {"loss": (5, -2.5)}, ["-2.5 (row 5) is out of range"]),
    "another unit": (
        GOOD.assign(C=[0.1, 0.3, 1, 3, 10, 30]),
        {},
        [
            "look like another unit; expected FLOP, about",
            "--unit C=... (GFLOP, TFLOP",
            "--allow units",
        ],
    ),
    "too few sizes": (
        GOOD.assign(C=[1e19, 1e20, 1e20, 1e19, 1e20, 1e20]),
        {},
        ["column 'C': it has 2 distinct sizes; expected at least", "--allow sizes"],
    ),
    "a group with one run": (GOOD, {"recipe": (6, "lstm")}, ["only one run in 'lstm' (row 6)"]),
    "the same run twice": (
        pd.concat([GOOD, GOOD.iloc[[1]]], ignore_index=True),
        {},
        ["row 7 repeats row 2", "--allow duplicates"],
    ),
    "a blank label": (
        GOOD,
        {"recipe": (6, "")},
        ["grouping column 'recipe': it is blank in row 6"],
    ),
    "too few runs": (GOOD.head(2), {}, ["it has 2 runs; expected at least 3"]),
}


@pytest.mark.parametrize(("frame", "cells", "said"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("command", ["check", "fit"])
def test_faults_of_runs(refuses, table, tmp_path, command, frame, cells, said):
    path = table(frame, **cells)
    out = ["-o", tmp_path / "fit.nc"] if command == "fit" else []
    message = refuses(command, "compute", path, "--by", "recipe", *out)
    assert "runs.csv" in message
    assert "as runs of 'compute'" in message
    for text in said:
        assert text in message
    assert not (tmp_path / "fit.nc").exists()


def test_all_faults_are_told_at_once(refuses, table):
    message = refuses("check", "compute", table(C=(1, "x"), loss=(2, -1)), "--by", "recpe")
    assert "3 faults" in message
    assert "did you mean 'recipe'?" in message


def test_options_that_do_not_fit(refuses, table, saved):
    runs = table()
    assert "did you mean 'compute'?" in refuses("check", "compte", runs)
    assert "no such file" in refuses("check", "mine.py", runs)
    assert "no such file; expected a table" in refuses("check", "compute", "nowhere.csv")
    assert "expected NAME=VALUE" in refuses("check", "compute", runs, "--column", "flops")
    assert "given twice" in refuses("check", "compute", runs, "--column", "C=a", "--column", "C=b")
    assert "no param 'gama'" in refuses("check", "compute", runs, "--pool", "gama=partial")
    assert "unknown pooling 'some'" in refuses("check", "compute", runs, "--pool", "some")
    assert "expected one of them" in refuses(
        "check", "compute", runs, "--pool", "full", "--pool", "none"
    )
    assert "there is no 'skip'" in refuses("check", "compute", runs, "--missing", "skip")
    assert "there is no 'all'" in refuses("check", "compute", runs, "--allow", "all")
    fit = ["fit", "compute", runs, "-o", "/dev/null/fit.nc"]
    assert "its folder does not exist" in refuses(*fit)
    fit[-1] = runs.parent / "fit.nc"
    assert "engine 'stan': there is none" in refuses(*fit, "--engine", "stan")
    assert "--draws 1: expected" in refuses(*fit, "--draws", 1)


def test_a_parameter_that_the_law_lacks(refuses, table, tmp_path):
    law = tmp_path / "mine.py"
    law.write_text(MINE)
    refused = r"only its formula has the params 'gamma', only its declaration has 'gama'"
    assert refused in refuses("check", f"{law}", table())
    law.write_text("LAW = 7\n")
    assert "binds no law" in refuses("show", law)
    law.write_text("import nothing_of_that_name\n")
    assert "ModuleNotFoundError" in refuses("show", law)
    with pytest.raises(LawError, match="no param 'gama'; expected some of 'E', 'K', 'gamma'"):
        small.fit().law.with_priors(gama=LogNormal(0.2, 0.3))


MINE = """
from lawbook import Input, Law, Param, Response
from lawbook.priors import LogNormal

LAW = Law(
    name="mine",
    formula=lambda xp, C, *, K, gamma: K * xp.exp(-gamma * xp.log(C)),
    inputs=[Input("C", unit="FLOP", seen=(1e18, 1e22))],
    response=Response("loss", unit="nats/token"),
    params=[Param("K", LogNormal(100, 3)), Param("gama", LogNormal(0.1, 0.5))],
)
"""


def test_a_law_without_slopes(refuses, table, tmp_path):
    law = tmp_path / "mine.py"
    law.write_text(
        MINE.replace("gama", "gamma").replace("xp.log(C)", "(xp.log(C) + xp.sqrt(0 * gamma))")
    )
    assert "is not finite in rows 1, 2," in refuses("check", law, table())
    law.write_text(MINE.replace("gama", "gamma").replace("K * xp", "-K * xp"))
    assert "at the medians of its priors it gives -" in refuses("check", law, table())


@pytest.mark.parametrize("command", ["predict", "compare"])
def test_points_that_do_not_fit(refuses, saved, command):
    def at(*texts):
        return refuses(command, saved, *(part for text in texts for part in ("--at", text)))

    assert "-1 (row 1) is out of range; expected values above 0" in at("C=-1")
    assert "'big' (row 1) cannot be read as numbers" in at("C=big")
    assert "blank in row 2" in at("C=1e22,")
    assert "column 'N': it is neither an input nor a grouping column" in at("C=1e22", "N=1e9")
    assert "column 'C': there is no such column" in at("recipe=gru")
    assert "expected NAME=VALUE" in at("C")
    assert "given twice" in at("C=1e22", "C=1e23")
    assert "there is none; expected 'mean'" in refuses(
        command, saved, "--at", "C=1e22", "--kind", "median"
    )
    assert "no export as '.xlsx'" in refuses(
        command, saved, "--at", "C=1e22", "-o", "prediction.xlsx"
    )


def test_groups_that_have_no_runs(refuses, saved):
    assert "no run has 'rwkv' (row 1); expected one of" in refuses(
        "predict", saved, "--at", "C=1e22", "--at", "recipe=rwkv"
    )
    assert "--reference rwkv: no recipe of this name is compared" in refuses(
        "compare", saved, "--at", "C=1e22", "--reference", "rwkv"
    )
    assert "the runs are not grouped by it" in refuses(
        "compare", saved, "--at", "C=1e22", "--between", "seed"
    )


def test_fits_that_cannot_be_read(refuses, saved, tmp_path):
    at = ["--at", "C=1e22"]
    assert "there is no such file" in refuses("predict", tmp_path / "fit.nc", *at)
    assert "it cannot be read" in refuses("predict", tmp_path, *at)
    (tmp_path / "fit.nc").write_bytes(saved.read_bytes()[:-100])
    assert "no saved fit" in refuses("compare", tmp_path / "fit.nc", *at)
    assert "the one given is 'chinchilla'" in refuses("predict", saved, *at, "--law", "chinchilla")


def test_a_fit_that_must_not_be_trusted(lawbook, saved, tmp_path):
    from dataclasses import replace

    fit = small.fit()
    bad = replace(fit.diagnostics, problems=("E: the chains disagree; give them more room",))
    replace(fit, diagnostics=bad).save(tmp_path / "fit.nc")
    for command in ("predict", "compare"):
        code, out, error = lawbook(command, tmp_path / "fit.nc", "--at", "C=1e22")
        assert code == 1
        assert "1e+22" in out or "1e22" in out
        assert (
            error == "the draws must not be trusted: E: the chains disagree; give them more room\n"
        )
