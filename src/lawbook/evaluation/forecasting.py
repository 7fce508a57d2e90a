"""Forecasts of learning curves by all laws of curves together, in one call."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook import columns as named
from lawbook.data.groups import dim_of
from lawbook.data.points import read_points
from lawbook.data.runs import Runs
from lawbook.engine.importance import KHAT_LIMIT
from lawbook.errors import FitError, RunsError, argument, given
from lawbook.evaluation.curve_runs import check_curves, with_columns_of
from lawbook.evaluation.curve_stack import stacked_forecasts
from lawbook.evaluation.public_curves import public_curves
from lawbook.evaluation.relatives import alike, check_relatives
from lawbook.evaluation.scoring import SCORING
from lawbook.laws.catalogue import load_law
from lawbook.posterior.summaries import PROBS, check_probabilities, summarised
from lawbook.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TIMES = (2.0, 4.0)  # the last scale of each curve
AS_LARGE = 1e-9  # relative difference of scales that only rounding makes


@dataclass(frozen=True, eq=False, repr=False)
class CurveForecast(Result):
    """Where learning curves go beyond their last runs.

    Attributes
    ----------
    runs
        The curves, as far as they have been trained.
    table
        One row a curve and scale: ``x``, the scale; the grouping columns; the ``median`` of one
        new run and, per probability, its equal-tailed interval, as in ``eti90_lower`` and
        ``eti90_upper``, in the unit of the table; ``extrapolation_x``, the scale as a multiple of
        the curve's last; ``covered_90``, the share of held-out points of public curves that 90%
        intervals held at this distance, by constants that had not seen their source, blank where
        it was not measured; and ``khat``, the largest of the laws' posteriors of the curve.
    draws
        Dims ``(draw, point)``; scales and groups are coordinates of the points.
    weights
        Share of each law in the mixture, the same for all curves.
    provenance
        What it was made of; it travels with every export.
    """

    runs: Runs
    table: pd.DataFrame
    draws: xr.DataArray
    weights: Mapping[str, float]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def headline(self) -> str:
        """What is forecast, and how far."""
        count, factors = len(self.runs.groups), self.table[named.extrapolation("x")]
        far = " to ".join(
            f"{factor:.3g}" for factor in dict.fromkeys([factors.min(), factors.max()])
        )
        return (
            f"Forecast of {self.runs.law.response.name} of {count:,} curve{'s' * (count != 1)} at "
            f"{far} times the last scale: one new run"
        )

    @property
    def shown(self) -> pd.DataFrame:
        """Scales, medians, the widest intervals, and what was measured at that distance."""
        ends = named.widest(self.table)
        known = [*self.runs.by, "x", named.extrapolation("x"), "median", *ends]
        return self.table.loc[:, [*known, named.covered(0.9)]]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the last columns mean, the laws, and which posteriors are rough."""
        laws = ", ".join(f"{name} {share:.0%}" for name, share in self.weights.items())
        said = [
            f"{named.covered(0.9)} is the share of held-out points of public curves that 90% "
            "intervals held at this distance; blank: not measured.",
            f"Laws in the mixture: {laws}.",
        ]
        rough = self.table.loc[self.table["khat"] > KHAT_LIMIT].groupby([*self.runs.by] or "khat")
        if count := len(rough):
            said.append(
                f"The posterior of {count} curve{'s' * (count != 1)} is rough by one of the laws "
                f"(k-hat above {KHAT_LIMIT}); such curves are among those of which coverage was "
                "measured."
            )
        return tuple(said)

    def plot(self) -> "Figure":
        """Draw each curve's runs and its forecast."""
        from lawbook.plots.predictions import draw_fit

        runs = self.runs.frame.reset_index(drop=True)
        return draw_fit(self.runs.law, self.runs.by, "run", self.table, runs, "")


