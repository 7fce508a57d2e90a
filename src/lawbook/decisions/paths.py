"""Paths through a law's inputs: the points along which recipes are compared and budgets spent.

A path says how the inputs grow together. Its scale is the law's cost where there is one (training
FLOPs), and otherwise the one input that varies. Points are even on the log of the scale.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.points import read_points
from lawbook.errors import RunsError, argument, given, listed
from lawbook.laws.law import Law
from lawbook.laws.values import cost_at, priced
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.mixture import Asked, members
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.thinning import step_to
from lawbook.wording import short

TINY, HUGE = np.finfo(float).tiny, np.finfo(float).max
GROWTH = 100.0  # how far a path goes beyond the largest run's scale unless it is said
REACH = 60.0  # e-folds around an input's own range in which a cost is looked for
DIGITS = 4  # of a ratio where people read it


@dataclass(frozen=True)
class SplitSearch:
    """How the compute-optimal split is found: as the loss is flat there, two parts in a thousand.

    Attributes
    ----------
    reach
        E-folds around the middle of what the paper saw in which the first round looks.
    tried
        Splits in a round, even on the log.
    rounds
        Each looks at `narrower` of the range of the one before, around the best so far.
    narrower
        A little more than two steps of the round before.
    draws
        About so many judge a split.
    """

    reach: float = 40.0
    tried: int = 33
    rounds: int = 5
    narrower: float = 2.5 / 33
    draws: int = 200


SPLIT = SplitSearch()

type Held = Mapping[str, float] | tuple[tuple[str, float], ...]


def _frozen(held: Held) -> tuple[tuple[str, float], ...]:
    pairs = held.items() if isinstance(held, Mapping) else held
    return tuple((str(name), float(value)) for name, value in pairs)


@dataclass(frozen=True)
class FixedRatio:
    """Two inputs in a fixed ratio: ``FixedRatio("D", "N", 20)`` is twenty tokens a parameter.

    Parameters
    ----------
    of, per
        The inputs.
    value
        ``of / per``.
    fixed
        Values of the law's other inputs.
    """

    of: str
    per: str
    value: float
    fixed: Held = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fixed", _frozen(self.fixed))

    def __str__(self) -> str:
        return f"{self.of}/{self.per} = {short(self.value, DIGITS)}"


@dataclass(frozen=True)
class OneInput:
    """One input alone: ``OneInput("N", D=1e11)``; every other input keeps its value."""

    name: str
    fixed: Held

    def __init__(self, name: str, **fixed: float) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "fixed", _frozen(fixed))

    def __str__(self) -> str:
        held = "".join(f", {name} = {short(value)}" for name, value in _frozen(self.fixed))
        return f"{self.name} alone{held}"


@dataclass(frozen=True)
class ComputeOptimal:
    """The two inputs that give the best response for their cost.

    All groups go along one path, so that they are compared at the same points: it is optimal for
    the mean over groups and draws of the log response (of the response itself where it may be
    negative); of a mixture, over its laws, too.
    """

    fixed: Held = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fixed", _frozen(self.fixed))

    def __str__(self) -> str:
        return "the compute-optimal split"


type Path = FixedRatio | OneInput | ComputeOptimal


def scale_name(law: Law, path: Path) -> str:
    """Return what the scale of a path is called: ``"cost"``, or the input that varies."""
    if law.cost is not None and not (isinstance(path, OneInput) and path.name not in priced(law)):
        return "cost"
    return path.name if isinstance(path, OneInput) else "cost"


def growth(law: Law, name: str) -> float:
    """Return how far beyond the largest run's scale to look: no further where it is no amount."""
    return 1.0 if any(x.name == name and not x.is_amount for x in law.inputs) else GROWTH


def scale_range(fit: Asked, path: Path, upto: float | None) -> tuple[float, float]:
    """Return the scales between which a path runs.

    It starts at the runs' median scale and ends at ``upto``, by default 100 times the largest, or
    the largest where the input that varies is no amount.

    Raises
    ------
    RunsError
        If ``upto`` does not lie beyond the start.
    """
    name = scale_name(fit.law, path)
    scales = fit.runs.cost if name == "cost" else fit.runs.inputs[name]
    assert scales is not None
    start, largest = float(np.median(scales)), float(scales.max())
    stop = growth(fit.law, name) * largest if upto is None else float(upto)
    if not (math.isfinite(stop) and stop > start):
        raise RunsError(
            f"{given('upto', upto)}: the path starts at the runs' median {name}, {start:.3g}; "
            "expected a larger number; raise it"
        )
    return start, stop


