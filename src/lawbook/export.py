"""Tables and draws as files that say where they come from, written whole or not at all."""

import csv
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.errors import FitError, listed
from lawbook.wording import short
from lawbook.writing import whole_file, write_netcdf


def export(
    table: pd.DataFrame,
    path: str | os.PathLike,
    provenance: Mapping[str, Any],
    draws: xr.DataArray | xr.Dataset | None = None,
) -> None:
    """Write a table, or draws, in the format that the suffix names.

    Parameters
    ----------
    table
        Its index is written as a column where it holds labels.
    path
        ``.csv`` (provenance in lines that begin with ``#``: read it with
        ``pandas.read_csv(path, comment="#")``), ``.parquet`` (provenance as JSON in the schema's
        metadata, under ``lawbook``), ``.json`` (``provenance``, ``columns`` and ``rows``, null
        for what is no number, as the JSON Schema ``export.schema.json`` of the package has it),
        ``.tex`` (for the package booktabs, numbers to four digits), or
        ``.nc`` for the draws (provenance in the attributes).
    provenance
        Text and numbers by name.
    draws
        What ``.nc`` writes.

    Raises
    ------
    FitError
        If the suffix is none of these, or the file cannot be written; then nothing of it is left
        and what stood there stands.
    """
    suffix = Path(path).suffix.lower()
    allowed = [*WRITERS, *([] if draws is None else [".nc"])]
    if suffix not in allowed:
        raise FitError(
            f"{path}: there is no export as {suffix or 'a file without suffix'!r}; "
            f"expected one of {listed(allowed)}; change the name's end"
        )
    if draws is not None and suffix == ".nc":
        if isinstance(draws, xr.DataArray):
            draws = draws.to_dataset(promote_attrs=True)
        said = {name: portable(value) for name, value in provenance.items()}
        write_netcdf(draws.assign_attrs(said), path)
        return
    if not isinstance(table.index, pd.RangeIndex):
        index = [name or f"label_{i}" for i, name in enumerate(table.index.names)]
        table = table.rename_axis(["parameter"] if index == ["label_0"] else index).reset_index()
    with whole_file(path) as part:
        WRITERS[suffix](table, part, provenance)


def read_export(path: str | os.PathLike) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the table and the provenance that `export` wrote.

    Parameters
    ----------
    path
        Ends in ``.csv``, ``.parquet`` or ``.json``. Text in a CSV file that looks like numbers is
        read as numbers; JSON holds no infinities, which come back as NaN.

    Raises
    ------
    FitError
        If there is no such file, or it cannot be read as what its suffix says.
    """
    path = Path(path)
    if not path.is_file():
        raise FitError(f"{path}: there is no such file; expected an exported table; correct it")
    if path.suffix.lower() not in READERS:
        raise FitError(
            f"{path}: tables are not read back from {path.suffix or 'a file without suffix'!r}; "
            f"expected one of {listed(READERS)}; export it again as one of them"
        )
    try:
        return READERS[path.suffix.lower()](path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # Arrow's are ValueErrors
        raise FitError(
            f"{path}: it cannot be read as {path.suffix[1:].upper()} ({error}); expected a table "
            "that lawbook exported; export it again"
        ) from error


def in_text(table: pd.DataFrame) -> str:
    """Return a table for people: numbers to four digits, nothing for NaN."""
    cells = {
        name: [f"{x:.4g}" if isinstance(x, float) else str(x) for x in column.tolist()]
        for name, column in table.items()
    }
    blank = table.isna().to_numpy()
    return pd.DataFrame(cells).mask(blank, "").to_string(index=False)


def _write_csv(table: pd.DataFrame, path: Path, provenance: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for name, value in provenance.items():
            file.write(f"# {name}: {_one_line(value)}\n")
        # text in quotes, so that a label with # in it is not taken for a comment
        table.to_csv(file, index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)


def _write_parquet(table: pd.DataFrame, path: Path, provenance: Mapping[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    said = {b"lawbook": json.dumps(dict(provenance)).encode()}
    pq.write_table(arrow.replace_schema_metadata((arrow.schema.metadata or {}) | said), path)


def _write_json(table: pd.DataFrame, path: Path, provenance: Mapping[str, Any]) -> None:
    content = {
        "provenance": {name: _finite(value) for name, value in provenance.items()},
        "columns": [str(name) for name in table],
        "rows": [
            [_finite(portable(entry)) for entry in row]
            for row in table.itertuples(index=False, name=None)
        ],
    }
    text = json.dumps(content, allow_nan=False, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _write_tex(table: pd.DataFrame, path: Path, provenance: Mapping[str, Any]) -> None:
    said = "".join(f"% {name}: {_one_line(value)}\n" for name, value in provenance.items())
    kinds = "".join("r" if pd.api.types.is_numeric_dtype(dtype) else "l" for dtype in table.dtypes)
    cells = table.rename(columns=lambda name: _one_line(name)).map(portable)
    styled = cells.style.hide(axis="index")
    styled.format_index(escape="latex", axis="columns")
    styled.format(_in_latex, na_rep="--", escape="latex")
    with pd.option_context("styler.render.max_elements", max(table.size, 1)):  # else it cuts
        text = styled.to_latex(column_format=kinds, hrules=True)
    path.write_text(said + text, encoding="utf-8")


WRITERS: dict[str, Callable[[pd.DataFrame, Path, Mapping[str, Any]], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".json": _write_json,
    ".tex": _write_tex,
}


def _read_csv(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    said = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            if not line.startswith("# "):
                break
            name, _, value = line[2:].rstrip("\n").partition(": ")
            said[name] = value
    # labels such as NA are no blanks
    table = pd.read_csv(path, comment="#", keep_default_na=False, na_values=[""])
    return table, said


def _read_parquet(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    import pyarrow.parquet as pq

    arrow = pq.read_table(path)
    said = (arrow.schema.metadata or {}).get(b"lawbook", b"{}")
    return arrow.to_pandas(), json.loads(said)


def _read_json(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return pd.DataFrame(content["rows"], columns=content["columns"]), content["provenance"]


READERS: dict[str, Callable[[Path], tuple[pd.DataFrame, dict[str, Any]]]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".json": _read_json,
}


def portable(value: Any) -> str | int | float | None:
    """Return a value as one of Python's own that every format can hold."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return str(value)  # of text that knows more, its letters
    if value is None or isinstance(value, int | float):
        return value
    return json.dumps(value, default=lambda thing: np.asarray(thing).tolist())


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _one_line(value: Any) -> str:
    return " ".join(str(value).split())


def _in_latex(entry: Any) -> str:
    if not isinstance(entry, int | float):  # text, which is escaped already
        return _one_line(entry)
    if not math.isfinite(entry):
        return "--"
    text = short(entry, 4)
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return rf"${mantissa} \times 10^{{{exponent}}}$"
    return f"${text}$"
