"""Points to predict at, checked like runs when they are read: all faults are reported at once.

A point is a value of every input and, where runs are grouped, a label in every grouping column.
"""

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data import faults as checking
from lawbook.data.labels import read_labels
from lawbook.data.predictors import with_predictors
from lawbook.data.reading import read_table
from lawbook.data.runs import Runs
from lawbook.data.spelling import read_numbers
from lawbook.errors import RunsError, argument, listed
from lawbook.laws.law import Law

NEW = "(new)"


def read_points(
    law: Law,
    runs: Runs | None,
    at: Any,
    *,
    new_groups: bool | None = None,
    trials: bool = False,
    between: str | None = None,
    among: Sequence[str] | None = None,
    given: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read points to predict at.

    Parameters
    ----------
    law, runs
        The law's inputs and the runs' grouping columns are the columns that points have. Without
        runs there are no groups.
    at
        A mapping from names to values or arrays, which are broadcast against each other, or a
        table as for `lawbook.read_runs`. Grouping columns that are left out take every observed
        group that goes with those given; a nested one may be given by its parts.
    new_groups
        Whether labels may be new; None where the caller cannot be asked for new groups.
    trials
        Whether the number of trials of a binomial response is needed.
    between
        A grouping column that takes every level at every point. Then of the others those
        nested in it are new ones, and the rest must be given or have a single level.
    among
        The levels that it takes, if not all.
    given
        What points consist of in place of the law's inputs, for a derived quantity.

    Returns
    -------
    DataFrame
        Inputs as float64, trials if needed, grouping columns as text, and columns that explain
        groups where they are given or new groups need them, in this order; rows of one group follow
        each other where groups were filled in.

    Raises
    ------
    RunsError
        If anything does not fit, all findings together, where row 1 is the first point.
    """
    by = () if runs is None else runs.by
    ranges = {x.name: (x.support, x.bounds) for x in law.inputs}
    units = {x.name: x.unit for x in law.inputs}
    names = law.input_names if given is None else given
    anything = (-math.inf, math.inf)
    needed = {name: ranges.get(name, (anything, anything)) for name in names}
    for column in law.response.noise.reads if trials else ():
        needed[column] = ((0.0, math.inf), (0.0, math.inf))
    parts = list(dict.fromkeys(part for column in by for part in column.split("/")))
    explaining = [] if runs is None else [c for c in law.predictors if c not in by]
    table = _table(at, [*needed, *by, *parts, *explaining])
    above = [column for column in by if between and between.startswith(f"{column}/")]
    compared = [] if between is None else [between, *between.split("/"), *above]
    known = list(dict.fromkeys(n for n in [*needed, *by, *parts, *explaining] if n not in compared))
    faults = list(_column_faults(list(needed), known, compared, table.columns))
    columns = {}
    for name in [name for name in needed if name in table.frame]:
        entries = table.frame.loc[:, name]
        column = read_numbers(f"column {name!r}", entries, units.get(name, ""))
        columns[name] = column.shown
        if column.blank.any():
            where = checking.rows(column.entries.index[column.blank])
            faults.append(f"{column.title}: it is blank in {where}; expected a number; fill it in")
        faults += checking.text_faults(column, rewrite="rewrite them")
        support, bounds = needed[name]
        numbers = column.at(~column.blank & ~column.text)
        faults += checking.number_faults(numbers, bounds, checking.interval(support, bounds))
        if name not in names:  # the trials
            faults += checking.whole_faults(column, least=1)
    for name in dict.fromkeys(name for name in (*by, *parts) if name in table.frame):
        labels = columns[name] = read_labels(table.frame.loc[:, name])
        if (blank := labels.isna().to_numpy()).any():
            where = checking.rows(labels.index[blank])
            faults.append(
                f"grouping column {name!r}: it is blank in {where}; expected a label; fill it in"
            )
    told, found = _of_groups(runs, explaining, table.frame)
    columns, faults = told | columns, faults + found
    frame = pd.DataFrame(columns, index=table.frame.index).drop(columns=compared, errors="ignore")
    if not len(frame):
        faults.append("table: it holds no points; expected at least one; add a row")
    if between is not None:
        assert runs is not None
        levels = runs.levels(between) if among is None else among
        frame = _crossed(pd.DataFrame({between: levels}), frame)
    if runs is not None:
        frame, found = _with_groups(runs, frame, new_groups, between)
        faults += found
        if not faults and (new_groups or told):
            frame, found = _explained(runs, explaining, frame)
            faults += found
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        head = f"at: {count} as points of {law.name!r}, where row 1 is the first point"
        raise RunsError("\n  - ".join([head, *faults]))
    kept = [column for column in (*needed, *by, *explaining) if column in frame]
    frame = frame.loc[:, kept].reset_index(drop=True)
    return frame.astype(dict.fromkeys(by, "str"))


def _of_groups(
    runs: Runs | None, columns: Sequence[str], frame: pd.DataFrame
) -> tuple[dict[str, pd.Series], list[str]]:
    """Return those columns that explain groups which a table of points has, and their faults."""
    found, faults = {}, []
    for name in (name for name in columns if name in frame):
        assert runs is not None
        entries = frame.loc[:, name]
        column = read_numbers(f"column {name!r}", entries)
        found[name] = read_labels(entries) if runs.is_text(name) else column.shown
        if not runs.is_text(name):
            faults += checking.text_faults(column, rewrite="rewrite them")
    return found, faults


def _explained(
    runs: Runs, columns: Sequence[str], frame: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """Return points with the columns that explain their groups, and what is wrong with these."""
    try:
        frame = with_predictors(runs, columns, frame)
    except RunsError as error:
        return frame, [str(error)]
    faults = []
    for column in columns:
        counts = frame.groupby(list(runs.by))[column].transform("nunique")
        differing = counts.to_numpy() > 1
        if differing.any():
            faults.append(
                f"column {column!r}: it differs within a new group in "
                f"{checking.rows(frame.index[differing].unique())}; expected one value for each "
                "group; give others another label"
            )
    return frame, faults


def _table(at: Any, wanted: Sequence[str]):
    if not isinstance(at, Mapping):
        return read_table(at, set(wanted))
    try:
        arrays = {str(name): np.asarray(values) for name, values in at.items()}
        arrays = dict(zip(arrays, np.broadcast_arrays(*arrays.values()), strict=True))
    except ValueError:
        shapes = ", ".join(f"{name!r} {np.shape(values)}" for name, values in at.items())
        raise RunsError(
            f"at: its values do not go together, their shapes are {shapes}; expected one value or "
            "equally many of each; make them so, or shape them so that they broadcast"
        ) from None
    index = None if arrays else [0]  # one point, where a quantity needs nothing to be given
    frame = pd.DataFrame({n: a.ravel() for n, a in arrays.items()}, index=index)
    return read_table(frame, set(wanted))


def _column_faults(
    needed: Sequence[str], known: Sequence[str], compared: Sequence[str], columns: Sequence
) -> Iterator[str]:
    for name in needed:
        if name not in columns:
            near = checking.closest_column([name], [c for c in columns if c not in known])
            repair = f"rename {near!r}" if near else "add it"
            yield checking.missing_fault(f"column {name!r}", columns, repair)
    for name in columns:
        if name in compared:
            yield (
                f"grouping column {name!r}: it is what is compared, so that all its levels are "
                "taken; expected it to be absent; leave it out"
            )
        elif name not in known:
            near = checking.closest_column([name], [c for c in known if c not in columns])
            repair = f"did you mean {near!r}?" if near else "leave it out"
            yield (
                f"column {str(name)!r}: it is neither an input nor a grouping column; "
                f"expected {listed(known)}; {repair}"
            )


def _crossed(groups: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return all rows of ``frame`` for each of ``groups``, with their row numbers."""
    repeated = groups.loc[groups.index.repeat(len(frame))].reset_index(drop=True)
    rows = pd.concat([frame] * len(groups))
    return rows.assign(**{c: repeated[c].to_numpy() for c in groups})


def _with_groups(
    runs: Runs, frame: pd.DataFrame, new_groups: bool | None, between: str | None
) -> tuple[pd.DataFrame, list[str]]:
    """Return the points with a label in each grouping column, and what is wrong with labels."""
    by, faults, given = runs.by, [], []
    for column in by:
        parts = column.split("/")
        there = [part for part in parts if part in frame and len(parts) > 1]
        if column not in frame and there == parts:
            joined = frame[parts[0]].str.cat(frame[parts[1:]], sep="/")
            frame = frame.assign(**{column: joined})
        elif column in frame:
            faults += _nesting_faults(frame, column, there)
        elif alone := [part for part in there if part not in by]:
            absent = listed(part for part in parts if part not in there)
            faults.append(
                f"column {alone[0]!r}: it is only a part of the grouping column {column!r}; "
                f"expected {absent} too; add it"
            )
        if column in frame:
            given.append(column)
            if column != between and not new_groups:
                repair = "correct it"
                if new_groups is not None:
                    repair += f", or {argument('new_groups', True)} predicts it from the population"
                levels = runs.levels(column)
                faults += _label_faults(column, frame.loc[:, column], levels, repair)
    left_out = [column for column in by if column not in given]
    if faults or not left_out:
        return frame, faults
    if between is not None:
        return _alike(runs, frame, left_out, between)
    if not given:
        return _crossed(runs.groups, frame), faults
    rows = frame.reset_index(names="row").merge(runs.groups, on=given, how="left")
    frame = rows.set_index("row")
    lacking = frame[left_out[0]].isna().to_numpy(dtype=bool)
    if lacking.any():
        faults.append(
            f"grouping columns {listed(left_out)}: there are no runs to take them from in "
            f"{checking.rows(frame.index[lacking].unique())}; expected a label in each; add them"
        )
    return frame, faults


def _alike(
    runs: Runs, frame: pd.DataFrame, left_out: Sequence[str], between: str
) -> tuple[pd.DataFrame, list[str]]:
    """Fill in grouping columns so that groups differ in the one that is compared."""
    faults = []
    for column in left_out:
        levels = runs.levels(column)
        if column.startswith(f"{between}/"):
            frame = frame.assign(**{column: frame[between] + f"/{NEW}"})
        elif between.startswith(f"{column}/"):
            depth = column.count("/") + 1
            frame = frame.assign(
                **{column: ["/".join(label.split("/")[:depth]) for label in frame[between]]}
            )
        elif len(levels) == 1:
            frame = frame.assign(**{column: levels[0]})
        else:
            some = checking.named([repr(level) for level in levels[: checking.LISTED]], len(levels))
            faults.append(
                f"grouping column {column!r}: it is not given, so that levels of {between!r} would "
                f"be compared across it; expected one of {some}; add it"
            )
    return frame, faults


def _nesting_faults(frame: pd.DataFrame, column: str, parts: Sequence[str]) -> Iterator[str]:
    """Find parts that contradict the nested label which is given as well."""
    split = frame[column].str.split("/", expand=True)
    for place, part in enumerate(column.split("/")):
        if part not in parts:
            continue
        wrong = split.get(place, frame[column]).ne(frame[part]).fillna(False).to_numpy(dtype=bool)
        if wrong.any():
            yield (
                f"grouping column {column!r}: it contradicts {part!r} in "
                f"{checking.rows(frame.index[wrong].unique())}; expected the same labels; "
                "correct one of the two"
            )


def _label_faults(
    column: str, labels: pd.Series, levels: Sequence[str], repair: str
) -> Iterator[str]:
    unknown = labels.loc[labels.notna() & ~labels.isin(levels)].drop_duplicates()
    if len(unknown):
        shown = [f"{label!r} (row {row})" for row, label in unknown.iloc[: checking.LISTED].items()]
        near = difflib.get_close_matches(str(unknown.iloc[0]), levels, n=len(levels), cutoff=0.0)
        there = checking.named([repr(level) for level in near[: 3 * checking.LISTED]], len(levels))
        yield (
            f"grouping column {column!r}: no run has {checking.named(shown, len(unknown))}; "
            f"expected one of {there}; {repair}"
        )
