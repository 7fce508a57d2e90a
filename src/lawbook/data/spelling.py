"""Numbers as people write them: ``7e9``, ``7B``, ``1.4T tokens``, ``1 000 000``, ``2,81``.

What can be read in one way only is read, and a note says what was read; what can be read in two
ways, or carries a unit or a suffix that is not known, is marked for the caller to refuse. A column
decides by its own cells what its points and commas mean: ``1,234,567`` and ``1,234.5`` show that
commas part thousands, ``2,81`` that they part decimals, and ``1,234`` alone shows neither.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lawbook.laws.units import unit_of
from lawbook.wording import named, short

BOTH = "both"  # marks of a column whose cells contradict each other
EXAMPLES = 3  # of what was read, in a note
POWERS = {"K": 3, "k": 3, "M": 6, "G": 9, "B": 9, "b": 9, "T": 12}
WORDS = {"thousand": 3, "million": 6, "billion": 9, "bn": 9, "trillion": 12}
OF_FLOPS = {"P": 15, "E": 18, "Z": 21, "Y": 24}  # before that unit alone
# a lone suffix is no count there; of bits and bytes, B may be the unit
NOT_COUNTED = re.compile(r"bit|byte|/|share|fraction|ratio|rate|per cent")
SCALED = re.compile(r"thousand|million|billion|trillion|GFLOP|PF-days")
BLANKS = " \u00a0\u2007\u2009\u202f'\u2019"  # between thousands; Swiss tables have apostrophes
WRITTEN = re.compile(
    rf"(?P<sign>[+\-\u2212]?)(?P<body>[\d.,](?:[\d.,{BLANKS}]*[\d.,])?)"
    r"(?:[eE](?P<exponent>[+\-]?\d{1,4})|\s*[×x*·]\s*10(?:\^|\*\*)(?P<power>[+\-]?\d{1,4}))?"
    r"\s*(?P<rest>[^\W\d_].*|%.*)?",
)
GROUPED = {mark: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+") for mark in ",."}
IN_BLANKS = re.compile(rf"[1-9]\d{{0,2}}(?:([{BLANKS}])\d{{3}})(?:\1\d{{3}})*(?=[.,]|$)")


def number(entry: Any) -> float | None:
    """Return an entry as a float: NaN where it is blank, None where it is no plain number."""
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
    unclear
        True, of these, where points or commas could be read in two ways.
    foreign
        True, of these, where a number carries a unit or a suffix that is not known.
    unit
        The unit that numbers are in; empty where it is not known.
    note
        What was read that is no plain number; empty if nothing.
    commas
        Whether its cells show that commas part decimals.
    mixed
        Whether what is unclear is so because cells show both.
    """

    title: str
    entries: pd.Series
    values: np.ndarray
    text: np.ndarray
    unclear: np.ndarray
    foreign: np.ndarray
    unit: str = ""
    note: str = ""
    commas: bool = False
    mixed: bool = False

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
        parts = ("entries", "values", "text", "unclear", "foreign")
        return replace(self, **{name: getattr(self, name)[keep] for name in parts})


class Column(NamedTuple):
    """A column to read: as the caller knows it, its entries, and the unit they should be in."""

    title: str
    entries: pd.Series
    unit: str = ""


def read_columns(columns: Mapping[str, Column], decimal: str | None = None) -> dict[str, Numbers]:
    """Read the columns of one table as numbers.

    Parameters
    ----------
    columns
        By any name.
    decimal
        The decimal mark, ``"."`` or ``","``; None to tell it from the cells.

    Returns
    -------
    dict
        By the same names. Where decimal commas are seen in one column, a cell such as ``1.234``
        in another is unclear.
    """
    found = {name: read_numbers(*column, decimal=decimal) for name, column in columns.items()}
    if decimal is None and any(numbers.commas for numbers in found.values()):
        for name, column in columns.items():
            if not found[name].commas:
                found[name] = read_numbers(*column, commas_elsewhere=True)
    return found


