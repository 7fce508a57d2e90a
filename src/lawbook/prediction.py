"""Extrapolation: the response at points that nobody has trained yet, draw by draw."""

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.declaration import Law
from lawbook.errors import FitError
from lawbook.hierarchy import dim_of
from lawbook.montecarlo import quantiles
from lawbook.noise import Discrepancy
from lawbook.points import read_points
from lawbook.risk import PARTS, shares, statement
from lawbook.scatter import BLOCK, blocks
from lawbook.tables import export, in_text, provenance

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lawbook.fitting import Fit

PROBS = (0.5, 0.8, 0.9, 0.95)
KINDS = ("mean", "run")
SHOWN = 12  # rows of a table that are printed


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a fit predicts at points.

    Attributes
    ----------
    law
        The law that predicts; of a `lawbook.Chain` one that stands for both.
    by
        Grouping columns of its runs.
    kind
        ``"mean"``: the law's value, with what it leaves out where the fit has a discrepancy;
        ``"run"``: one new training run.
    table
        One row a point. The inputs and grouping columns; ``mean``, ``sd``, ``median`` of the
        draws, and per probability the equal-tailed interval, as in ``eti90_lower`` and
        ``eti90_upper``, all in the response's unit. Then how far the point lies beyond what is
        known, as ratios: ``beyond_N`` to the largest N of the fitted runs for each input N,
        ``beyond_cost`` to their largest cost where the law has one, and ``beyond_paper``, the
        largest factor by which an input leaves the range that the paper saw, at either end; 1
        inside. Last, the shares of one new run's variance that are due to the parameters, to
        what the law leaves out and to noise, ``share_parameters``, ``share_discrepancy`` and
        ``share_noise``; see `lawbook.risk`. Heavy-tailed noise on the log has no finite mean: of
        a run, trust the median.
    draws
        Dims ``(chain, draw, point)``, in the response's unit; inputs and groups are coordinates
        of the points.
    provenance
        What it was made of; it travels with every export.
    """

    law: Law
    by: tuple[str, ...]
    kind: str
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]

    def plot(self, **options) -> "Figure":
        """Draw the prediction; see `lawbook.plots.plot_prediction`."""
        from lawbook.plots import plot_prediction

        return plot_prediction(self, **options)

    def export(self, path: str | os.PathLike) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.tables.export`."""
        export(self.table, path, self.provenance, self.draws)

    def __repr__(self) -> str:
        response, count = self.law.response, len(self.table)
        mean = "the law's value"
        if isinstance(self.law.response.noise, Discrepancy):
            mean += " and what it leaves out"
        what = "one new run" if self.kind == "run" else mean
        beyond = [name for name in self.table if str(name).startswith("beyond_")]
        low, high = widest(self.table)
        shown = [*self.law.input_names, *self.by, "median", low, high, *beyond]
        text = in_text(self.table.loc[:, shown].head(SHOWN))
        more = f"\n... and {count - SHOWN:,} more" if count > SHOWN else ""
        return (
            f"Prediction of {response.name} [{response.unit}] by {self.law.name} at {count:,} "
            f"point{'s' * (count != 1)}: {what}\n{text}{more}\n{statement(self.law, self.table)}"
        )


def predict(
    fit: "Fit",
    at: Any,
    *,
    prob: float | Sequence[float] = PROBS,
    kind: str = "mean",
    new_groups: bool = False,
    seed: int = 0,
) -> Prediction:
    """Predict the response at points.

    Parameters
    ----------
    fit
        A fitted law.
    at
        The points: a mapping from input names to values or arrays, which are broadcast against
        each other, or a table with a row a point, in the law's units. Grouping columns may be
        given, too; those left out take every observed group that goes with the others.
        ``"recipe/seed"`` may be given as ``recipe`` and ``seed``.
    prob
        Probabilities of the equal-tailed intervals.
    kind
        ``"mean"`` for what runs scatter around: the law's value, times the process of the group
        given its runs where the fit has a discrepancy; ``"run"`` for one new training run, noise
        added. For binomial noise, points then have the column of the trials.
    new_groups
        Whether to predict labels that no run had from the population.
    seed
        Of new groups and of noise. The mean of groups that had runs does not depend on it.

    Returns
    -------
    Prediction
        Its rows in the order of the points; where groups were filled in, all points of a group
        follow each other.

    Raises
    ------
    RunsError
        If the points do not fit law and groups: all findings at once.
    FitError
        If an option does not fit.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> list(fit.predict({"C": 1e23}, prob=0.9).table)[:6]
    ['C', 'mean', 'sd', 'median', 'eti90_lower', 'eti90_upper']
    """
    probs = check_probabilities(prob)
    check_kind(kind)
    points = read_points(fit, at, new_groups=new_groups, trials=kind == "run")
    values = _room(fit, points)
    risk = np.empty((len(points), len(PARTS)))
    for block in blocks(fit, points, kind, seed):
        values[block.rows] = block.drawn
        risk[block.rows] = shares(fit, block)
    values = _by_chain(fit, values)
    found = [summarised(values, probs), beyond(fit, points), pd.DataFrame(risk, columns=PARTS)]
    table = pd.concat([points, *found], axis=1)
    draws = labelled(fit, values, points)
    said = provenance(fit, result="prediction", kind=kind, prediction_seed=seed)
    return Prediction(fit.law, fit.runs.by, kind, table, draws, said)


