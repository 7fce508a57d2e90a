"""Curves forecast by several laws together, with what public curves and their relatives say.

Each law's prior is what public curves have in common, moved by what the other curves of the same
call have in common as far as they have been trained. Its forecasts are made as wide as those of
public curves should have been, and mixed with those of the other laws. What the first law missed
on relatives that were trained further moves the mixture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from lawbook.data.runs import Runs
from lawbook.evaluation.curve_forecasts import Forecast, Forecaster, of_curve, relative
from lawbook.evaluation.curve_runs import FORECAST
from lawbook.evaluation.member_laws import member
from lawbook.evaluation.populations import Moments, Prior, moments, population
from lawbook.evaluation.public_curves import PublicCurves
from lawbook.evaluation.recalibration import recalibrated
from lawbook.evaluation.relatives import borrowed, corrected, kinship_of, learned_shares
from lawbook.evaluation.splits import Split
from lawbook.evaluation.stacking import mixed
from lawbook.posterior.cluster import answers

OF_A_TASK = 128  # curves: what a worker gets at a time


@dataclass(frozen=True)
class Stack:
    """Numbers of the stack; the tables of benchmarks/README.md were made with them.

    Attributes
    ----------
    rounds
        In which the population of the call's own curves is learned.
    kin
        Share of the correlation of kin, at most. More is learned from what relatives missed, since
        fits that stop early miss alike; a curve's own error has less in common with them.
    """

    rounds: int = 1
    kin: float = 0.1


STACK = Stack()


@cache
def forecaster_of(name: str) -> Forecaster:
    """Return the forecaster of a member: its programs are compiled once."""
    return Forecaster(member(name))


def moments_of(
    name: str, seed: int, curves: Sequence[Runs], tilts: Sequence[Prior]
) -> list[Moments]:
    """Return the moments of some curves by a member: a task."""
    return [moments(forecaster_of(name), curves, seed, tilts)]


def forecasts_of(
    name: str,
    seed: int,
    curves: Sequence[Runs],
    points: Sequence[np.ndarray],
    tilts: Sequence[Prior],
) -> list[Forecast]:
    """Return a member's forecasts of some curves: a task."""
    return forecaster_of(name).relative_forecasts(curves, points, seed, tilts)


def in_tasks[Found](
    client: Any, work: Callable[..., list[Found]], name: str, seed: int, *of_curves: Sequence
) -> list[Found]:
    """Return what a member finds for curves, some of them at a time; see `answers`.

    The parts are the same with and without a cluster, and so are their draws.
    """
    tasks = {
        first: (name, seed, *(each[first : first + OF_A_TASK] for each in of_curves))
        for first in range(0, len(of_curves[0]), OF_A_TASK)
    }
    found = dict(answers(client, work, tasks))
    return [one for first in tasks for one in found[first]]


def priors_of(
    name: str, curves: Sequence[Runs], known: Prior, seed: int, client: Any = None
) -> list[Prior]:
    """Return the prior of each curve: the population of the others, drawn towards a known one."""
    if len(curves) == 1:
        return [known]
    runs = [relative(curve)[0] for curve in curves]
    tilts = [known] * len(runs)
    everyone = np.arange(len(runs))
    for number in range(STACK.rounds):
        parts = in_tasks(client, moments_of, name, seed + number, runs, tilts)
        found = Moments(*map(np.concatenate, zip(*parts, strict=True)))
        tilts = [population(found.at(everyone != i), known) for i in everyone]
    return tilts


def forecasts_of_law(
    name: str,
    known: Prior,
    curves: Sequence[Runs],
    points: Sequence[np.ndarray],
    seed: int,
    client: Any = None,
) -> tuple[dict[int, Forecast], list[Prior]]:
    """Return a member's forecasts, by the curve's place, and the prior of each curve.

    A curve that is wanted nowhere has its part in the population, and no forecast.
    """
    tilts = priors_of(name, curves, known, seed, client)
    wanted = [i for i, at in enumerate(points) if len(at)]
    made = in_tasks(
        client,
        forecasts_of,
        name,
        seed,
        [curves[i] for i in wanted],
        [points[i] for i in wanted],
        [tilts[i] for i in wanted],
    )
    return dict(zip(wanted, made, strict=True)), tilts


