"""Tables as they are found: a file or a data frame becomes columns of unchanged entries.

Text formats come back as text, so that what a cell says is judged in one place, `number`, and a
label such as ``007`` or ``NA`` stays what it is.
"""

import csv
import difflib
import gzip
import io
import json
import math
import os
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from lawbook.errors import RunsError, listed

FORMATS = ".csv, .tsv or .jsonl (each also as .gz), or .parquet"


@dataclass(frozen=True)
class Table:
    """Those of the wanted columns that a source has.

    Parameters
    ----------
    frame
        One row for each row of the source, numbered from 1; the entries as they were found.
    columns
        Names of all columns of the source.
    name
        File name, or ``"table"``.
    """

    frame: pd.DataFrame
    columns: tuple
    name: str


def read_table(source: Any, wanted: Collection[str]) -> Table:
    """Read the wanted columns of a file or a data frame.

    Raises
    ------
    RunsError
        If the source cannot be read as a table, with its path or type and the repair.
    """
    if isinstance(source, str | Path):
        path = Path(source)
        frame, columns = _reader(path)(path, wanted)
        return _numbered(Table(frame, columns, path.name))
    if isinstance(source, pd.DataFrame):
        _check_names("table", list(source.columns))
        return _numbered(Table(_chosen(source, wanted), tuple(source.columns), "table"))
    if hasattr(source, "__arrow_c_stream__"):
        return _numbered(Table(*_from_arrow(source, wanted), "table"))
    _fail(
        f"table of type {type(source).__name__}",
        "it is neither a path nor a data frame",
        "a path, or a frame that speaks the Arrow C stream (pandas, polars, pyarrow, DuckDB)",
        "turn it into a pandas.DataFrame, or collect it if it is lazy",
    )


def number(entry: Any) -> float | None:
    """Return an entry as a float: NaN where it is blank, None where it is no number."""
    if isinstance(entry, str):
        text = entry.strip()
        # float() reads 1_000 as a thousand, which no table means
        if "_" in text:
            return None
        try:
            return float(text) if text else math.nan
        except ValueError:
            return None
    if entry is None or entry is pd.NA or entry is pd.NaT:
        return math.nan
    if not isinstance(entry, int | float | Decimal | np.integer | np.floating | np.bool_):
        return None
    try:
        return float(entry)
    except OverflowError:
        return math.inf if entry > 0 else -math.inf
    except ValueError:
        return None


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers, before it is judged.

    Parameters
    ----------
    title
        The column as the caller knows it, and the law's name for it.
    entries
        The entries as found, indexed by row number.
    values
        float64, NaN where the entry is blank or no number.
    text
        True where the entry is no number.
    """

    title: str
    entries: pd.Series
    values: np.ndarray
    text: np.ndarray

    @property
    def blank(self) -> np.ndarray:
        """True where the entry is missing."""
        return np.isnan(self.values) & ~self.text

    @property
    def shown(self) -> pd.Series:
        """The values with their row numbers."""
        return pd.Series(self.values, index=self.entries.index)

    def at(self, keep: np.ndarray) -> "Numbers":
        """Return the rows where ``keep`` is true."""
        return Numbers(self.title, self.entries.loc[keep], self.values[keep], self.text[keep])


def read_numbers(title: str, entries: pd.Series) -> Numbers:
    """Read a column's entries as float64; text that says a number counts as one."""
    none = np.zeros(len(entries), dtype=bool)
    if entries.dtype.kind in "biuf":
        values = entries.to_numpy(dtype="float64", na_value=np.nan, copy=True)
        return Numbers(title, entries, values, none)
    if (values := _all_numbers(entries)) is not None:
        return Numbers(title, entries, values, none)
    found = [number(entry) for entry in entries.tolist()]
    text = np.array([value is None for value in found], dtype=bool)
    values = np.array([math.nan if value is None else value for value in found], dtype="float64")
    return Numbers(title, entries, values, text)


