"""Runs that are read already: as those of another law, and what is refused of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lawbook.data.runs import Runs
from lawbook.errors import FitError, RunsError, argument, listed
from lawbook.laws.law import Law
from lawbook.wording import named, short

SHOWN = 3  # rows that a message names


def as_runs_of(law: Law, runs: Runs) -> Runs:
    """Return the same runs as another law's, whose columns they are.

    Raises
    ------
    RunsError
        If a value lies where that law has none.
    """
    allowed = {x.name: (x.bounds, runs.inputs[x.name]) for x in law.inputs}
    allowed[law.response.name] = law.response.support, runs.response
    for name, ((low, high), values) in allowed.items():
        bad = np.flatnonzero(~((values > low) & (values < high)))
        if len(bad):
            rows = named(runs.frame.index[bad[:SHOWN]], len(bad))
            raise RunsError(
                f"column {name!r}, row {rows}: {short(float(values[bad[0]]))} is no value of it in "
                f"law {law.name!r}; expected more than {short(low)} and less than {short(high)}; "
                "leave the rows out, or the law"
            )
    return replace(runs, law=law)


def refuse_names(by: str | Sequence[str] = (), columns: Mapping[str, str] | None = None) -> None:
    """Raise `FitError` if groups or columns are named of runs that are read already."""
    named = [argument("by")] * bool(by) + [argument("columns")] * bool(columns)
    if named:
        raise FitError(
            f"{' and '.join(named)} {'are' if named[1:] else 'is'} for a table; these runs are "
            "already read; expected runs alone; give the names to lawbook.read_runs instead"
        )


def check_law(law: Law, runs: Runs) -> None:
    """Raise `RunsError` if runs were read for a law of other inputs, or of another response."""
    if runs.law.input_names != law.input_names or runs.law.response != law.response:
        raise RunsError(
            f"runs of {runs.law.name!r}: their inputs are not those of law {law.name!r}; "
            f"expected {listed(law.input_names)} and the same response; read them again"
        )
