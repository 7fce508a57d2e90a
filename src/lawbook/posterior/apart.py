r"""Runs that went wrong: which lie apart from what the law and all others lead to expect.

A discrepancy takes up what is smooth, and a single run that went wrong goes into the noise of all:
two of twelve make it eight times as large, so that by it none of the two stands out. So runs are
judged together. To first order around a draw of the posterior all runs are jointly normal, law,
discrepancy and noise,

.. math::
    r \sim \mathrm{Normal}(0,\; J \Lambda J' + C + K + \Sigma)

with the slopes J of the runs in the pooled quantities, whose prior covariance is :math:`\Lambda`,
and what curvature, processes and noise add. The size of the last two is summed over a grid below
the fit's own, with their priors. A run that stands apart has noise of `APART.factor` times the
standard deviation. Runs are taken for such one after the other, each time the one that raises the
evidence most, and the number of them that is most probable is kept: Box and Tiao (1968), Biometrika
55, 119-129, whose model it is, sum over all sets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.special import logsumexp, stdtrit

from lawbook.engine.tree import numpy_of
from lawbook.laws.curvature import products
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import JITTER, correlation
from lawbook.laws.links import from_link, to_link
from lawbook.laws.sources import on_link
from lawbook.laws.symbols import Param
from lawbook.laws.values import parameters, scales_of
from lawbook.model import names
from lawbook.model.spectrum import distances
from lawbook.posterior.fitted import Fitted


@dataclass(frozen=True)
class Apart:
    """How runs that stand apart are looked for.

    Attributes
    ----------
    share, factor
        Of runs that stand apart a priori, and by how much their noise is larger.
    odds
        Of the runs that are told: posterior odds that they stand apart against that none does.
    freedom, limit
        What is told lies farther away than the farthest run where noise has tails as a Student's t
        of so many degrees of freedom, as the laws of the book expect, but for this share of tables.
    most
        Share of the runs that may stand apart: of more it is the law that does not fit.
    patience
        Runs that may be added without a gain before the search ends: of two that hide each other
        the first gains nothing.
    runs
        Beyond so many no table is searched: a single one hardly changes their noise.
    noise, process
        Sizes of noise and processes, as shares of the fit's own.
    unlike
        How far the noise of groups may differ, as a power of the ratios that were fitted: those of
        a group with runs that stand apart are too large.
    step
        Prior sds by which a quantity moves where slopes are measured.
    """

    share: float = 0.05
    factor: float = 20.0
    odds: float = 20.0
    freedom: float = 4.0
    limit: float = 0.01
    most: float = 0.25
    patience: int = 3
    runs: int = 500
    noise: tuple[float, ...] = tuple(np.geomspace(1 / 16, 1.5, 7))
    process: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)
    unlike: tuple[float, ...] = (0.0, 1.0)
    step: float = 1e-4


APART = Apart()


class StandApart(NamedTuple):
    """Runs that may stand apart, at least one.

    Attributes
    ----------
    runs
        Their positions in the table, shape (k,).
    shift, sd
        How far each lies from what the others lead to expect, on the scale of the noise, and the
        sd of that; shape (k,).
    log_odds
        That they stand apart, against that none does.
    farthest
        How many sds a run may lie away in a table like this one.
    """

    runs: np.ndarray
    shift: np.ndarray
    sd: np.ndarray
    log_odds: float
    farthest: float

    @property
    def far(self) -> np.ndarray:
        """How many sds each lies away, shape (k,)."""
        return np.abs(self.shift) / self.sd

    def certain(self) -> "StandApart":
        """Return those of which it is all but certain."""
        sure = (self.far > self.farthest) & (self.log_odds > np.log(APART.odds))
        return self._replace(runs=self.runs[sure], shift=self.shift[sure], sd=self.sd[sure])


class _Normal(NamedTuple):
    """Runs around their expectation at each size of noise and process.

    Attributes
    ----------
    residual
        From the expectation, (runs,).
    covariance
        (sizes, runs, runs).
    noise
        Variance of each run's own noise, (sizes, runs).
    log_prior
        Of the sizes, (sizes,).
    """

    residual: np.ndarray
    covariance: np.ndarray
    noise: np.ndarray
    log_prior: np.ndarray


def stand_apart(fit: Fitted, params: Mapping[str, np.ndarray]) -> StandApart | None:
    """Find the runs that most likely stand apart from what a law and all others lead to expect.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy` without checkpoints.
    params
        Posterior draws of the law's and the noise's parameters at each run, (runs, draws); a
        first axis of one stands for all runs.

    Returns
    -------
    StandApart or None
        None where they are not looked for: in a table of more than `APART.runs` runs, of fewer
        than four, and where columns explain groups.
    """
    n = len(fit.runs)
    if not 1 / APART.most <= n <= APART.runs or fit.law.predictors:
        return None
    with np.errstate(all="ignore"):
        around = _normal(fit, params)
    if not np.isfinite(around.residual).all() or not np.isfinite(around.covariance).all():
        return None
    return max(_searched(around), key=lambda found: found.log_odds)


def _searched(around: _Normal) -> Iterator[StandApart]:
    """Take runs for such that stand apart, one after the other."""
    precision = np.linalg.inv(around.covariance)
    pull = precision @ around.residual
    more = (APART.factor**2 - 1) * around.noise
    log_weight = around.log_prior - 0.5 * np.linalg.slogdet(around.covariance)[1]
    log_weight = log_weight - 0.5 * pull @ around.residual
    none: Any = logsumexp(log_weight)
    best, since = 0.0, 0
    chosen: list[int] = []
    farthest = float(-stdtrit(APART.freedom, APART.limit / 2 / len(around.residual)))
    while len(chosen) < int(APART.most * len(around.residual)) and since < APART.patience:
        here = np.einsum("hii->hi", precision)
        grown = 1 + more * here
        gain = 0.5 * (more * pull**2 / grown - np.log(grown))
        total: Any = logsumexp(log_weight[:, None] + gain, axis=0)
        total[chosen] = -np.inf
        i = int(total.argmax())
        chosen.append(i)
        log_weight = log_weight + gain[:, i]
        column, rate = precision[:, :, i], more[:, i] / grown[:, i]
        pull = pull - rate[:, None] * column * pull[:, i, None]
        precision = precision - rate[:, None, None] * column[:, :, None] * column[:, None, :]
        prior = len(chosen) * np.log(APART.share / (1 - APART.share))
        some: Any = logsumexp(log_weight)
        log_odds = float(some - none + prior)
        since = 0 if log_odds > best else since + 1
        best = max(best, log_odds)
        away = _away(chosen, precision, pull, more, log_weight)
        yield StandApart(np.array(chosen), *away, log_odds, farthest)


def _away(
    chosen: list[int],
    precision: np.ndarray,
    pull: np.ndarray,
    more: np.ndarray,
    log_weight: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far the chosen runs lie from what all others lead to expect, and its sds."""
    weight = np.exp(log_weight - logsumexp(log_weight))[:, None]
    own = np.einsum("hii->hi", precision)[:, chosen]
    shift, variance = pull[:, chosen] / own, 1 / own - more[:, chosen]
    mean = np.sum(weight * shift, axis=0)
    return mean, np.sqrt(np.sum(weight * (variance + (shift - mean) ** 2), axis=0))


def _normal(fit: Fitted, params: Mapping[str, np.ndarray]) -> _Normal:
    """Return the joint distribution of the runs, to first order around the draw nearest to them."""
    law, runs = fit.law, fit.runs
    noise = law.response.noise
    assert isinstance(noise, Discrepancy)
    residual, slopes = _around_law(fit)
    fixed = np.zeros((len(runs), len(runs)))
    for param, (slope, away) in zip(law.ordered_params, slopes, strict=True):
        residual = residual - slope * away
        fixed += np.outer(slope, slope) * _prior_covariance(fit, param)
    if noise.curvature:
        bends = products(noise.curvature, runs.inputs, runs.inputs)
        residual = residual - bends @ [c.prior.mean for c in noise.curvature]
        fixed += (bends * np.array([c.prior.sd for c in noise.curvature]) ** 2) @ bends.T
    at = {name: _at_runs(params[name], len(runs)) for name in noise.priors if name in params}
    scales = scales_of(law, runs.inputs)
    apart = distances(scales, scales)
    alike = runs.group_codes[:, None] == runs.group_codes
    process = np.outer(at["amplitude"], at["amplitude"]) * alike
    process *= correlation(np, noise.kernel, apart / at["length"])
    if noise.shared is not None:
        of_all = correlation(np, noise.kernel, apart / noise.length.quantile(0.5))
        process += np.outer(at["shared"], at["shared"]) * of_all
    sizes = list(product(APART.noise, APART.process, APART.unlike if runs.by else (1.0,)))
    middle = np.median(at["sigma"])
    own = [(s * middle * (at["sigma"] / middle) ** power) ** 2 + JITTER for s, _, power in sizes]
    covariance = np.stack([fixed + a**2 * process for _, a, _ in sizes])
    covariance += np.stack(own)[:, :, None] * np.eye(len(runs))
    log_prior = _log_prior(noise.sigma, middle, [s for s, *_ in sizes])
    log_prior = log_prior + _log_prior(
        noise.amplitude, np.median(at["amplitude"]), [a for _, a, _ in sizes]
    )
    return _Normal(residual, covariance, np.stack(own), log_prior - logsumexp(log_prior))


def _at_runs(draws: np.ndarray, count: int) -> np.ndarray:
    return np.broadcast_to(np.median(draws, axis=1), count)


def _log_prior(prior: Any, fitted: Any, shares: list[float]) -> np.ndarray:
    """Return the log density of shares of what was fitted, on the log, but for a constant."""
    mean, sd = on_link(prior)
    return -0.5 * ((np.log(fitted) + np.log(shares) - mean) / sd) ** 2


def _around_law(fit: Fitted) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return residuals at the draw nearest to the runs; slopes of the law there, by what is pooled.

    Beside each slope stands how far the mean of the prior lies from the draw.
    """
    law, runs = fit.law, fit.runs
    on: str = law.response.noise.on  # pyright: ignore[reportAttributeAccessIssue]
    pooled = {param.name: _pooled_at_runs(fit, param) for param in law.ordered_params}
    inputs = [x[:, None] for x in runs.inputs.values()]

    def value(at: Mapping[str, np.ndarray]) -> np.ndarray:
        return to_link(on, law.formula(np, *inputs, **parameters(law, np, at)))

    residual = to_link(on, runs.response)[:, None] - value(pooled)
    size = np.sum(residual**2, axis=0)
    best = int(np.where(np.isfinite(size), size, np.inf).argmin())
    here = {name: v[:, [best % v.shape[1]]] for name, v in pooled.items()}
    slopes = []
    for param in law.ordered_params:
        link = param.prior_of_pooled.link
        mean, sd = on_link(param.prior_of_pooled)
        u, step = to_link(link, here[param.name]), APART.step * sd
        up, down = (value({**here, param.name: from_link(link, u + s)}) for s in (step, -step))
        slope = np.broadcast_to((up - down) / (2 * step), (len(runs), 1))[:, 0]
        slopes.append((slope, np.broadcast_to(mean - u, (len(runs), 1))[:, 0]))
    return np.broadcast_to(residual, (len(runs), residual.shape[1]))[:, best], slopes


def _pooled_at_runs(fit: Fitted, param: Param) -> np.ndarray:
    """Return draws of what is pooled at each run, (runs, draws)."""
    found = numpy_of(fit.posterior, names.pooled(param))
    found = found.reshape(-1, *found.shape[2:])
    if found.ndim == 1:
        return found[None]
    apart = [column for column in fit.runs.by if param.pooling(column) != "full"]
    code = fit.runs.codes(apart[0]) if len(apart) == 1 else fit.runs.group_codes
    return found[:, code].T


def _prior_covariance(fit: Fitted, param: Param) -> np.ndarray:
    """Return the covariance a priori of what is pooled among the runs, on its link."""
    runs = fit.runs
    whole = np.ones((len(runs), len(runs)))
    found = on_link(param.prior_of_pooled)[1] ** 2 * whole
    for column in runs.by:
        if param.pooling(column) == "none":
            found *= _alike(runs, column)
    for column in runs.by:
        if param.pooling(column) == "partial":
            spread = float(np.median(numpy_of(fit.posterior, _spread_of(param, column))))
            found = found + spread**2 * _alike(runs, column)
    return found


def _spread_of(param: Param, column: str) -> str:
    return names.spread(names.pooled(param), column)


def _alike(runs, column: str) -> np.ndarray:
    code = runs.codes(column)
    return (code[:, None] == code).astype(float)
