"""Tables as they are found: a file or a data frame becomes columns of unchanged entries.

Text formats come back as text, so that what a cell says is judged in one place,
`lawbook.data.spelling`, and a label such as ``007`` or ``NA`` stays what it is.
"""

import difflib
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from lawbook.data.delimited import read_delimited
from lawbook.data.names import check_names, clean_names
from lawbook.data.nested import flattened, read_json, read_json_lines
from lawbook.data.texts import fail, in_brief
from lawbook.errors import given

FORMATS = ".csv, .tsv, .txt, .json or .jsonl (each also as .gz), or .parquet"
DELIMITED = {".csv": ",", ".tsv": "\t", ".txt": ","}  # and what usually parts their columns
NESTED = {".json": read_json, ".jsonl": read_json_lines, ".ndjson": read_json_lines}
Found = tuple[pd.DataFrame, list[str], tuple[str, ...]]
Reader = Callable[[Collection[str] | None], Found]


@dataclass(frozen=True)
class Table:
    """Those of the wanted columns that a source has.

    Parameters
    ----------
    frame
        One row for each row of the source, numbered from 1; the entries as they were found.
    columns
        Names of all columns of the source, without blanks around them.
    name
        File name, or ``"table"``.
    whole
        Returns all columns, with the same row numbers.
    notes
        How it was read, a clause each, where that had to be found.
    counted
        How rows are counted, for messages.
    """

    frame: pd.DataFrame
    columns: tuple[str, ...]
    name: str
    whole: Callable[[], pd.DataFrame]
    notes: tuple[str, ...] = ()
    counted: str = "where row 1 is the first row of data"


def read_table(
    source: Any, wanted: Collection[str] | None, sep: str | None = None, asks: bool = False
) -> Table:
    """Read the wanted columns of a file or a data frame.

    Parameters
    ----------
    source
        A path, a frame, or what was read already.
    wanted
        Names of columns; None for all.
    sep
        What parts the columns of a delimited file; None to find it.
    asks
        Whether the caller can be asked for ``sep``.

    Raises
    ------
    RunsError
        If the source cannot be read as a table, with its path or type and the repair.
    """
    if isinstance(source, Table):
        return source
    if isinstance(source, str | Path):
        path = Path(source)
        name, read = path.name, _reader(path, sep, asks)
    else:
        name, read = "table", _reader_of_frame(source)
    if sep is not None and not (isinstance(source, str | Path) and _kind(Path(source))):
        fail(
            given("sep", sep),
            "it is for delimited files, and the table is none",
            f"a file that ends in one of {', '.join(DELIMITED)}",
            "leave it out",
        )
    frame, columns, notes = read(wanted)
    return Table(_numbered(frame), tuple(columns), name, lambda: _numbered(read(None)[0]), notes)


def is_table(source: Any) -> bool:
    """Return whether a source is a data frame, or a path that ends as tables do."""
    if isinstance(source, str | os.PathLike):
        return _ending(Path(source)) in {*DELIMITED, *NESTED, ".parquet"}
    return isinstance(source, pd.DataFrame) or hasattr(source, "__arrow_c_stream__")


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def _kind(path: Path) -> str | None:
    """Return what usually parts a file's columns, None where it is not delimited."""
    return DELIMITED.get(_ending(path))


def _ending(path: Path) -> str:
    """Return how a file's name ends, before it was zipped."""
    return (path.with_suffix("") if _is_zipped(path) else path).suffix.lower()


