"""Backtests: hold out the largest scales, fit the rest, and score forecasts of the former."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.door import read_here
from lawbook.data.groups import dim_of
from lawbook.data.runs import Runs
from lawbook.engine.sampling import Settings
from lawbook.errors import FitError, RunsError, argument, given, listed
from lawbook.evaluation.baselines import CURVES
from lawbook.evaluation.coverage import coverage
from lawbook.evaluation.curve_forecasts import (
    RELATIVE,
    Forecast,
    forecast_curves,
    is_curve,
)
from lawbook.evaluation.relatives import check_relatives, with_relatives
from lawbook.evaluation.scoring import SCORING, by_baseline, by_curve, by_fit, scale_of, scored
from lawbook.evaluation.splits import Split, splits_at
from lawbook.evaluation.stacking import stacked
from lawbook.export import export
from lawbook.laws.catalogue import load_law
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.public_curves import OF_CURVES
from lawbook.model.references import at_runs
from lawbook.posterior.inference import infer_alike, with_discrepancy
from lawbook.posterior.summaries import PROBS
from lawbook.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BASELINES = (*CURVES, "huber")


@dataclass(frozen=True, eq=False, repr=False)
class Backtest(Result):
    """How extrapolations fared on held-out runs.

    Attributes
    ----------
    by
        Grouping columns.
    order
        What the runs were cut along: an input, or ``"cost"``.
    points
        One row a law, cut and held-out run: the grouping columns; ``cut``, the share of scales
        fitted; ``horizon``, e-folds of ``order`` beyond the last fitted run of its group;
        ``truth`` and ``median``; ``log_error`` of the median; ``crps`` of the log, and
        ``log_score``, the log density of the response in its own unit; ``covered_90`` and so on,
        whether the equal-tailed interval held the truth; ``width_90``, its log ratio; ``msce``
        of the curve; ``khat`` of the posterior of a curve, not to be trusted above 0.7. Of a
        response that may be zero or negative, as ratings and rewards, ``crps`` and ``width_90``
        are in its own unit, and there is no ``log_error``.
    draws
        Predictive draws of the held-out runs, dims ``(draw, point)``, a point for each row of
        ``points``; the law, the cut and the groups are coordinates. Of all that scores were taken
        from 200 a point are kept, evenly spaced. None of a backtest that was read from a file,
        which holds the points alone.
    provenance
        What it was made of; it travels with every export.
    """

    by: tuple[str, ...]
    order: str
    points: pd.DataFrame
    draws: xr.DataArray | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> pd.DataFrame:
        """One row a law: scores averaged within each curve and cut, then over them."""
        return self._averaged(["law"])

    @property
    def headline(self) -> str:
        """What was held out, and along what."""
        first = self.table.iloc[0]
        return (
            f"Backtest along {self.order}: {first['points']:,.0f} held-out runs of "
            f"{first['curves']:,.0f} curves, each curve weighted equally"
        )

    @property
    def shown(self) -> pd.DataFrame:
        """The scores, laws as a column."""
        return self.table.reset_index()

    def by_horizon(self, edges: Sequence[float] = SCORING.edges) -> pd.DataFrame:
        """Return the scores by law and horizon, in e-folds of scale beyond the fitted runs.

        Parameters
        ----------
        edges
            Where bins begin and end, ascending; the last bin has no end.
        """
        held = pd.cut(self.points["horizon"], [*edges, np.inf], include_lowest=True)
        return self._averaged(["law", "horizon"], pd.Series(held))

    def plot(self) -> "Figure":
        """Draw coverage against its level and against the horizon."""
        from lawbook.plots.backtests import draw_backtest

        found = coverage(self)
        return draw_backtest(found.near, found.shown, found.far, self.order)

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write the points, from which a report reads a backtest, or as ``.nc`` the draws.

        See `lawbook.export.export`.
        """
        said = {"result": "backtest", "order": self.order, "by": json.dumps(self.by)}
        export(self.points, path, said | dict(self.provenance), self.draws)

    def _averaged(self, by: list[str], horizon: pd.Series | None = None) -> pd.DataFrame:
        points = self.points.assign(square=self.points.log_error**2)
        if horizon is not None:
            points["horizon"] = horizon
        keys = list(dict.fromkeys([*by, "cut", *self.by]))
        numbers = points.select_dtypes(["number", "bool"]).columns.difference([*keys, "truth"])
        groups = points.groupby(keys, observed=True, sort=False)
        curves = pd.DataFrame(groups[list(numbers)].mean())
        curves["rmsle"] = np.sqrt(curves.pop("square"))
        found = pd.DataFrame(curves.groupby(by, observed=True, sort=False).mean())
        first = ["rmsle", "crps", "log_score"]
        aside = (*first, "median", "log_error", "horizon", "khat", self.order)
        found = found.loc[:, [*first, *(n for n in found if str(n) not in aside)]]
        count = groups.size().groupby(by, observed=True, sort=False)
        found = found.assign(curves=count.size(), points=count.sum())
        laws = list(dict.fromkeys(points["law"]))
        # laws in the order in which they were given
        return found.sort_index(key=lambda i: i.map(laws.index) if i.name == "law" else i)


