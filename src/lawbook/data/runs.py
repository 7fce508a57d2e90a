"""Runs: a table of training runs that was checked when it was read.

All faults are reported at once. Inputs and response become float64 under the law's names, and
grouping labels become strings; each row keeps its number in the source.
"""

import hashlib
import inspect
import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data import faults as checking
from lawbook.data.reading import Numbers, Table, number, read_labels, read_numbers, read_table
from lawbook.errors import FitError, RunsError, argument, listed
from lawbook.laws.catalogue import load_law
from lawbook.laws.law import Law
from lawbook.wording import short


@dataclass(frozen=True, eq=False)
class Runs:
    """A checked table of training runs, as `read_runs` returns it.

    Parameters
    ----------
    law
        The law whose inputs and response the columns are.
    frame
        One row a run, in the source's order, indexed by the row's number there (from 1).
        Inputs, response and, for binomial noise, trials are float64 in the law's units and
        under its names; grouping columns are strings.
    by
        Names of the grouping columns.
    dropped
        Rows that were left out because of blanks.
    source
        File name, or ``"table"``.
    comparable
        Columns of labels that say what a response was measured with, such as the tokenizer:
        groups that differ in one of them are not compared.
    """

    law: Law
    frame: pd.DataFrame
    by: tuple[str, ...] = ()
    dropped: int = 0
    source: str = "table"
    comparable: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def inputs(self) -> dict[str, np.ndarray]:
        """Each input, shape ``(runs,)``, in the law's units and the formula's order."""
        return {name: self._numbers(name) for name in self.law.input_names}

    @property
    def response(self) -> np.ndarray:
        """What the runs are judged by, shape ``(runs,)``, in the law's unit."""
        return self._numbers(self.law.response.name)

    @property
    def trials(self) -> np.ndarray | None:
        """Number of trials behind each response, shape ``(runs,)``; None unless binomial."""
        reads = self.law.response.noise.reads
        return self._numbers(reads[0]) if reads else None

    @property
    def cost(self) -> np.ndarray | None:
        """Training FLOPs of each run, shape ``(runs,)``; None where the law has no cost."""
        if self.law.cost is None:
            return None
        takes = inspect.signature(self.law.cost).parameters
        cost = self.law.cost(**{name: self._numbers(name) for name in takes})
        return np.broadcast_to(np.asarray(cost, dtype="float64"), len(self))

    @property
    def largest(self) -> dict[str, float]:
        """Largest value of each input and, where the law has one, of the cost; NaN if no runs."""
        columns = self.inputs | ({} if self.cost is None else {"cost": self.cost})
        return {n: float(v.max()) if len(v) else math.nan for n, v in columns.items()}

    @property
    def groups(self) -> pd.DataFrame:
        """Distinct combinations of the grouping columns, in sorted order.

        One row for each combination that has runs; one row without columns where the runs are
        not grouped.
        """
        if not self.by:
            return pd.DataFrame(index=range(1))
        codes = pd.DataFrame({column: self.codes(column) for column in self.by})
        codes = codes.drop_duplicates().sort_values(list(self.by), ignore_index=True)
        return pd.DataFrame({c: np.array(self.levels(c), dtype=object)[codes[c]] for c in self.by})

    def levels(self, column: str) -> tuple[str, ...]:
        """Return a grouping column's distinct labels, sorted; numbers among them by value."""
        return tuple(sorted(self._labels(column).unique(), key=_rank))

    def codes(self, column: str) -> np.ndarray:
        """Return each run's position in `levels`, shape ``(runs,)``, int64."""
        levels = pd.Index(self.levels(column), dtype=object)
        return levels.get_indexer(self._labels(column).astype(object)).astype("int64")

    def take(self, mask: Any) -> "Runs":
        """Return some of the runs, not checked again: a fold may break the rules of a table.

        Parameters
        ----------
        mask
            A boolean per run, or positions from 0 in the order wanted.

        Raises
        ------
        RunsError
            If the mask does not fit the runs.
        """
        mask = np.asarray(mask)
        if mask.size == 0:
            mask = mask.astype("int64")
        fits = mask.ndim == 1 and mask.dtype.kind in "iu"
        fits = fits and np.all((mask >= 0) & (mask < len(self)))
        if mask.dtype == bool and mask.shape == (len(self),):
            fits, mask = True, np.flatnonzero(mask)
        if not fits:
            raise RunsError(
                f"take: a mask of {mask.dtype} with shape {mask.shape} does not fit {len(self)} "
                "runs; expected a boolean per run, or positions from 0; "
                "pass an array such as runs.response < 3"
            )
        return replace(self, frame=self.frame.iloc[mask])

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the values, their names, the grouping and the order.

        It is the same for the same runs on every platform and from every format, and does not
        depend on the law, the source or the row numbers.
        """
        digest = hashlib.sha256(json.dumps([list(self.frame), self.by]).encode())
        for name in self.frame:
            if name in self.by:
                digest.update(json.dumps(self.levels(name)).encode())
                digest.update(self.codes(name).astype("<i8").tobytes())
            elif name in self.comparable:
                digest.update(json.dumps(list(self.frame[name])).encode())
            else:
                digest.update(self._numbers(name).astype("<f8").tobytes())
        return digest.hexdigest()

    def _numbers(self, name: str) -> np.ndarray:
        return self.frame[name].to_numpy(dtype="float64")

    def _labels(self, column: str) -> pd.Series:
        if column not in self.by:
            raise RunsError(
                f"column {column!r}: the runs are not grouped by it; "
                f"expected {listed(self.by)}; name it in {argument('by')}"
            )
        return self.frame.loc[:, column]

    def __repr__(self) -> str:
        text = f"{len(self):,} run{'s' * (len(self) != 1)} of {self.law.name}"
        if self.by:
            text += " by " + " and ".join(map(self._group_text, self.by))
        if len(self):
            response = self.law.response
            units = {x.name: x.unit for x in self.law.inputs} | {response.name: response.unit}
            text += ": " + ", ".join(
                f"{name} {_span(self._numbers(name))} {unit}" for name, unit in units.items()
            )
        return text + (f"; {self.dropped:,} dropped for blanks" if self.dropped else "")

    def _group_text(self, column: str) -> str:
        counts = self.frame[column].value_counts()
        if len(counts) > 6:
            return f"{column} ({len(counts):,} levels of {counts.min():,} to {counts.max():,} runs)"
        return f"{column} ({', '.join(f'{x} {counts[x]:,}' for x in self.levels(column))})"


def _rank(label: str) -> list[tuple[bool, float, str]]:
    """Sort key: numbers by value and before words, level by level of a nested label."""
    parts = [(part, number(part)) for part in label.split("/")]
    numeric = [value is not None and math.isfinite(value) for _, value in parts]
    return [
        (not is_number, value if is_number and value is not None else 0.0, part)
        for (part, value), is_number in zip(parts, numeric, strict=True)
    ]


def _span(values: np.ndarray) -> str:
    least, most = (short(x, 3) for x in (values.min(), values.max()))
    return least if least == most else f"{least} to {most}"


def read_runs(
    source: Any,
    law: Law | str | Path,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
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
    missing
        ``"error"``, or ``"drop"`` to leave out rows with a blank in a column that is needed.
    allow
        Findings to accept: ``"duplicates"`` (rows that repeat another), ``"single"`` (groups
        with one run), ``"sizes"`` (fewer distinct sizes than the law needs along an input),
        ``"units"`` (values far from the range that the paper saw).
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
    columns = dict(columns or {})
    wanted = {columns.get(name, name) for name in checking.columns_read(law)}
    table = read_table(source, wanted.union(named, *(column.split("/") for column in named)))

    faults = list(checking.argument_faults(law, named, columns, missing, allow))
    numbers, absent = _find_numbers(law, table, columns)
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

    faults += checking.content_faults(law, numbers, labels, by, allow)
    if numbers or labels:
        faults += checking.count_faults(law, len(blank) - dropped, dropped)
    frame = pd.DataFrame({name: column.shown for name, column in numbers.items()} | labels)
    if not absent and not unknown and "duplicates" not in allow:
        faults += checking.duplicate_faults(frame.dropna())
    if faults:
        raise RunsError(_report(table.name, law, faults))
    frame = frame.astype(dict.fromkeys(named, "str"))
    return Runs(law, frame, by, dropped, table.name, comparable)


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
