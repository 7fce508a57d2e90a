"""Which groups are compared, and whether they may be."""

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lawbook.data.runs import Runs
from lawbook.errors import ComparisonError, argument, given, listed


def dim_of(column: str) -> str:
    """Return the dim of a grouping column; a slash would cut a name in two in NetCDF."""
    return column.replace("/", ":")


def as_one_group(runs: Runs) -> Runs:
    """Return runs without groups as one group, named as their table."""
    column = "source" if "source" not in runs.frame else "table"
    frame = runs.frame.assign(**{column: runs.source}).astype({column: "str"})
    return replace(runs, frame=frame, by=(column,))


def row_digests(runs: Runs) -> tuple[str, ...]:
    """Return a digest of each run's inputs and response: the same run has it in every table."""
    values = np.stack([*runs.inputs.values(), runs.response], axis=1).astype("<f8")
    return tuple(hashlib.blake2b(row.tobytes(), digest_size=6).hexdigest() for row in values)


def grouping_column(runs: Runs, between: str | None) -> str:
    """Return the grouping column that is compared."""
    by = list(runs.by)
    if not by:
        raise ComparisonError(
            f"law {runs.law.name!r}: its runs are not grouped; expected two groups or more to "
            f"compare; name their column, as in {argument('by', 'recipe')}, and fit again"
        )
    if between is None and len(by) > 1:
        raise ComparisonError(
            f"{given('between')}: the runs are grouped by {listed(by)}; expected the one to "
            f"compare; give it, as in {argument('between', by[0])}"
        )
    between = by[0] if between is None else between
    if between not in by:
        raise ComparisonError(
            f"{given('between', between)}: the runs are not grouped by it; expected one of "
            f"{listed(by)}; choose one of them, or name it in {argument('by')} and fit again"
        )
    if len(levels := list(runs.levels(between))) < 2:
        raise ComparisonError(
            f"grouping column {between!r}: all runs have {levels[0]!r}; expected two groups or "
            "more to compare; add runs of another and fit again"
        )
    return between


def levels_compared(runs: Runs, between: str, among: Sequence[str] | None) -> list[str]:
    """Return the levels to compare, in the order of the runs'."""
    levels = list(runs.levels(between))
    if among is None:
        return levels
    wanted = [among] if isinstance(among, str) else list(map(str, among))
    if unknown := [level for level in wanted if level not in levels]:
        near = difflib.get_close_matches(unknown[0], levels, n=len(levels), cutoff=0.0)
        raise ComparisonError(
            f"{given('among')}: no run has the {between} {listed(unknown)}; expected some of "
            f"{listed(near)}; correct them, or leave it out"
        )
    if len(set(wanted)) < 2:
        raise ComparisonError(
            f"{given('among', wanted)}: expected two levels of {between!r} or more to compare; add "
            "another"
        )
    return [level for level in levels if level in wanted]


def check_comparable(runs: Runs, between: str, levels: Sequence[str]) -> None:
    """Raise `ComparisonError` if the levels' responses were not measured alike."""
    response = runs.law.response.name
    for column in runs.comparable:
        found = runs.frame.groupby(between)[column].unique()
        kinds = {level: sorted(found[level]) for level in levels}
        if len({tuple(kind) for kind in kinds.values()}) > 1 or len(kinds[levels[0]]) > 1:
            some = "; ".join(f"{level} with {listed(kind)}" for level, kind in kinds.items())
            raise ComparisonError(
                f"{between}: {response} was not measured alike, {column} differs: {some}; "
                f"expected one {column} for all; compare those that share it"
            )


def varying(by: Sequence[str], between: str) -> list[str]:
    """Return the grouping columns that vary with the one compared: itself, parents, children."""
    return [c for c in by if f"{c}/".startswith(f"{between}/") or between.startswith(f"{c}/")]
