"""Backtests: hold out the largest scales, fit the rest, and score forecasts of the former."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.groups import dim_of
from lawbook.data.runs import Runs
from lawbook.engine.settings import Settings
from lawbook.errors import FitError, argument, given, listed
from lawbook.evaluation.backtest_results import Backtest
from lawbook.evaluation.baselines import CURVES
from lawbook.evaluation.curve_forecasts import forecast_curves, is_curve
from lawbook.evaluation.curve_runs import FORECAST, RELATIVE, check_curves, with_columns_of
from lawbook.evaluation.curve_stack import forecast_splits
from lawbook.evaluation.public_curves import PublicCurves, public_curves
from lawbook.evaluation.relatives import check_relatives, with_relatives
from lawbook.evaluation.scoring import SCORING, by_baseline, by_curve, by_fit, scale_of, scored
from lawbook.evaluation.splits import (
    FEWEST_FITTED,
    Reach,
    Split,
    check_horizons,
    splits_at,
    splits_beyond,
    splits_from,
)
from lawbook.evaluation.stacking import stacked
from lawbook.laws.catalogue import load_law
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.public_curves import OF_CURVES
from lawbook.model.references import at_runs
from lawbook.posterior.cluster import answers
from lawbook.posterior.inference import infer_alike, with_discrepancy
from lawbook.posterior.summaries import PROBS

BASELINES = (*CURVES, "huber")
USUAL_CUTS = (0.5, 0.7)

Scored = tuple[pd.DataFrame, np.ndarray]  # points with their scores, and draws

type Tested = Law | str | Path | PublicCurves


class _Wanted(NamedTuple):
    """What splits are scored by: arguments of `scored` and `by_fit`."""

    seed: int
    order: str
    prob: tuple[float, ...]
    on: str


def backtest(
    laws: Tested | Sequence[Tested],
    runs: Runs | Any,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    order: str | None = None,
    cuts: Sequence[float] | None = None,
    horizons: Sequence[float] | None = None,
    held_out: Runs | Any = None,
    prob: Sequence[float] = PROBS,
    discrepancy: Discrepancy | str = "auto",
    baselines: Sequence[str] = (),
    relatives: Sequence[str] = (),
    seed: int = 0,
    client: Any = None,
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
        ``"forecast"`` stands for what `lawbook.forecast` makes of the fitted runs, and so do
        constants of its own, `lawbook.evaluation.public_curves.PublicCurves`.
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
    held_out
        A table of larger runs of the same groups, to hold out in place of those beyond the cuts. A
        group without any is not scored, but fitted like the others.
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
    client
        A ``distributed.Client`` of Dask, whose workers fit laws in several inputs: a task a cut.

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
    found, public = _asked(laws)
    _check(found, public, cuts, prob, baselines)
    _check_apart(cuts, held_out)
    asked = () if horizons is None else horizons
    check_horizons(asked)
    first = found[0] if found else load_law("learning_curve")
    runs = with_columns_of(first, runs, by, columns)
    found = [_carrying(law, discrepancy, runs) for law in found]
    check_relatives(relatives, runs, all(map(is_curve, found)))
    order = order or ("cost" if first.cost is not None else first.input_names[0])
    apart = public is not None or any(map(is_curve, found))
    if held_out is None:
        reach = _cut(runs, found, order, cuts, asked, apart)
    else:
        larger = _larger(first, held_out, by, columns)
        reach = Reach(list(splits_from(runs, larger, order, apart)))
    splits = [s for s in reach.splits if len(s.held)]
    known = runs if held_out is not None else _never_held(runs, splits)
    found = [law if law.inputs[0].unit == RELATIVE else at_runs(law, known) for law in found]
    on = scale_of(found)
    rng = np.random.default_rng(seed)
    whole = [law for law in found if not is_curve(law)]
    rows = _of_fits(whole, splits, _Wanted(seed, order, tuple(prob), on), client)
    forecasts = {law.name: forecast_curves(law, splits, seed) for law in found if is_curve(law)}
    if len(forecasts) > 1:
        forecasts["stacked"] = stacked(found, forecasts, splits, seed)
    if relatives and forecasts:
        forecasts |= with_relatives(found, forecasts, splits, relatives, seed)
    if public is not None:
        check_curves(runs)
        forecasts |= forecast_splits(public, reach.splits, relatives, seed, client)
    for name, each in forecasts.items():
        rows += [
            scored(name, s, by_curve(f, rng), order, prob, on)
            for s, f in zip(splits, each, strict=True)
        ]
    for name in baselines:
        rows += [scored(name, s, by_baseline(name, first, s, rng), order, prob) for s in splits]
    points = pd.concat([frame for frame, _ in rows], ignore_index=True)
    asked = tuple(map(float, asked))
    tried = list(dict.fromkeys(s.cut for s in splits))
    more = {"cuts": tried, "horizons": asked, "missed": reach.missed}
    said = _provenance(points, runs, order, seed, **more)
    draws = _named(np.concatenate([drawn for _, drawn in rows], axis=1), points, runs)
    return Backtest(runs.by, order, points, draws, said, asked, tuple(reach.missed))


def _asked(laws: Tested | Sequence[Tested]) -> tuple[list[Law], PublicCurves | None]:
    """Return the laws, and what public curves say where forecasts by all of it are asked for."""
    several = [laws] if isinstance(laws, Law | str | Path | PublicCurves) else laws
    told = [one for one in several if isinstance(one, PublicCurves) or one == FORECAST]
    if len(told) > 1:
        raise FitError(
            f"backtest: {FORECAST!r} is there {len(told)} times; expected it once; leave the "
            "others out"
        )
    named = [one for one in several if not isinstance(one, PublicCurves) and one != FORECAST]
    found = [one if isinstance(one, Law) else load_law(one) for one in named]
    if not told:
        return found, None
    return found, told[0] if isinstance(told[0], PublicCurves) else public_curves()


def _check_apart(cuts: Sequence[float] | None, held_out: Runs | Any) -> None:
    if cuts is not None and held_out is not None:
        raise FitError(
            f"{given('cuts', cuts)} beside {argument('held_out')}: the table says what is held "
            f"out; expected one of them; leave {argument('cuts')} out"
        )


def _larger(law: Law, held_out: Runs | Any, by, columns) -> Runs:
    named = ((), None) if isinstance(held_out, Runs) else (by, columns)
    return with_columns_of(law, held_out, *named, allow=("sizes", "single"))


def _provenance(points: pd.DataFrame, runs: Runs, order: str, seed: int, **more: Any) -> dict:
    from lawbook import __version__

    return {
        "result": "backtest",
        "lawbook": __version__,
        "order": order,
        "by": json.dumps(runs.by),
        "laws": ", ".join(dict.fromkeys(points["law"])),
        **{name: json.dumps(value) for name, value in more.items()},
        "seed": seed,
        "runs_sha256": runs.sha256,
        "runs_notes": "; ".join(runs.notes),
    }


def _cut(
    runs: Runs,
    laws: Sequence[Law],
    order: str,
    cuts: Sequence[float] | None,
    horizons: Sequence[float],
    apart: bool,
) -> Reach:
    """Cut at shares of the scales where they are given, else as far as horizons need."""
    if cuts is None and len(horizons):
        fewest = max([FEWEST_FITTED, *(len(law.params) for law in laws)])
        return splits_beyond(runs, order, horizons, apart, fewest)
    return Reach(list(splits_at(runs, order, USUAL_CUTS if cuts is None else cuts, apart)))


def _of_fits(
    laws: Sequence[Law], splits: Sequence[Split], wanted: _Wanted, client: Any
) -> list[Scored]:
    """Fit the laws to each split and score them: those of as many groups share a program."""
    by_count: dict[tuple[int, ...], list[Split]] = {}
    for split in splits:
        fitted = split.fitted
        counts = len(fitted.groups), *(len(fitted.levels(name)) for name in fitted.by)
        by_count.setdefault(counts, []).append(split)
    tasks = {}
    for law, alike in product(laws, by_count.values()):
        every = range(len(alike))
        for some in [every] if client is None else [range(i, i + 1) for i in every]:
            tasks[len(tasks)] = (law, alike, some, wanted)
    found = dict(answers(client, _of_some, tasks))
    return [row for task in tasks for row in found[task]]


def _of_some(law: Law, alike: Sequence[Split], some: range, wanted: _Wanted) -> list[Scored]:
    """Fit and score some of the splits; the others only make that all are padded alike."""
    seed, order, prob, on = wanted
    tables = [replace(s.fitted, law=law) for s in alike]
    beside = [table for i, table in enumerate(tables) if i not in some]
    settings = Settings(draws=SCORING.of_fit, seed=seed)
    fits = infer_alike(law, [tables[i] for i in some], settings, beside)
    return [
        scored(law.name, alike[i], by_fit(fitted, alike[i], seed, on), order, prob, on)
        for i, fitted in zip(some, fits, strict=True)
    ]


def _never_held(runs: Runs, splits: Sequence[Split]) -> Runs:
    """Return the runs that no cut holds out, near which laws have their references.

    All cuts share them, so that they share a program, and none of them knows where runs are hidden.
    """
    held = {row for s in splits for row in s.held.frame.index}
    first = {row for s in splits for row in s.fitted.frame.index} - held
    return runs.take(runs.frame.index.isin(first))


def _check(laws: list[Law], public: PublicCurves | None, cuts, prob, baselines) -> None:
    if unknown := [name for name in baselines if name not in BASELINES]:
        raise FitError(
            f"{given('baselines')}: no {listed(unknown)}; expected some of {listed(BASELINES)}"
        )
    for name, values in ((given("cuts", cuts), cuts), (f"{prob=}", prob)):
        if values is None:
            continue
        if np.ndim(values) != 1 or not len(values) or not all(0 < value < 1 for value in values):
            raise FitError(f"{name}: expected numbers between 0 and 1, as 0.8")
    names = [*(law.name for law in laws), *([] if public is None else [FORECAST])]
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
    if wrong := [law.name for law in laws if public is not None and not is_curve(law)]:
        raise FitError(
            f"backtest: {listed(wrong)} beside {FORECAST!r}: several inputs, or noise that is not "
            "on the log; expected laws in one input with noise on the log; backtest them apart"
        )
    several = bool(laws) and len(laws[0].inputs) > 1
    if baselines and scale_of(laws) != "log":
        raise FitError(
            f"{given('baselines')}: they are for positive responses, and {laws[0].response.name} "
            f"may be zero or negative; expected none; leave {argument('baselines')} out"
        )
    if wrong := [name for name in baselines if several and name != "huber"]:
        raise FitError(f"{given('baselines')}: {listed(wrong)} are for one input; expected 'huber'")


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
