"""Names of columns: text without blanks around it, no two alike."""

import re
from collections import Counter
from collections.abc import Hashable, Sequence

from lawbook.data.texts import fail
from lawbook.errors import listed

UNNAMED = re.compile(r"|Unnamed: \d+|__index_level_\d+__")  # also as pandas and Arrow write it


def clean_names(names: Sequence[Hashable]) -> list[str]:
    """Return names as text; levels of one are joined by points: ``loss.val``.

    >>> clean_names([" N", ("loss", "val"), ("D", ""), 7])
    ['N', 'loss.val', 'D', '7']
    """
    return [
        ".".join(text for part in name if (text := str(part).strip()))
        if isinstance(name, tuple)
        else str(name).strip()
        for name in names
    ]


def check_names(culprit: object, names: Sequence[str], before: Sequence[object]) -> None:
    """Raise `RunsError` if two columns have one name, by what they were called before."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if not twice:
        return
    wrong = f"its columns {listed(twice)} appear twice"
    if len(set(before)) == len(before):
        first = [old for old, name in zip(before, names, strict=True) if name == twice[0]]
        wrong = f"its columns {listed(first)} read the same, as {twice[0]!r}"
    fail(culprit, wrong, "different names", "rename one")


def is_unnamed(name: str) -> bool:
    """Whether a column has no name of its own, as the row numbers that pandas writes."""
    return UNNAMED.fullmatch(name) is not None
