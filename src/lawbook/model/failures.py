"""Why arithmetic may have failed in a fit: the group most likely at fault, and the repair."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from lawbook.data.runs import Runs
from lawbook.errors import FitError, LawError, argument
from lawbook.laws.law import Law
from lawbook.model.precheck import check_slopes


@contextmanager
def arithmetic_told(law: Law, runs: Runs) -> Iterator[None]:
    """Word what a factorisation or a solver raises inside: nothing numerical leaves unworded.

    Parameters
    ----------
    law, runs
        What is fitted.

    Raises
    ------
    FitError
        In place of the errors of NumPy and of samplers.
    """
    try:
        yield
    except (np.linalg.LinAlgError, ArithmeticError) as error:
        raise _failed(law, runs, error) from error


def _failed(law: Law, runs: Runs, error: Exception) -> FitError:
    """Return the error to raise; the first line of what was raised is told."""
    told = (str(error).splitlines() or [type(error).__name__])[0].rstrip(" .")
    try:
        check_slopes(law, runs)
    except LawError as cause:
        return FitError(f"{cause} (the fit failed with: {told})")
    culprit, wrong, repair = _suspect(law, runs)
    return FitError(
        f"{culprit}: the arithmetic of the fit failed ({told}), most likely because {wrong}; "
        f"expected runs that scatter around the law; {repair}"
    )


def _suspect(law: Law, runs: Runs) -> tuple[str, str, str]:
    """Return the group most likely at fault, what is wrong with it, and what to do."""
    name = law.response.name
    counts = []
    for label, rows in _groups(runs):
        values = runs.take(rows).response
        if len(values) > 1 and np.ptp(values) == 0:
            return (
                label,
                f"all its {len(values):,} runs have the same {name}, so that the noise goes to 0",
                "check that column, or leave these runs out",
            )
        counts.append((len(np.unique(values)), label))
    few, label = min(counts)
    if few <= len(law.params):
        return (
            label,
            f"it has {few:,} different values of {name} for {len(law.params)} parameters",
            f"add runs, group by fewer columns, or pool its parameters with "
            f"{argument('pool', 'full')}",
        )
    return (
        f"law {law.name!r}",
        "its priors allow values at which the formula overflows",
        "try another seed, or in Python tighten the priors: law.with_priors()",
    )


def _groups(runs: Runs) -> list[tuple[str, np.ndarray]]:
    if not runs.by:
        return [("runs", np.arange(len(runs)))]
    code = runs.group_codes
    labels = (" | ".join(label) for label in runs.groups.itertuples(index=False))
    return [(f"group {label!r}", np.flatnonzero(code == i)) for i, label in enumerate(labels)]
