"""Each command is led into its refusals: the options that a message names are the command's own."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import small
from commands import run
from fits import TRUSTED, grouped_runs, of_prior
from test_cli_options import files_with_marks

import lawbook
from lawbook.cli.options import in_options, options_of, spelt
from lawbook.errors import Message, argument

CHINCHILLA = lawbook.load_law("chinchilla")
NO_COST = lawbook.load_law("knowledge_capacity")
OPTION = re.compile(r"(?<![\w-])(lawbook fit )?(--?[a-z][a-z-]*)(?![\w-])")
PYTHON = re.compile(r"(?<![\w-])[a-z_]{2,}=(?!=)")
TABLES = ("check", "fit", "backtest")
GOOD = pd.DataFrame(
    {
        "C": [1e19, 3e19, 1e20, 3e20, 1e21, 3e21, 1e22, 3e22],
        "loss": [3.1, 2.9, 2.7, 2.6, 2.5, 2.4, 2.3, 2.2],
        "recipe": ["gru"] * 4 + ["mlp"] * 4,
    }
)
# what is wrong with a table, the table, and options
OF_TABLES = {
    "a blank": (GOOD.assign(loss=[None, *GOOD["loss"][1:]]), []),
    "a unit": (GOOD.assign(C=GOOD["C"] / 1e15), []),
    "a perplexity": (GOOD.assign(loss=np.exp(GOOD["loss"]) * 20), []),
    "a header": (
        GOOD.assign(C=GOOD["C"] / 1e15).rename(columns={"C": "C (P)"}),
        ["--column", "C=C (P)"],
    ),
    "a unit that is none": (GOOD, ["--unit", "loss=stones"]),
    "no such column": (GOOD.rename(columns={"C": "FLOPs"}), []),
    "a name of no symbol": (GOOD, ["--column", "M=C"]),
    "a symbol as a group": (GOOD, ["--by", "loss"]),
    "a lonely group": (GOOD.assign(recipe=["a"] * 7 + ["b"]), ["--by", "recipe"]),
    "repeats": (pd.concat([GOOD, GOOD.iloc[:1]]), []),
    "few sizes": (GOOD.assign(C=[1e19, 3e19] * 4), []),
    "no such finding": (GOOD, ["--allow", "all"]),
    "no such treatment": (GOOD, ["--missing", "ignore"]),
    "a mark that is none": (GOOD, ["--decimal", "x"]),
    "unclear numbers": (GOOD.assign(C=["1,234"] * 8), []),
    "a condition that is none": (GOOD, ["--where", "loss <"]),
    "no such cell": (GOOD, ["--best-of", "size"]),
    "nothing to stack": (GOOD, ["--wide", "kind=loss_*"]),
    "a separator that is none": (GOOD, ["--sep", "and"]),
}
AS_CURVES = ["good.csv", "--column", "x=C", "--by", "recipe"]
# what is wrong, the command, and its options
OF_FITS = {
    "no law": ("predict", ["own.nc", "--at", "x=1"]),
    "a group that had no runs": ("predict", ["one.nc", "--at", "C=1e22", "--at", "recipe=rnn"]),
    "no such kind": ("predict", ["one.nc", "--at", "C=1e22", "--kind", "all"]),
    "text as a point": ("predict", ["one.nc", "--at", "C=many"]),
    "an unknown input": ("predict", ["one.nc", "--at", "D=1"]),
    "draws not to be trusted": ("predict", ["doubtful.nc", "--at", "C=1e22"]),
    "a scale below the last run": ("forecast", [*AS_CURVES, "--at", "x=1"]),
    "two ways to say where": ("forecast", [*AS_CURVES, "--at", "x=1e23", "--times", "2"]),
    "half of a scale": ("forecast", [*AS_CURVES, "--times", "0.5"]),
    "curves without groups": ("forecast", [*AS_CURVES, "--relatives", "task"]),
    "no groups": ("compare", ["plain.nc", "--at", "C=1e22"]),
    "several columns of groups": ("compare", ["two.nc", "--at", "N=1e9", "--at", "D=1e9"]),
    "no such column": ("compare", ["one.nc", "--at", "C=1e22", "--between", "seed"]),
    "no such group": ("compare", ["one.nc", "--at", "C=1e22", "--among", "gru", "--among", "rnn"]),
    "no such reference": ("compare", ["one.nc", "--at", "C=1e22", "--reference", "rnn"]),
    "both points and a path": ("compare", ["one.nc", "--at", "C=1e22", "--along", "C"]),
    "an end without a path": ("compare", ["one.nc", "--at", "C=1e22", "--upto", "1e24"]),
    "a region below zero": ("compare", ["one.nc", "--at", "C=1e22", "--rope", "-1"]),
    "within no path": ("compare", ["two.nc", "--at", "N=1", "--within", "corpus=c4"]),
    "fixed on no path": ("compare", ["two.nc", "--at", "N=1", "--fixed", "D=1"]),
    "nothing fixed": ("compare", ["two.nc", "--along", "N", "--between", "recipe"]),
    "an end before the start": (
        "crossover",
        ["one.nc", "gru", "mlp", "--along", "C", "--upto", "1"],
    ),
    "no such path": ("crossover", ["one.nc", "gru", "mlp", "--along", "D/C=x"]),
    "no budget": ("allocate", ["two.nc"]),
    "a budget below zero": ("allocate", ["two.nc", "--budget", "-1"]),
    "a bound of nothing": ("allocate", ["two.nc", "--budget", "1e22", "--subject-to", "M=1"]),
    "bounds that cross": ("allocate", ["two.nc", "--budget", "1e22", "--subject-to", "N=9..1"]),
    "nothing free": (
        "allocate",
        ["two.nc", "--budget", "1e22", "--subject-to", "N=1e9", "--subject-to", "D=1e9"],
    ),
    "tokens below zero": ("allocate", ["two.nc", "--budget", "1e22", "--served", "-1"]),
    "no cost": ("allocate", ["no_cost.nc", "--budget", "1e22"]),
    "a cost without parameters": ("allocate", ["plain.nc", "--budget", "1e22", "--served", "1e9"]),
    "a target of nothing": ("plan", ["two.nc", "--target", "M"]),
    "runs below one": ("plan", ["two.nc", "--target", "E", "-n", "0"]),
    "a budget of nothing": ("plan", ["two.nc", "--target", "E", "--budget", "0"]),
    "between nothing": ("plan", ["two.nc", "--target", "N=1e9", "--between", "seed"]),
    "a chance of no choice": ("plan", ["two.nc", "--target", "E", "--until", "0.9"]),
    "one fit": ("compare-laws", ["plain.nc"]),
    "an end of no page": ("report", ["one.nc", "-o", "report.pdf"]),
    "few simulated tables": ("calibration", ["compute", "--tables", "5"]),
}
OF_OPTIONS = {
    "no such discrepancy": ("fit", ["--discrepancy", "some"]),
    "no such engine": ("fit", ["--engine", "stan"]),
    "draws below four": ("fit", ["--draws", "1"]),
    "no such source": ("fit", ["--informed-by", "nobody"]),
    "what varies in a group": ("fit", ["--by", "recipe", "--explained-by", "E=C"]),
    "no chains": ("fit", ["--chains", "0"]),
    "no room": ("fit", ["--max-draws", "1"]),
    "all accepted": ("fit", ["--target-accept", "1"]),
    "a file of another engine": ("fit", ["--engine", "numpyro", "--checkpoint", "kept"]),
    "many draws below four": ("fit-many", ["--by", "recipe", "--draws", "1"]),
    "a label that is a column": ("fit-many", ["--by", "error", "--column", "error=recipe"]),
    "no such baseline": ("backtest", ["--baseline", "m9"]),
    "all fitted": ("backtest", ["--cut", "1"]),
    "horizons that descend": ("backtest", ["--horizon", "10", "--horizon", "2"]),
    "a horizon out of reach": ("backtest", ["--horizon", "1e9"]),
    "no such order": ("backtest", ["--order", "N"]),
    "relatives without groups": ("backtest", ["--relatives", "task"]),
}
# names that messages mark and no case below leads to, and why
ELSEWHERE = {
    "held_out": "all runs of a fit have one size, or a second table: simulated runs never do",
    "among": "named with its value",
    "scheduler": "named where Dask is installed, which is an extra",
    "pool": "named where arithmetic fails in a fit, which no table is known to make happen",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("messages")
    one = small.fit()
    one.save(folder / "one.nc")
    problem = Message(f"E: only 7 effective draws, expected 400; give {argument('max_draws')}")
    replace(one, diagnostics=replace(TRUSTED, problems=(problem,))).save(folder / "doubtful.nc")
    law = lawbook.load_law("compute")
    of_prior(law, lawbook.simulate(law, n=20, seed=1)).save(folder / "plain.nc")
    own = replace(law, name="own")
    of_prior(own, lawbook.simulate(own, n=20, seed=1)).save(folder / "own.nc")
    of_prior(NO_COST, lawbook.simulate(NO_COST, n=40, seed=1)).save(folder / "no_cost.nc")
    of_prior(CHINCHILLA, grouped_runs(("recipe", "corpus"))).save(folder / "two.nc")
    GOOD.to_csv(folder / "good.csv", index=False)
    return folder


def check(command, done):
    """Hold one refusal to what all must be, and return the options that it names."""
    assert done.returncode in (1, 2), f"{command} took it"
    said = re.sub(r"'[^']*'|\"[^\"]*\"", "", done.stderr.split("\nUsage:")[-1])
    assert "Traceback" not in said
    if done.returncode == 2 and done.stderr.startswith("error: "):
        assert done.stdout == ""
        assert done.stderr.count("error: ") == 1
    named = set()
    for elsewhere, option in OPTION.findall(said):
        assert option in options_of("fit" if elsewhere else command), f"{command}: no {option}"
        assert not (elsewhere and command in TABLES), f"{command} sends to lawbook fit"
        named.add(option)
    told = said.partition("in Python")[0]
    options = re.sub(r"--?[a-z-]+ \S+", "", told)  # with what they take, as in --unit loss=...
    assert not PYTHON.search(options), f"{command} speaks Python: {said}"
    return named


@pytest.fixture(scope="module")
def named(folder):
    """Lead each command into each of its refusals; return the options that were named."""
    found = set()
    for what, (table, options) in OF_TABLES.items():
        table.to_csv(folder / "runs.csv", index=False)
        for command in TABLES:
            out = ["-o", "fit.nc"] if command == "fit" else []
            found |= check(command, run(command, "compute", "runs.csv", *out, *options, cwd=folder))
            assert not (folder / "fit.nc").exists(), what
    for command, options in OF_FITS.values():
        found |= check(command, run(command, *options, cwd=folder))
    for what, (command, options) in OF_OPTIONS.items():
        out = ["-o", "fit.nc"] if command in ("fit", "fit-many") else []
        found |= check(command, run(command, "compute", "good.csv", *out, *options, cwd=folder))
        assert not (folder / "fit.nc").exists(), what
    return found


def test_every_option_that_a_message_names_was_named_by_a_command_that_has_it(named):
    marked = {name for names in files_with_marks().values() for name in names}
    lacking = {name for name in marked - set(ELSEWHERE) if spelt(name) not in named}
    assert lacking == set()


def test_an_option_that_a_command_lacks_is_that_of_a_fit(monkeypatch):
    message = Message(f"give {argument('max_draws')} more room, or {argument('grid')}")
    monkeypatch.setattr("sys.argv", ["lawbook", "predict", "fit.nc"])
    assert in_options(message) == "give lawbook fit --max-draws more room, or grid="
    monkeypatch.setattr("sys.argv", ["lawbook", "fit", "chinchilla"])
    assert in_options(message) == "give --max-draws more room, or grid="
    monkeypatch.setattr("sys.argv", ["python"])
    assert in_options(message) == "give --max-draws more room, or --grid"
