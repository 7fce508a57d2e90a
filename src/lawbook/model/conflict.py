"""Prior-data conflict: where the priors of a law put the runs at hand, and where these are.

The prior predictive distribution of two statistics of the response, its median over the runs and
its spread, is set against what the runs have: Box (1980), J. R. Stat. Soc. A 143, 383-430; Evans
and Moshonov (2006), Bayesian Analysis 1, 893-914. It needs no fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lawbook.data.runs import Runs
from lawbook.errors import Message
from lawbook.laws.law import Law
from lawbook.laws.links import from_link, to_link
from lawbook.laws.symbols import Param
from lawbook.laws.values import draw_prior, parameters, residual_scale
from lawbook.model.spreads import SPREAD_SHARE
from lawbook.wording import short


@dataclass(frozen=True)
class Conflict:
    """How conflict is looked for.

    Attributes
    ----------
    draws, runs
        Of the prior, and at most so many runs, evenly spaced over the table.
    limit
        Tail probability below which there is a conflict; over both statistics.
    interval
        Probability of the intervals that are told.
    """

    draws: int = 2000
    runs: int = 200
    limit: float = 0.01
    interval: float = 0.99


CONFLICT = Conflict()


class Statistic(NamedTuple):
    """A statistic of the runs, and where a model puts it.

    Attributes
    ----------
    name
        In words, as in ``median loss``.
    observed
        Its value for the runs.
    low, high
        Ends of the model's 99% interval.
    p
        The share of the model's values that lie as far out, at most 1.
    """

    name: str
    observed: float
    low: float
    high: float
    p: float


def prior_statistics(law: Law, runs: Runs, draws: int = CONFLICT.draws) -> tuple[Statistic, ...]:
    """Return median and spread of the response, beside what the priors of the law expect.

    Parameters
    ----------
    law
        As it would be fitted; its noise is that of ``runs.law``, since a discrepancy adds little
        to what the priors leave open.
    runs
        At least one.
    draws
        Of the prior.
    """
    some = runs.take(np.unique(np.linspace(0, len(runs) - 1, CONFLICT.runs).astype(int)))
    rng = np.random.default_rng(0)
    noise = runs.law.response.noise
    at = {name: some.frame[name].to_numpy()[:, None] for name in (*law.input_names, *noise.reads)}
    with np.errstate(all="ignore"):
        drawn = _drawn(law.params, some, draws, rng)
        inputs = (at[name] for name in law.input_names)
        value = law.formula(np, *inputs, **parameters(law, np, drawn))
        value = np.broadcast_to(value, (len(some), draws))
        around = _drawn(runs.law.noise_params, some, draws, rng)
        low, high = law.response.support
        value = value[:, np.all((value > low) & (value < high), axis=0)]
        around = {name: v[:, : value.shape[1]] for name, v in around.items()}
        expected = noise.draw(value, around, at, better=law.response.better, rng=rng)
        found = zip(_measured(law, some.response[:, None]), _measured(law, expected), strict=True)
    y = law.response
    scaled = y.name if residual_scale(law) == "identity" else f"{residual_scale(law)} {y.name}"
    names = (f"median {y.name}", f"sd of {scaled}")
    pairs = zip(names, found, strict=True)
    return tuple(_placed(name, float(seen[0]), may) for name, (seen, may) in pairs)


def conflict_problems(law: Law, found: tuple[Statistic, ...]) -> tuple[Message, ...]:
    """Return a sentence for each statistic that the priors do not expect."""
    return tuple(
        Message(
            f"prior-data conflict: the {s.name} of the runs is {short(s.observed, 3)}; the priors "
            f"of {law.name!r} expect {short(s.low, 3)} to {short(s.high, 3)} (99% interval); check "
            "the units of the columns, or in Python give priors that allow such runs with "
            "law.with_priors()"
        )
        for s in found
        if s.p < CONFLICT.limit / len(found)
    )


def _drawn(
    params: Sequence[Param], runs: Runs, draws: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Return prior draws of what is pooled at the runs, shape (runs, draws) or (1, draws)."""
    found = {}
    for param in params:
        prior = param.prior_of_pooled
        apart = [column for column in runs.by if param.pooling(column) == "none"]
        z = rng.standard_normal((_levels(runs, apart), draws))
        u = to_link(prior.link, draw_prior(prior, z))[_codes(runs, apart)]
        for column in runs.by:
            if param.pooling(column) == "partial":
                spread = SPREAD_SHARE * prior.spread * np.abs(rng.standard_normal(draws))
                z = rng.standard_normal((_levels(runs, [column]), draws))
                u = u + spread * z[_codes(runs, [column])]
        found[param.name] = from_link(prior.link, u)
    return found


def _codes(runs: Runs, columns: list[str]) -> np.ndarray:
    """Return each run's level of some columns together; one level where there is no column."""
    if not columns:
        return np.zeros(1, dtype=int)
    return runs.frame.groupby(columns, sort=False).ngroup().to_numpy()


def _levels(runs: Runs, columns: list[str]) -> int:
    return int(_codes(runs, columns).max()) + 1


def _measured(law: Law, response: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the median over the runs, and the spread on the noise's scale, of each column."""
    return np.median(response, axis=0), np.std(to_link(residual_scale(law), response), axis=0)


def _placed(name: str, observed: float, expected: np.ndarray) -> Statistic:
    """Place what was observed among what was expected; nothing is said without a finite value."""
    expected = expected[np.isfinite(expected)]
    if not len(expected):
        return Statistic(name, observed, -np.inf, np.inf, 1.0)
    tail = (1 - CONFLICT.interval) / 2
    low, high = np.quantile(expected, [tail, 1 - tail])
    # the observed value counts as one of them, so that no tail is empty
    below, above = ((op(expected, observed).sum() + 1) for op in (np.less_equal, np.greater_equal))
    p = 2 * min(below, above) / (len(expected) + 1)
    return Statistic(name, observed, float(low), float(high), float(min(p, 1.0)))
