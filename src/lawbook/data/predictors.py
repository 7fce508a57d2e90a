"""What explains groups: columns of the runs that are constant in each of them, as numbers.

A column of numbers becomes its distance from the mean over the groups, in standard deviations over
the groups. A column of text becomes an indicator of each of its labels.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lawbook.data import faults as checking
from lawbook.data.labels import read_labels
from lawbook.data.reading import Table
from lawbook.data.runs import Runs
from lawbook.data.spelling import Numbers, read_numbers
from lawbook.errors import LawError, RunsError, argument, listed
from lawbook.laws.law import Law
from lawbook.laws.symbols import Param
from lawbook.wording import named, short

LISTED = 3  # groups that a message names


@dataclass(frozen=True)
class Design:
    """Numbers that explain groups.

    Attributes
    ----------
    matrix
        (groups, terms).
    terms
        What the columns are called: ``log_width``, or ``optimizer: adam`` of a label.
    """

    matrix: np.ndarray
    terms: tuple[str, ...]


def read_predictors(
    law: Law, taken: Sequence[str], table: Table, columns: Mapping[str, str], decimal: str | None
) -> tuple[dict[str, Numbers], dict[str, pd.Series], list[str]]:
    """Read the columns by which a law's parameters are explained: numbers, labels, what is wrong.

    Parameters
    ----------
    law
        Its predictors are read.
    taken
        Those that are read already.
    table, columns, decimal
        As in `lawbook.read_runs`.
    """
    numbers, labels, faults = {}, {}, []
    for name in law.predictors:
        column = columns.get(name, name)
        if name in taken:
            continue
        if column not in table.frame:
            near = checking.closest_column([column], table.columns)
            repair = f"did you mean {near!r}?" if near else "add it"
            explained = [p.name for p in law.params if name in p.explained_by]
            title = f"column {column!r}, which explains {listed(explained)}"
            faults.append(checking.missing_fault(title, table.columns, repair))
            continue
        entries = table.frame.loc[:, column]
        found = read_numbers(f"column {column!r}", entries, decimal=decimal)
        if found.text.any():
            labels[name] = read_labels(entries)
        else:
            numbers[name] = found
    return numbers, labels, faults


def predictor_faults(law: Law, numbers: Mapping[str, Numbers]) -> Iterator[str]:
    """Find blanks and infinities in numbers that explain groups."""
    for name in law.predictors:
        if column := numbers.get(name):
            yield from checking.number_faults(column, (-math.inf, math.inf), "finite numbers")


def check_predictors(law: Law, runs: Runs) -> None:
    """Raise `RunsError` if runs lack a column by which a parameter is explained."""
    if lacking := [column for column in law.predictors if column not in runs.frame]:
        raise RunsError(
            f"runs of {runs.source}: they were read without {listed(lacking)}, by which law "
            f"{law.name!r} explains its groups; expected these columns; read the table with that "
            "law, as in lawbook.read_runs(table, law.with_predictors(...))"
        )


def levels_of(runs: Runs, by: Sequence[str]) -> pd.DataFrame:
    """Return the observed levels of some of the grouping columns, in the model's order."""
    if len(by) == 1:
        return pd.DataFrame({by[0]: list(runs.levels(by[0]))})
    return runs.groups


def design(runs: Runs, param: Param, by: Sequence[str]) -> Design:
    """Return what explains a parameter's groups.

    Parameters
    ----------
    runs
        They hold the columns.
    param
        It is explained by some.
    by
        Grouping columns over which it varies.

    Raises
    ------
    LawError
        If a column is not constant in each group, or the same in all.
    """
    levels = levels_of(runs, by)
    index = pd.MultiIndex.from_frame(levels)
    columns, terms = [], []
    for column in param.explained_by:
        values = runs.frame.groupby(list(by))[column].agg(["first", "nunique"])
        values.index = pd.MultiIndex.from_frame(values.index.to_frame())
        values = values.reindex(index)
        differing = np.asarray(values["nunique"]) > 1
        if differing.any():
            some = [" | ".join(at) for at in index[differing]]
            raise LawError(
                f"column {column!r}: it explains {param.name!r}, but varies within "
                f"{named([repr(s) for s in some[:LISTED]], len(some))}; expected one value in each "
                f"group of {listed(by)}; group the runs so, or leave it out of "
                f"{argument('explained_by')}"
            )
        own = pd.Series(values["first"])
        if own.nunique() < 2:
            raise LawError(
                f"column {column!r}: it explains {param.name!r}, but is {_shown(own.iloc[0])} in "
                "all groups; expected two values or more; leave it out of "
                f"{argument('explained_by')}"
            )
        found, said = _terms(column, own, own)
        columns += found
        terms += said
    return Design(np.stack(columns, axis=1), tuple(terms))


