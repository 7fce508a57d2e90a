"""What can be wrong with a table of runs: each fault is one line that carries its own repair.

A fault reads "culprit: what is wrong; what was expected; what to do". Rows are named by the
index of what is checked: their number in the source, from 1.
"""

import difflib
import math
import reprlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from lawbook.data.spelling import Numbers
from lawbook.data.unit_faults import most_that_can_be, unit_faults
from lawbook.errors import argument, given, listed
from lawbook.laws.law import Law
from lawbook.laws.symbols import Response
from lawbook.laws.units import unit_of
from lawbook.laws.values import acting, columns_read, tell_all
from lawbook.wording import named, short

LISTED = 5  # rows, values or groups that one message names
ALLOWABLE = ("duplicates", "single", "sizes", "units")
# dims of the model of any law
RESERVED = (
    *("run", "group", "chain", "draw", "process", "place"),
    *("process_length", "process_mode", "process_axis"),
)
FREE = "kind"  # a name for groups, in examples


def argument_faults(
    law: Law,
    by: tuple[str, ...],
    columns: Mapping[str, str],
    missing: str,
    allow: Iterable[str],
    decimal: str | None,
) -> Iterator[str]:
    """Find what is wrong with the arguments of `read_runs`."""
    names = columns_read(law)
    symbols = [*names, *law.param_names, *law.response.noise.priors]
    known = dict.fromkeys([*names, *by, *(p for c in by for p in c.split("/")), *law.predictors])
    if unknown := [name for name in columns if name not in known]:
        yield (
            f"{given('columns')}: law {law.name!r} has no {listed(unknown)}; expected "
            f"{listed(known)}; write {argument('columns', {names[0]: 'its column'})}"
        )
    for taken, what in ((symbols, "a symbol of the law"), (RESERVED, "a name of its model")):
        if clash := [column for column in by if column in taken]:
            rename = argument("columns", {FREE: columns.get(clash[0], clash[0])})
            yield (
                f"{given('by')}: {listed(clash)} would be both a label and {what}; expected other "
                f"names; give the groups one, as in {argument('by', FREE)} with {rename}"
            )
    if decimal not in (None, ".", ","):
        yield (
            f"{given('decimal', decimal)}: it is no decimal mark; expected '.' or ','; "
            "name one of these, or leave it out to have it found"
        )
    if twice := sorted({column for column in by if by.count(column) > 1}):
        yield (
            f"{given('by')}: {listed(twice)} {be(len(twice))} given twice; expected different "
            "columns; name each once"
        )
    if missing not in ("error", "drop"):
        yield (
            f"{given('missing')}: there is no {missing!r}; expected 'error' or 'drop'; "
            "choose whether rows with blanks are left out"
        )
    if unknown := [word for word in allow if word not in ALLOWABLE]:
        yield (
            f"{given('allow')}: there is no {listed(unknown)}; expected {listed(ALLOWABLE)}; "
            "name the findings to accept"
        )


def content_faults(
    law: Law,
    numbers: Mapping[str, Numbers],
    labels: Mapping[str, pd.Series],
    by: Sequence[str],
    allow: Sequence[str],
    headers: Mapping[str, str],
) -> Iterator[str]:
    """Find what is wrong in the columns, but for what is allowed.

    Parameters
    ----------
    law
        What the columns are for.
    numbers, labels
        The columns, by the law's names and by their own.
    by
        Columns that group the runs.
    allow
        What is not looked for.
    headers
        What the table calls columns whose unit the caller left open.
    """
    y, noise, along = law.response, law.response.noise, acting(law)
    ranges = {x.name: (x.bounds, interval(x.support, x.bounds)) for x in law.inputs}
    ranges[y.name] = y.support, response_range(law)
    for name, (bounds, within) in ranges.items():
        if column := numbers.get(name):
            of_unit = []
            if "units" not in allow and not (name == y.name and noise.counts):
                of_unit = list(unit_faults(law, name, column, bounds, headers.get(name)))
            yield from of_unit
            # what is too large in another unit need not be so in the law's
            within_bounds = (bounds[0], math.inf) if of_unit else bounds
            yield from number_faults(column, within_bounds, within, name)
            if "sizes" not in allow and name != y.name and len(column.values):
                if not (np.ptp(column.values) == 0 and _told_by_others(law, numbers)):
                    yield from size_faults(column, along[name])
    if column := numbers.get(y.name):
        if noise.counts:
            yield from whole_faults(column, least=0)
        elif "units" not in allow:
            yield from stray_faults(column, y)
    for name in noise.reads:
        if column := numbers.get(name):
            yield from number_faults(column, (-math.inf, math.inf), "counts")
            yield from whole_faults(column, least=1)
    for name, series in labels.items():
        yield from label_faults(name, series)
        if name in by and "single" not in allow:
            yield from single_faults(name, series)


