"""Where priors on the size of a term have their reference: near the runs at hand.

Such a prior knows how large a term is among runs like those of the paper, say 0.38 nats at 8e8
parameters. Runs of a thousandth of that size say that the reader trains at another scale, and then
two things may hold: the term among these runs is about as large as it was among the paper's, or it
is the paper's term, which has grown on the way. So where runs lie far from a reference, it moves to
their middle, the median of the size stays, and its spread grows by what the law itself would add:

    log_sd'^2 = log_sd^2 + sum over moved inputs of (exponent * log(reference / middle))^2

with the exponent at the median of its prior. Far is where that shift, to the nearest run, is more
than the prior's own spread: nearer, the prior allows for it already. One rule serves every law.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lawbook.data.runs import Runs
from lawbook.laws.law import Law
from lawbook.laws.priors import HalfNormal, RatioSize, TermSize
from lawbook.laws.values import medians
from lawbook.wording import named, short

type References = dict[str, dict[str, Any]]  # by parameter: "at", and the "spread" of the prior


def references_at(law: Law, runs: Runs) -> References:
    """Return where references belong that lie far from the runs, and how wide the priors then are.

    Parameters
    ----------
    law
        Parameters whose prior is neither `TermSize` nor `RatioSize` have no reference.
    runs
        Only their inputs count, not their responses.
    """
    exponents, found = medians(law), {}
    for param in law.params:
        prior = param.prior
        if not isinstance(prior, TermSize | RatioSize):
            continue
        moved, squares = {}, 0.0
        for name, reference in prior.at:
            values = runs.inputs[name]
            values = values[values > 0]
            if not len(values):
                continue
            low, high = float(values.min()), float(values.max())
            nearest, middle = min(max(reference, low), high), math.sqrt(low * high)
            if _shift(prior, exponents, name, nearest) > prior.prior.spread:
                moved[name] = float(f"{middle:.3g}")
                squares += _shift(prior, exponents, name, moved[name]) ** 2
        if moved:
            spread = math.hypot(prior.prior.spread, math.sqrt(squares))
            found[param.name] = {"at": moved, "spread": float(f"{spread:.3g}")}
    return found


def _shift(prior: TermSize | RatioSize, exponents: Mapping, name: str, value: float) -> float:
    """Return by how much the log of the size changes from the reference to another value."""
    there = replace_at(prior, {name: value})
    needed = {need: exponents[need] for need in prior.needs}
    return abs(math.log(there.size(np, prior.parameter(np, 1.0, **needed), **needed)))


def replace_at(prior: TermSize | RatioSize, at: Mapping[str, float], **changes: Any) -> Any:
    """Return the same prior at another reference; ``changes`` are those of its own prior."""
    own, where = replace(prior.prior, **changes), dict(prior.at) | dict(at)
    if isinstance(prior, RatioSize):
        return RatioSize(own, where, prior.exponent)
    return TermSize(own, where, dict(prior.decay), dict(prior.growth))


def with_references(law: Law, references: References) -> Law:
    """Return a law with references moved, as `references_at` found them."""
    priors = {}
    for name, moved in references.items():
        prior = law.param(name).prior
        assert isinstance(prior, TermSize | RatioSize)
        priors[name] = replace_at(prior, moved["at"], **_widened(prior.prior, moved["spread"]))
    return law.with_priors(**priors) if priors else law


def _widened(prior: Any, spread: float) -> dict[str, float]:
    """Return what changes in a prior of a size, so that its spread on the log is this one.

    A half-normal prior has one spread only; it reaches as far up when its scale grows.
    """
    if isinstance(prior, HalfNormal):
        return {"sd": prior.sd * math.exp(math.sqrt(spread**2 - prior.spread**2))}
    return {"log_sd": spread}


def at_runs(law: Law, runs: Runs) -> Law:
    """Return a law whose priors have their references near the runs.

    Examples
    --------
    >>> import lawbook, pandas
    >>> law = lawbook.load_law("compute")
    >>> table = pandas.DataFrame({"C": [1e12, 4e12, 2e13, 1e14], "loss": [4.0, 3.6, 3.3, 3.0]})
    >>> at_runs(law, lawbook.read_runs(table, law)).param("K").prior
    TermSize(LogNormal(median=0.75, log_sd=2.79), at={'C': 1e13}, decay='gamma')
    """
    return with_references(law, references_at(law, runs))


def moved_in_words(law: Law, references: References, name: str) -> str:
    """Say what became of one parameter's prior: ``reference moved from N = 8e8 to 2.2e6``."""
    prior, moved = law.param(name).prior, references[name]
    assert isinstance(prior, TermSize | RatioSize)
    steps = [
        f"{x} = {short(value, 3)} to {short(moved['at'][x], 3)}"
        for x, value in prior.at
        if x in moved["at"]
    ]
    return (
        f"reference moved from {named(steps, len(steps))}, the middle of the runs; sd of the log "
        f"size {short(prior.prior.spread, 3)} to {short(moved['spread'], 3)}"
    )