def _terms(column: str, known: pd.Series, wanted: pd.Series) -> tuple[list[np.ndarray], list[str]]:
    """Return the numbers of ``wanted`` on the scale of the groups that are known."""
    if pd.api.types.is_numeric_dtype(known):
        values = known.to_numpy(dtype="float64")
        numbers = wanted.to_numpy(dtype="float64")
        return [(numbers - values.mean()) / values.std()], [column]
    labels = sorted(known.unique())
    own = wanted.astype(str).to_numpy()
    return [(own == x).astype(float) for x in labels], [f"{column}: {x}" for x in labels]


def design_at(runs: Runs, param: Param, by: Sequence[str], groups: pd.DataFrame) -> Design:
    """Return what explains groups, seen or new, on the scale of those that had runs.

    Parameters
    ----------
    runs, param, by
        As for `design`.
    groups
        A row a group, with the columns by which the parameter is explained. Labels that no run
        had are in no indicator.
    """
    known = design(runs, param, by)
    firsts = runs.frame.groupby(list(by))[list(param.explained_by)].first()
    columns = []
    for column in param.explained_by:
        columns += _terms(column, pd.Series(firsts[column]), pd.Series(groups[column]))[0]
    return Design(np.stack(columns, axis=1), known.terms)


def with_predictors(runs: Runs, columns: Sequence[str], groups: pd.DataFrame) -> pd.DataFrame:
    """Return groups with the columns that explain them, taken from the runs where they are absent.

    Parameters
    ----------
    runs
        They hold the columns.
    columns
        Names of these.
    groups
        Labels in the grouping columns; a group without runs has a column where the runs of one of
        its labels agree in it.

    Raises
    ------
    RunsError
        If a group without runs lacks a column.
    """
    found = groups.copy()
    for column in columns:
        known = _told(runs, list(runs.by), column, groups)
        if column in groups:
            given = groups[column]
            wrong = known.notna() & given.notna() & (known != given)
            if wrong.any():
                row, own = groups.loc[wrong].iloc[0], known.loc[wrong].iloc[0]
                label = " | ".join(map(str, row[list(runs.by)]))
                raise RunsError(
                    f"column {column!r}: it is {_shown(row[column])} for {label!r}, whose runs "
                    f"have {_shown(own)}; expected the value of the runs; leave it out for groups "
                    "that have runs"
                )
            known = known.where(known.notna(), given)
        for by in runs.by if len(runs.by) > 1 else ():
            known = known.where(known.notna(), _told(runs, [by], column, groups))
        if known.isna().any():
            row = groups.loc[known.isna(), list(runs.by)].iloc[0]
            label = " | ".join(map(str, row))
            raise RunsError(
                f"column {column!r}: it explains how groups differ, and {label!r} has no runs to "
                "take it from; expected its value in the points of a new group; add the column"
            )
        found[column] = known.astype("str" if runs.is_text(column) else "float64")
    return found


def _told(runs: Runs, by: list[str], column: str, groups: pd.DataFrame) -> pd.Series:
    """Return a column of groups where the runs that share their labels agree in it, else NA."""
    firsts = runs.frame.groupby(by)[column].agg(["first", "nunique"])
    agreed = firsts.loc[firsts["nunique"] == 1, "first"]
    labels = groups[by[0]] if len(by) == 1 else pd.MultiIndex.from_frame(groups.loc[:, by])
    agreed = agreed.astype(object).reindex(labels)
    return agreed.set_axis(groups.index)


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else short(float(value))  # pyright: ignore
