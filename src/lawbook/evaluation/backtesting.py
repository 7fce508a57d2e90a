"""Backtests: hold out the largest scales, fit the rest, and score forecasts of the former."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.door import read_here
from lawbook.data.groups import dim_of
from lawbook.data.runs import Runs
from lawbook.engine.sampling import Settings
from lawbook.errors import FitError, RunsError, argument, given, listed
from lawbook.evaluation.backtest_results import Backtest
from lawbook.evaluation.baselines import CURVES
from lawbook.evaluation.curve_forecasts import (
    RELATIVE,
    Forecast,
    forecast_curves,
    is_curve,
)
from lawbook.evaluation.relatives import check_relatives, with_relatives
from lawbook.evaluation.scoring import SCORING, by_baseline, by_curve, by_fit, scale_of, scored
from lawbook.evaluation.splits import (
    FEWEST_FITTED,
    Reach,
    Split,
    check_horizons,
    splits_at,
    splits_beyond,
)
from lawbook.evaluation.stacking import stacked
from lawbook.laws.catalogue import load_law
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.public_curves import OF_CURVES
from lawbook.model.references import at_runs
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.inference import infer_alike, with_discrepancy
from lawbook.posterior.summaries import PROBS

BASELINES = (*CURVES, "huber")
USUAL_CUTS = (0.5, 0.7)


def backtest(
    laws: Law | str | Path | Sequence[Law | str | Path],
    runs: Runs | Any,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    order: str | None = None,
    cuts: Sequence[float] | None = None,
    horizons: Sequence[float] | None = None,
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
        first input. Along an input of a law in several, runs are fitted whatever the others are.
    cuts
        Shares of each group's distinct scales that are fitted; runs at larger ones are held out.
        By default 0.5 and 0.7, or what the horizons need.
    horizons
        How far beyond the fitted runs scores are wanted, as ascending factors of ``order``:
        ``(2, 10, 100)`` scores up to 2 times, 2 to 10 times, 10 to 100 times and beyond. For each,
        as much of a group is fitted as leaves its largest run so far beyond, where the runs span
        so much and enough are left: as many as a law has parameters. `Backtest.by_horizon` has the
        scores, by distance in each input as well.
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
    asked = () if horizons is None else horizons
    check_horizons(asked)
    runs = _read(runs, found[0], by, columns)
    found = [_carrying(law, discrepancy, runs) for law in found]
    check_relatives(relatives, runs, all(map(is_curve, found)))
    order = order or ("cost" if found[0].cost is not None else found[0].input_names[0])
    reach = _cut(runs, found, order, cuts, asked)
    splits = reach.splits
    found = [_at_fitted(law, runs, splits) for law in found]
    on = scale_of(found)
    rng = np.random.default_rng(seed)
    rows: list[tuple[pd.DataFrame, np.ndarray]] = []
    forecasts: dict[str, list[Forecast]] = {}
    for law in found:
        if is_curve(law):
            forecasts[law.name] = forecast_curves(law, splits, seed)
        else:
            rows += [
                scored(law.name, s, by_fit(fitted, s, seed, on), order, prob, on)
                for s, fitted in _fits(law, splits, seed)
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
    asked = tuple(map(float, asked))
    said = {
        "result": "backtest",
        "lawbook": __version__,
        "order": order,
        "by": json.dumps(runs.by),
        "laws": ", ".join(dict.fromkeys(points["law"])),
        "cuts": json.dumps(list(dict.fromkeys(s.cut for s in splits))),
        "horizons": json.dumps(asked),
        "missed": json.dumps(reach.missed),
        "seed": seed,
        "runs_sha256": runs.sha256,
        "runs_notes": "; ".join(runs.notes),
    }
    draws = _named(np.concatenate([drawn for _, drawn in rows], axis=1), points, runs)
    return Backtest(runs.by, order, points, draws, said, asked, tuple(reach.missed))


def _cut(
    runs: Runs,
    laws: Sequence[Law],
    order: str,
    cuts: Sequence[float] | None,
    horizons: Sequence[float],
) -> Reach:
    """Cut at shares of the scales where they are given, else as far as horizons need."""
    apart = any(map(is_curve, laws))
    if cuts is None and len(horizons):
        fewest = max(FEWEST_FITTED, *(len(law.params) for law in laws))
        return splits_beyond(runs, order, horizons, apart, fewest)
    return Reach(list(splits_at(runs, order, USUAL_CUTS if cuts is None else cuts, apart)))


def _fits(law: Law, splits: Sequence[Split], seed: int) -> Iterator[tuple[Split, Fitted]]:
    """Fit the law to each split: those of as many groups share a program."""
    by_count: dict[tuple[int, ...], list[Split]] = {}
    for split in splits:
        fitted = split.fitted
        counts = len(fitted.groups), *(len(fitted.levels(name)) for name in fitted.by)
        by_count.setdefault(counts, []).append(split)
    for alike in by_count.values():
        tables = [replace(s.fitted, law=law) for s in alike]
        fits = infer_alike(law, tables, Settings(draws=SCORING.of_fit, seed=seed))
        yield from zip(alike, fits, strict=True)


def _at_fitted(law: Law, runs: Runs, splits: Sequence[Split]) -> Law:
    """Return the law with its references near the runs that no cut holds out.

    All cuts share them, so that they share a program, and none of them knows where runs are hidden.
    """
    if law.inputs[0].unit == RELATIVE:
        return law
    held = {row for s in splits for row in s.held.frame.index}
    first = {row for s in splits for row in s.fitted.frame.index} - held
    return at_runs(law, runs.take(runs.frame.index.isin(first)))


def _check(laws: list[Law], cuts, prob, baselines) -> None:
    if unknown := [name for name in baselines if name not in BASELINES]:
        raise FitError(
            f"{given('baselines')}: no {listed(unknown)}; expected some of {listed(BASELINES)}"
        )
    for name, values in ((given("cuts", cuts), cuts), (f"{prob=}", prob)):
        if values is None:
            continue
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
