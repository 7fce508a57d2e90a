"""Many tables in one: each label's rows are a table of its own, and may be refused by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.door import read_runs
from lawbook.data.labels import read_labels
from lawbook.data.reading import Table, read_table
from lawbook.data.runs import Runs
from lawbook.data.shared import check_law, refuse_names
from lawbook.errors import FitError, RunsError, argument, listed
from lawbook.laws.law import Law


@dataclass(frozen=True)
class Several:
    """Tables that were read from one.

    Attributes
    ----------
    runs
        Those that are in order, grouped by ``by``.
    refused
        Why the others are not, by their labels joined with a slash.
    """

    runs: Runs
    refused: Mapping[str, RunsError]


def read_several(
    source: Any,
    law: Law,
    by: Sequence[str],
    columns: Mapping[str, str] | None = None,
    **options: Any,
) -> Several:
    """Read a table as `read_runs` does; where labels of ``by`` have faults, without these.

    Parameters
    ----------
    source, law, columns, options
        As for `lawbook.read_runs`; or `Runs`, which are in order already.
    by
        Grouping columns that tell the tables apart.

    Raises
    ------
    FitError
        If ``by`` names nothing, or not what groups runs that are read already.
    RunsError
        If the source cannot be read, or no table of it is in order.
    """
    if not by:
        raise FitError(
            f"{argument('by')}: it names no column; expected one or more that tell the tables "
            f"apart; name them, as in {argument('by', 'curve')}"
        )
    if isinstance(source, Runs):
        return Several(_grouped(source, law, by, columns), {})
    options = {"by": tuple(by), "columns": columns, **options}
    try:
        return Several(read_runs(source, law, **options), {})
    except RunsError as error:
        whole = error
    table = read_table(source, None, options.pop("sep", None), asks=True)
    parts = _parts(table, by, columns or {})
    if len(parts) < 2:
        raise whole
    good, refused = _sorted_out(table, parts, law, options)
    if not good:
        raise whole
    frame = pd.concat([runs.frame for runs in good]).sort_index()
    notes = dict.fromkeys(note for runs in good for note in runs.notes)
    first = good[0]
    return Several(replace(first, frame=frame, notes=tuple(notes)), refused)


def _grouped(runs: Runs, law: Law, by: Sequence[str], columns: Mapping[str, str] | None) -> Runs:
    refuse_names(columns=columns)
    if set(by) != set(runs.by):
        raise FitError(
            f"{argument('by')} names {listed(by)}, and the runs are grouped by {listed(runs.by)}; "
            f"expected the same columns; read the runs again with {argument('by')}"
        )
    check_law(law, runs)
    return runs


def _parts(table: Table, by: Sequence[str], columns: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Return the rows of each label; none where a column of labels is missing."""
    labels = []
    for name in by:
        own = columns.get(name, name)
        if own not in table.frame:
            return {}
        labels.append(read_labels(table.frame.loc[:, own]))
    joined = labels[0]
    for more in labels[1:]:
        joined = joined + "/" + more
    joined = joined.dropna()
    codes, names = pd.factorize(joined)
    rows = {str(name): joined.index[codes == code] for code, name in enumerate(names)}
    return {name: np.asarray(found) for name, found in rows.items()}


def _sorted_out(
    table: Table, parts: Mapping[str, np.ndarray], law: Law, options: Mapping[str, Any]
) -> tuple[list[Runs], dict[str, RunsError]]:
    """Halve the labels until what is refused is one of them."""
    names = list(parts)
    rows = np.sort(np.concatenate([parts[name] for name in names]))
    try:
        return [read_runs(replace(table, frame=table.frame.loc[rows]), law, **options)], {}
    except RunsError as error:
        if len(names) == 1:
            return [], {names[0]: error}
    good: list[Runs] = []
    refused: dict[str, RunsError] = {}
    for half in (names[: len(names) // 2], names[len(names) // 2 :]):
        some, others = _sorted_out(table, {name: parts[name] for name in half}, law, options)
        good += some
        refused |= others
    return good, refused


def apart(runs: Runs) -> tuple[pd.DataFrame, list[Runs]]:
    """Return the labels of each group, and its runs as a table of their own, without labels."""
    codes = runs.group_codes
    frame = runs.frame.drop(columns=list(runs.by))
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes))
    rows = np.split(order, ends[:-1])
    return runs.groups, [replace(runs, frame=frame.iloc[some], by=(), notes=()) for some in rows]
