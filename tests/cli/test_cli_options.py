"""Messages name arguments: as Python's where Python reads them, as options on the command line."""

import ast
import pickle
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small
import typer

import lawbook
from lawbook import RunsError
from lawbook.cli import app, main
from lawbook.cli.options import as_option, in_options
from lawbook.engine.diagnostics import judge
from lawbook.errors import Message, argument, given

HOUSE = Path(lawbook.__file__).parent
TABLE = ("check", "fit", "fit-many", "backtest", "forecast")
CURVES = ("backtest", "forecast")
POINTS = ("predict", "compare")
SAVED = (
    "predict",
    "derive",
    "report",
    "compare",
    "crossover",
    "allocate",
    "plan",
    "compare-laws",
)
# the commands that a message of a file can reach, each of which has all options that it names;
# "fit again" names those of the fit
REACHED = {
    "data/delimited.py": TABLE,
    "data/faults.py": TABLE,
    "data/unit_faults.py": TABLE,
    "data/units.py": TABLE,
    "data/door.py": TABLE,
    "data/filters.py": TABLE,
    "data/predictors.py": ("fit",),
    "data/reading.py": TABLE,
    "data/wide.py": TABLE,
    "data/runs.py": TABLE,
    "data/several.py": ("fit-many",),
    "data/shared.py": TABLE,
    "data/points.py": (*POINTS, "derive"),
    "data/groups.py": ("compare",),
    "decisions/best_use.py": ("allocate",),
    "decisions/comparison.py": ("compare",),
    "decisions/optimum.py": ("allocate",),
    "decisions/paths.py": ("compare", "crossover"),
    "decisions/planning.py": ("plan",),
    "laws/law.py": ("fit",),
    "engine/diagnostics.py": ("fit",),
    "engine/ensemble.py": ("fit",),
    "engine/others.py": ("fit",),
    "evaluation/backtesting.py": ("backtest",),
    "evaluation/calibration.py": ("calibration",),
    "evaluation/law_comparison.py": ("compare-laws",),
    "evaluation/forecasting.py": ("forecast",),
    "evaluation/relatives.py": CURVES,
    "evaluation/splits.py": ("backtest",),
    "laws/sources.py": ("fit",),
    "posterior/adequacy.py": ("fit",),
    "posterior/cluster.py": ("backtest", "calibration", "fit-many", "forecast"),
    "model/failures.py": ("fit",),
    "model/hierarchy.py": ("check", "fit"),
    "posterior/inference.py": ("fit",),
    "posterior/many.py": ("fit-many",),
    "posterior/misfit.py": ("fit",),
    "posterior/saving.py": SAVED,
    "posterior/saving_together.py": ("predict", "compare", "crossover", "allocate"),
    "posterior/sources.py": ("fit",),
    "posterior/summaries.py": POINTS,
    "together.py": ("fit",),
}
AGAIN = {"data/groups.py": {"by"}}


def options_of_commands():
    commands = typer.main.get_command(app).commands
    return {
        name: {text for param in command.params for text in (*param.opts, *param.secondary_opts)}
        for name, command in commands.items()
    }


def marked_in(path):
    """Names of the arguments that a file's messages mark, each a literal."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        name = node.func.id if isinstance(node, ast.Call) and hasattr(node.func, "id") else ""
        if name in ("argument", "given"):
            assert isinstance(node.args[0], ast.Constant), f"{path}: a name that is computed"
            yield node.args[0].value


def files_with_marks():
    paths = (path for path in HOUSE.rglob("*.py") if path != HOUSE / "errors.py")
    return {str(path.relative_to(HOUSE)): set(marked_in(path)) for path in paths}


@pytest.mark.parametrize(
    "file", sorted(name for name, marks in files_with_marks().items() if marks)
)
def test_every_option_that_a_message_names_is_there(file):
    there = options_of_commands()
    again = AGAIN.get(file, set())
    for name in files_with_marks()[file]:
        option = in_options(argument(name))
        for command in ("fit",) if name in again else REACHED[file]:
            assert option in there[command], f"{file}: {command} has no {option}"


def test_options_that_switch_off_are_there():
    assert in_options(argument("held_out", False)) in options_of_commands()["compare-laws"]


@pytest.mark.parametrize(
    ("marked", "python", "options"),
    [
        (argument("by"), "by=", "--by"),
        (given("missing"), "missing", "--missing"),
        (argument("allow", "single"), 'allow="single"', "--allow single"),
        (given("between", "my corpus"), "between='my corpus'", "--between 'my corpus'"),
        (argument("columns", {"N": "params"}), 'columns={"N": "params"}', "--column N=params"),
        (argument("new_groups", True), "new_groups=True", "--new-groups"),
        (argument("held_out", False), "held_out=False", "--no-held-out"),
        (argument("budget", 1e24), "budget=1e24", "--budget 1e24"),
        (argument("budget", [1e23, 1e24]), "budget=[1e23, 1e24]", "--budget 1e23 --budget 1e24"),
        (given("n", 0), "n=0", "-n 0"),
        (
            argument("subject_to", {"N": (None, 1e12)}),
            'subject_to={"N": (None, 1e12)}',
            "--subject-to N=..1e12",
        ),
        (given("discrepancy", len), "discrepancy=<built-in function len>", None),
    ],
)
def test_each_side_words_an_argument(marked, python, options):
    error = RunsError(f"table: it is not so; write {marked}; or not")
    assert str(error) == f"table: it is not so; write {python}; or not"
    assert error.args == (str(error),)
    if options is not None:
        assert in_options(error.message) == f"table: it is not so; write {options}; or not"


def test_text_that_looks_like_an_argument_stays_as_it_is():
    assert in_options("column 'by=x': it holds allow=\"single\"") == (
        "column 'by=x': it holds allow=\"single\""
    )
    odd = "\x02by\x1f=1\x03"
    assert in_options(Message(f"no run has {odd!r}")) == f"no run has {odd!r}"


def test_messages_can_be_copied():
    message = Message(f"give {argument('max_draws')} more room")
    for copy in (pickle.loads(pickle.dumps(message)), deepcopy(message), Message(message)):
        assert copy == "give max_draws= more room"
        assert in_options(copy) == "give --max-draws more room"
    error = pickle.loads(pickle.dumps(RunsError(message)))
    assert in_options(error.message) == "give --max-draws more room"
    assert as_option(message.parts[1]) == "--max-draws"


def test_problems_of_a_saved_fit_are_said_in_options(tmp_path, monkeypatch, capsys):
    walk = np.tile(np.cumsum(np.random.default_rng(1).standard_normal(100)), (4, 1))
    energy = np.random.default_rng(2).standard_normal((4, 100))
    doubtful = judge({"E": walk}, np.zeros((4, 100), dtype=bool), energy)
    assert doubtful.problems[-1].endswith("expected 400; give max_draws= more room")
    replace(small.fit(), diagnostics=doubtful).save(tmp_path / "fit.nc")
    assert lawbook.load(tmp_path / "fit.nc").diagnostics == doubtful
    arguments = ["predict", str(tmp_path / "fit.nc"), "--at", "C=1e22"]
    monkeypatch.setattr("sys.argv", ["lawbook", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.endswith(
        "expected 400; give lawbook fit --max-draws more room\n"
    )