def trace(fit: Asked, path: Path, scales: np.ndarray) -> pd.DataFrame:
    """Return the inputs along a path, one row per scale.

    Parameters
    ----------
    fit
        Its law names the inputs.
    path
        How they grow together.
    scales
        Increasing, in the unit of `scale_name`.

    Raises
    ------
    RunsError
        If the path does not fit the law, or a scale cannot be reached within its support.
    """
    law, scales = fit.law, np.asarray(scales, dtype=float)
    _check(law, path)
    match path:
        case OneInput() if scale_name(law, path) == path.name:
            columns = {path.name: scales}
        case OneInput():
            columns = _reached(law, path, scales, {path.name: 1.0})
        case FixedRatio():
            columns = _reached(law, path, scales, {path.per: 1.0, path.of: path.value})
        case ComputeOptimal():
            columns = _optimal(fit, path, scales)
    if np.isnan(list(columns.values())).any():
        bad = scales[np.isnan(np.stack(list(columns.values()))).any(axis=0)]
        raise RunsError(
            f"along {path}: a cost of {bad[0]:.3g} is not reached within the inputs' support; "
            "expected scales that the path can reach; end it earlier, or take another path"
        )
    return _table(law, path, columns)


def labels_within(fit: Asked, within: Mapping[str, str] | None) -> dict[str, str]:
    """Return labels in grouping columns; raise `RunsError` where one is an input."""
    labels = dict(within or {})
    if wrong := [name for name in labels if name in fit.law.input_names]:
        raise RunsError(
            f"{given('within')}: {listed(wrong)} is an input, not a grouping column; expected some "
            f"of {listed(fit.runs.by)}; hold an input in the path's {argument('fixed')}"
        )
    return labels


