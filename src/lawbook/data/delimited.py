"""Delimited text: columns parted by commas, semicolons, tabs or bars, whatever the file's suffix.

The delimiter is the one under which all lines have as many fields as the header. `csv.Sniffer`
counts letters, which decimal commas mislead; so `csv.reader` tries each delimiter. Comment lines
at the top are passed over, and so are columns that have neither a name nor an entry.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pandas as pd

from lawbook.data.names import check_names, clean_names
from lawbook.data.spelling import number
from lawbook.data.texts import fail, in_brief, read_text
from lawbook.errors import argument, given, listed

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
IN_WORDS = {mark: f"{word}s" for word, mark in DELIMITERS.items()}
SNIFFED = (",", ";", "\t", "|")
SAMPLE = 65_536  # letters of a file that are looked at for its delimiter
LISTED = 5  # lines that a message names
TOP = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)|sep=(.)[ \t]*(?:\r\n|\r|\n))*")


@dataclass(frozen=True)
class Text:
    """Delimited text of which the header was found.

    Parameters
    ----------
    path
        Of the file.
    text
        From the header on.
    above
        Number of lines above the header.
    delimiter
        What parts its columns.
    repair
        What else to do where lines do not fit the header; may be empty.
    """

    path: Path
    text: str
    above: int
    delimiter: str
    repair: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that are not empty, the header first, with the line that each ends in."""
        found = _reader(self.text, self.delimiter)
        try:
            for row in found:
                if len(row) > 1 or any(map(str.strip, row)):
                    yield self.above + found.line_num, row
        except csv.Error as error:
            _malformed(self.path, f"line {self.above + found.line_num}", error)


def separator(sep: str) -> str:
    """Return a delimiter by its name or itself; raise `RunsError` if it cannot part columns."""
    mark = "\t" if sep == "\\t" else DELIMITERS.get(sep, sep)
    if len(mark) != 1 or mark.isalnum() or mark in "\"'\r\n.-+#":
        fail(
            given("sep", sep),
            "it cannot part columns",
            f"{listed(DELIMITERS)}, or one mark such as |",
            "name another, or leave it out to have it found",
        )
    return mark


def read_delimited(
    path: Path, wanted: Collection[str] | None, sep: str | None, usual: str, asks: bool
) -> tuple[pd.DataFrame, list[str], tuple[str, ...]]:
    """Read delimited text.

    Parameters
    ----------
    path
        Of the file.
    wanted
        Names of the columns to read; None for all.
    sep
        What parts the columns; None to find it.
    usual
        What parts them in files of this suffix.
    asks
        Whether the caller can be asked for ``sep``.

    Returns
    -------
    tuple
        The wanted columns as text, the names of all columns, and notes.
    """
    content, notes = read_text(path)
    above, text, declared = _parted(content)
    delimiter = separator(sep) if sep else declared
    if not delimiter:
        delimiter = _delimiter(path, text, wanted, usual, asks)
        if delimiter != usual:
            notes += (f"its columns are parted by {IN_WORDS[delimiter]}",)
    if comments := sum(line.lstrip().startswith("#") for line in above.splitlines()):
        notes += (f"{comments} comment line{'s' * (comments != 1)} above its header passed over",)
    repair = ""
    if asks:
        named = f"name what parts the columns in {argument('sep')}"
        repair = f", or {f'leave {argument("sep")} out to have it found' if sep else named}"
    source = Text(path, text, len(above.splitlines()), delimiter, repair)
    header = next((row for _, row in source.rows()), [])
    names = clean_names(header)
    _check_comments(path, above, delimiter, names, wanted)
    if header and all(number(name) is not None for name in names):
        fail(
            path,
            f"its header holds numbers, {listed(names[:LISTED])}",
            "names of columns",
            "write them above the numbers, without # before them",
        )
    wants = [i for i, n in enumerate(names) if wanted is None or not n or n in wanted] or [0]
    columns = _plain_columns(source, len(names), wants) or _columns(source, len(names), wants)
    empty = {i for i, c in columns.items() if not names[i] and not c.str.strip().any()}
    kept = [i for i in range(len(names)) if i not in empty]
    check_names(path, [names[i] for i in kept], [header[i] for i in kept])
    frame = pd.DataFrame(
        {names[i]: column for i, column in columns.items() if i not in empty},
        index=range(len(columns[wants[0]])),
    )
    return frame, [names[i] for i in kept], notes


def _parted(content: str) -> tuple[str, str, str | None]:
    """Return what stands above the header, the rest, and the delimiter that Excel may declare."""
    top = TOP.match(content)
    above = top[0] if top else ""
    return above, content[len(above) :], top[1] if top else None


