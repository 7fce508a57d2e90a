"""Whether the law of a fit fits its runs: `lawbook.posterior.misfit`, asked of a fit."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from scipy.special import expit

from lawbook.data.faults import rows
from lawbook.data.runs import Runs
from lawbook.errors import Message, argument
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.model.conflict import Statistic
from lawbook.posterior.apart import StandApart, stand_apart
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.misfit import CHECKS, Adequacy, judge_law
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.thinning import step_to, thinned
from lawbook.wording import named, short

FARTHEST = "runs that stand apart: sds of the farthest"
NAMED = 5  # distances that a sentence names
PLURAL = "lie", "they make", "those runs"


def judge_adequacy(fit: Fitted) -> Adequacy:
    """Check whether the law fits the runs; of a projection the residuals are not looked at."""
    some = np.unique(np.linspace(0, len(fit.runs) - 1, CHECKS.runs).astype(int))
    runs, thin = fit.runs.take(some), thinned(fit, CHECKS.draws)
    # without groups one row stands for all runs
    code = fit.runs.group_codes[some] if fit.runs.by else np.zeros(1, dtype=int)
    found = parameters_at(thin, fit.runs.groups, np.random.default_rng(0))
    params = {name: v.reshape(-1, v.shape[-1]).T[code] for name, v in found.items()}
    judged = judge_law(fit.law, runs, params, residuals=not fit.origin.projected_from)
    noise = fit.law.response.noise
    if fit.origin.projected_from or not isinstance(noise, Discrepancy) or noise.checkpoint:
        return judged
    if (apart := stand_apart(thin, params)) is None:
        return judged
    p = float(expit(-apart.log_odds))
    checked = Statistic(FARTHEST, float(apart.far.max()), 0.0, apart.farthest, p)
    problems = (*judged.problems, *_told(apart.certain(), fit, noise.on))
    return replace(judged, statistics=(*judged.statistics, checked), problems=problems)


def judge_in_passing(law: Law, runs: Runs, params: Mapping[str, np.ndarray]) -> Adequacy:
    """Check a law as `judge_law` does, with few draws where these leave no doubt.

    A sequential Monte Carlo test: Besag and Clifford (1991), Biometrika 78, 301-304.
    """
    some = {name: v[:, :: step_to(CHECKS.few, v.shape[1])] for name, v in params.items()}
    found = judge_law(law, runs, some, prior_draws=CHECKS.few)
    clear = all(statistic.p > CHECKS.clear for statistic in found.statistics)
    return found if clear else judge_law(law, runs, params)


def _told(apart: StandApart, fit: Fitted, on: str) -> Iterator[Message]:
    """Say which runs stand apart, and how far."""
    count = len(apart.runs)
    if not count:
        return
    order = np.argsort(-apart.far)
    where = rows(fit.runs.frame.index[apart.runs[order]])
    shifts, sds = apart.shift[order][:NAMED], apart.far[order][:NAMED]
    sizes = named(list(_sizes(shifts, on)), count) + ("" if on == "log" else f" (on the {on})")
    lie, make, those = ("lies", "it makes", "that run") if count == 1 else PLURAL
    yield Message(
        f"{where} {lie} {sizes} what the law and the other runs lead to expect, "
        f"{named([f'{far:.0f}' for far in sds], count)} standard deviations; {make} the noise of "
        f"all runs larger; look at {those}, and leave out with {argument('where')} what went wrong"
    )


def _sizes(shifts: np.ndarray, on: str) -> Iterator[str]:
    """Yield distances with the side on which they lie, which is said once where all lie there."""
    sides = ["above" if shift > 0 else "below" for shift in shifts]
    for i, (shift, side) in enumerate(zip(shifts, sides, strict=True)):
        size = short(abs(100 * np.expm1(shift) if on == "log" else shift), 2)
        said = i == len(sides) - 1 or len(set(sides)) > 1
        yield f"{size}{'%' if on == 'log' else ''}{f' {side}' if said else ''}"