def forecast(
    curves: Runs | Any,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    at: Any = None,
    times: float | Sequence[float] | None = None,
    relatives: Sequence[str] = (),
    prob: float | Sequence[float] = PROBS,
    seed: int = 0,
    client: Any = None,
) -> CurveForecast:
    """Forecast learning curves beyond their last runs.

    A mixture of the laws of curves with a model discrepancy each. What public curves have in
    common is the prior, moved by what the curves of this table have in common: give all curves of
    one kind together, finished ones too. How wide forecasts are and what each law weighs was
    learned from public curves whose ends were hidden. How it fares on curves of one's own says
    ``lawbook.backtest("forecast", curves, ...)``.

    Parameters
    ----------
    curves
        `Runs` of the law `learning_curve`, or a table as for `lawbook.read_runs`, with the scale
        ``x`` (examples, tokens, steps, parameters or compute) and the ``loss``: any positive
        metric that falls, such as an error rate or a perplexity. Both in any unit.
    by
        Grouping columns that tell curves apart.
    columns
        From ``x`` and ``loss`` to the table's columns, as in ``{"x": "tokens"}``.
    at
        Scales to forecast at, in the table's unit: one or several for all curves, or a table of
        points as for `lawbook.Fit.predict`.
    times
        Scales as multiples of each curve's last, in place of ``at``; by default 2 and 4.
    relatives
        Grouping columns, as in ``("model", "task")``: curves with the same label in one of them
        are relatives, and where some of them were trained further than others, forecasts of the
        latter are moved by what the first law missed on the former.
    prob
        Probabilities of the equal-tailed intervals.
    seed
        Of everything random.
    client
        A ``distributed.Client`` of Dask, whose workers take some hundred curves at a time.

    Raises
    ------
    RunsError
        If the table or the points are not in order, a curve has too few runs, or the curves rise.
    FitError
        If an option does not fit.

    Examples
    --------
    >>> lawbook.forecast("curves.csv", by="model", columns={"x": "tokens"})  # doctest: +SKIP
    """
    from lawbook import __version__

    law = load_law("learning_curve")
    probs = check_probabilities(prob)
    runs = with_columns_of(law, curves, by, columns)
    check_curves(runs)
    several = (relatives,) if isinstance(relatives, str) else tuple(relatives)
    check_relatives(several, runs, curves=True)
    points, factors = _points(runs, at, times)
    public, codes = public_curves(), runs.group_codes
    x, y, wanted = runs.inputs["x"], runs.response, points["x"].to_numpy()
    curves_of = [codes == code for code in range(len(runs.groups))]
    asked = [_group_of(runs, points) == code for code in range(len(curves_of))]
    labels = [runs.groups[name].tolist() for name in several]
    _, found = stacked_forecasts(
        public,
        [(x[here], y[here]) for here in curves_of],
        [wanted[here] for here in asked],
        seed,
        alike(labels) if labels else None,
        client,
    )
    rng = np.random.default_rng(seed)
    drawn, khat = np.empty((SCORING.of_curve, len(points))), np.empty(len(points))
    for code, each in found.items():
        drawn[:, asked[code]] = each.draws(SCORING.of_curve, rng)
        khat[asked[code]] = each.khat
    held = [public.covered_at(factor)[0] for factor in factors]
    more = {named.extrapolation("x"): factors, named.covered(0.9): held, "khat": khat}
    summary = summarised(drawn.T[:, None, :], probs).drop(columns=["mean", "sd"])
    table = pd.concat([points, summary, pd.DataFrame(more)], axis=1)
    said = {
        "result": "forecast",
        "lawbook": __version__,
        "by": json.dumps(runs.by),
        "relatives": json.dumps(several),
        "laws": json.dumps({name: round(share, 4) for name, share in public.weights.items()}),
        "seed": seed,
        "runs_sha256": runs.sha256,
        "runs_notes": "; ".join(runs.notes),
        "problems": "",
    }
    return CurveForecast(runs, table, _named(drawn, points, runs), public.weights, said)


def _points(runs: Runs, at: Any, times: Any) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the points to forecast, checked, and how many times the last scale each is."""
    if at is not None and times is not None:
        raise FitError(
            f"{given('at')} and {given('times')}: both say where to forecast; expected one of "
            f"them; leave {argument('times')} out"
        )
    frame = runs.frame.assign(code=runs.group_codes)
    last = np.asarray(pd.Series(frame.groupby("code")["x"].max()), dtype=float)
    if at is None:
        factors = _factors(TIMES if times is None else times)
        groups = runs.groups
        rows = np.repeat(np.arange(len(groups)), len(factors))
        scales = (last[:, None] * factors).ravel()
        points = groups.iloc[rows].reset_index(drop=True)
        points.insert(0, "x", scales)
        return points, np.tile(factors, len(groups))
    if not isinstance(at, Mapping) and np.ndim(at) < 2 and not hasattr(at, "columns"):
        at = {"x": at}
    points = read_points(runs.law, runs, at, new_groups=None)
    far = points["x"].to_numpy() / last[_group_of(runs, points)]
    if (short := far < 1 - AS_LARGE).any():
        first = points[short].iloc[0]
        label = " | ".join(first[list(runs.by)]) or "the curve"
        raise RunsError(
            f"{given('at')}: x={first['x']:g} lies below the last run of {label}, at "
            f"{first['x'] / far[short][0]:g}; expected scales beyond the last run of each curve; "
            f"leave such points out, or give {argument('times')} of the last scale"
        )
    return points, far


def _factors(times: Any) -> np.ndarray:
    try:
        found = np.atleast_1d(np.asarray(times, dtype=float))
    except (TypeError, ValueError):
        found = np.array([])
    if found.ndim != 1 or not found.size or not (np.isfinite(found) & (found >= 1)).all():
        raise FitError(
            f"{given('times', times)}: no multiples of the last scale; expected numbers of 1 or "
            f"more; write {argument('times', [2, 4])}"
        )
    return found


def _group_of(runs: Runs, points: pd.DataFrame) -> np.ndarray:
    """Return the place of each point's group among those of the runs."""
    if not runs.by:
        return np.zeros(len(points), dtype=int)
    groups = pd.MultiIndex.from_frame(runs.groups)
    return groups.get_indexer(pd.MultiIndex.from_frame(points.loc[:, list(runs.by)]))


def _named(drawn: np.ndarray, points: pd.DataFrame, runs: Runs) -> xr.DataArray:
    coords: dict[str, Any] = {
        dim_of(str(name)): ("point", points[name].to_numpy(None)) for name in points
    }
    coords["point"] = np.arange(len(points))
    return xr.DataArray(drawn, coords, ("draw", "point"), runs.law.response.name)