def read_numbers(
    title: str,
    entries: pd.Series,
    unit: str = "",
    decimal: str | None = None,
    commas_elsewhere: bool = False,
) -> Numbers:
    """Read a column's entries as float64; text that says a number counts as one."""
    none = np.zeros(len(entries), dtype=bool)
    if entries.dtype.kind in "biuf":
        values = entries.to_numpy(dtype="float64", na_value=np.nan, copy=True)
        return Numbers(title, entries, values, none, none, none, unit)
    points_may_part_thousands = commas_elsewhere or decimal == ","
    if not points_may_part_thousands and (values := _all_numbers(entries)) is not None:
        return Numbers(title, entries, values, none, none, none, unit)
    cells = [_written(entry) for entry in entries.tolist()]
    mark, unsure = _decimal_mark(cells, decimal, commas_elsewhere)
    found = [_value(cell, mark, unit) for cell in cells]
    unclear = np.array([_is_unclear(cell, unsure) for cell in cells], dtype=bool)
    foreign = np.array([value is FOREIGN for value in found], dtype=bool) & ~unclear
    text = np.array([not isinstance(value, float) for value in found], dtype=bool) | unclear
    values = np.array([v if isinstance(v, float) else math.nan for v in found], dtype="float64")
    values[text] = math.nan
    note = _note(title, entries, cells, values)
    commas = mark == "," and decimal is None
    mixed = unsure == BOTH
    return Numbers(title, entries, values, text, unclear, foreign, unit, note, commas, mixed)


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


class Cell(NamedTuple):
    """A number as it is written, its parts apart: ``-1,234.5e3 tokens``."""

    sign: str
    body: str  # digits, points and commas
    exponent: int
    rest: str
    comma: str | None  # what it shows of commas: "decimal", "thousands", "unsure" or nothing
    point: str | None
    blanks: bool  # between thousands
    plain: bool  # whether float() reads it, and reads the same


FOREIGN = object()  # in place of a value: its unit or suffix is not known


def _written(entry: Any) -> float | Cell | None:
    """Return what a cell holds: a float, parts still to be read, or None if it is no number."""
    plain = number(entry)
    if not isinstance(entry, str) or (plain is not None and not math.isfinite(plain)):
        return plain
    if not (match := WRITTEN.fullmatch(entry.strip())):
        return plain
    body, blanks = match["body"], False
    if any(mark in body for mark in BLANKS):
        blanks = bool(IN_BLANKS.match(body))
        body = re.sub(f"[{BLANKS}]", "", body) if blanks else body
    comma, point = _roles(body, blanks)
    if "bad" in (comma, point) or not re.fullmatch(r"[\d.,]*\d[\d.,]*", body):
        return None
    exponent = int(match["exponent"] or match["power"] or 0)
    rest = match["rest"] or ""
    return Cell(match["sign"], body, exponent, rest, comma, point, blanks, plain is not None)


def _roles(body: str, blanks: bool) -> tuple[str | None, str | None]:
    """Return what a number shows of its commas and of its points."""
    commas, points = body.count(","), body.count(".")
    if commas and points:
        last = "," if body.rindex(",") > body.rindex(".") else "."
        other = "." if last == "," else ","
        whole = body.rpartition(last)[0]
        if body.count(last) > 1 or blanks or not GROUPED[other].fullmatch(whole):
            return "bad", "bad"
        return ("decimal", "thousands") if last == "," else ("thousands", "decimal")
    return _role(body, ",", blanks), _role(body, ".", blanks)


def _role(body: str, mark: str, blanks: bool) -> str | None:
    count, grouped = body.count(mark), GROUPED[mark].fullmatch(body) is not None
    if count == 0:
        return None
    if count > 1 or body.endswith(","):
        return "thousands" if grouped and not blanks else "bad"
    return "unsure" if grouped and not blanks else "decimal"


