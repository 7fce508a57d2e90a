"""What the commands share: the app, their options and arguments, and how these are read."""

import functools
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lawbook.errors import Argument, FitError, LawError, Message, RunsError, listed
from lawbook.wording import short

if TYPE_CHECKING:
    from lawbook.data.runs import Runs
    from lawbook.decisions.paths import Path as Path_
    from lawbook.fitting import Fit
    from lawbook.laws.law import Law
    from lawbook.together import Together

UNTRUSTED, BAD_INPUT, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    help="Neural scaling laws as Bayesian hierarchical models.",
    epilog="Exit codes: 0 done, 1 the fit must not be trusted, 2 bad input, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

LawName = Annotated[
    str, typer.Argument(metavar="LAW", help="A law of the book, or the path of one, as my_law.py.")
]
RunsFile = Annotated[
    Path,
    typer.Argument(metavar="RUNS", help="Table of runs: CSV, TSV, JSON, JSON Lines or Parquet."),
]
FitFile = Annotated[Path, typer.Argument(metavar="FIT", help="Saved fit (from `lawbook fit -o`).")]
Pool = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[PARAM=]HOW",
        help="Pooling of all parameters, or as in alpha=partial: full, partial or none; repeat it.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Scheduler of a Dask cluster to compute on, as tcp://host:8786."
    ),
]
OtherLaw = Annotated[
    str | None,
    typer.Option("--law", metavar="LAW", help="The law that was fitted, if it is not in the book."),
]
WHERE = typer.Option(
    "--at",
    metavar="NAME=VALUES",
    help="Where: N=1e9,D=2e10, or each by itself, with several values as in N=1e9,1e10: inputs "
    "with as many values each are paired.",
)
NEXT = re.compile(r",(?=[^,=]+=)")  # between the values of one name and the next name
At = Annotated[list[str], WHERE]
OptionalAt = Annotated[list[str] | None, WHERE]
Along = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Path to follow: D/N=20, optimal, or one input, as N; by default as the runs go.",
    ),
]
Fixed = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="Input that keeps its value along the path; repeat it."
    ),
]
Upto = Annotated[
    float | None,
    typer.Option(help="Scale where the path ends; by default 100 times the largest run's."),
]
Within = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=GROUP", help="Group in another grouping column, along a path; repeat it."
    ),
]
Between = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Grouping column to compare over.")
]
Among = Annotated[
    list[str] | None,
    typer.Option(metavar="GROUP", help="Group to compare; by default all; repeat it."),
]
Relatives = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Grouping column, as model or task: curves that share a label in it borrow from each "
        "other; repeat it.",
    ),
]
Kind = Annotated[str, typer.Option(help="mean: the expected value; run: one new training run.")]
NewGroups = Annotated[
    bool,
    typer.Option("--new-groups", help="Predict groups that have no runs, from the population."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write to .csv, .parquet, .json or .tex."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


SPELT = {  # options that are not named as the argument is
    "baselines": "--baseline",
    "columns": "--column",
    "cuts": "--cut",
    "horizons": "--horizon",
    "laws": "--law",
    "n": "-n",
    "units": "--unit",
}


def say(text: str) -> None:
    """Print to standard error: what is no result."""
    print(in_options(text), file=sys.stderr)


def say_notes(runs: "Runs") -> None:
    """Print what was left out of a table, and how its cells were read."""
    for note in runs.notes:
        say(f"{runs.source}: {note}")


def in_options(text: str) -> str:
    """Return a message, its arguments as the options of the same meaning.

    An option that the command which runs lacks is that of ``lawbook fit``, and said so: a saved fit
    may have to be made again. What no command has stays Python's.

    >>> from lawbook.errors import argument
    >>> in_options(Message(f"accept it with {argument('allow', 'single')}"))
    'accept it with --allow single'
    """
    parts = Message(text).parts
    return "".join(part if isinstance(part, str) else _at_command(part) for part in parts)


def _at_command(named: Argument) -> str:
    option, command = spelt(named.name), _running()
    if command is None or option in options_of(command):
        return as_option(named)
    return f"lawbook fit {as_option(named)}" if option in options_of("fit") else str(named)


def _running() -> str | None:
    """Return the command that runs; None where it is not known, as within another program."""
    given = sys.argv[1:2]
    return given[0] if given and given[0] in _commands() else None


@functools.cache
def _commands() -> dict[str, Any]:
    return vars(typer.main.get_command(app))["commands"]


@functools.cache
def options_of(command: str) -> frozenset[str]:
    """Return all options of a command, as they are written."""
    params = _commands()[command].params
    return frozenset(text for param in params for text in (*param.opts, *param.secondary_opts))


def spelt(name: str) -> str:
    """Return the option of an argument's name.

    >>> spelt("columns"), spelt("new_groups")
    ('--column', '--new-groups')
    """
    return SPELT.get(name, f"--{name.replace('_', '-')}")


def as_option(named: Argument) -> str:
    """Return an argument as it is written on the command line.

    >>> as_option(Argument("columns", '={"N": "params"}'))
    '--column N=params'
    """
    option = spelt(named.name)
    value = named.value
    if value is None or value is True:
        return option
    if value is False:
        return option.replace("--", "--no-", 1)
    if isinstance(value, Mapping):
        value = [f"{name}={_in_words(entry)}" for name, entry in value.items()]
    several = value if isinstance(value, list | tuple) else [value]
    return " ".join(f"{option} {shlex.quote(_in_words(one))}" for one in several)


def _in_words(value: Any) -> str:
    """Return a value as an option takes it, a range as ``1e9..2e12``."""
    if isinstance(value, list | tuple):
        return "..".join("" if end is None else _in_words(end) for end in value)
    return short(value) if isinstance(value, int | float) else str(value)


def check_out(out: Path, suffixes: tuple[str, ...] = ()) -> None:
    """Refuse a file that cannot be written: better now than after the fit."""
    if not out.parent.is_dir():
        raise FitError(
            f"{out}: its folder does not exist; expected a folder to write in; create it first"
        )
    if suffixes and out.suffix.lower() not in suffixes:
        raise FitError(
            f"{out}: nothing is written as {out.suffix or 'a file without suffix'!r}; "
            f"expected one of {listed(suffixes)}; change the name's end"
        )


def several(text: str) -> list[str]:
    """Return the names or paths of laws, parted by commas; ``auto`` as those that it stands for."""
    from lawbook.laws.catalogue import load_law
    from lawbook.laws.companions import AUTO, USUAL, companions

    if text == AUTO:
        return [law.name for law in companions(load_law(USUAL))]
    return [name.strip() for name in text.split(",")]


def asked_pooling(law: "Law", pool: list[str] | None) -> dict[str, Any] | None:
    """Return the pooling of what ``--pool`` named, from a law that has it; None without it."""
    if not pool:
        return None
    everywhere = any("=" not in how for how in pool)
    named = law.param_names if everywhere else pairs("--pool", pool)
    return {name: law.param(name).pool for name in named}


def with_pooling(law: str, pool: list[str] | None) -> "Law":
    """Return a law by its name or path, with the pooling asked for."""
    from lawbook.laws.catalogue import load_law

    found = load_law(law)
    everywhere = [how for how in pool or () if "=" not in how]
    if len(everywhere) > 1:
        raise LawError(
            f"--pool: {listed(everywhere)} are given for all parameters; expected one of them; "
            "name the parameter, as in alpha=partial"
        )
    per_param = pairs("--pool", [how for how in pool or () if "=" in how])
    return found.with_pooling(*everywhere, **per_param)


def pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Return ``NAME=VALUE`` texts as a dict."""
    found: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value:
            raise RunsError(f"{option}: {text!r} is no pair; expected NAME=VALUE, without blanks")
        if name in found:
            raise RunsError(
                f"{option}: {name!r} is given twice; expected it once; drop one of them"
            )
        found[name] = value
    return found


def points(at: list[str], option: str = "--at") -> dict[str, Any]:
    """Return ``N=1e9,1e10`` texts as what `Fit.predict` takes, which reads the numbers itself.

    >>> points(["N=1e9,1e10,D=2e10", "recipe=mlp"])
    {'N': ['1e9', '1e10'], 'D': '2e10', 'recipe': 'mlp'}
    """
    found: dict[str, Any] = {}
    each = (pair for text in at for pair in NEXT.split(text))
    for name, given_values in pairs(option, each).items():
        values = [value.strip() for value in given_values.split(",")]
        found[name] = values if len(values) > 1 else values[0]
    return found


def path_asked(along: str | None, fixed: list[str] | None) -> "Path_ | None":
    """Return a path from ``D/N=20``, ``optimal`` or the name of an input; None for none."""
    if along is None and fixed:
        raise RunsError(
            f"--fixed: {listed(fixed)} is held along a path; expected --along with it; name the "
            "path, or leave it out"
        )
    return None if along is None else path(along, fixed)


def path(along: str, fixed: list[str] | None) -> "Path_":
    """Return a path from ``D/N=20``, ``optimal`` or the name of an input."""
    from lawbook.data.spelling import number
    from lawbook.decisions.paths import ComputeOptimal, FixedRatio, OneInput

    held = {}
    for name, text in pairs("--fixed", fixed or ()).items():
        if (value := number(text)) is None:
            raise RunsError(f"--fixed: {name}={text!r} is no number; expected one, as in N=1e9")
        held[name] = value
    if along == "optimal":
        return ComputeOptimal(held)
    ratio, equals, text = along.partition("=")
    above, slash, below = ratio.partition("/")
    if equals and slash and (value := number(text)) is not None:
        return FixedRatio(above.strip(), below.strip(), value, held)
    if equals or slash:
        raise RunsError(
            f"--along: {along!r} is no path; expected D/N=20, optimal, or the name of one input"
        )
    return OneInput(along, **held)


def end(fit: "Fit | Together[Fit]") -> None:
    """Say, after the result, that its draws must not be trusted or that the law does not fit."""
    for verdict in fit.doubts:
        say(verdict)
    if not fit.trusted:
        raise typer.Exit(UNTRUSTED)
