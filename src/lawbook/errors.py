"""What can go wrong, by whose fault it is, and messages that name arguments.

Every message is worded "culprit: what is wrong; what was expected; what to do". Where it names an
argument it holds the argument itself, marked: as text it is Python (``allow="single"``), and the
command line writes the option in its place (``--allow single``).
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

# control characters, which no name has and `repr` and JSON escape in values
MARK = re.compile("\x02(\\w+)\x1f(.*?)\x03", re.DOTALL)


class Argument(NamedTuple):
    """An argument inside a message.

    Attributes
    ----------
    name
        As the function has it.
    code
        What follows the name in Python: ``=`` and the value, ``=`` alone, or nothing.
    """

    name: str
    code: str = ""

    @property
    def value(self) -> Any:
        """The value, text where it is no literal; None where there is none."""
        written = self.code.removeprefix("=")
        try:
            return ast.literal_eval(written) if written else None
        except (ValueError, SyntaxError):
            return written

    def __str__(self) -> str:
        return f"{self.name}{self.code}"


class Message(str):
    """Text that names arguments in Python's words, and keeps them in `parts`.

    Examples
    --------
    >>> found = Message(f"accept it with {argument('allow', 'single')}")
    >>> found
    'accept it with allow="single"'
    >>> found.parts[1].value
    'single'
    """

    parts: tuple[str | Argument, ...]

    def __new__(cls, text: str) -> "Message":
        """Read a text with marks, as `argument` and `given` leave them."""
        return text if isinstance(text, Message) else cls.of(_parts(text))

    @classmethod
    def of(cls, parts: Iterable[str | Sequence[str]]) -> "Message":
        """Return the message of these parts, an argument as its name and code."""
        known = tuple(part if isinstance(part, str) else Argument(*part) for part in parts)
        made = super().__new__(cls, "".join(map(str, known)))
        made.parts = known
        return made


def _parts(text: str) -> tuple[str | Argument, ...]:
    found, at = [], 0
    for mark in MARK.finditer(text):
        found += [text[at : mark.start()], Argument(*mark.groups())]
        at = mark.end()
    return tuple(part for part in (*found, text[at:]) if part)


def argument(name: str, *value: Any) -> str:
    """Return an argument to write, marked, for a message: ``by=`` or ``by="recipe"``."""
    return f"\x02{name}\x1f={''.join(map(_written, value))}\x03"


def given(name: str, *value: Any) -> str:
    """Return an argument that was passed, marked, for a message: ``by`` or ``by='recipe'``."""
    return f"\x02{name}\x1f{''.join(f'={one!r}' for one in value)}\x03"


def _written(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        pairs = (f"{_written(key)}: {_written(entry)}" for key, entry in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        entries = ", ".join(map(_written, value))
        return f"[{entries}]" if isinstance(value, list) else f"({entries})"
    if isinstance(value, float):
        short = f"{value:g}".replace("e+", "e")
        return short if float(short) == value else repr(float(value))
    return repr(value)


class LawbookError(ValueError):
    """What lawbook refuses; each kind says by whose fault."""

    def __init__(self, message: str) -> None:
        super().__init__(Message(message))

    @property
    def message(self) -> Message:
        """The message, with the arguments that it names."""
        return self.args[0]


class LawError(LawbookError):
    """A law is declared wrongly, unknown, or asked for something that it does not have."""


class RunsError(LawbookError):
    """A table of runs, or a point to predict at, does not fit the law."""


class ComparisonError(LawbookError):
    """The recipes or laws at hand cannot be compared."""


class FitError(LawbookError):
    """A fit was asked for in a way that cannot be carried out, or a saved fit cannot be read."""


def listed(names) -> str:
    """Names in quotes, for a message: ``'a', 'b'``, or ``nothing``."""
    return ", ".join(repr(str(name)) for name in names) or "nothing"
