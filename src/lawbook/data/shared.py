"""Runs of one law as those of another that takes the same columns."""

from dataclasses import replace

import numpy as np

from lawbook.data.runs import Runs
from lawbook.errors import RunsError
from lawbook.laws.law import Law
from lawbook.wording import named, short

SHOWN = 3  # rows that a message names


def runs_for(law: Law, runs: Runs) -> Runs:
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
