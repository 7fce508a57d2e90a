"""The command line: ``lawbook laws``, ``lawbook fit`` and so on.

Exit codes: 0 done; 1 done, but the fit must not be trusted; 2 bad input; 130 interrupted. With
``--json`` standard output holds one JSON value and nothing else. Libraries load inside the
commands that need them, so that help and ``laws`` come at once.
"""

import sys

from typer.models import CommandInfo

from lawbook.cli import (  # each declares its commands
    book,
    curves,
    decisions,
    fits,
    many,
    recipes,
    searching,
    simulating,
    weighing,
)
from lawbook.cli.options import BAD_INPUT, app, in_options, say
from lawbook.errors import LawbookError

__all__ = [
    "app",
    "book",
    "curves",
    "decisions",
    "fits",
    "main",
    "many",
    "recipes",
    "searching",
    "simulating",
    "weighing",
]

# as work goes on: the book, runs, a fit, what it says, how far to believe it
ORDER = {
    name: place
    for place, name in enumerate(
        "laws find show simulate check fit fit-many predict derive compare crossover allocate plan "
        "report forecast backtest calibration compare-laws demo".split()
    )
}


def _name(command: CommandInfo) -> str:
    assert command.callback is not None
    return command.name or command.callback.__name__


app.registered_commands.sort(key=lambda command: ORDER[_name(command)])


def main() -> None:
    """Run the command line: the entry point ``lawbook``."""
    try:
        app(prog_name="lawbook")
    except LawbookError as error:
        say("error: " + in_options(error.message))
        sys.exit(BAD_INPUT)
