"""Draws at points become tables: means, intervals, distances, labels."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook import columns
from lawbook.data.groups import dim_of
from lawbook.engine.tree import numpy_of, superchains_of
from lawbook.errors import FitError, given
from lawbook.export import export
from lawbook.laws.values import beyond_paper, cost_at
from lawbook.model import names
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.mixture import Asked, Mixture
from lawbook.posterior.monte_carlo import quantiles
from lawbook.posterior.projection import own
from lawbook.posterior.responses import WORKED_ON

PROBS = (0.5, 0.8, 0.9, 0.95)
PREDICTED = ("mean", "run")  # kinds


def summarised(values: np.ndarray, probs: Sequence[float]) -> pd.DataFrame:
    """Return mean, sd, median and equal-tailed intervals of draws.

    Parameters
    ----------
    values
        Shape ``(points, chain, draw)``.
    probs
        Probabilities of the intervals, which become part of the columns' names.
    """
    flat = values.reshape(len(values), -1)
    tails = [side for prob in probs for side in ((1 - prob) / 2, (1 + prob) / 2)]
    step = max(1, WORKED_ON // flat.shape[1])
    blocks = [flat[start : start + step] for start in range(0, len(flat), step)]
    found = np.concatenate([quantiles(block, [0.5, *tails]) for block in blocks]).T
    table = {
        "mean": flat.mean(axis=1),
        "sd": np.concatenate([block.std(axis=1, ddof=1) for block in blocks]),
        "median": found[0],
    }
    for i, prob in enumerate(probs):
        ends = found[1 + 2 * i : 3 + 2 * i]
        table |= dict(zip(columns.interval(prob), ends, strict=True))
    return pd.DataFrame(table)


def beyond(fit: Asked, points: pd.DataFrame) -> pd.DataFrame:
    """Return the extrapolation factors of points, to the runs and the paper; see `Prediction`."""
    law, largest = fit.law, fit.runs.largest
    named = {x.name: columns.extrapolation(x.name) for x in law.inputs}
    table = {column: points[name] / largest[name] for name, column in named.items()}
    if law.cost is not None:
        table[columns.COST] = cost_at(law, points) / largest["cost"]
    table[columns.PAPER] = np.broadcast_to(beyond_paper(law, points), len(points))
    return pd.DataFrame(table)


def labelled(
    fit: Asked, values: np.ndarray, points: pd.DataFrame, levels: pd.Index | None = None
) -> xr.DataArray:
    """Return draws with named dims.

    Parameters
    ----------
    fit
        Its law names the response, its draws the chains; a mixture has one chain.
    values
        Shape ``(points, chain, draw)``, or ``(levels, points, chain, draw)``.
    points
        Columns that become coordinates of the points.
    levels
        Named after the grouping column that they are of.
    """
    response = fit.law.response
    if isinstance(fit, Mixture):
        coords: dict[str, Any] = {"chain": [0], "draw": np.arange(values.shape[-1])}
    else:
        draws = fit.posterior["posterior"]
        coords = {name: draws[name].to_numpy() for name in ("chain", "draw")}
    coords |= {"point": np.arange(len(points))}
    coords |= {dim_of(name): ("point", points[name].to_numpy(dtype=None)) for name in points}
    dims = ["chain", "draw", "point"]
    order = [1, 2, 0]
    if levels is not None:
        dims.append(dim_of(str(levels.name)))
        coords[dims[-1]] = levels.to_numpy()
        order = [2, 3, 1, 0]
    attrs = {"unit": response.unit}
    return xr.DataArray(values.transpose(order), coords, dims, response.name, attrs)


def check_probabilities(prob: float | Sequence[float]) -> tuple[float, ...]:
    """Return the probabilities of intervals, each once.

    Raises
    ------
    FitError
        If one is not between 0 and 1, or there is none.
    """
    probs = tuple(dict.fromkeys([prob] if isinstance(prob, int | float) else prob))
    if not probs or not all(isinstance(p, int | float) and 0 < p < 1 for p in probs):
        raise FitError(
            f"prob={prob!r}: no probabilities of intervals; expected numbers between 0 and 1; "
            "write prob=0.9 or prob=(0.5, 0.9)"
        )
    return probs


def check_kind(kind: str) -> None:
    """Raise `FitError` if there is no such kind of prediction."""
    if kind not in PREDICTED:
        raise FitError(
            f"{given('kind', kind)}: there is none; expected 'mean' for the law's value, or 'run' "
            "for one new training run; choose one of them"
        )


def summarise_parameters(fit: Fitted, prob: float = 0.9) -> pd.DataFrame:
    """Return the parameters, one row each, as `arviz.summary` does.

    With a discrepancy the law's parameters are its own, those of the projection; see
    `lawbook.posterior.projection`. Those beside the process, which shares what it explains with
    the law's terms, are in ``fit.posterior``.

    Parameters
    ----------
    fit
        A fitted law.
    prob
        Probability of the equal-tailed interval, in columns named after it.

    Returns
    -------
    DataFrame
        Indexed by parameter (and group): mean, sd, interval, ess_bulk, ess_tail, r_hat,
        mcse_mean, mcse_sd. Offsets and levels of groups are left out: the groups' own
        values stand there under the parameter's name.
    """
    of_law = own(fit)
    places = superchains_of(fit.posterior)  # a projection has the chains of its fit
    if of_law is fit:
        return _summary(fit, drawn_of(fit), prob, places)
    of_noise = {names.pooled(param) for param in (*fit.law.noise_params, *of_law.law.noise_params)}
    law = [name for name in drawn_of(of_law) if names.root(name) not in of_noise]
    noise = [name for name in drawn_of(fit) if names.root(name) in of_noise]
    return pd.concat([_summary(of_law, law, prob, places), _summary(fit, noise, prob, places)])


def drawn_of(fit: Fitted) -> list[str]:
    """Return the names of the variables of a posterior that people read."""
    drawn = map(str, fit.posterior["posterior"].data_vars)
    return [name for name in drawn if not names.is_inner(name)]


def _summary(
    fit: Fitted, variables: Sequence[str], prob: float, places: np.ndarray | None
) -> pd.DataFrame:
    from arviz_stats.summary import summary

    from lawbook.engine.diagnostics import rhats

    options = {"ci_kind": "eti", "ci_prob": prob, "round_to": "none"}
    found = pd.DataFrame(summary(fit.posterior, var_names=variables, **options))
    if places is not None:
        drawn = [numpy_of(fit.posterior, name) for name in variables]
        flat = [draws.reshape(*draws.shape[:2], -1) for draws in drawn]
        found["r_hat"] = rhats(np.concatenate(flat, axis=2), places)
    return found


def export_parameters(fit: Fitted, path: str | os.PathLike[str], prob: float = 0.9) -> None:
    """Write `summarise_parameters` to a file, by its suffix; see `lawbook.export.export`."""
    export(summarise_parameters(fit, prob), path, provenance(fit))
