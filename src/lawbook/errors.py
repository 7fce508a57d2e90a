"""What can go wrong, by whose fault it is.

Every message is worded "culprit: what is wrong; what was expected; what to do".
"""

from collections.abc import Iterable


class LawError(ValueError):
    """A law is declared wrongly, unknown, or asked for something that it does not have."""


class RunsError(ValueError):
    """A table of runs, or a point to predict at, does not fit the law."""


class ComparisonError(ValueError):
    """The recipes or laws at hand cannot be compared."""


class FitError(ValueError):
    """A fit was asked for in a way that cannot be carried out, or a saved fit cannot be read."""


def listed(names: Iterable[object]) -> str:
    """Names in quotes, for a message: ``'a', 'b'``, or ``nothing``."""
    return ", ".join(repr(str(name)) for name in names) or "nothing"
