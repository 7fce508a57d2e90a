"""What can be known of a fit before it is run: units, ranges, gradient, groups and pooling."""

from typing import NamedTuple

import numpy as np

from lawbook.data.faults import interval, rows
from lawbook.data.runs import Runs
from lawbook.errors import LawError
from lawbook.laws.law import Law
from lawbook.laws.values import medians
from lawbook.wording import short


class Finding(NamedTuple):
    """One line of a rehearsal: what was looked at, and what was found."""

    what: str
    found: str


def rehearse(law: Law, runs: Runs) -> list[Finding]:
    """Look at a law and its runs before a fit.

    Parameters
    ----------
    law
        Its pooling is that of the fit to come.
    runs
        Runs that `lawbook.read_runs` let in.

    Raises
    ------
    LawError
        If at the medians of the priors the law or its gradient is not finite at some run, or if
        the pooling does not fit the groups.
    """
    expected = _check_slopes(law, runs)
    size = _model_size(law, runs)
    response = law.response
    found = [
        Finding("runs", f"{len(runs):,} of {runs.source}, {runs.dropped:,} dropped for blanks")
    ]
    for x in law.inputs:
        here, seen = _span(*_ends(runs.inputs[x.name])), _span(*x.seen)
        found.append(Finding(x.name, f"{here} {x.unit}; the law was made for {seen}"))
    here, there = _span(*_ends(runs.response)), _span(*_ends(expected))
    found.append(Finding(response.name, f"{here} {response.unit}; the prior medians give {there}"))
    for column in runs.by:
        counts = np.bincount(runs.codes(column))
        each = zip(runs.levels(column), counts, strict=True)
        found.append(Finding(column, ", ".join(f"{label} {n} runs" for label, n in each)))
    for param in (*law.params, *law.noise_params):
        found.append(Finding(param.name, param.pool_in_words if runs.by else "one group"))
    found.append(Finding("gradient", "finite at every run, at the medians of the priors"))
    found.append(Finding("model", f"{size} unknowns"))
    return found


def _check_slopes(law: Law, runs: Runs) -> np.ndarray:
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