def stacked_forecasts(
    public: PublicCurves,
    curves: Sequence[tuple[np.ndarray, np.ndarray]],
    points: Sequence[np.ndarray],
    seed: int,
    kinship: np.ndarray | None = None,
    client: Any = None,
) -> tuple[dict[int, Forecast], dict[int, Forecast]]:
    """Forecast curves by all laws together.

    Parameters
    ----------
    public
        What public curves say.
    curves
        Scales and responses of each curve, in any unit.
    points
        Scales at which each is forecast, none below its last run; none at all for a curve that
        only tells what the others have in common with it.
    seed
        Of the draws.
    kinship
        Per kind, whether two curves are kin, (kinds, curves, curves); None where nobody is.
    client
        A ``distributed.Client``; ``None`` to work here.

    Returns
    -------
    tuple of dict
        The forecasts by the curve's place, and the same moved by errors on relatives.
    """
    members, errors = [], None
    for name, of in public.laws.items():
        runs = [of_curve(forecaster_of(name).law, x, y) for x, y in curves]
        found, tilts = forecasts_of_law(name, of.population, runs, points, seed, client)
        members.append({i: recalibrated(f, of.factor, of.df) for i, f in found.items()})
        if kinship is not None and errors is None:
            errors = [
                (missed / of.factor, kin)
                for missed, kin in _missed(name, runs, points, tilts, seed, kinship, client)
            ]
    weights = np.array(list(public.weights.values()))
    whole = {i: mixed([each[i] for each in members], weights, seed) for i in members[0]}
    if errors is None:
        return whole, whole
    shares = learned_shares(errors)
    shares = shares * min(1.0, STACK.kin / max(float(shares.sum()), 1e-9))
    moved = {}
    for i, forecast in whole.items():
        missed, kin = errors[i]
        moved[i] = corrected(forecast, missed, kin, shares) if len(missed) else forecast
    return whole, moved


def forecast_splits(
    public: PublicCurves,
    splits: Sequence[Split],
    relatives: Sequence[str],
    seed: int,
    client: Any = None,
) -> dict[str, list[Forecast]]:
    """Forecast the held-out runs of the splits that have some, by what rows of a table are called.

    Curves of one cut are forecast together.

    Parameters
    ----------
    public
        What public curves say.
    splits
        A curve each.
    relatives
        Grouping columns in which kin share a label; none for no borrowing.
    seed
        Of the draws.
    client
        A ``distributed.Client``; ``None`` to work here.
    """
    cuts = [s.cut for s in splits]
    alone: dict[int, Forecast] = {}
    moved: dict[int, Forecast] = {}
    for cut in dict.fromkeys(cuts):
        places = [i for i, one in enumerate(cuts) if one == cut]
        mine = [splits[i] for i in places]
        kinship = kinship_of(mine, relatives) if relatives else None
        curves = [(_first(s.fitted), s.fitted.response) for s in mine]
        held = [_first(s.held) for s in mine]
        found = stacked_forecasts(public, curves, held, seed, kinship, client)
        for each, made in zip((alone, moved), found, strict=True):
            each |= {places[i]: forecast for i, forecast in made.items()}
    rows = {FORECAST: [alone[i] for i in sorted(alone)]}
    if relatives:
        rows[f"{FORECAST} with relatives"] = [moved[i] for i in sorted(moved)]
    return rows


def _first(runs: Runs) -> np.ndarray:
    return next(iter(runs.inputs.values()))


def _missed(name, runs, points, tilts, seed: int, kinship: np.ndarray, client: Any):
    """Return how a law erred on relatives that were trained further; see `borrowed`."""
    scale, response = runs[0].law.input_names[0], runs[0].law.response.name
    x, y = ([run.frame[column].to_numpy() for run in runs] for column in (scale, response))

    def ahead(cuts: list[tuple[int, float]]) -> list[Forecast]:
        below = [runs[i].take(x[i] <= last) for i, last in cuts]
        at = [x[i][x[i] > last] for i, last in cuts]
        own = [tilts[i] for i, _ in cuts]
        return in_tasks(client, forecasts_of, name, seed, below, at, own)

    return borrowed(x, y, points, kinship, ahead)
