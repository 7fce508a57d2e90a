"""The discrepancy of groups at many points, drawn jointly; and where points differ by draw.

A process is a function. Where a draw has a point of its own, as a law in a chain has the response
of the law before it, the function is drawn at points that all draws share and is read off between
them: they lie much closer than it bends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lawbook.posterior.conditioning import Conditioned
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.responses import departure
from lawbook.posterior.shared import Shared, shared_at


@dataclass(frozen=True)
class Nodes:
    """At how many values of an input a process is drawn.

    Attributes
    ----------
    middle
        Evenly over the log of what all but `outside` of the draws have.
    outside
        Share of draws on either side of that.
    tail
        From there to the farthest draw, on either side.
    """

    middle: int = 80
    outside: float = 1e-3
    tail: int = 8


NODES = Nodes()


def departures(
    fit: Fitted,
    groups: pd.DataFrame,
    params: Mapping[str, np.ndarray],
    inputs: Mapping[str, np.ndarray],
    rng: np.random.Generator,
) -> Iterator[Conditioned]:
    """Draw the discrepancy of each group at the same points, all of them jointly.

    Parameters
    ----------
    fit
        Its noise is a `lawbook.Discrepancy`.
    groups
        One row a group, the labels in its grouping columns.
    params
        Of these, as `lawbook.posterior.parameters.parameters_at` returns them.
    inputs
        At the points, each of the shape (points,).
    rng
        Of the draws.

    Yields
    ------
    Conditioned
        Of one group after the other, what groups share included; shape (points, draws).
    """
    at = {name: column[:, None] for name, column in inputs.items()}
    count = len(next(iter(at.values())))
    shared: Shared = shared_at(fit, inputs, rng, count)
    for group in range(len(groups)):
        label = groups.iloc[group].to_dict()
        here = {name: value[..., group].reshape(1, -1) for name, value in params.items()}
        yield departure(fit, label, here, at, "mean", rng, shared, count)


def along_draws(
    fit: Fitted,
    groups: pd.DataFrame,
    params: Mapping[str, np.ndarray],
    of_group: np.ndarray,
    values: np.ndarray,
    rng: np.random.Generator,
) -> list[Conditioned]:
    """Draw the discrepancy of a law in one input where the input differs by draw.

    Parameters
    ----------
    fit, groups, params, rng
        As for `departures`.
    of_group
        Which group each point is of.
    values
        Of the input, positive; shape (sets, points, draws): several sets are read off one function.

    Returns
    -------
    list of Conditioned
        One a set, each of the shape (points, draws).
    """
    (name,) = fit.law.input_names
    log = np.log(values)
    nodes = _nodes(log)
    # where a node stands left of each value, and how far that is on the way to the next
    left = np.clip(np.searchsorted(nodes, log, side="right") - 1, 0, len(nodes) - 2)
    share = (log - nodes[left]) / (nodes[left + 1] - nodes[left])
    found = np.empty((len(Conditioned._fields), *values.shape))
    draws = np.arange(values.shape[-1])
    drawn = departures(fit, groups, params, {name: np.exp(nodes)}, rng)
    for group, path in enumerate(drawn):
        mine = of_group == group
        at, by = left[:, mine], share[:, mine]
        for k, part in enumerate(path):
            whole = np.broadcast_to(part, (len(nodes), len(draws)))
            low, high = whole[at, draws], whole[at + 1, draws]
            found[k][:, mine] = low + by * (high - low)
    return [Conditioned(*found[:, i]) for i in range(len(values))]


def _nodes(log: np.ndarray) -> np.ndarray:
    """Return values of the log of an input that hold all of these between them, ascending."""
    low, high = np.quantile(log, [NODES.outside, 1 - NODES.outside])
    ends = min(log.min(), low - 1e-6), max(log.max(), high + 1e-6)
    parts = [
        np.linspace(ends[0], low, NODES.tail, endpoint=False),
        np.linspace(low, high, NODES.middle),
        np.linspace(ends[1], high, NODES.tail, endpoint=False),
    ]
    return np.unique(np.concatenate(parts))