def _check_comments(
    path: Path, above: str, delimiter: str, names: Sequence[str], wanted: Collection[str] | None
) -> None:
    """Raise if a comment above has the names that are wanted, and the header none of them."""
    lines = above.splitlines()
    if wanted is None or not lines or not set(names).isdisjoint(wanted):
        return
    last = next(csv.reader([lines[-1].strip().lstrip("#")], delimiter=delimiter), [])
    if not set(clean_names(last)).isdisjoint(wanted):
        fail(
            path,
            f"line {len(lines)} names its columns in a comment",
            "names of columns without # before them",
            "take the # off that line",
        )


def _reader(text: str, delimiter: str):
    stream = io.StringIO(text, newline="")
    return csv.reader(stream, delimiter=delimiter, skipinitialspace=True, strict=True)


def _delimiter(
    path: Path, text: str, wanted: Collection[str] | None, usual: str, asks: bool
) -> str:
    """Return what parts the columns: all lines fit the header, and it has the wanted names."""
    sample = text[:SAMPLE]
    if len(text) > SAMPLE and (last := max(sample.rfind("\n"), sample.rfind("\r"))) > 0:
        sample = sample[:last]
    headers, fitting = {}, []
    for delimiter in (*SNIFFED, " "):
        if delimiter == " " and headers:  # names hold blanks more often than these part columns
            continue
        rows, header = _reader(sample, delimiter), []
        try:
            header = next((row for row in rows if row), [])
            fits = all(_fitted(row, len(header), header) is not None for row in rows if row)
        except csv.Error:
            fits = False
        if len(header) > 1 and (fits or delimiter != " "):
            headers[delimiter] = set(clean_names(header))
            fitting += [delimiter] * fits
    among = fitting or list(headers)
    if len(among) > 1 and wanted is not None:
        score = {one: len(headers[one].intersection(wanted)) for one in among}
        among = [one for one in among if score[one] == max(score.values())]
    if len(among) == 1:
        return among[0]
    if not fitting:
        return usual
    words = " or ".join(IN_WORDS[one] for one in among)
    repair = "write it with commas between columns, or with quotes around fields"
    if asks:
        repair = f"name it, as in {argument('sep', IN_WORDS[among[-1]][:-1])}"
    fail(path, f"its columns could be parted by {words}", "one delimiter", repair)


def _fitted(row: list[str], width: int, names: Sequence[str]) -> list[str] | None:
    """Return a row as wide as the header, None if more than blanks are lacking or in excess."""
    if len(row) > width and not any(field.strip() for field in row[width:]):
        return row[:width]
    if len(row) < width and not any(name.strip() for name in names[len(row) :]):
        return row + [""] * (width - len(row))
    return row if len(row) == width else None


def _plain_columns(source: Text, width: int, wants: Sequence[int]) -> dict[int, pd.Series] | None:
    """Read columns by Arrow, which is fast; None where there are quotes, or lines do not fit.

    Arrow takes an unclosed quote to mean the rest of the file, and counts rows, not lines.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if '"' in source.text or source.delimiter == " ":
        return None
    names = [str(i) for i in range(width)]
    chosen = [names[i] for i in wants]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(source.text.encode()),
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(delimiter=source.delimiter, quote_char=False),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=chosen, column_types=dict.fromkeys(chosen, pa.string())
            ),
        )
    except (pa.ArrowException, ValueError):
        return None
    frame = table.to_pandas().iloc[1:].reset_index(drop=True)  # but the header
    return {i: frame[str(i)] for i in wants}


def _columns(source: Text, width: int, wants: Sequence[int]) -> dict[int, pd.Series]:
    """Read columns by `csv`; raise if a line does not fit, by the number that an editor shows."""
    rows = source.rows()
    header = next(rows)[1]
    found: list[list[str]] = [[] for _ in wants]
    bad, shown = 0, []
    for line, row in rows:
        fields = _fitted(row, width, header)
        if fields is None:
            bad += 1
            if bad <= LISTED:
                shown.append(f"line {line} has {len(row)}")
            continue
        for column, i in zip(found, wants, strict=True):
            column.append(fields[i])
    if bad:
        more = f" and {bad - len(shown):,} more" if bad > len(shown) else ""
        fail(
            source.path,
            f"its rows differ in length, {', '.join(shown)}{more}",
            f"{width} field{'s' * (width != 1)} as in its header",
            "put quotes around fields that hold the separator, or complete those lines"
            + source.repair,
        )
    return {i: pd.Series(column, dtype="str") for column, i in zip(found, wants, strict=True)}


def _malformed(path: Path, where: str, error: Exception) -> NoReturn:
    wrong = f"{where} cannot be parsed ({in_brief(error)})"
    fail(path, wrong, "a delimited table", "look for a stray quote")
