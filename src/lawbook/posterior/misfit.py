"""Whether a law fits its runs: prior-data conflict, the size of the noise, structure in residuals.

Draws can be trusted while the law that they are of is wrong. Three kinds of checks look for that:

prior-data conflict     the runs lie where the priors put hardly any (`lawbook.model.conflict`)
size of the noise       its scale lies in the upper tail of its prior: a misfit went into it
posterior predictive    a statistic of the residuals is larger than in runs that the fit draws

The statistics of the third kind are the share of the residuals that bends along an input, or with
the product of two, and the largest residual. Shares are taken of what is left of the residuals
across the law's tangent space at a point of the posterior: to first order no value of the
parameters changes them, so that what the fit draws has the distribution that right laws have, as in
a score test. Gelman, Meng and Stern (1996), Statistica Sinica 6, 733-807, say the rest.

With a discrepancy the process takes up what the law leaves in the residuals, and its amplitude is
judged in their place, and runs that stand apart (`lawbook.posterior.apart`).
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lawbook.errors import Message, argument
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.links import to_link
from lawbook.laws.noise import OnScale
from lawbook.laws.values import residual_scale
from lawbook.model.conflict import CONFLICT, Statistic, conflict_problems, prior_statistics
from lawbook.wording import brief, named, short

if TYPE_CHECKING:
    from lawbook.data.runs import Runs


@dataclass(frozen=True)
class Checks:
    """How a law is checked.

    Attributes
    ----------
    limit
        Tail probability below which a check fails; over all checks of a kind.
    draws, runs
        Of the posterior, and at most so many runs, evenly spaced over the table.
    step
        Posterior sds by which a parameter moves where the tangent space is measured.
    least
        Runs beyond the parameters, below which residuals are not looked at.
    few, clear
        Draws with which a law is judged in passing, and the tail probability above which all of
        its checks leave no doubt.
    """

    limit: float = 0.01
    draws: int = 1000
    runs: int = 2000
    step: float = 1e-3
    least: int = 2
    few: int = 200
    clear: float = 0.03


CHECKS = Checks()
BEND = "share of the residuals that bends along "
LARGEST = "largest residual, in units of the noise"
SCALES = ("sigma", "amplitude")  # of noise and of discrepancy: a misfit makes them large


@dataclass(frozen=True)
class Adequacy:
    """Whether a law fits its runs.

    Attributes
    ----------
    statistics
        What was checked: of the priors, of the noise, of the residuals.
    problems
        One sentence per reason to doubt the law, with what to do; empty when all is well.
    """

    statistics: tuple[Statistic, ...] = ()
    problems: tuple[Message, ...] = field(default=())

    @property
    def fits(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems

    @property
    def table(self) -> pd.DataFrame:
        """One row a check: its name, what was observed, the 99% interval of a right law, and p."""
        return pd.DataFrame(self.statistics, columns=list(Statistic._fields))


UNCHECKED = Adequacy()


def judge_law(
    law: Law,
    runs: "Runs",
    params: Mapping[str, np.ndarray],
    *,
    residuals: bool = True,
    prior_draws: int = CONFLICT.draws,
) -> Adequacy:
    """Check whether a law fits its runs.

    Parameters
    ----------
    law
        As it was fitted.
    runs
        Those that it was fitted to.
    params
        Posterior draws of the law's and the noise's parameters at each run, (runs, draws); a
        first axis of one stands for all runs.
    residuals
        Whether structure is looked for; not with a discrepancy, nor in a projection.
    prior_draws
        With which prior-data conflict is looked for.
    """
    conflict = prior_statistics(law, runs, prior_draws)
    problems = [*conflict_problems(law, conflict)]
    noise = tuple(_scales(law, params))
    problems += [_noise_problem(law, s) for s in noise if s.p < CHECKS.limit]
    found: tuple[Statistic, ...] = ()
    if residuals and not isinstance(law.response.noise, Discrepancy):
        found, said = _structure(law, runs, params)
        problems += said
    return Adequacy((*conflict, *noise, *found), tuple(problems))


def _scales(law: Law, params: Mapping[str, np.ndarray]) -> Iterator[Statistic]:
    """Place the median of each scale of the noise, over runs and draws, in its prior."""
    for param in law.noise_params:
        if param.name in SCALES:
            prior, seen = param.prior_of_pooled, float(np.median(params[param.name]))
            grid = (np.arange(10_000) + 0.5) / 10_000
            above = 1 - bisect_left(grid, seen, key=prior.quantile) / len(grid)
            low, high = prior.quantile(0.005), prior.quantile(0.995)
            yield Statistic(param.name, seen, low, high, max(above, 1e-4))


def _noise_problem(law: Law, found: Statistic) -> Message:
    what = "noise" if found.name == "sigma" else "model discrepancy"
    other = "" if isinstance(law.response.noise, Discrepancy) else ", or allow for a misfit with "
    other += argument("discrepancy", "auto") if other else ""
    return Message(
        f"{found.name}: the {what} has a scale of {short(found.observed, 3)}; its prior expects at "
        f"most {short(found.high, 3)} (99.5%), so that a misfit of the law may be hidden in it; "
        f"look at the residuals, and try another law{other}"
    )


def _structure(
    law: Law, runs: "Runs", params: Mapping[str, np.ndarray]
) -> tuple[tuple[Statistic, ...], list[Message]]:
    """Check the residuals against those of runs that the fit draws itself."""
    with np.errstate(all="ignore"):  # draws may lie where the law is not defined
        residual, drawn, weight, best = _residuals(law, runs, params)
        tangent = _tangent(law, runs, params, best) * weight[:, None]
    # a run that hardly any value of the law reaches says nothing of its shape
    good = np.isfinite(residual) & np.isfinite(tangent).all(axis=1)
    if not good.any():
        return (), []
    runs, residual, weight = runs.take(good), residual[good], weight[good]
    drawn, tangent = drawn[good], tangent[good]
    drawn = drawn[:, np.isfinite(drawn).all(axis=0)]
    basis = _basis(tangent)
    free = len(runs) - basis.shape[1]
    found: list[Statistic] = []
    if free >= CHECKS.least:
        left, left_drawn = (r - basis @ (basis.T @ r) for r in (residual, drawn))
        for name, feature in _features(law, runs):
            across = feature * weight
            across = across - basis @ (basis.T @ across)
            # what the law's own tangent space holds cannot be told from it
            if np.linalg.norm(across) > 1e-6 * np.linalg.norm(feature * weight):
                shares = (_share(r, across) for r in (left[:, None], left_drawn))
                found.append(_upper(f"{BEND}{name}", *shares))
    sizes = (np.abs(r).max(axis=0) for r in (residual[:, None], drawn))
    found.append(_upper(LARGEST, *sizes))
    bad = [s for s in found if s.p < CHECKS.limit / len(found)]
    row = runs.frame.index[int(np.abs(residual).argmax())]
    return tuple(found), [*_bent(bad), *_largest(bad, row)]


def _bent(bad: Sequence[Statistic]) -> Iterator[Message]:
    """Say along which inputs the residuals bend, the strongest first."""
    found = sorted((s for s in bad if s.name.startswith(BEND)), key=lambda s: -s.observed)
    if found:
        shares = [f"{s.name.removeprefix(BEND)} ({s.observed:.0%} of them)" for s in found]
        most = max(s.high for s in found)
        yield Message(
            f"residuals: they bend along {named(shares, len(shares))}; of a right law at most "
            f"{most:.0%} would (99%); allow for a misfit with {argument('discrepancy', 'auto')}, "
            "or try another law"
        )


def _largest(bad: Sequence[Statistic], row: Any) -> Iterator[Message]:
    """Say that a residual is larger than the noise makes them."""
    for s in bad:
        if s.name == LARGEST:
            yield Message(
                f"residuals: that of row {row} is {brief(s.observed)} times the noise; of a right "
                f"law the largest is at most {brief(s.high)} (99%); check that run, or try another "
                "law"
            )


def _residuals(law: Law, runs: "Runs", params: Mapping[str, np.ndarray]) -> tuple[Any, ...]:
    """Return residuals of the runs, of drawn runs, weights, and the draw that is nearest the runs.

    Residuals are in units of the noise, shapes (runs,) and (runs, draws).
    """
    y, rng = law.response, np.random.default_rng(0)
    at = {name: runs.frame[name].to_numpy()[:, None] for name in (*runs.inputs, *y.noise.reads)}
    size = max(v.shape[1] for v in params.values())
    of_law = {name: params[name] for name in law.param_names}
    value = law.formula(np, *(at[name] for name in law.input_names), **of_law)
    value = np.broadcast_to(value, (len(runs), size))
    noise = {p.name: params[p.name] for p in law.noise_params}
    added = isinstance(y.noise, OnScale)
    expected = y.noise.expected(value, noise, better=y.better)
    again = y.noise.draw(value, noise, at, better=y.better, rng=rng)
    scale = residual_scale(law)
    seen, drawn = (to_link(scale, r) - expected for r in (runs.response[:, None], again))
    if added:
        each = {name: np.broadcast_to(v, (len(runs), size)).T for name, v in noise.items()}
        weight = np.sqrt(
            np.broadcast_to(y.noise.information(np.median(value, axis=1), each, at), len(runs))
        )
    else:
        weight = 1 / np.sqrt(np.median(y.noise.variance(value, noise, at), axis=1))
    away = np.sum((seen * weight[:, None]) ** 2, axis=0)
    best = int(np.where(np.isfinite(away), away, np.inf).argmin())
    return seen[:, best] * weight, drawn * weight[:, None], weight, best


def _tangent(law: Law, runs: "Runs", params: Mapping, best: int) -> np.ndarray:
    """Return how the runs' expectation moves with each parameter of each group, (runs, n)."""
    scale = residual_scale(law)
    here = {
        name: np.broadcast_to(params[name], (len(runs), params[name].shape[1]))
        for name in law.param_names
    }
    at = {name: v[:, best] for name, v in here.items()}

    def value(name: str, by: np.ndarray) -> np.ndarray:
        moved = law.formula(np, *runs.inputs.values(), **{**at, name: at[name] + by})
        return to_link(scale, np.broadcast_to(moved, len(runs)))

    columns = []
    for param in law.params:
        step = CHECKS.step * here[param.name].std(axis=1)
        slope = (value(param.name, step) - value(param.name, -step)) / np.where(step > 0, 2, 1)
        apart = [column for column in runs.by if param.pooling(column) != "full"]
        code = runs.frame.groupby(apart).ngroup().to_numpy() if apart else np.zeros(len(runs), int)
        columns += [np.where(code == one, slope, 0.0) for one in np.unique(code)]
    return np.stack(columns, axis=1)