def points_along(
    fit: Asked,
    path: Path,
    near: np.ndarray,
    far: np.ndarray,
    within: Mapping[str, str] | None = None,
    **options: Any,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Return scales and points along a path, and beyond its end where it leads there.

    All are read in one go: a model discrepancy is then one process all along. The far scales are
    left out where the inputs' support ends before them.

    Parameters
    ----------
    fit, path
        As for `trace`.
    near, far
        Scales of the path and beyond it, increasing.
    within
        Labels in grouping columns that all points have.
    options
        Those of `lawbook.data.points.read_points`.

    Raises
    ------
    RunsError
        If the path does not fit the law, or labels do not fit the groups.
    """
    labels = labels_within(fit, within)
    wide = np.concatenate([near, far])
    try:
        return wide, read_points(
            fit.law, fit.runs, trace(fit, path, wide).assign(**labels), **options
        )
    except RunsError:
        return near, read_points(
            fit.law, fit.runs, trace(fit, path, near).assign(**labels), **options
        )


def _varied(law: Law, path: Path) -> list[str]:
    match path:
        case FixedRatio():
            return [path.per, path.of]
        case OneInput():
            return [path.name]
    return [name for name in law.input_names if name not in dict(path.fixed)]


def _check(law: Law, path: Path) -> None:
    varied, fixed = _varied(law, path), [name for name, _ in path.fixed]
    names = [*varied, *fixed]
    if unknown := [name for name in names if name not in law.input_names]:
        raise RunsError(
            f"along {path}: law {law.name!r} has no input {listed(unknown)}; "
            f"expected {listed(law.input_names)}; correct the path"
        )
    if missing := [name for name in law.input_names if name not in names]:
        raise RunsError(
            f"along {path}: nothing is said of the input {listed(missing)}; expected a value that "
            f"it keeps; give it in {argument('fixed')}"
        )
    if isinstance(path, FixedRatio) and not (path.value > 0 and math.isfinite(path.value)):
        raise RunsError(f"along {path}: expected a positive ratio; correct it")
    several = isinstance(path, FixedRatio | ComputeOptimal)
    if several and (law.cost is None or not set(varied) <= set(priced(law))):
        raise RunsError(
            f"along {path}: law {law.name!r} has no cost in {listed(varied)}, so that the path has "
            "no scale; expected a law with a cost in them; go along one input instead"
        )
    if isinstance(path, ComputeOptimal) and len(varied) != 2:
        raise RunsError(
            f"along {path}: the inputs {listed(varied)} are free; expected two; "
            f"give the others values in {argument('fixed')}"
        )


def _table(law: Law, path: Path, columns: dict[str, np.ndarray]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    columns = columns | {name: np.full(size, value) for name, value in path.fixed}
    return pd.DataFrame({name: columns[name] for name in law.input_names})


def _reached(
    law: Law,
    path: Path,
    scales: np.ndarray,
    growing: Mapping[str, float],
    given: Mapping[str, np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """Return the inputs at given costs, where all follow from one; NaN where there are none.

    Parameters
    ----------
    law, path
        What the cost is of, and what inputs it holds.
    scales
        Costs, of any shape.
    growing
        Inputs as multiples of the one that is solved for, which stands first; cost grows with it.
    given
        Inputs with values of their own, of the same shape.
    """
    from scipy.optimize import elementwise  # takes long to import

    given = dict(given or {})
    name = next(iter(growing))
    (least, most), support = next((x.seen, x.support) for x in law.inputs if x.name == name)
    ends = (math.log(max(least, TINY)) - REACH, math.log(most) + REACH)

    def short_of(log_x: np.ndarray, log_scale: np.ndarray, *values: np.ndarray) -> np.ndarray:
        at = dict(path.fixed) | dict(zip(given, values, strict=True))
        with np.errstate(over="ignore", under="ignore"):
            at |= {n: times * np.exp(log_x) for n, times in growing.items()}
            cost = np.clip(cost_at(law, at), TINY, HUGE)  # a root finder takes no infinity
        return np.log(cost) - log_scale

    start, stop = (np.full(scales.shape, end) for end in ends)
    found = elementwise.find_root(short_of, (start, stop), args=(np.log(scales), *given.values()))
    x = np.exp(found.x)
    sound = found.success & (x > support[0]) & (x < support[1])
    inputs = {n: times * x for n, times in growing.items()} | given
    return {key: np.where(sound, value, np.nan) for key, value in inputs.items()}


def _optimal(fit: Asked, path: ComputeOptimal, scales: np.ndarray) -> dict[str, np.ndarray]:
    """Return the split of each cost that is best in the mean over groups and draws.

    A grid that narrows, since SciPy's bracketing minimiser takes no infinity: many splits cannot
    be paid for.
    """
    law = fit.law
    first, second = _varied(law, path)
    parts = [(weight, one.law, _some_draws(one)) for weight, one in members(fit)]
    on_log = law.response.support[0] >= 0
    seen = next(x.seen for x in law.inputs if x.name == first)
    best = np.full(scales.shape, 0.5 * (math.log(seen[0]) + math.log(seen[1])))
    reach = SPLIT.reach
    for _ in range(SPLIT.rounds):
        log_x = best[:, None] + np.linspace(-reach, reach, SPLIT.tried)
        costs = np.broadcast_to(scales[:, None], log_x.shape)
        columns = _reached(law, path, costs, {second: 1.0}, {first: np.exp(log_x)})
        table = _table(law, path, {name: column.ravel() for name, column in columns.items()})
        value = np.zeros(len(table))
        with np.errstate(all="ignore"):
            for weight, one, flat in parts:
                drawn = one.formula(
                    np, *(table[n].to_numpy()[:, None] for n in one.input_names), **flat
                )
                value += weight * np.mean(np.log(drawn) if on_log else drawn, axis=1)
        value = law.response.sign * value
        value = np.where(np.isfinite(value), value, np.inf).reshape(log_x.shape)
        at = np.argmin(value, axis=1)
        rows = np.arange(len(scales))
        best = np.where(np.isfinite(value[rows, at]), log_x[rows, at], best)
        reach *= SPLIT.narrower
    return _reached(law, path, scales, {second: 1.0}, {first: np.exp(best)})


def _some_draws(fit: Fitted) -> dict[str, np.ndarray]:
    """Return parameters of all groups, of about as many draws as judge a split."""
    groups = fit.runs.groups if fit.runs.by else pd.DataFrame(index=range(1))
    params, names = parameters_at(fit, groups, np.random.default_rng(0)), fit.law.param_names
    total = params[names[0]][..., 0].size
    thin = slice(None, None, step_to(SPLIT.draws, total))
    return {name: params[name].reshape(total, -1)[thin].ravel() for name in names}