def cells(entries: pd.Series, bad: np.ndarray) -> str:
    """Name the first few bad entries with their rows: ``'7B' (row 3) and '1,000' (row 5)``."""
    entries = entries.loc[bad]
    first = entries.iloc[:LISTED]
    shown = (f"{_short(e)} (row {r})" for r, e in zip(first.index, first.tolist(), strict=True))
    return named(shown, len(entries))


def _short(entry: object) -> str:
    if isinstance(entry, float):
        return short(entry) if math.isfinite(entry) else str(entry)
    return reprlib.repr(entry)


def be(count: int) -> str:
    """Return the verb that goes with so many: ``is`` or ``are``."""
    return "is" if count == 1 else "are"


def have(count: int) -> str:
    """Return the verb that goes with so many: ``has`` or ``have``."""
    return "has" if count == 1 else "have"


def rows(index: pd.Index) -> str:
    """Name the first few rows: ``row 3`` or ``rows 3, 7 and 9``."""
    return ("row " if len(index) == 1 else "rows ") + named(index[:LISTED], len(index))


def closest_column(wanted: Collection[str], columns: Sequence[object]) -> str | None:
    """Return the column whose name is most like one of the wanted ones, whatever their case."""
    lower = {str(column).lower(): str(column) for column in reversed(columns)}
    near = (difflib.get_close_matches(w.lower(), lower, n=1, cutoff=0.6) for w in wanted)
    return next((lower[match[0]] for match in near if match), None)


def missing_fault(title: str, columns: Sequence[object], repair: str) -> str:
    """Describe a column that the table lacks."""
    has = named([repr(str(column)) for column in columns[: 3 * LISTED]], len(columns))
    return f"{title}: there is no such column; expected one of {has or 'none'}; {repair}"


def number_faults(
    column: Numbers,
    support: tuple[float, float],
    within: str,
    name: str = "",
) -> Iterator[str]:
    """Find text, blanks, infinities and values outside the open interval ``support``.

    Parameters
    ----------
    column
        The values.
    support, within
        What is allowed, and that in words.
    name
        The law's, by which a caller can say a column's unit; empty where that cannot be said.
    """
    title, values, shown = column.title, column.values, column.shown
    marks = f"{argument('decimal', '.')} or {argument('decimal', ',')}"
    yield from text_faults(column, f"name the decimal mark with {marks}", name=name)
    if column.blank.any():
        yield _blank_fault(title, shown.index[column.blank], "a number")
    infinite = np.isinf(values)
    if infinite.any():
        found = f"{cells(shown, infinite)} {be(int(infinite.sum()))} not finite"
        yield (f"{title}: {found}; expected finite numbers; correct those rows or take them out")
    low, high = support
    outside = ((values <= low) | (values >= high)) & ~infinite
    if outside.any():
        repair = "correct those rows or take them out"
        if high < 2 and high < values[outside].max() <= 100:
            repair = f"{in_per_cent(name)}, or correct those rows"
        found = f"{cells(shown, outside)} {be(int(outside.sum()))} out of range"
        yield f"{title}: {found}; expected {within}; {repair}"


