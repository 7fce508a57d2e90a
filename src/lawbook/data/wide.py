"""Wide tables, in which each recipe has a column of its own, become long: a row for each run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial

import pandas as pd

from lawbook.data.reading import Table
from lawbook.errors import RunsError, argument, given, listed
from lawbook.wording import named

SHOWN = 15  # columns that a message names
COUNTED = 5  # columns whose rows it counts


def stacked(table: Table, wide: Mapping[str, str | Sequence[str]], response: str) -> Table:
    """Return a table with a column of labels and one of the response.

    Parameters
    ----------
    table
        All of its columns.
    wide
        The name of the column of labels, and the columns to stack. A name with a star stands for
        all that match; what the star stands for is the label, else the whole name is.
    response
        The name of the column that the stacked columns become.

    Raises
    ------
    RunsError
        If columns are lacking, or there already.
    """
    if len(wide) != 1:
        _fail(f"it names {len(wide)} columns of labels", "one", "stack the columns once")
    [(label, written)] = wide.items()
    chosen: dict[str, str] = {}
    for pattern in [written] if isinstance(written, str) else written:
        found = _matching(pattern, table.columns)
        if not found:
            has = named([repr(name) for name in table.columns[:SHOWN]], len(table.columns))
            _fail(f"no column is {pattern!r}", f"some of {has}", "correct it")
        if twice := [name for name in found if name in chosen]:
            _fail(f"{twice[0]!r} is named twice", "each column once", "correct it")
        chosen |= found
    if not chosen:
        _fail("it names no column to stack", "the columns of responses", "name them")
    labels = list(chosen.values())
    if len(set(labels)) < len(labels):
        _fail(f"the labels {listed(labels)} repeat", "different ones", "name columns without *")
    rest = [name for name in table.columns if name not in chosen]
    if there := [name for name in (label, response) if name in rest]:
        _fail(
            f"the table has a column {there[0]!r} besides",
            f"none, since {label!r} is to hold labels and {response!r} what is stacked",
            "rename that column, or take another name",
        )
    count = len(table.frame)
    spans = [
        f"{i * count + 1} to {(i + 1) * count} are {name!r}"
        for i, name in enumerate(list(chosen)[:COUNTED])
    ]
    stack = partial(_stack, chosen=chosen, label=label, response=response)
    return replace(
        table,
        frame=stack(table.frame),
        columns=(*rest, label, response),
        whole=lambda: stack(table.whole()),
        notes=(*table.notes, f"{listed(chosen)} were stacked as {response!r} by {label!r}"),
        counted=f"where rows {named(spans, len(chosen))}",
    )


def _matching(pattern: str, columns: Sequence[str]) -> dict[str, str]:
    """Return the columns that a pattern names, and their labels."""
    if pattern in columns or pattern.count("*") != 1:
        return {name: name for name in columns if name == pattern.strip()}
    before, _, after = pattern.strip().partition("*")
    literal = pattern.strip().translate({ord("["): "[[]", ord("?"): "[?]"})
    return {
        name: name[len(before) : len(name) - len(after)]
        for name in columns
        if fnmatchcase(name, literal) and len(name) > len(before) + len(after)
    }


def _stack(frame: pd.DataFrame, chosen: Mapping[str, str], label: str, response: str):
    rest = frame.drop(columns=list(chosen))
    parts = [
        rest.assign(**{label: name, response: frame[column].astype(object)})
        for column, name in chosen.items()
    ]
    found = pd.concat(parts, ignore_index=True)
    found.index = pd.RangeIndex(1, len(found) + 1)
    return found


def _fail(wrong: str, expected: str, repair: str):
    example = argument("wide", {"recipe": "loss_*"})
    raise RunsError(f"{given('wide')}: {wrong}; expected {expected}; {repair}, as in {example}")
