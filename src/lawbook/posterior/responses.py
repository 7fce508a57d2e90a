"""How runs scatter around the law and its discrepancy: draws at points."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.links import moved, to_link
from lawbook.laws.values import scales_of
from lawbook.posterior.conditioning import TOGETHER, Conditioned, condition
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.mixture import Asked, Mixture, members, mixed_draws
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.shared import Shared, shared_at, shared_at_runs

WORKED_ON = 1_000_000  # numbers at a time, so that only the draws themselves are large


class Drawn(NamedTuple):
    """Some points of one group, with the draws there.

    Attributes
    ----------
    rows
        Which points.
    drawn
        The response as asked for, in its own unit; shape (rows, draws).
    value
        What the law says, likewise.
    params
        Of the group, law's and noise's, shape (1, draws).
    at
        The points' columns, shape (rows, 1).
    departure
        Where the noise is a `Discrepancy`: what groups share of it, and the group's own process
        given its runs.
    """

    rows: np.ndarray
    drawn: np.ndarray
    value: np.ndarray
    params: Mapping[str, np.ndarray]
    at: Mapping[str, np.ndarray]
    departure: Conditioned | None


def responses(
    fit: Asked, points: pd.DataFrame, kind: str, seed: int, together: int = TOGETHER
) -> np.ndarray:
    """Return the response at points, shape ``(points, chain, draw)``.

    Parameters
    ----------
    fit, kind, seed
        As for `predict`.
    points
        As `lawbook.data.points.read_points` returns them.
    together
        How many points of a group have a discrepancy that is drawn jointly.
    """
    if isinstance(fit, Mixture):
        each = [responses(one, points, kind, seed, together) for _, one in members(fit)]
        return mixed_draws(fit, each)
    values = room_for_draws(fit, points)
    for some in blocks(fit, points, kind, seed, together):
        values[some.rows] = some.drawn
    return by_chain(fit, values)


def room_for_draws(fit: Fitted, points: pd.DataFrame) -> np.ndarray:
    """Return an empty array for draws at points, shape ``(points, all draws)``."""
    draws = fit.posterior["posterior"].sizes
    return np.empty((len(points), draws["chain"] * draws["draw"]))


def by_chain(fit: Fitted, values: np.ndarray) -> np.ndarray:
    """Return draws at points in the shape ``(points, chain, draw)``."""
    draws = fit.posterior["posterior"].sizes
    return values.reshape(len(values), draws["chain"], draws["draw"])


def blocks(
    fit: Fitted,
    points: pd.DataFrame,
    kind: str,
    seed: int,
    together: int = TOGETHER,
) -> Iterator[Drawn]:
    """Draw the response at points, some of them at a time.

    Parameters
    ----------
    fit, kind, seed
        As for `lawbook.posterior.prediction.predict`.
    points
        As `lawbook.data.points.read_points` returns them.
    together
        As for `responses`.
    """
    law, by = fit.law, list(fit.runs.by)
    rng = np.random.default_rng(seed)
    if by:
        found = points.groupby(by, sort=False)
        told = [*by, *(c for c in law.predictors if c in points and c not in by)]
        number, groups = found.ngroup().to_numpy(), points.loc[:, told].drop_duplicates(by)
    else:
        number, groups = np.zeros(len(points), dtype=int), pd.DataFrame(index=range(1))
    values = parameters_at(fit, groups, rng)
    draws = fit.posterior["posterior"].sizes
    size = draws["chain"] * draws["draw"]
    columns = {name: points[name].to_numpy() for name in points if name not in by}
    step = max(1, WORKED_ON // size)
    shared = None
    if isinstance(law.response.noise, Discrepancy):
        inputs = {name: columns[name] for name in law.input_names}
        shared = shared_at(fit, inputs, rng, together)
    rows_of = np.split(np.argsort(number, kind="stable"), np.cumsum(np.bincount(number))[:-1])
    for group, rows in enumerate(rows_of):
        here = {name: value[..., group].reshape(1, -1) for name, value in values.items()}
        of_law = {name: here[name] for name in law.param_names}
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            at = {name: column[some, None] for name, column in columns.items()}
            value = law.formula(np, *(at[name] for name in law.input_names), **of_law)
            value = np.broadcast_to(value, (len(some), size))
            if shared is not None:
                label = groups.loc[:, by].iloc[group].to_dict()
                of_all = Shared(*(part[some] if len(part) > 1 else part for part in shared))
                away = departure(fit, label, here, at, kind, rng, of_all, together)
                yield Drawn(
                    some, moved(law.response.noise.on, value, away.draws), value, here, at, away
                )
            else:
                drawn = value if kind == "mean" else scattered(law, value, here, at, rng)
                yield Drawn(some, drawn, value, here, at, None)


def departure(
    fit: Fitted,
    label: Mapping,
    params: Mapping,
    at: Mapping,
    kind: str,
    rng: np.random.Generator,
    shared: Shared,
    together: int,
) -> Conditioned:
    """Return the model discrepancy at points, given the runs of one group.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy`.
    label
        The group's labels by grouping column; one that no run has gets the process's prior.
    params
        Of the group, law's and noise's, shape (1, draws).
    at
        The inputs at the points, shape (points, 1).
    kind
        ``"run"`` adds the noise of a new run.
    rng
        Of the draws.
    shared
        What groups share at the points.
    together
        As for `responses`.
    """
    noise = fit.law.response.noise
    assert isinstance(noise, Discrepancy)
    _, scales, residual = residuals(fit, label, params)
    inputs = {name: at[name][:, 0] for name in fit.law.input_names}
    found = condition(
        noise.kernel,
        scales,
        residual,
        scales_of(fit.law, inputs),
        {name: params[name][0] for name in noise.priors},
        kind == "run",
        rng,
        together,
    )
    return found._replace(
        draws=found.draws + shared.draws,
        mean=found.mean + shared.mean,
        process=found.process + shared.left,
    )


def residuals(
    fit: Fitted, label: Mapping, params: Mapping
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how far the runs of one group lie from the law, on the scale of its noise.

    Parameters
    ----------
    fit, label, params
        As for `departure`.

    Returns
    -------
    tuple of arrays
        True where a run is of the group, (all runs,); where its runs stand in the process, as
        `lawbook.laws.values.scales_of` returns it; their residuals from the law and
        what groups share of the discrepancy, (runs, draws).
    """
    law, runs = fit.law, fit.runs
    mine = np.ones(len(runs), dtype=bool)
    for column, name in label.items():
        mine &= (runs.frame[column] == name).to_numpy()
    inputs = {name: runs.inputs[name][mine] for name in law.input_names}
    of_law = {name: params[name] for name in law.param_names}
    on = law.response.noise.on
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw may lie where no law is defined
        value = law.formula(np, *(x[:, None] for x in inputs.values()), **of_law)
        value = to_link(on, value)
    of_law = value + shared_at_runs(fit, inputs)
    residual = to_link(on, runs.response[mine])[:, None] - of_law
    size = next(iter(params.values())).shape[-1]
    return mine, scales_of(law, inputs), np.broadcast_to(residual, (mine.sum(), size))


def scattered(
    law: Law, value: np.ndarray, params: Mapping, at: Mapping, rng: np.random.Generator
) -> np.ndarray:
    """Draw one training run around each value of the law; see `lawbook.laws.noise.Noise.draw`."""
    y = law.response
    return y.noise.draw(value, params, at, better=y.better, rng=rng)