def in_per_cent(name: str) -> str:
    """Return what to do with shares that are in per cent."""
    if not name:
        return "divide percentages by 100"
    return f"convert percentages with {argument('units', {name: 'per cent'})}"


def stray_faults(column: Numbers, y: Response) -> Iterator[str]:
    """Find shares far above one where the noise allows them, in a column of shares."""
    most, values = most_that_can_be(y.unit), column.values
    stray = np.isfinite(values) & (values >= most) & (values < y.support[1])
    if stray.any() and np.median(values[np.isfinite(values)]) <= most:
        yield (
            f"{column.title}: {cells(column.shown, stray)} {be(int(stray.sum()))} more than any "
            f"{y.unit}; expected at most {short(unit_of(y.unit).most)}; {in_per_cent(y.name)}, "
            f"correct those rows, or accept them with {argument('allow', 'units')}"
        )


def text_faults(
    column: Numbers, repair: str = "", rewrite: str = "", name: str = ""
) -> Iterator[str]:
    """Find entries that are no numbers, or could be several.

    Parameters
    ----------
    column
        As it was read.
    repair
        What else to do, than rewrite them, where points and commas could be read in two ways.
    rewrite
        What to do with other text; by default to rewrite it or leave it blank.
    name
        As for `number_faults`.
    """
    title, entries = column.title, column.entries
    if column.unclear.any() and column.mixed:
        yield (
            f"{title}: the points and commas of {cells(entries, column.unclear)} contradict each "
            "other; expected one decimal mark in all rows; rewrite them with the same one"
        )
    elif column.unclear.any():
        yield (
            f"{title}: the points and commas of {cells(entries, column.unclear)} could part "
            "thousands or decimals; expected numbers that can be read in one way only; write them "
            f"without thousands separators{', or ' * bool(repair)}{repair}"
        )
    if column.foreign.any():
        a_unit = f" in {column.unit}" * bool(column.unit)
        say = f", or say the unit with {argument('units', {name: '...'})}" if name else ""
        yield (
            f"{title}: {cells(entries, column.foreign)} {have(int(column.foreign.sum()))} a unit "
            f"or suffix that is not read here; expected plain numbers{a_unit}, such as 7e9; "
            f"convert them{', and leave the unit out' * bool(column.unit)}{say}"
        )
    other = column.text & ~column.unclear & ~column.foreign
    if other.any():
        yield (
            f"{title}: {cells(entries, other)} cannot be read as numbers; expected plain numbers "
            f"such as 7e9; {rewrite or 'rewrite them, or leave those cells blank'}"
        )


def whole_faults(column: Numbers, least: int) -> Iterator[str]:
    """Find counts that are not whole, or less than ``least``."""
    values = column.values
    bad = np.isfinite(values) & ((values < least) | (values != np.floor(values)))
    if bad.any():
        yield (
            f"{column.title}: {cells(column.shown, bad)} cannot be a count; expected whole numbers "
            f"of at least {least}; correct those rows"
        )


def label_faults(column: str, labels: pd.Series) -> Iterator[str]:
    """Find blank labels."""
    blank = labels.isna().to_numpy()
    if blank.any():
        yield _blank_fault(f"grouping column {column!r}", labels.index[blank], "a label")


def _blank_fault(title: str, index: pd.Index, expected: str) -> str:
    return (
        f"{title}: it is blank in {rows(index)}; expected {expected} in every row; fill them in, "
        f"or leave those rows out with {argument('missing', 'drop')}"
    )


def single_faults(column: str, labels: pd.Series) -> Iterator[str]:
    """Find levels of a grouping column that hold one run."""
    lonely = (labels.notna() & ~labels.duplicated(keep=False)).to_numpy(dtype=bool)
    if lonely.any():
        yield (
            f"grouping column {column!r}: there is only one run in {cells(labels, lonely)}; "
            "expected two "
            f"or more runs in each group; add runs, or accept it with {argument('allow', 'single')}"
        )