def _is_zipped(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _reader(path: Path, sep: str | None, asks: bool) -> Reader:
    if os.path.isdir(path):
        fail(path, "it is a folder", "one file", "name the file inside it")
    if not os.path.exists(path):  # false, where Path would raise, for what cannot be a path
        siblings = os.listdir(path.parent) if os.path.isdir(path.parent) else []
        near = difflib.get_close_matches(path.name, siblings, n=1)
        repair = f"did you mean {near[0]!r}?" if near else "check its spelling"
        fail(path, "there is no such file", f"a table as {FORMATS}", repair)
    kind = _ending(path)
    if kind in DELIMITED:
        return lambda wanted: read_delimited(path, wanted, sep, DELIMITED[kind], asks)
    if kind in NESTED:
        return partial(NESTED[kind], path)
    if kind == ".parquet" and not _is_zipped(path):
        return partial(_read_parquet, path)
    fail(
        path,
        f"tables that end in {''.join(path.suffixes[-2:])!r} are not read",
        FORMATS,
        "save it as one of these, or read it with pandas and pass the data frame",
    )


def _reader_of_frame(source: Any) -> Reader:
    if isinstance(source, pd.DataFrame):
        return partial(_from_pandas, source)
    if hasattr(source, "__arrow_c_stream__"):
        return partial(_from_arrow, _arrow_table(source))
    fail(
        f"table of type {type(source).__name__}",
        "it is neither a path nor a data frame",
        "a path, or a frame that speaks the Arrow C stream (pandas, polars, pyarrow, DuckDB)",
        "turn it into a pandas.DataFrame, or collect it if it is lazy",
    )


def _from_pandas(source: pd.DataFrame, wanted: Collection[str] | None) -> Found:
    found: dict[int, Callable[[], pd.Series]] = {
        i: partial(source.iloc.__getitem__, (slice(None), i)) for i in range(source.shape[1])
    }
    before: list[Any] = list(source.columns)
    for level, name in enumerate(_names_of_index(source.index)):
        if name and name not in clean_names(list(source.columns)):
            found[len(before)] = partial(_level, source.index, level)
            before.append(name)
    names = clean_names(before)
    check_names("table", names, before)
    columns: dict[str, Any] = {}
    listed: list[str] = []
    for i, name in enumerate(names):
        nested = i < source.shape[1] and _nested(source.dtypes.iloc[i], found[i])
        if nested and (wanted is None or name not in wanted):
            rows = [flattened({name: entry}, wanted) for entry in found[i]()]
            inside = list(dict.fromkeys(key for row in rows for key in row if key != name))
            check_names("table", [*listed, *inside], [*listed, *inside])
            chosen = [key for key in inside if wanted is None or key in wanted]
            columns |= {
                key: pd.Series([row.get(key) for row in rows], dtype=object) for key in chosen
            }
            listed += inside
            continue
        listed.append(name)
        if wanted is None or name in wanted:
            columns[name] = pd.Series(found[i]()).reset_index(drop=True)
    return pd.DataFrame(columns, index=range(len(source))), listed, ()


def _level(index: pd.Index, level: int) -> pd.Series:
    return pd.Series(index.get_level_values(level))


def _nested(dtype: Any, column: Callable[[], pd.Series]) -> bool:
    """Whether a column holds objects in objects, as runs come from a tracker's interface."""
    if dtype.kind != "O":
        return False
    return isinstance(next((entry for entry in column() if entry is not None), None), Mapping)


def _names_of_index(index: pd.Index) -> list[str]:
    """Return the names of an index's levels; one without a name that only counts has none."""
    levels = [index.get_level_values(i) for i in range(index.nlevels)]
    alone = len(levels) == 1
    return [
        str(level.name)
        if level.name is not None
        else ("" if level.dtype.kind in "iu" else "index" if alone else f"level_{i}")
        for i, level in enumerate(levels)
    ]


def _arrow_table(source: Any) -> Any:
    import pyarrow as pa

    try:
        return pa.table(source)
    except (pa.ArrowException, TypeError, NotImplementedError) as error:
        wrong = f"it cannot be read as an Arrow table ({in_brief(error)})"
        culprit = f"table of type {type(source).__name__}"
        fail(culprit, wrong, "a frame with named columns", "convert it to a pandas.DataFrame")


def _from_arrow(table: Any, wanted: Collection[str] | None, culprit: object = "table") -> Found:
    import pyarrow as pa

    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    before = table.column_names
    names = clean_names(before)
    check_names(culprit, names, before)
    table = table.rename_columns(names)
    chosen = table.select([name for name in names if wanted is None or name in wanted])
    try:
        return chosen.to_pandas(ignore_metadata=True), names, ()
    except (pa.ArrowException, TypeError, NotImplementedError) as error:
        wrong = f"it cannot be read as an Arrow table ({in_brief(error)})"
        fail(culprit, wrong, "a frame with named columns", "convert it to a pandas.DataFrame")


def _read_parquet(path: Path, wanted: Collection[str] | None) -> Found:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            _, names, _ = _from_arrow(file.schema_arrow.empty_table(), set(), path)
            outer = file.schema_arrow.names
            # a struct is read whole: its parts are found by their path then
            chosen = [
                name
                for name in outer
                if wanted is None
                or any(w == name.strip() or w.startswith(f"{name.strip()}.") for w in wanted)
            ]
            table = file.read(columns=chosen)
    except (pa.ArrowException, OSError) as error:
        wrong = f"it cannot be read as Parquet ({in_brief(error)})"
        fail(path, wrong, "a whole Parquet file", "check it, or fetch it again")
    if not chosen:  # no columns, but rows
        return pd.DataFrame(index=range(table.num_rows)), names, ()
    return _from_arrow(table, wanted, path)[0], names, ()
