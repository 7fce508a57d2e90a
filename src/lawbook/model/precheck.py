"""What can be known of a fit before it is run: units, ranges, gradient, groups and pooling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.door import runs_of
from lawbook.data.faults import interval, rows
from lawbook.data.runs import Runs
from lawbook.errors import LawError, Message
from lawbook.laws.catalogue import load_law
from lawbook.laws.law import Law
from lawbook.laws.values import medians
from lawbook.model.conflict import Statistic, conflict_problems, prior_statistics
from lawbook.model.references import (
    References,
    moved_in_words,
    references_at,
    with_references,
)
from lawbook.wording import short


@dataclass(frozen=True, eq=False, repr=False)
class Checked:
    """What `check` looked at, and what it found.

    Attributes
    ----------
    law
        The law.
    runs
        The runs, as they would be fitted.
    table
        One row for each thing: ``checked``, a name, and ``found``, in words.
    problems
        A sentence for each prior-data conflict, with what to do; empty when all is well.
    """

    law: Law
    runs: Runs
    table: pd.DataFrame
    problems: tuple[Message, ...]

    def __repr__(self) -> str:
        width = max(map(len, self.table["checked"]))
        rows = self.table.itertuples(index=False, name=None)
        lines = (f"{checked:<{width}}  {found}" for checked, found in rows)
        return "\n".join([*lines, *self.problems])


def check(
    law: Law | str | Path,
    runs: Runs | Any,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
) -> Checked:
    """Check a law and its runs before a fit.

    Parameters
    ----------
    law
        A law, or the name or path of one, as for `lawbook.load_law`. Its pooling is that of the
        fit to come.
    runs
        `Runs`, or what `lawbook.read_runs` takes, to which ``by`` and ``columns`` are passed.

    Returns
    -------
    Checked
        The range of each input and of the response, beside what the paper saw and what the
        medians of its priors give; where the priors expect the median and the spread of the
        response; the runs of each group; the pooling of each parameter, and where the reference of
        its prior moved; and the size of the model. A conflict of priors and runs is no error: it
        stands in ``problems``.

    Raises
    ------
    RunsError
        If the runs do not fit the law.
    FitError
        If ``by`` or ``columns`` are given with runs that are already read.
    LawError
        If at the medians of the priors the law or its gradient is not finite at some run, or if
        the pooling does not fit the groups.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> check(law, lawbook.simulate(law, n=40, seed=1)).table["checked"].tolist()
    ['runs', 'C', 'loss', 'prior', 'prior', 'E', 'K', 'gamma', 'sigma', 'nu', 'gradient', 'model']
    """
    law = law if isinstance(law, Law) else load_law(law)
    runs = runs_of(law, runs, by, columns)
    references = references_at(law, runs)
    law = with_references(law, references)
    expected = prior_statistics(law, runs)
    found = [
        ("runs", f"{len(runs):,} of {runs.source}"),
        *(("read", note) for note in runs.notes),
        *_ranges(law, runs, check_slopes(law, runs)),
        *(("prior", _expected(statistic)) for statistic in expected),
        *_groups(law, runs, references),
        ("gradient", "finite at every run, at the medians of the priors"),
        ("model", f"{_model_size(law, runs)} unknowns"),
    ]
    table = pd.DataFrame(found, columns=["checked", "found"])
    return Checked(law, runs, table, conflict_problems(law, expected))


def _expected(found: Statistic) -> str:
    low, high = short(found.low, 3), short(found.high, 3)
    return f"{found.name} {short(found.observed, 3)}; the priors expect {low} to {high} (99%)"


def _ranges(law: Law, runs: Runs, expected: np.ndarray) -> list[tuple[str, str]]:
    found = []
    for x in law.inputs:
        here, seen = _span(*_ends(runs.inputs[x.name])), _span(*x.seen)
        found.append((x.name, f"{here} {x.unit}; the paper saw {seen}"))
    here, there = _span(*_ends(runs.response)), _span(*_ends(expected))
    y = law.response
    return [*found, (y.name, f"{here} {y.unit}; the prior medians give {there}")]


def _groups(law: Law, runs: Runs, references: References) -> list[tuple[str, str]]:
    found = []
    for column in runs.by:
        each = zip(runs.levels(column), np.bincount(runs.codes(column)), strict=True)
        counted = (f"{label} {n} run{'s' if n != 1 else ''}" for label, n in each)
        found.append((column, ", ".join(counted)))
    for param in (*law.params, *law.noise_params):
        said = param.pool_in_words if runs.by else "one group"
        if param.name in references:
            said += f"; {moved_in_words(runs.law, references, param.name)}"
        found.append((param.name, said))
    return found


def check_slopes(law: Law, runs: Runs) -> np.ndarray:
    """Return the law at every run, for the medians of the priors, where its slopes are finite."""
    import jax
    import jax.numpy as jnp

    from lawbook.engine.cache import scoped_jax

    inputs = list(runs.inputs.values())

    def value(at: dict):
        return jnp.broadcast_to(law.formula(jnp, *inputs, **at), len(runs))

    with scoped_jax():
        both = jax.jit(lambda at: (value(at), jax.jacfwd(value)(at)))
        expected, slopes = jax.tree.map(np.asarray, both(medians(law)))
    low, high = law.response.support
    outside = ~((expected > low) & (expected < high))
    if outside.any():
        bad = expected[outside][0]
        raise LawError(
            f"law {law.name!r}: at the medians of its priors it gives {bad:g} in "
            f"{rows(runs.frame.index[outside])}; expected {interval((low, high))}; "
            "move the priors, or mend the formula"
        )
    for name, slope in slopes.items():
        wrong = ~np.isfinite(slope)
        if wrong.any():
            raise LawError(
                f"law {law.name!r}: its slope in {name!r} is not finite in "
                f"{rows(runs.frame.index[wrong])}, at the medians of its priors; expected a "
                "smooth formula; write exp(-alpha * log(x)) for powers and maximum for where"
            )
    return expected


def _model_size(law: Law, runs: Runs) -> int:
    from lawbook.model.hierarchy import build

    point = build(law, runs).model.initial_point()
    return sum(np.size(value) for value in point.values())


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _span(low: float, high: float) -> str:
    return " to ".join(short(end, 3) for end in (low, high))
