"""Runs: a table of training runs that was checked when it was read.

Inputs and response are float64 under the law's names, and grouping labels are strings; each row
keeps its number in the source.
"""

import hashlib
import inspect
import json
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.spelling import number
from lawbook.errors import RunsError, argument, listed
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
    notes
        What was done to the table when it was read, a clause each: rows that were left out, how
        its cells were read. Empty where the table was taken as it is.
    """

    law: Law
    frame: pd.DataFrame
    by: tuple[str, ...] = ()
    dropped: int = 0
    source: str = "table"
    comparable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

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

    @property
    def group_codes(self) -> np.ndarray:
        """Each run's row in `groups`, shape ``(runs,)``; zeros where the runs are not grouped."""
        if not self.by:
            return np.zeros(len(self), dtype="int64")
        groups = pd.MultiIndex.from_frame(self.groups)
        found = groups.get_indexer(pd.MultiIndex.from_frame(self.frame.loc[:, list(self.by)]))
        return found.astype("int64")

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
            elif self.is_text(name):
                digest.update(json.dumps(list(self.frame[name])).encode())
            else:
                digest.update(self._numbers(name).astype("<f8").tobytes())
        return digest.hexdigest()

    def is_text(self, name: str) -> bool:
        """Return whether a column of the frame holds labels rather than numbers."""
        return not pd.api.types.is_numeric_dtype(self.frame[name])

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
        return "; ".join([text, *self.notes])

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


def dropped_note(count: int) -> str:
    """Return the note of how many rows were left out because of blanks."""
    return f"{count:,} dropped for blanks"
