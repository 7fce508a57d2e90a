"""JSON: objects in objects become columns by their dotted path, as ``config.model.n_params``.

JSON Lines hold an object a line. A JSON file holds a list of objects, an object that holds one
such list, an object of columns, or what ``lawbook`` exports: names of columns, and rows.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lawbook.data.names import clean_names
from lawbook.data.texts import fail, in_brief, read_text
from lawbook.errors import RunsError, listed

EXPECTED = "a list of objects, or an object of columns of one length"
REPAIR = "write one object for each run, or pass a pandas.DataFrame"
Found = tuple[pd.DataFrame, list[str], tuple[str, ...]]


def read_json_lines(path: Path, wanted: Collection[str] | None) -> Found:
    """Read the wanted columns of JSON Lines; see `lawbook.data.delimited.read_delimited`."""
    expected, repair = "one JSON object a line", "mend that line"
    decode, rows = json.JSONDecoder(object_pairs_hook=_once).decode, []
    text, notes = read_text(path)
    for line, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        try:
            row = decode(written)
            if isinstance(row, dict):
                rows.append(flattened(row, wanted))
                continue
        except (ValueError, RecursionError) as error:
            said = in_brief(error).replace(": line 1", " at")
            fail(path, f"line {line} is not JSON ({said})", expected, repair)
        fail(path, f"line {line} holds a {type(row).__name__}", expected, repair)
    return *_table(rows, wanted), notes


def read_json(path: Path, wanted: Collection[str] | None) -> Found:
    """Read the wanted columns of a JSON file; see `lawbook.data.delimited.read_delimited`."""
    text, notes = read_text(path)
    try:
        content = json.loads(text, object_pairs_hook=_once)
        rows, where = _rows(path, content)
        found = [flattened(row, wanted) for row in rows]
    except RunsError:
        raise
    except (ValueError, RecursionError) as error:
        wrong = f"it is not JSON ({in_brief(error)})"
        fail(path, wrong, EXPECTED, "mend it, or name it .jsonl if it has an object a line")
    return *_table(found, wanted), notes + where


def _rows(path: Path, content: Any) -> tuple[Sequence[Mapping[str, Any]], tuple[str, ...]]:
    """Return the objects that a JSON file holds, one a run, and notes on where they stood."""
    if isinstance(content, list):
        if odd := [row for row in content if not isinstance(row, dict)]:
            fail(path, f"its list holds a {type(odd[0]).__name__}", EXPECTED, REPAIR)
        return content, ()
    if not isinstance(content, dict):
        fail(path, f"it holds a {type(content).__name__}", EXPECTED, REPAIR)
    names, rows = content.get("columns"), content.get("rows", content.get("data"))
    if isinstance(names, list) and isinstance(rows, list):  # of an export; pandas says data
        if any(not isinstance(row, list) or len(row) != len(names) for row in rows):
            wrong = "a row has another length than its columns"
            fail(path, wrong, f"{len(names)} entries in each", "complete those rows")
        return [_once(list(zip(map(str, names), row, strict=True))) for row in rows], ()
    lists = [key for key, value in content.items() if _holds_objects(value)]
    if len(lists) == 1:
        return content[lists[0]], (f"its rows are those of {lists[0]!r}",)
    if lists:
        fail(path, f"its {listed(lists)} each hold objects", "one list of objects", "keep one")
    if content and all(isinstance(value, dict) for value in content.values()):
        content = {name: list(column.values()) for name, column in _by_row(path, content).items()}
    lengths = {len(value) if isinstance(value, list) else -1 for value in content.values()}
    if len(lengths) != 1 or lengths == {-1}:
        fail(path, "it is no object of columns of one length", EXPECTED, REPAIR)
    columns = zip(*content.values(), strict=True)
    return [dict(zip(content, row, strict=True)) for row in columns], ()


def _by_row(path: Path, content: Mapping[str, Mapping]) -> Mapping[str, Mapping]:
    """Return columns whose entries are numbered by row, as pandas writes them."""
    first = next(iter(content.values()))
    same = all(list(column) == list(first) for column in content.values())
    if not same or not all(key.isdecimal() for key in first):
        fail(path, "its objects are neither columns nor in a list", EXPECTED, REPAIR)
    return content


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(x, dict) for x in value)


def flattened(
    row: Mapping[str, Any], wanted: Collection[str] | None, above: str = ""
) -> dict[str, Any]:
    """Return an object's entries by their dotted path; ValueError if two have one path.

    >>> flattened({"config": {"model": {"n_params": 7}}, "loss": 2}, None)
    {'config.model.n_params': 7, 'loss': 2}
    """
    found: dict[str, Any] = {}
    for key, value in row.items():
        [name] = clean_names([key])
        name = f"{above}.{name}" if above else name
        inside = {name: value}
        if isinstance(value, Mapping) and (wanted is None or name not in wanted):
            inside = flattened(value, wanted, name)
        if twice := found.keys() & inside:
            raise ValueError(f"{listed(sorted(twice))} stands twice")
        found |= inside
    return found


def _table(
    rows: Sequence[Mapping[str, Any]], wanted: Collection[str] | None
) -> tuple[pd.DataFrame, list[str]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    chosen = [name for name in names if wanted is None or name in wanted]
    # columns of objects, lest pandas make one type out of several
    columns = {n: pd.Series([row.get(n) for row in rows], dtype=object) for n in chosen}
    return pd.DataFrame(columns, index=range(len(rows))), names


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, of whose names none may stand twice: a value would be lost."""
    row = dict(pairs)
    if len(row) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        raise ValueError(f"{listed(twice)} stands twice")
    return row
