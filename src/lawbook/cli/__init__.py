"""The command line: ``lawbook laws``, ``lawbook fit`` and so on.

Exit codes: 0 done; 1 done, but the fit must not be trusted; 2 bad input; 130 interrupted. With
``--json`` standard output holds one JSON value and nothing else. Libraries load inside the
commands that need them, so that help and ``laws`` come at once.
"""

import sys

from lawbook.cli import book, decisions, fits, recipes, weighing  # each declares its commands
from lawbook.cli.options import BAD_INPUT, app, in_options, say
from lawbook.errors import LawbookError

__all__ = ["app", "book", "decisions", "fits", "main", "recipes", "weighing"]


def main() -> None:
    """Run the command line: the entry point ``lawbook``."""
    try:
        app(prog_name="lawbook")
    except LawbookError as error:
        say("error: " + in_options(error.message))
        sys.exit(BAD_INPUT)