def _decimal_mark(
    cells: Sequence[float | Cell | None], decimal: str | None, commas_elsewhere: bool
) -> tuple[str, str]:
    """Return a column's decimal mark, and the marks whose lone use in it is unclear."""
    if decimal is not None:
        return decimal, ""
    written = [cell for cell in cells if isinstance(cell, Cell)]
    commas, points = {cell.comma for cell in written}, {cell.point for cell in written}
    sure_commas, sure_points = (roles - {None, "unsure"} for roles in (commas, points))
    if len(sure_commas) > 1 or len(sure_points) > 1 or (sure_commas and sure_commas == sure_points):
        return ".", BOTH
    if sure_commas == {"decimal"} or sure_points == {"thousands"}:
        unclear = "unsure" in points and sure_points != {"thousands"}
        return ",", "." * unclear
    unsure = "," * ("unsure" in commas and sure_commas != {"thousands"})
    if commas_elsewhere and "unsure" in points and not sure_points and not sure_commas:
        unsure += "."
    return ".", unsure


def _is_unclear(cell: float | Cell | None, unsure: str) -> bool:
    if not isinstance(cell, Cell) or not unsure:
        return False
    if unsure == BOTH:
        return bool(cell.comma or cell.point)
    return ("," in unsure and cell.comma == "unsure") or ("." in unsure and cell.point == "unsure")


def _value(cell: float | Cell | None, mark: str, unit: str) -> Any:
    """Return a cell's value, None where it is no number, FOREIGN where its unit is not known."""
    if not isinstance(cell, Cell):
        return cell
    other = "." if mark == "," else ","
    role, of_other = (cell.comma, cell.point) if mark == "," else (cell.point, cell.comma)
    if role == "thousands" or of_other == "decimal":
        return None
    power = _power(cell.rest, unit)
    if power is None:
        return FOREIGN
    digits = cell.body.replace(other, "").replace(mark, ".")
    sign = "-" * (cell.sign in ("-", "\u2212"))
    return float(Decimal(f"{sign}{digits}e{cell.exponent + power}"))


def _power(rest: str, unit: str) -> int | None:
    """Return the power of ten that a suffix stands for; None if it or the unit is not known.

    >>> _power("B params", "parameters"), _power("", "tokens"), _power("GPUs", "parameters")
    (9, 0, None)
    """
    if not rest or _same_unit(rest, unit):
        return 0
    if SCALED.search(unit):  # 7B of an input in millions: twice scaled, or once?
        return None
    for prefix, power in (POWERS | WORDS | OF_FLOPS).items():
        short_for = prefix in POWERS or prefix in OF_FLOPS
        start = rest if short_for else rest.lower()
        if not start.startswith(prefix):
            continue
        after = rest[len(prefix) :].strip()
        if _same_unit(after, unit) and (prefix not in OF_FLOPS or unit == "FLOP"):
            return power
        if not after and prefix not in OF_FLOPS and not NOT_COUNTED.search(unit):
            return power
    return None


def _same_unit(word: str, unit: str) -> bool:
    if not word or not unit or SCALED.search(unit):
        return bool(word) and word.lower() == unit.lower()
    return unit_of(word) == unit_of(unit)


def _note(
    title: str, entries: pd.Series, cells: Sequence[float | Cell | None], values: np.ndarray
) -> str:
    """Return what was read that is no plain number, an example of each kind."""
    kinds: dict[tuple, str] = {}
    count = 0
    for entry, cell, value in zip(entries.tolist(), cells, values, strict=True):
        if not isinstance(cell, Cell) or math.isnan(value):
            continue
        if cell.plain and value == number(entry):
            continue
        count += 1
        kind = (cell.rest, bool(cell.comma), cell.blanks)
        kinds.setdefault(kind, f"{str(entry).strip()!r} as {short(value, 12)}")
    if not count:
        return ""
    examples = named(list(kinds.values())[:EXAMPLES], len(kinds))
    if count == 1:
        return f"{title}: it reads {examples}"
    return f"{title}: {count:,} entries were read as numbers, {examples}"