def backtest(
    laws: Law | str | Path | Sequence[Law | str | Path],
    runs: Runs | Any,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    order: str | None = None,
    cuts: Sequence[float] = (0.5, 0.7),
    prob: Sequence[float] = PROBS,
    discrepancy: Discrepancy | str = "auto",
    baselines: Sequence[str] = (),
    relatives: Sequence[str] = (),
    seed: int = 0,
) -> Backtest:
    """Score laws on the largest runs of a table, which are held out.

    Parameters
    ----------
    laws
        One or several, as for `lawbook.fit`. Laws in one input, with noise on the log, are fitted
        curve by curve, all curves and cuts as one batch. Where there are several, their forecasts
        are stacked as well, with weights that all curves share, from how the laws extrapolate
        inside the fitted runs. Other laws are fitted to all groups at once, cut by cut. Laws whose
        unit is ``"largest trained"`` are given the runs as multiples of the largest fitted one.
    runs, by, columns
        As for `lawbook.fit`.
    order
        Input to cut along, or ``"cost"``; by default the cost where the law has one, else its
        first input.
    cuts
        Shares of each group's distinct scales that are fitted; runs at larger ones are held out.
    prob
        Probabilities of the intervals.
    discrepancy
        As for `lawbook.fit`; laws that carry their own keep it.
    baselines
        Some of ``"m1"``, ``"m2"``, ``"m3"``, ``"m4"``, ``"broken"`` for one input, and
        ``"huber"``: see `lawbook.evaluation.baselines`.
    relatives
        Grouping columns, as in ``("model", "task")``: curves with the same label in one of them
        are relatives. Each law in one input is then scored a second time, with its forecasts
        corrected by its errors on the fitted runs of relatives that were trained further.
    seed
        Of everything random.

    Raises
    ------
    RunsError, LawError
        If runs or laws are not in order, or a cut leaves too few runs.
    FitError
        If an option does not fit.

    Examples
    --------
    >>> import lawbook
    >>> runs = lawbook.simulate(lawbook.load_law("compute"), n=30, noise=0.01, seed=1)
    >>> test = lawbook.backtest("compute", runs, cuts=[0.7])
    >>> list(test.table.index)
    ['compute']
    """
    from lawbook import __version__

    several = [laws] if isinstance(laws, Law | str | Path) else laws
    found = [law if isinstance(law, Law) else load_law(law) for law in several]
    _check(found, cuts, prob, baselines)
    runs = _read(runs, found[0], by, columns)
    found = [_carrying(law, discrepancy, runs) for law in found]
    check_relatives(relatives, runs, all(map(is_curve, found)))
    order = order or ("cost" if found[0].cost is not None else found[0].input_names[0])
    splits = list(splits_at(runs, order, cuts, apart=any(map(is_curve, found))))
    found = [_at_fitted(law, runs, splits) for law in found]
    on = scale_of(found)
    rng = np.random.default_rng(seed)
    rows: list[tuple[pd.DataFrame, np.ndarray]] = []
    forecasts: dict[str, list[Forecast]] = {}
    for law in found:
        if is_curve(law):
            forecasts[law.name] = forecast_curves(law, splits, seed)
        else:
            tables = [replace(s.fitted, law=law) for s in splits]
            fits = infer_alike(law, tables, Settings(draws=SCORING.of_fit, seed=seed))
            rows += [
                scored(law.name, s, by_fit(fitted, s, seed, on), order, prob, on)
                for fitted, s in zip(fits, splits, strict=True)
            ]
    if len(forecasts) > 1:
        forecasts["stacked"] = stacked(found, forecasts, splits, seed)
    if relatives:
        forecasts |= with_relatives(found, forecasts, splits, relatives, seed)
    for name, each in forecasts.items():
        rows += [
            scored(name, s, by_curve(f, rng), order, prob, on)
            for s, f in zip(splits, each, strict=True)
        ]
    for name in baselines:
        rows += [scored(name, s, by_baseline(name, found[0], s, rng), order, prob) for s in splits]
    points = pd.concat([frame for frame, _ in rows], ignore_index=True)
    said = {
        "result": "backtest",
        "lawbook": __version__,
        "order": order,
        "by": json.dumps(runs.by),
        "laws": ", ".join(dict.fromkeys(points["law"])),
        "cuts": json.dumps(list(cuts)),
        "seed": seed,
        "runs_sha256": runs.sha256,
        "runs_notes": "; ".join(runs.notes),
    }
    draws = np.concatenate([drawn for _, drawn in rows], axis=1)
    return Backtest(runs.by, order, points, _named(draws, points, runs), said)