def _basis(tangent: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of the columns, those that hardly differ from others left out."""
    size = np.linalg.norm(tangent, axis=0)
    left, strength, _ = np.linalg.svd(tangent[:, size > 0] / size[size > 0], full_matrices=False)
    return left[:, strength > 1e-8 * strength.max(initial=0.0)]


def _features(law: Law, runs: "Runs") -> Iterator[tuple[str, np.ndarray]]:
    """Yield the square of each input and the product of each two, on logs, centred and scaled."""
    scaled = {}
    for name, values in runs.inputs.items():
        x = np.log(values) if np.all(values > 0) else values
        if x.std() > 0:
            scaled[name] = (x - x.mean()) / x.std()
    for a, b in combinations_with_replacement(scaled, 2):
        yield (a if a == b else f"{a} times {b}"), scaled[a] * scaled[b]


def _share(left: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return the share of each column's square that lies along one direction."""
    return (across @ left) ** 2 / (across @ across * np.sum(left**2, axis=0))


def _upper(name: str, observed: np.ndarray, expected: np.ndarray) -> Statistic:
    """Place a statistic among those of drawn runs, from above."""
    expected = expected[np.isfinite(expected)]
    if not len(expected):
        return Statistic(name, float(observed[0]), 0.0, np.inf, 1.0)
    p = (np.sum(expected >= observed[0]) + 1) / (len(expected) + 1)
    return Statistic(name, float(observed[0]), 0.0, float(np.quantile(expected, 0.99)), float(p))
