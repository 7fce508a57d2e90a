"""The door: a table becomes `Runs`, or is refused with all of its faults at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data import faults as checking
from lawbook.data.filters import best, kept, not_finite, read_condition
from lawbook.data.labels import differ_in_blanks, read_labels
from lawbook.data.names import clean_names, is_unnamed
from lawbook.data.predictors import check_predictors, predictor_faults, read_predictors
from lawbook.data.reading import Table, read_table
from lawbook.data.runs import Runs, dropped_note
from lawbook.data.shared import check_law, refuse_names
from lawbook.data.spelling import Column, Numbers, read_columns, read_numbers
from lawbook.data.suggestions import columns_meant
from lawbook.data.units import in_units_of, stated_faults
from lawbook.data.wide import stacked
from lawbook.errors import Argument, Message, RunsError, argument, given
from lawbook.laws.catalogue import load_law
from lawbook.laws.law import Law


def read_runs(
    source: Any,
    law: Law | str | Path,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    missing: str = "error",
    allow: str | Collection[str] = (),
    comparable: str | Sequence[str] = (),
    sep: str | None = None,
    decimal: str | None = None,
    wide: Mapping[str, str | Sequence[str]] | None = None,
    where: str | None = None,
    drop_nonfinite: bool = False,
    best_of: str | Sequence[str] = (),
) -> Runs:
    """Read a table of training runs and check it against a law.

    Parameters
    ----------
    source
        Path of a file of delimited text (.csv, .tsv, .txt), JSON or JSON Lines (each also
        gzipped) or Parquet, or a data frame (pandas, polars, pyarrow, DuckDB). It is not changed.
        Objects in objects are columns by their dotted path, as ``config.model.n_params``, and so
        are levels of columns; the named levels of an index are columns, too.
    law
        A law, or the name or path of one, as for `load_law`.
    by
        Grouping columns. ``"recipe/seed"`` nests: the levels of seed within each recipe, in a
        column of that name with labels like ``"gru/0"``.
    columns
        From the law's names to the table's, as in ``{"N": "params"}``; and from the names of
        grouping columns, as in ``{"recipe": "group"}``.
    units
        What columns are in where it is not the law's unit, by the law's names: they are converted.
        As in ``{"loss": "perplexity", "D": "billion tokens", "C": "PF-days"}``, a multiple as in
        ``"1e9 tokens"``, and where a rate is needed ``"bits/byte at 4.2 bytes/token"``.
    missing
        ``"error"``, or ``"drop"`` to leave out rows with a blank in a column that is needed.
    allow
        Findings to accept: ``"duplicates"`` (rows that repeat another), ``"single"`` (groups
        with one run), ``"sizes"`` (fewer distinct sizes than the law needs along an input, or
        fewer runs than it has parameters),
        ``"units"`` (values or names of columns that speak of another unit than the law's).
    comparable
        Columns that say what a response was measured with (tokenizer, corpus, metric): groups
        whose runs differ in one of them have responses of different meaning, and
        `lawbook.decisions.comparison.compare` refuses them.
    sep
        What parts the columns of a delimited file: ``"comma"``, ``"semicolon"``, ``"tab"``,
        ``"pipe"``, ``"space"`` or a mark; found by default.
    decimal
        The decimal mark of numbers in text, ``"."`` or ``","``; by default each column shows it.
        The other mark then parts thousands.
    wide
        For a table with a column for each recipe: the name of the column of labels to make, and
        the columns of responses that are stacked, as in ``{"recipe": ["gru", "mlp"]}`` or
        ``{"recipe": "loss_*"}``, where labels are what the star stands for.
    where
        Rows to keep, as in ``"status == 'finished' and step >= 1000"``. Columns are compared with
        text, numbers, True or False; names that hold blanks or signs go in backticks.
    drop_nonfinite
        Whether to leave out diverged runs, whose response is NaN or infinite.
    best_of
        Names of columns: of the runs of a group that are alike in all of these, only the one with
        the best response is kept, as in ``("N", "D")``.

    Returns
    -------
    Runs
        All rows in the source's order, as float64 in the law's units, except those that were asked
        to be left out. `Runs.notes` tells what was done: rows left out, how cells were read.

    Raises
    ------
    RunsError
        If the source cannot be read or anything in it does not fit the law: all findings
        together, each with the rows, the values and the repair.
    LawError
        If there is no such law.

    Examples
    --------
    >>> import lawbook, pandas
    >>> size, tokens = [1e8, 1e9, 1e10, 1e8, 1e9, 1e10], [2e9, 2e10, 2e11, 4e9, 4e10, 4e11]
    >>> loss = [3.7, 2.8, 2.3, 3.5, 2.6, 2.2]
    >>> lawbook.read_runs(pandas.DataFrame({"N": size, "D": tokens, "loss": loss}), "chinchilla")
    6 runs of chinchilla: N 1e8 to 1e10 parameters, D 2e9 to 4e11 tokens, loss 2.2 to 3.7 nats/token
    """
    law = law if isinstance(law, Law) else load_law(law)
    by, allow, comparable, best_of = map(_several, (by, allow, comparable, best_of))
    comparable = tuple(column for column in comparable if column not in by)
    named = (*by, *comparable)
    columns = dict(zip(columns, clean_names([*columns.values()]), strict=True)) if columns else {}
    units = dict(units or {})
    faults = list(checking.argument_faults(law, named, columns, missing, allow, decimal))
    faults += stated_faults(law, units)
    condition = None if where is None else read_condition(where)

    wanted = {columns.get(n, n) for n in (*checking.columns_read(law), *law.predictors, *best_of)}
    for column in named:
        wanted.update(columns.get(name, name) for name in (column, *column.split("/")))
    wanted |= condition.names if condition else set()
    table = read_table(source, None if wide else wanted, sep, asks=True)
    response = law.response.name
    if wide:
        table = stacked(table, wide, columns.get(response, response))
    left_out: list[str] = []
    if condition:
        mask = kept(condition, table, decimal)
        left_out.append(f"{np.sum(~mask):,} left out by the filter {condition.text}")
        table = replace(table, frame=table.frame.loc[mask])

    rows, absent, told = _find_columns(law, table, named, columns, units, decimal)
    numbers, labels = rows.numbers, rows.labels
    faults += absent
    if drop_nonfinite and response in numbers:
        odd = not_finite(numbers[response])
        left_out.append(f"{odd.sum():,} left out, whose {response} is not finite")
        rows = rows.at(~odd)
    dropped = int(rows.blank.sum()) if missing == "drop" else 0
    if dropped:
        left_out.append(dropped_note(dropped))
        rows = rows.at(~rows.blank)
    if best_of and response in numbers:
        cells, lacking = _cells(table, best_of, columns, rows)
        faults += lacking
        if not lacking:
            keep = best(rows.numbers[response], cells, law.response.better == "lower")
            left_out.append(f"{np.sum(~keep):,} left out, not the best of {' and '.join(best_of)}")
            rows = rows.at(keep)

    # a law's own symbol says nothing of units
    headers = {name: own for name, own in columns.items() if own != name and name not in units}
    faults += checking.content_faults(law, rows.numbers, rows.labels, by, allow, headers)
    faults += predictor_faults(law, rows.numbers)
    if numbers or labels:
        faults += checking.count_faults(law, len(rows.blank), left_out, allow)
    frame = rows.frame
    if not (absent or "duplicates" in allow or law.response.noise.counts):
        faults += checking.duplicate_faults(frame.dropna(), lambda: _others(table, columns, frame))
    if faults:
        raise RunsError(_report(table, law, faults))
    spelt = [column.note for column in numbers.values() if column.note]
    notes = (*table.notes, *spelt, *told, *left_out)
    frame = frame.astype(dict.fromkeys(labels, "str"))
    return Runs(law, frame, by, dropped, table.name, comparable, notes)


@dataclass(frozen=True)
class _Rows:
    """The columns that are read, under the names of the law and of the groups."""

    numbers: dict[str, Numbers]
    labels: dict[str, pd.Series]

    @property
    def blank(self) -> np.ndarray:
        """True where a row lacks an entry."""
        found = [column.blank for column in self.numbers.values()]
        found += [column.isna().to_numpy(dtype=bool) for column in self.labels.values()]
        return np.any(found, axis=0) if found else np.zeros(0, dtype=bool)

    @property
    def frame(self) -> pd.DataFrame:
        numbers = {name: column.shown for name, column in self.numbers.items()}
        return pd.DataFrame(numbers | self.labels)

    def at(self, keep: np.ndarray) -> "_Rows":
        """Return the rows where ``keep`` is true."""
        numbers = {name: column.at(keep) for name, column in self.numbers.items()}
        return _Rows(numbers, {name: column.loc[keep] for name, column in self.labels.items()})


def _several(names: str | Collection[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _cells(
    table: Table, best_of: Sequence[str], columns: Mapping[str, str], rows: _Rows
) -> tuple[list[pd.Series], list[str]]:
    """Return what tells the cells apart in which only the best run is kept: groups, too."""
    cells, faults = list(rows.labels.values()), []
    for name in best_of:
        column = columns.get(name, name)
        if name in rows.numbers:
            cells.append(rows.numbers[name].shown)
        elif column in table.frame:
            entries = table.frame.loc[rows.frame.index, column]
            spelt = read_numbers(column, entries)
            cells.append(read_labels(entries) if spelt.text.any() else spelt.shown)
        else:
            near = checking.closest_column([column], table.columns)
            repair = f"did you mean {near!r}?" if near else "name others"
            title = f"{given('best_of')}: {column!r}"
            faults.append(checking.missing_fault(title, table.columns, repair))
    return cells, faults


def _others(table: Table, columns: Mapping[str, str], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that are not read, but for those without a name, as row numbers."""
    read = {columns.get(part, part) for name in frame for part in (name, *name.split("/"))}
    whole = table.whole()
    return whole.loc[:, [n for n in whole if n not in read and not is_unnamed(str(n))]]


def runs_of(
    law: Law, runs: Runs | Any, by: str | Sequence[str], columns: Mapping[str, str] | None
) -> Runs:
    """Return runs as they are where they are read already, else as `read_runs` reads them.

    Raises
    ------
    FitError
        If ``by`` or ``columns`` are given with runs that are already read.
    RunsError
        If the runs do not fit the law.
    """
    if not isinstance(runs, Runs):
        return read_here(runs, law, by, columns)
    check_predictors(law, runs)
    refuse_names(by, columns)
    check_law(law, runs)
    return runs


def read_here(
    table: Any,
    law: Law,
    by: str | Sequence[str],
    columns: Mapping[str, str] | None,
    allow: Collection[str] = (),
) -> Runs:
    """Read a table where only its groups and columns can be named, as by `lawbook.fit`.

    Raises
    ------
    RunsError
        As `read_runs` does; arguments that the message names are said to be of that.
    """
    try:
        return read_runs(table, law, by=by, columns=columns, allow=allow)
    except RunsError as error:
        parts = error.message.parts
        names = dict.fromkeys(part.name for part in parts if isinstance(part, Argument))
        if not (theirs := [f"{name}=" for name in names if name not in ("by", "columns")]):
            raise
        told = f"\n{' and '.join(theirs)}: give {'them' if theirs[1:] else 'it'} to "
        raise RunsError(
            Message.of([*parts, f"{told}lawbook.read_runs, and pass on its runs"])
        ) from None


def _find_columns(
    law: Law,
    table: Table,
    named: tuple[str, ...],
    columns: Mapping[str, str],
    units: Mapping[str, str],
    decimal: str | None,
) -> tuple[_Rows, list[str], list[str]]:
    """Return all columns that are read, what is wrong with them, and what was done to them."""
    numbers, absent = _find_numbers(law, table, columns, units, decimal)
    numbers, converted = in_units_of(law, numbers, units)
    labels, unknown, merged = _find_labels(law, table, named, columns)
    more, texts, wrong = read_predictors(law, named, table, columns, decimal)
    found = _Rows(numbers | more, labels | texts)
    return found, absent + unknown + wrong, [*converted, *merged]


def _find_numbers(
    law: Law,
    table: Table,
    columns: Mapping[str, str],
    stated: Mapping[str, str],
    decimal: str | None,
) -> tuple[dict[str, Numbers], list[str]]:
    found, absent = {}, []
    # the unit helps to guess: 'tokens' for D
    units = {x.name: x.unit for x in law.inputs}
    in_units = units | {law.response.name: law.response.unit}
    for name in checking.columns_read(law):
        column = columns.get(name, name)
        title = f"column {column!r}" + (f" ({name})" if column != name else "")
        if column in table.frame:
            unit = stated.get(name, in_units.get(name, ""))
            found[name] = Column(title, table.frame.loc[:, column], unit)
        else:
            likely = columns_meant(name, column, units.get(name, ""), table.columns)
            repair = f"add it, or name the table's own in {argument('columns')}"
            if likely:
                meant = (argument("columns", {name: other}) for other in likely)
                repair = f"did you mean {' or '.join(meant)}?"
            absent.append(checking.missing_fault(title, table.columns, repair))
    return read_columns(found, decimal if decimal in (".", ",") else None), absent


def _find_labels(
    law: Law, table: Table, by: tuple[str, ...], columns: Mapping[str, str]
) -> tuple[dict[str, pd.Series], list[str], list[str]]:
    found, unknown, merged = {}, [], []
    for column in by:
        if column in checking.columns_read(law):
            continue
        own = columns.get(column, column)
        parts = [own] if own in table.frame else [columns.get(p, p) for p in column.split("/")]
        if absent := [part for part in parts if part not in table.frame]:
            for part in absent:
                near = checking.closest_column([part], table.columns)
                repair = f"did you mean {near!r}?" if near else "add it, or group by one of these"
                if near and near in checking.RESERVED:
                    repair = f"did you mean {argument('columns', {part: near})}?"
                title = f"grouping column {part!r}"
                unknown.append(checking.missing_fault(title, table.columns, repair))
            continue
        try:
            pieces = [read_labels(table.frame.loc[:, part]) for part in parts]
            merged += [part for part in parts if differ_in_blanks(table.frame.loc[:, part])]
        except TypeError:
            unknown.append(
                f"grouping column {column!r}: its entries are containers; expected text or "
                "numbers as labels; unpack them"
            )
            continue
        joined = pieces[0]
        for piece in pieces[1:]:
            joined = joined + "/" + piece
        apart = pd.concat(pieces, axis=1)[joined.notna()].drop_duplicates()
        if joined.nunique() < len(apart):
            unknown.append(
                f"grouping column {column!r}: different labels read the same once joined by '/'; "
                "expected labels that stay apart; take the '/' out of them"
            )
        found[column] = joined
    said = [f"labels of {part!r} that differ in blanks are one" for part in dict.fromkeys(merged)]
    return found, unknown, said


def _report(table: Table, law: Law, faults: Sequence[str]) -> str:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    head = f"{table.name}: {count} as runs of {law.name!r}, {table.counted}"
    return "\n  - ".join([head, *faults])
