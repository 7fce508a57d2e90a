"""Backtests: hide the largest scales, fit the rest, and score what was hidden."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lawbook.data.runs import Runs, read_runs
from lawbook.engine.sampling import Settings
from lawbook.errors import FitError, RunsError, given, listed
from lawbook.evaluation import scores
from lawbook.evaluation.baselines import CURVES, huber
from lawbook.evaluation.coverage import coverage
from lawbook.evaluation.curve_forecasts import (
    RELATIVE,
    Forecast,
    forecast_curves,
    relative,
)
from lawbook.evaluation.relatives import check_relatives, with_relatives
from lawbook.evaluation.splits import Split, _horizon, _scales, _splits
from lawbook.evaluation.stacking import stacked
from lawbook.export import export, in_text
from lawbook.laws.catalogue import load_law
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.noise import StudentT
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.inference import infer_alike, with_discrepancy
from lawbook.posterior.prediction import predict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROBS = (0.5, 0.8, 0.9, 0.95)
EDGES = (0.0, 0.35, 0.7, 1.4, 2.8)  # of horizons
DRAWS = 2000
BASELINES = (*CURVES, "huber")


@dataclass(frozen=True, eq=False)
class Backtest:
    """How extrapolations fared on runs that were hidden from them.

    Attributes
    ----------
    by
        Grouping columns.
    order
        What the runs were cut along: an input, or ``"cost"``.
    points
        One row per law, cut and hidden run: the grouping columns; ``cut``, the share of scales
        kept; ``horizon``, e-folds of ``order`` beyond the last fitted run of its group;
        ``truth`` and ``median``; ``log_error`` of the median; ``crps`` of the log, and
        ``log_score``, the log density of the response in its own unit; ``covered_90`` and so on,
        whether the equal-tailed interval held the truth; ``width_90``, its log ratio; ``msce``
        of the curve; ``khat`` of the posterior of a law in one input, not to be trusted above 0.7.
    """

    by: tuple[str, ...]
    order: str
    points: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a law: scores averaged within each curve and cut, then over them."""
        return self._averaged(["law"])

    def by_horizon(self, edges: Sequence[float] = EDGES) -> pd.DataFrame:
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

    def export(self, path: str | os.PathLike) -> None:
        """Write the points to a file, by its suffix; see `lawbook.export.export`."""
        from lawbook import __version__

        said = {"result": "backtest", "lawbook": __version__, "order": self.order}
        said["by"] = json.dumps(self.by)
        export(self.points, path, said)

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

    def __repr__(self) -> str:
        table = in_text(self.table.reset_index())
        return f"Backtest along {self.order}, curves weighted equally\n{table}"


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
    """Score laws on the largest runs of a table, which are hidden from them.

    Parameters
    ----------
    laws
        One or several, as for `lawbook.fit`. Laws in one input are fitted curve by curve, all
        curves and cuts as one batch; several of them are stacked as well, with weights from how
        they extrapolate inside the fitted runs, shared by all curves. Of laws in several inputs
        every cut is one fit of all groups, and all cuts share one compiled program. Laws whose
        unit is ``"largest trained"`` see the runs as multiples of the largest that is fitted.
    runs, by, columns
        As for `lawbook.fit`.
    order
        Input to cut along, or ``"cost"``; by default the cost where the law has one, else its
        first input.
    cuts
        Shares of each group's distinct scales that are fitted; larger ones are hidden.
    prob
        Probabilities of the intervals.
    discrepancy
        As for `lawbook.fit`; laws that carry their own keep it.
    baselines
        Some of ``"m1"``, ``"m2"``, ``"m3"``, ``"m4"``, ``"broken"`` for one input, and
        ``"huber"``: see `lawbook.evaluation.baselines`.
    relatives
        Grouping columns, as in ``("model", "task")``: curves with the same label in one of them
        are relatives. Each law in one input is then scored a second time, with its forecasts moved
        by what it missed on the fitted runs of relatives that were trained further.
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
    several = [laws] if isinstance(laws, Law | str | Path) else laws
    found = [law if isinstance(law, Law) else load_law(law) for law in several]
    _check(found, cuts, prob, baselines)
    found = [_carrying(law, discrepancy) for law in found]
    runs = _read(runs, found[0], by, columns)
    check_relatives(relatives, runs, len(found[0].inputs))
    order = order or ("cost" if found[0].cost is not None else found[0].input_names[0])
    splits = list(_splits(runs, order, cuts, apart=len(found[0].inputs) == 1))
    rng = np.random.default_rng(seed)
    rows: list[pd.DataFrame] = []
    forecasts: dict[str, list[Forecast]] = {}
    for law in found:
        if len(law.inputs) == 1:
            forecasts[law.name] = forecast_curves(law, splits, seed)
        else:
            tables = [replace(s.fitted, law=law) for s in splits]
            fits = infer_alike(law, tables, Settings(draws=500, seed=seed))
            rows += [
                _scored(law.name, s, order, prob, *_foretold(fitted, s, seed))
                for fitted, s in zip(fits, splits, strict=True)
            ]
    if len(forecasts) > 1:
        forecasts["stacked"] = stacked(found, forecasts, splits, seed)
    if relatives:
        forecasts |= with_relatives(found, forecasts, splits, relatives, seed)
    for name, each in forecasts.items():
        rows += [
            _scored(name, s, order, prob, f.draws(DRAWS, rng), _mixture(f), f.khat)
            for s, f in zip(splits, each, strict=True)
        ]
    for name in baselines:
        rows += [
            _scored(name, s, order, prob, *_by_baseline(name, found[0], s, rng)) for s in splits
        ]
    return Backtest(runs.by, order, pd.concat(rows, ignore_index=True))


def _check(laws: list[Law], cuts, prob, baselines) -> None:
    if unknown := [name for name in baselines if name not in BASELINES]:
        raise FitError(
            f"{given('baselines')}: no {listed(unknown)}; expected some of {listed(BASELINES)}"
        )
    for name, values in ((given("cuts", cuts), cuts), (f"{prob=}", prob)):
        if np.ndim(values) != 1 or not len(values) or not all(0 < value < 1 for value in values):
            raise FitError(f"{name}: expected numbers between 0 and 1, as in (0.5, 0.8)")
    names = [law.name for law in laws]
    if not names or len(set(names)) < len(names):
        raise FitError(
            f"backtest: the laws are {listed(names)}; expected one or more, each under a name of "
            "its own; rename a variant by dataclasses.replace(law, name=...)"
        )
    inputs = {(law.input_names, law.response.name) for law in laws}
    if len(inputs) > 1:
        raise FitError(
            f"backtest: {listed(names)} differ in inputs or response; "
            "expected laws of the same columns; backtest them one by one"
        )
    several = len(laws[0].inputs) > 1
    if wrong := [name for name in baselines if several and name != "huber"]:
        raise FitError(f"{given('baselines')}: {listed(wrong)} are for one input; expected 'huber'")


def _read(runs: Runs | Any, law: Law, by, columns) -> Runs:
    if not isinstance(runs, Runs):
        # runs of a law in relative units are in any unit: they are made relative cut by cut
        allow = ("units",) if law.inputs[0].unit == RELATIVE else ()
        return read_runs(runs, law, by=by, columns=columns, allow=allow)
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


def _carrying(law: Law, discrepancy: Discrepancy | str) -> Law:
    """Return the law with a discrepancy, unless it has its own or noise that cannot have one."""
    if isinstance(law.response.noise, Discrepancy):
        return law
    if discrepancy == "auto" and law.response.noise.on != "log":
        return law
    return with_discrepancy(law, discrepancy)


def _foretold(found: Fitted, split: Split, seed: int):
    """Return draws of the hidden runs by the fit of a law in several inputs, and their mixture."""
    columns = [*found.law.input_names, *split.held.by]
    at = split.held.frame.loc[:, columns].reset_index(drop=True)
    draws = predict(found, at, kind="run", seed=seed).draws
    flat = draws.stack(sample=("chain", "draw")).transpose("sample", "point").to_numpy()
    location, scale = scores.kernels(flat)
    return flat, (location, scale, np.inf)


def _mixture(forecast: Forecast) -> tuple:
    return forecast.location, forecast.scale, forecast.df


def _by_baseline(name: str, law: Law, split: Split, rng: np.random.Generator):
    fitted, held = split.fitted, split.held
    if name == "huber":
        plain = replace(law, response=replace(law.response, noise=StudentT(on="log")))
        at, level = dict(held.inputs), 1.0
        if law.inputs[0].unit == RELATIVE:
            fitted, of, level = relative(replace(fitted, law=law, by=()))
            at = {scale: values / of for scale, values in at.items()}
        draws = level * huber(plain, fitted.inputs, fitted.response, at, rng, 200)
    else:
        curve: Callable = CURVES[name]
        scale = law.input_names[0]
        draws = curve(fitted.inputs[scale], fitted.response, held.inputs[scale], rng, 200)
    draws = np.maximum(draws, np.finfo(float).tiny)  # a floor of less than nothing
    location, scale = scores.kernels(draws)
    return draws, (location, scale, np.inf)


def _scored(
    name: str,
    split: Split,
    order: str,
    prob: Sequence[float],
    draws: np.ndarray,
    mixture: tuple,
    khat: float = np.nan,
) -> pd.DataFrame:
    held, truth = split.held, split.held.response
    median = np.median(draws, axis=0)
    location, scale, df = mixture
    columns: dict[str, Any] = {"law": name}
    columns |= {column: held.frame[column].to_numpy() for column in held.by}
    columns |= {
        "cut": split.cut,
        order: _scales(held, order),
        "horizon": _horizon(split, order),
        "truth": truth,
        "median": median,
        "log_error": np.log(median / truth),
        "crps": scores.crps(np.log(draws), np.log(truth)),
        "log_score": scores.log_score(truth, location, scale, df=df),
    }
    for p in prob:
        low, high = np.quantile(draws, [(1 - p) / 2, (1 + p) / 2], axis=0)
        columns[f"covered_{100 * p:g}"] = (low <= truth) & (truth <= high)
    columns["width_90"] = scores.width(draws)
    columns["msce"] = scores.msce(draws, truth)
    columns["khat"] = khat
    return pd.DataFrame(columns)