def size_faults(column: Numbers, params: Sequence[str]) -> Iterator[str]:
    """Find an input with too few distinct values for the parameters that act along it."""
    good = column.values[np.isfinite(column.values)]
    # an entry still to be mended could yet become a size of its own
    count = len(np.unique(good)) + len(column.values) - len(good)
    if count < len(params) + 1:
        yield (
            f"{column.title}: it has {count} distinct size{'s' * (count != 1)}; expected at least "
            f"{len(params) + 1}, since {listed(params)} and a level are learned along it; "
            f"add runs at other sizes, or accept it with {argument('allow', 'sizes')}"
        )


def _told_by_others(law: Law, numbers: Mapping[str, Numbers]) -> bool:
    """Whether runs tell all parameters though an input stays the same, which only scales then."""
    columns = [numbers.get(name) for name in law.input_names]
    values = [column.values for column in columns if column is not None]
    if len(values) < len(columns):
        return False
    good = np.isfinite(values).all(axis=0)
    return tell_all(law, dict(zip(law.input_names, (v[good] for v in values), strict=True)))


def count_faults(
    law: Law, count: int, left_out: Sequence[str], allow: Collection[str] = ()
) -> Iterator[str]:
    """Find a table that is empty or, unless sizes may be few, has fewer runs than parameters."""
    least = len(law.params)
    if count < (1 if "sizes" in allow else least):
        after = f" ({'; '.join(left_out)})" if left_out else ""
        accept = f", or accept it with {argument('allow', 'sizes')}" if count else ""
        yield (
            f"table: it has {count} run{'s' * (count != 1)}{after}; expected at least {least}, "
            f"one for each parameter of {law.name!r}; add runs, or take a simpler law{accept}"
        )


def duplicate_faults(frame: pd.DataFrame, others: Callable[[], pd.DataFrame]) -> Iterator[str]:
    """Find rows that repeat an earlier one in every column of the table.

    Parameters
    ----------
    frame
        What the law reads.
    others
        Returns all other columns, by the same row numbers; asked for only where ``frame`` repeats.
    """
    alike = frame.index[frame.duplicated(keep=False)]
    if not len(alike):
        return
    rest = others().loc[alike].map(lambda entry: str(entry).strip())  # entries may be lists
    rest.columns = range(rest.shape[1])
    rows = pd.concat([frame.loc[alike], rest], axis=1)
    again = alike[rows.duplicated()]
    if len(again):
        first = (f"row {row} repeats row {_first_like(rows, row)}" for row in again[:LISTED])
        yield (
            f"table: {named(first, len(again))}; expected each run once; take the copies out, "
            f"or accept them with {argument('allow', 'duplicates')}"
        )


def _first_like(frame: pd.DataFrame, row: int) -> int:
    like = np.ones(len(frame), dtype=bool)
    for name in frame:
        like &= (frame[name] == frame.at[row, name]).to_numpy()
    return frame.index[like.argmax()]


def response_range(law: Law) -> str:
    """Describe where the law's responses may lie."""
    return law.response.noise.allowed or interval(law.response.support)


def interval(support: tuple[float, float], bounds: tuple[float, float] | None = None) -> str:
    """Describe an interval: ``values above 0``, ``values between 0 and 1, ends excluded``.

    Its ends are excluded unless ``bounds``, an open interval, goes beyond them.
    """
    low, high = support
    least, most = (False, False) if bounds is None else (bounds[0] < low, bounds[1] > high)
    if low > -math.inf and high < math.inf and not (least or most):
        return f"values between {short(low)} and {short(high)}, ends excluded"
    ends = []
    if low > -math.inf:
        ends.append(f"of at least {short(low)}" if least else f"above {short(low)}")
    if high < math.inf:
        ends.append(f"of at most {short(high)}" if most else f"below {short(high)}")
    return f"values {' and '.join(ends)}"