def _at_fitted(law: Law, runs: Runs, splits: Sequence[Split]) -> Law:
    """Return the law with its references near the runs that every cut fits.

    All cuts share them, so that they share a program, and none of them knows where runs are hidden.
    """
    if law.inputs[0].unit == RELATIVE:
        return law
    least = min(s.cut for s in splits)
    first = {row for s in splits if s.cut == least for row in s.fitted.frame.index}
    return at_runs(law, runs.take(runs.frame.index.isin(first)))


def _check(laws: list[Law], cuts, prob, baselines) -> None:
    if unknown := [name for name in baselines if name not in BASELINES]:
        raise FitError(
            f"{given('baselines')}: no {listed(unknown)}; expected some of {listed(BASELINES)}"
        )
    for name, values in ((given("cuts", cuts), cuts), (f"{prob=}", prob)):
        if np.ndim(values) != 1 or not len(values) or not all(0 < value < 1 for value in values):
            raise FitError(f"{name}: expected numbers between 0 and 1, as 0.8")
    names = [law.name for law in laws]
    if not names or len(set(names)) < len(names):
        raise FitError(
            f"backtest: the laws are {listed(names)}; expected one or more, each under a name of "
            "its own; give a variant another name"
        )
    inputs = {(law.input_names, law.response.name) for law in laws}
    if len(inputs) > 1:
        raise FitError(
            f"backtest: {listed(names)} differ in inputs or response; "
            "expected laws of the same columns; backtest them one by one"
        )
    several = len(laws[0].inputs) > 1
    if baselines and scale_of(laws) != "log":
        raise FitError(
            f"{given('baselines')}: they are for positive responses, and {laws[0].response.name} "
            f"may be zero or negative; expected none; leave {argument('baselines')} out"
        )
    if wrong := [name for name in baselines if several and name != "huber"]:
        raise FitError(f"{given('baselines')}: {listed(wrong)} are for one input; expected 'huber'")


def _read(runs: Runs | Any, law: Law, by, columns) -> Runs:
    if not isinstance(runs, Runs):
        # runs of a law in relative units are in any unit: they are made relative cut by cut
        allow = ("units",) if law.inputs[0].unit == RELATIVE else ()
        return read_here(runs, law, by, columns, allow)
    if by or columns:
        raise FitError(
            "backtest: by= and columns= are for a table; these runs are already read; "
            "give them to read_runs instead"
        )
    names = (law.input_names, law.response.name)
    if (runs.law.input_names, runs.law.response.name) != names:
        raise RunsError(
            f"runs of {runs.law.name!r}: their columns are not those of law {law.name!r}; "
            f"expected {listed([*law.input_names, law.response.name])}; read them again"
        )
    return runs


def _carrying(law: Law, discrepancy: Discrepancy | str, runs: Runs) -> Law:
    """Return the law with a discrepancy, unless it has its own; on curves, that of checkpoints."""
    if isinstance(law.response.noise, Discrepancy):
        return law
    usual = OF_CURVES if discrepancy == "auto" and is_curve(law) else discrepancy
    return with_discrepancy(law, usual, runs)


def _named(draws: np.ndarray, points: pd.DataFrame, runs: Runs) -> xr.DataArray:
    """Return draws with named dims; laws, cuts and groups are coordinates of the points."""
    coords: dict[str, Any] = {
        dim_of(n): ("point", points[n].to_numpy(object)) for n in ("law", *runs.by)
    }
    coords |= {"cut": ("point", points["cut"].to_numpy()), "point": ("point", points.index)}
    y = runs.law.response
    return xr.DataArray(draws, coords, ("draw", "point"), y.name, {"unit": y.unit})
