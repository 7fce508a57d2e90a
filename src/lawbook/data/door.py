"""The door: a table becomes `Runs`, or is refused with all of its faults at once."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data import faults as checking
from lawbook.data.reading import Numbers, Table, read_labels, read_numbers, read_table
from lawbook.data.runs import Runs, dropped_note
from lawbook.data.units import in_units_of, stated_faults
from lawbook.errors import FitError, RunsError, argument, listed
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
) -> Runs:
    """Read a table of training runs and check it against a law.

    Parameters
    ----------
    source
        Path of a CSV, TSV, JSON Lines (each also gzipped) or Parquet file, or a data frame
        (pandas, polars, pyarrow, DuckDB). It is not changed.
    law
        A law, or the name or path of one, as for `load_law`.
    by
        Grouping columns. ``"recipe/seed"`` nests: the levels of seed within each recipe, in a
        column of that name with labels like ``"gru/0"``.
    columns
        From the law's names to the table's, as in ``{"N": "params"}``.
    units
        What columns are in where it is not the law's unit, by the law's names: they are converted.
        As in ``{"loss": "perplexity", "D": "billion tokens", "C": "PF-days"}``, a multiple as in
        ``"1e9 tokens"``, and where a rate is needed ``"bits/byte at 4.2 bytes/token"``.
    missing
        ``"error"``, or ``"drop"`` to leave out rows with a blank in a column that is needed.
    allow
        Findings to accept: ``"duplicates"`` (rows that repeat another), ``"single"`` (groups
        with one run), ``"sizes"`` (fewer distinct sizes than the law needs along an input),
        ``"units"`` (values or names of columns that speak of another unit than the law's).
    comparable
        Columns that say what a response was measured with (tokenizer, corpus, metric): groups
        whose runs differ in one of them have responses of different meaning, and
        `lawbook.decisions.comparison.compare` refuses them.

    Returns
    -------
    Runs
        All rows in the source's order, as float64 in the law's units, except those dropped.

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
    by = (by,) if isinstance(by, str) else tuple(by)
    allow = (allow,) if isinstance(allow, str) else tuple(allow)
    comparable = (comparable,) if isinstance(comparable, str) else tuple(comparable)
    comparable = tuple(column for column in comparable if column not in by)
    named = (*by, *comparable)
    columns, units = dict(columns or {}), dict(units or {})
    wanted = {columns.get(name, name) for name in checking.columns_read(law)}
    table = read_table(source, wanted.union(named, *(column.split("/") for column in named)))

    faults = list(checking.argument_faults(law, named, columns, missing, allow))
    faults += stated_faults(law, units)
    numbers, absent = _find_numbers(law, table, columns)
    numbers, notes = in_units_of(law, numbers, units)
    labels, unknown = _find_labels(law, table, named)
    faults += absent + unknown

    blank = np.zeros(len(table.frame), dtype=bool)
    for column in numbers.values():
        blank |= column.blank
    for column in labels.values():
        blank |= column.isna().to_numpy()
    dropped = int(blank.sum()) if missing == "drop" else 0
    if dropped:
        numbers = {name: column.at(~blank) for name, column in numbers.items()}
        labels = {name: column.loc[~blank] for name, column in labels.items()}

    headers = {name: columns.get(name, name) for name in numbers if name not in units}
    faults += checking.content_faults(law, numbers, labels, by, allow, headers)
    if numbers or labels:
        faults += checking.count_faults(law, len(blank) - dropped, dropped)
    frame = pd.DataFrame({name: column.shown for name, column in numbers.items()} | labels)
    if not absent and not unknown and "duplicates" not in allow:
        faults += checking.duplicate_faults(frame.dropna())
    if faults:
        raise RunsError(_report(table.name, law, faults))
    frame = frame.astype(dict.fromkeys(named, "str"))
    notes += [dropped_note(dropped)] if dropped else []
    return Runs(law, frame, by, dropped, table.name, comparable, tuple(notes))


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
        return read_runs(runs, law, by=by, columns=columns)
    if by or columns:
        raise FitError(
            "runs: by= and columns= are for a table; these runs are already read; "
            "expected neither; give them to read_runs instead"
        )
    if runs.law.input_names != law.input_names or runs.law.response != law.response:
        raise RunsError(
            f"runs of {runs.law.name!r}: their inputs are not those of law {law.name!r}; "
            f"expected {listed(law.input_names)} and the same response; read them again"
        )
    return runs


def _find_numbers(
    law: Law, table: Table, columns: Mapping[str, str]
) -> tuple[dict[str, Numbers], list[str]]:
    found, absent = {}, []
    # the unit helps to guess: 'tokens' for D
    units = {x.name: x.unit for x in law.inputs}
    for name in checking.columns_read(law):
        column = columns.get(name, name)
        title = f"column {column!r}" + (f" ({name})" if column != name else "")
        if column in table.frame:
            found[name] = read_numbers(title, table.frame.loc[:, column])
        else:
            near = checking.closest_column([column, name, units.get(name, name)], table.columns)
            repair = f"add it, or name the table's own in {argument('columns')}"
            if near:
                repair = f"did you mean {argument('columns', {name: near})}?"
            absent.append(checking.missing_fault(title, table.columns, repair))
    return found, absent


def _find_labels(
    law: Law, table: Table, by: tuple[str, ...]
) -> tuple[dict[str, pd.Series], list[str]]:
    found, unknown = {}, []
    for column in by:
        if column in checking.columns_read(law):
            continue
        parts = [column] if column in table.frame else column.split("/")
        if absent := [part for part in parts if part not in table.frame]:
            for part in absent:
                near = checking.closest_column([part], table.columns)
                repair = f"did you mean {near!r}?" if near else "add it, or group by one of these"
                title = f"grouping column {part!r}"
                unknown.append(checking.missing_fault(title, table.columns, repair))
            continue
        try:
            pieces = [read_labels(table.frame.loc[:, part]) for part in parts]
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
    return found, unknown


def _report(source: str, law: Law, faults: Sequence[str]) -> str:
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    head = f"{source}: {count} as runs of {law.name!r}, where row 1 is the first row of data"
    return "\n  - ".join([head, *faults])
