"""Which columns of a table a law may mean: what an error suggests, and nothing is ever chosen.

A law's letters say little and its units say much: parameters are ``n_params`` in one table and
``config.model.num_params`` in another.
"""

import re
from collections.abc import Sequence

from lawbook.data.faults import closest_column

HELD_OUT = {"eval", "val", "valid", "validation", "test"}
OF_RATES = {"per", "second", "sec", "hour", "day"}
SHORTEST = 4  # letters of an abbreviation
MOST = 3


def columns_meant(name: str, column: str, unit: str, columns: Sequence[object]) -> list[str]:
    """Return the few columns that may be meant by one that a table lacks.

    Parameters
    ----------
    name, unit
        Of the quantity in the law; the unit of an input, empty for others.
    column
        What it was said to be called in the table: its ``name``, if nothing was said.
    columns
        Of the table.
    """
    if column != name and (near := closest_column([column], columns)):
        return [near]
    if likely := likely_columns(name, unit, columns):
        return likely[:MOST]
    near = closest_column([name, unit or name], columns)
    return [near] if near else []


def likely_columns(name: str, unit: str, columns: Sequence[object]) -> list[str]:
    """Return the columns whose names speak of a quantity, those that say most of it alone.

    Parameters
    ----------
    name, unit
        Of the quantity in the law. A unit per something is none that names of columns bear.
    columns
        Of the table.

    Examples
    --------
    >>> likely_columns("N", "parameters", ["config.model.n_params", "tokens_seen", "eval/loss"])
    ['config.model.n_params']
    >>> likely_columns("D", "tokens", ["tokens_per_second", "tokens_seen", "tokenizer"])
    ['tokens_seen']
    >>> likely_columns("loss", "nats/token", ["train/loss", "eval/loss"])
    ['eval/loss']
    """
    of_unit = [] if "/" in unit else _words(unit)
    told = {str(column): _told(name, of_unit, _words(str(column))) for column in columns}
    most = max(told.values(), default=0)
    return [column for column, count in told.items() if count == most > 0]


def _words(text: str) -> list[str]:
    """Return the words of a name in lower case, without the s of a plural.

    >>> _words("config.nParams/FLOPs_seen")
    ['config', 'n', 'param', 'flop', 'seen']
    """
    found = re.findall(r"[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+", text)
    return [word.lower().removesuffix("s") for word in found]


def _told(name: str, of_unit: Sequence[str], words: Sequence[str]) -> int:
    """Return how much the words of a column say of a quantity, zero for nothing."""
    if OF_RATES.intersection(words):
        return 0
    own = name.lower().removesuffix("s")
    if len(own) > 1 and own in words:
        return 2 + bool(HELD_OUT.intersection(words))
    if not of_unit or not any(_means(word, of_unit[-1]) for word in words):
        return 0
    return sum(any(_means(word, noun) for word in words) for noun in of_unit)


def _means(word: str, noun: str) -> bool:
    """Whether a word is a noun or short for it."""
    return word == noun or (len(word) >= SHORTEST and noun.startswith(word))