def responses(fit: "Fit", points: pd.DataFrame, kind: str, seed: int) -> np.ndarray:
    """Return the response at points, shape ``(points, chain, draw)``.

    Parameters
    ----------
    fit, kind, seed
        As for `predict`.
    points
        As `lawbook.points.read_points` returns them.
    """
    values = _room(fit, points)
    for block in blocks(fit, points, kind, seed):
        values[block.rows] = block.drawn
    return _by_chain(fit, values)


def _room(fit: "Fit", points: pd.DataFrame) -> np.ndarray:
    draws = fit.posterior["posterior"].sizes
    return np.empty((len(points), draws["chain"] * draws["draw"]))


def _by_chain(fit: "Fit", values: np.ndarray) -> np.ndarray:
    draws = fit.posterior["posterior"].sizes
    return values.reshape(len(values), draws["chain"], draws["draw"])


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
    step = max(1, BLOCK // flat.shape[1])
    blocks = [flat[start : start + step] for start in range(0, len(flat), step)]
    found = np.concatenate([quantiles(block, [0.5, *tails]) for block in blocks]).T
    table = {
        "mean": flat.mean(axis=1),
        "sd": np.concatenate([block.std(axis=1, ddof=1) for block in blocks]),
        "median": found[0],
    }
    for i, prob in enumerate(probs):
        name = f"eti{100 * prob:g}"
        table |= {f"{name}_lower": found[1 + 2 * i], f"{name}_upper": found[2 + 2 * i]}
    return pd.DataFrame(table)


def widest(table: pd.DataFrame) -> tuple[str, str]:
    """Return the columns of the widest equal-tailed interval that `summarised` gave."""
    found = [name for name in map(str, table) if name.endswith("_lower")]
    low = max(found, key=lambda name: float(name[3:-6]))
    return low, low.replace("_lower", "_upper")


def beyond(fit: "Fit", points: pd.DataFrame) -> pd.DataFrame:
    """Return how far points lie beyond the runs and the paper; see `Prediction`."""
    law, largest = fit.law, fit.runs.largest
    table = {f"beyond_{x.name}": points[x.name] / largest[x.name] for x in law.inputs}
    if law.cost is not None:
        table["beyond_cost"] = cost_at(law, points) / largest["cost"]
    ratios = [np.ones(len(points))]
    for x in law.inputs:
        low, high = x.seen
        ratios += [points[x.name] / high] if high > 0 else []
        ratios += [low / points[x.name]] if low > 0 else []
    table["beyond_paper"] = np.max(ratios, axis=0)
    return pd.DataFrame(table)


def cost_at(law: Law, points: Mapping[str, Any] | pd.DataFrame) -> np.ndarray:
    """Return the training cost at points in FLOPs; the law must have one."""
    assert law.cost is not None
    takes = inspect.signature(law.cost).parameters
    return np.asarray(law.cost(**{name: np.asarray(points[name]) for name in takes}))


def labelled(
    fit: "Fit", values: np.ndarray, points: pd.DataFrame, levels: pd.Index | None = None
) -> xr.DataArray:
    """Return draws with named dims.

    Parameters
    ----------
    fit
        Its law names the response, its draws the chains.
    values
        Shape ``(points, chain, draw)``, or ``(levels, points, chain, draw)``.
    points
        Columns that become coordinates of the points.
    levels
        Named after the grouping column that they are of.
    """
    response, draws = fit.law.response, fit.posterior["posterior"]
    coords: dict[str, Any] = {name: draws[name].to_numpy() for name in ("chain", "draw")}
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
    if kind not in KINDS:
        raise FitError(
            f"kind={kind!r}: there is none; expected 'mean' for the law's value, or 'run' for "
            "one new training run; choose one of them"
        )