def _all_numbers(entries: pd.Series) -> np.ndarray | None:
    """Return a column as numbers if it plainly holds nothing else: 30 times as fast."""
    import pyarrow as pa

    try:
        if isinstance(entries.dtype, pd.StringDtype):
            text = pa.array(entries, type=pa.large_string(), from_pandas=True)
            return text.cast(pa.float64()).to_numpy(zero_copy_only=False)
        if set(map(type, entries)) <= {float, int}:
            return entries.to_numpy(dtype="float64")
    except (pa.ArrowInvalid, OverflowError):
        pass
    return None


def read_labels(entries: pd.Series) -> pd.Series:
    """Read a column's entries as labels, NA where they are blank; ``1.0`` is labelled ``1``."""
    codes, found = pd.factorize(entries)
    labels = pd.array([_label(entry) for entry in found], dtype="string")
    # code -1 stands for missing
    taken = labels.take(codes, allow_fill=True)
    return pd.Series(taken, index=entries.index)


def _label(entry: object) -> str | None:
    if isinstance(entry, float) and entry.is_integer():
        return str(int(entry))
    text = str(entry)
    return text if text.strip() else None


def _fail(culprit: object, wrong: str, expected: str, repair: str) -> NoReturn:
    raise RunsError(f"{culprit}: {wrong}; expected {expected}; {repair}")


def _numbered(table: Table) -> Table:
    table.frame.index = pd.RangeIndex(1, len(table.frame) + 1)
    return table


def _chosen(frame: pd.DataFrame, wanted: Collection[str]) -> pd.DataFrame:
    return frame.loc[:, [name for name in frame.columns if name in wanted]]


def _check_names(culprit: object, names: Sequence) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        _fail(culprit, f"its columns {listed(twice)} appear twice", "different names", "rename one")


def _from_arrow(source: Any, wanted: Collection[str]) -> tuple[pd.DataFrame, tuple]:
    import pyarrow as pa

    culprit = f"table of type {type(source).__name__}"
    try:
        table = pa.table(source)
        _check_names(culprit, table.column_names)
        chosen = table.select([name for name in table.column_names if name in wanted])
        return chosen.to_pandas(ignore_metadata=True), tuple(table.column_names)
    except (pa.ArrowException, TypeError, NotImplementedError) as error:
        wrong = f"it cannot be read as an Arrow table ({_brief(error)})"
        _fail(culprit, wrong, "a frame with named columns", "convert it to a pandas.DataFrame")


def _reader(path: Path) -> Callable[[Path, Collection[str]], tuple[pd.DataFrame, tuple]]:
    if os.path.isdir(path):
        _fail(path, "it is a folder", "one file", "name the file inside it")
    if not os.path.exists(path):  # false, where Path would raise, for what cannot be a path
        siblings = os.listdir(path.parent) if os.path.isdir(path.parent) else []
        near = difflib.get_close_matches(path.name, siblings, n=1)
        repair = f"did you mean {near[0]!r}?" if near else "check its spelling"
        _fail(path, "there is no such file", f"a table as {FORMATS}", repair)
    zipped = path.suffix.lower() == ".gz"
    kind = (path.with_suffix("") if zipped else path).suffix.lower()
    if kind not in _READERS or (zipped and kind == ".parquet"):
        _fail(
            path,
            f"tables that end in {''.join(path.suffixes[-2:])!r} are not read",
            FORMATS,
            "save it as one of these, or read it with pandas and pass the data frame",
        )
    return _READERS[kind]


def _brief(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:120].rstrip(" .")


def _text(path: Path) -> str:
    """Return a text file's content, unzipped, without its byte order mark."""
    try:
        data = path.read_bytes()
        if path.suffix.lower() == ".gz":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        wrong = f"it cannot be read ({_brief(error)})"
        _fail(path, wrong, "a whole and readable file", "check it, or fetch it again")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = f"byte 0x{data[error.start]:02x} in line {line} is not UTF-8"
        _fail(path, wrong, "text in UTF-8", "save it in UTF-8, as in iconv -f latin1 -t utf-8")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        _fail(path, f"line {line} has a NUL byte", "text in UTF-8", "check that it is not a binary")
    if not text.strip():
        _fail(path, "it is empty", "a table with a row for each run", "check that it was written")
    return text


