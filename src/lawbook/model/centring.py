"""Centred or not: which groups are sampled themselves, and which as offsets from the population.

Where its runs pin a group down better than the population does, the group itself is the better
coordinate; where they do not, the offset is. A group's runs are judged by the Fisher information
at the prior medians, before anything is fitted.
"""

from collections.abc import Mapping

import numpy as np

from lawbook.data.runs import Runs
from lawbook.laws.law import Law
from lawbook.laws.links import from_link, to_link
from lawbook.laws.priors import Direct
from lawbook.laws.values import parameters

HALF_NORMAL_MEDIAN = 0.6745  # in units of its scale
NUDGE = 1e-4  # on the link scale, for a slope


def centred_columns(
    law: Law, runs: Runs, centred: Mapping[str, bool]
) -> frozenset[tuple[str, str]]:
    """Return the pairs (parameter, column) whose groups are sampled themselves."""
    sensitivities = _sensitivities(law, runs)
    chosen = set()
    for column in runs.by:
        shared = [p for p in (*law.params, *law.noise_params) if p.pooling(column) == "partial"]
        told = _sd_from_own_runs(law, runs, column, sensitivities)
        for param in shared:
            tau = 0.5 * HALF_NORMAL_MEDIAN * param.prior_of_pooled.spread
            if centred.get(param.name, told[param.name] < tau):
                chosen.add((param.name, column))
    return frozenset(chosen)


def _sd_from_own_runs(
    law: Law, runs: Runs, column: str, sensitivities: np.ndarray
) -> dict[str, float]:
    """Return per parameter the sd, on the link scale, given the own runs of a typical group."""
    codes, groups = runs.codes(column), len(runs.levels(column))
    # what all groups share is known from all of them, and counts as known here
    own = [i for i, p in enumerate(law.params) if p.pooling(column) != "full"]
    prior_precision = np.diag([law.params[i].prior_of_pooled.spread ** -2.0 for i in own])
    sd = np.empty((groups, len(own)))
    for g in range(groups):
        j = sensitivities[codes == g][:, own]
        sd[g] = np.sqrt(np.diag(np.linalg.inv(j.T @ j + prior_precision)))
    told = dict(zip((law.params[i].name for i in own), np.median(sd, axis=0), strict=True))
    # n runs leave a relative error of about 1 / sqrt(2 n) on a scale
    scale_sd = float(np.median(1 / np.sqrt(2 * np.bincount(codes, minlength=groups))))
    return told | {p.name: scale_sd for p in law.noise_params}


def _sensitivities(law: Law, runs: Runs) -> np.ndarray:
    """Return d response / d pooled quantity in units of the noise, shape (runs, params)."""
    noise = law.response.noise
    sd = noise.typical_sd
    medians = {p.name: p.prior_of_pooled.quantile(0.5) for p in law.params}

    def value(name: str, step: float) -> np.ndarray:
        prior = law.param(name).prior_of_pooled
        pooled = medians | {name: nudged(prior, medians[name], step)}
        y = law.formula(np, *runs.inputs.values(), **parameters(law, np, pooled))
        return to_link(noise.on, y)

    columns = []
    for param in law.params:
        with np.errstate(all="ignore"):  # far from its range a law may leave its support
            slope = (value(param.name, NUDGE) - value(param.name, -NUDGE)) / (2 * NUDGE)
        columns.append(np.broadcast_to(np.nan_to_num(slope, posinf=0, neginf=0), len(runs)))
    return np.stack(columns, axis=1) / sd


def nudged(prior: Direct, value: float, step: float) -> float:
    """Move a value by ``step`` on the link scale of its prior."""
    return float(from_link(prior.link, to_link(prior.link, value) + step))
