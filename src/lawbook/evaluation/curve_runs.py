"""Tables of curves, for forecasts by the laws of curves: read, and checked for what they need."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lawbook.data.door import read_here
from lawbook.data.runs import Runs
from lawbook.data.shared import refuse_names
from lawbook.errors import RunsError, listed
from lawbook.evaluation.splits import FEWEST_FITTED
from lawbook.laws.law import Law

RELATIVE = "largest trained"  # the unit of laws that see runs as multiples of the largest
FORECAST = "forecast"  # what the stack of laws of curves is called among laws
NAMED = 5  # curves that a message names


def with_columns_of(
    law: Law,
    runs: Runs | Any,
    by: str | Sequence[str],
    columns: Mapping[str, str] | None,
    allow: tuple[str, ...] = (),
) -> Runs:
    """Return runs of a law's columns, read where they are not yet.

    Raises
    ------
    RunsError
        If a table is not in order, or runs that are already read have other columns.
    FitError
        If names of columns are given with runs that are already read.
    """
    if not isinstance(runs, Runs):
        # runs of a law in relative units are in any unit: they are made relative cut by cut
        allow += ("units",) if law.inputs[0].unit == RELATIVE else ()
        return read_here(runs, law, by, columns, allow)
    refuse_names(by, columns)
    names = (law.input_names, law.response.name)
    if (runs.law.input_names, runs.law.response.name) != names:
        raise RunsError(
            f"runs of {runs.law.name!r}: their columns are not those of law {law.name!r}; "
            f"expected {listed([*law.input_names, law.response.name])}; read them again"
        )
    return runs


def check_curves(runs: Runs) -> None:
    """Raise an error if groups of runs are no curves that the laws of curves can follow.

    Raises
    ------
    RunsError
        If a group has too few runs, or most of the groups rise.
    """
    few, rising = [], 0
    scale = next(iter(runs.inputs.values()))
    for code in range(len(runs.groups)):
        here = runs.group_codes == code
        if here.sum() < FEWEST_FITTED:
            few.append(_name(runs, code))
        rising += _rises(scale[here], runs.response[here])
    if few:
        more = f" and {len(few) - NAMED} more" * (len(few) > NAMED)
        raise RunsError(
            f"{', '.join(few[:NAMED])}{more}: fewer than {FEWEST_FITTED} runs; expected at least "
            f"{FEWEST_FITTED} of every curve; leave these curves out of the table"
        )
    count = len(runs.groups)
    if 2 * rising > count:
        name = runs.law.response.name
        of = "its curve rises" if count == 1 else f"{rising} of {count} curves rise"
        raise RunsError(
            f"column {name!r}: {of} with {runs.law.input_names[0]}; expected a loss or an error, "
            "which falls; give an error rate in place of an accuracy, as 1 - accuracy"
        )


def _name(runs: Runs, code: int) -> str:
    labels = " | ".join(map(str, runs.groups.iloc[code]))
    return f"curve {labels!r}" if labels else "the curve"


def _rises(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether the last third of a curve lies above its first."""
    logs = np.log(y[np.argsort(x, kind="stable")])
    third = max(1, len(logs) // 3)
    return bool(logs[-third:].mean() > logs[:third].mean())