def _delimited(delimiter: str):
    def read(path: Path, wanted: Collection[str]) -> tuple[pd.DataFrame, tuple]:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        text = _text(path)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            header = next(row for row in rows if row)
        except csv.Error as error:
            _malformed(path, f"line {rows.line_num}", error)
        _check_names(path, header)
        # Arrow reads an empty selection as "all of them"
        chosen = [name for name in header if name in wanted] or header[:1]
        convert = arrow_csv.ConvertOptions(
            include_columns=chosen, column_types=dict.fromkeys(chosen, pa.string())
        )
        parse = arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        # Arrow takes an unclosed quote to mean the rest of the file
        if '"' in text:
            _check_lines(path, rows, len(header))
        try:
            data = pa.BufferReader(text.encode())
            table = arrow_csv.read_csv(data, parse_options=parse, convert_options=convert)
        except pa.ArrowException as error:
            _check_lines(path, rows, len(header))
            _malformed(path, "it", error)
        return table.to_pandas(), tuple(header)

    return read


def _check_lines(path: Path, rows, width: int) -> None:
    """Raise if a line is malformed, by the number that an editor shows: Arrow counts rows."""
    bad, shown = 0, []
    try:
        for row in rows:
            if row and len(row) != width:
                bad += 1
                if bad <= 5:
                    shown.append(f"line {rows.line_num} has {len(row)}")
    except csv.Error as error:
        _malformed(path, f"line {rows.line_num}", error)
    if bad:
        more = f" and {bad - len(shown):,} more" if bad > len(shown) else ""
        _fail(
            path,
            f"its rows differ in length, {', '.join(shown)}{more}",
            f"{width} fields as in its header",
            "put quotes around fields that hold the separator, or complete those lines",
        )


def _malformed(path: Path, where: str, error: Exception) -> NoReturn:
    wrong = f"{where} cannot be parsed ({_brief(error)})"
    _fail(path, wrong, "a delimited table", "look for a stray quote")


def _read_json_lines(path: Path, wanted: Collection[str]) -> tuple[pd.DataFrame, tuple]:
    names: dict[str, object] = {}
    found: dict[str, list] = {name: [] for name in wanted}
    expected, repair = "one JSON object a line", "mend that line"
    decode, count = json.JSONDecoder(object_pairs_hook=_once).decode, 0
    for line, text in enumerate(_text(path).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            row = decode(text)
        except (ValueError, RecursionError) as error:
            _fail(
                path,
                f"line {line} is not JSON ({_brief(error).replace(': line 1', ' at')})",
                expected,
                repair,
            )
        if not isinstance(row, dict):
            _fail(path, f"line {line} holds a {type(row).__name__}", expected, repair)
        count += 1
        names |= row
        for name, entries in found.items():
            entries.append(row.get(name))
    # columns of objects, lest pandas make one type out of several
    columns = {name: pd.Series(found[name], dtype=object) for name in names if name in found}
    return pd.DataFrame(columns, index=range(count)), tuple(names)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, of whose names none may stand twice: a value would be lost."""
    row = dict(pairs)
    if len(row) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        raise ValueError(f"{listed(twice)} stands twice")
    return row


def _read_parquet(path: Path, wanted: Collection[str]) -> tuple[pd.DataFrame, tuple]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            _check_names(path, names)
            table = file.read(columns=[name for name in names if name in wanted])
    except (pa.ArrowException, OSError) as error:
        wrong = f"it cannot be read as Parquet ({_brief(error)})"
        _fail(path, wrong, "a whole Parquet file", "check it, or fetch it again")
    return table.to_pandas(ignore_metadata=True), tuple(names)


_READERS = {
    ".csv": _delimited(","),
    ".tsv": _delimited("\t"),
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".parquet": _read_parquet,
}
