r"""What the runs of a fit alone say of its groups: posterior less prior, as a normal likelihood.

In each draw the groups have their likelihood times the prior that they have there, which is normal
around the population of that draw,

.. math::
    p(u_g \mid \mu, \tau, \varphi, y) \propto L_g(u_g, \varphi)\, \mathrm{Normal}(u_g; \mu, \tau^2)

with :math:`\varphi` for what all groups share. If L is normal, too, the draws are those of an
exponential family whose base measure is known in every draw, and its parameters, which are slope
and precision of log L, are found by maximum likelihood. So the prior of the earlier fit is divided
out exactly, population, spread and all, and is not counted twice. Where the prior is the same in
all draws, as in a fit without groups, it is posterior precision less prior precision. What all
groups share is found likewise, given what was found of the groups.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from lawbook.engine.tree import numpy_of
from lawbook.laws.links import to_link
from lawbook.laws.priors import HalfNormal
from lawbook.laws.sources import as_text, on_link
from lawbook.laws.symbols import Param
from lawbook.model import names
from lawbook.posterior.fitted import Fitted

MOST_DRAWS = 2000  # more change the precision by less than its own Monte Carlo error
LEAST = 0.05  # share of a posterior's precision: below, what runs say is Monte Carlo error


class Base(NamedTuple):
    """The prior of quantities in each draw: precisions (draws, d, d) and pulls (draws, d).

    The log density is ``pull . v - v . precision v / 2`` of their distance v from the mean draw.
    """

    precision: np.ndarray
    pull: np.ndarray


class Told(NamedTuple):
    """A log likelihood.

    Slopes (d,), coupling to what is shared (d, f), precision (d, d), and the precision that what is
    shared has where the quantities are at their best for it (f, f).
    """

    slope: np.ndarray
    coupling: np.ndarray
    precision: np.ndarray
    held: np.ndarray


class Likelihood(NamedTuple):
    """Likelihood of all pooled quantities of a fit, as fields of a `lawbook.laws.sources.Source`.

    Attributes
    ----------
    params, groups, at, slope, precision
        As there.
    """

    params: tuple[str, ...]
    groups: tuple[str, ...]
    at: tuple
    slope: tuple
    precision: tuple


def likelihood_of(fit: Fitted) -> Likelihood:
    """Return what the runs of a fit say of its pooled quantities, its priors divided out.

    Parameters
    ----------
    fit
        Grouped by one column, or by none.
    """
    by = fit.runs.by
    params = (*fit.law.params, *fit.law.noise_params)
    own = [p for p in params if not by or p.pooling(by[0]) != "full"]
    shared = [p for p in params if p not in own]
    levels = fit.runs.levels(by[0]) if by else ("",)
    draws = _Draws(fit)
    phi = draws.of(shared)[:, :, 0]
    centre = phi.mean(axis=0)
    values = draws.of(own, len(levels))  # (draws, own, groups)
    middles, found = values.mean(axis=0), []
    bases = [draws.base(own, middles[:, g], g) for g in range(len(levels))]
    for g, base in enumerate(bases):
        found.append(_told(values[:, :, g] - middles[:, g], phi - centre, base))
    every, size = len(levels) * len(own), len(shared)
    precision = np.zeros((every + size, every + size))
    slope = np.zeros(every + size)
    for g, told in enumerate(found):
        here = slice(g * len(own), (g + 1) * len(own))
        precision[here, here], slope[here] = told.precision, told.slope
        precision[here, every:], precision[every:, here] = -told.coupling, -told.coupling.T
    if shared:
        rest, base = _base_of_shared(draws, shared, centre, found, bases)
        told = _told(phi - centre, np.zeros((len(phi), 0)), base)
        precision[every:, every:], slope[every:] = told.precision + rest, told.slope
    return Likelihood(
        tuple(p.name for _ in levels for p in own) + tuple(p.name for p in shared),
        tuple(level for level in levels for _ in own) + ("",) * size,
        as_text(np.concatenate([middles.T.ravel(), centre])),
        as_text(slope),
        as_text(precision),
    )


class _Draws:
    """Draws of a fit on the link scale, thinned, and the priors that they had."""

    def __init__(self, fit: Fitted) -> None:
        self.fit, self.by = fit, fit.runs.by
        sizes = fit.posterior["posterior"].sizes
        self.count = sizes["chain"] * sizes["draw"]
        self.kept = np.unique(np.linspace(0, self.count - 1, MOST_DRAWS).astype(int))

    def _link(self, param: Param, variable: str) -> np.ndarray:
        found = numpy_of(self.fit.posterior, variable)
        flat = found.reshape(self.count, *found.shape[2:])[self.kept]
        return to_link(param.prior_of_pooled.link, flat)

    def of(self, params: list[Param], groups: int = 1) -> np.ndarray:
        """Return pooled quantities, (draws, params, groups)."""
        found = np.empty((len(self.kept), len(params), groups))
        for i, param in enumerate(params):
            drawn = self._link(param, names.pooled(param))
            found[:, i] = drawn if drawn.ndim > 1 else drawn[:, None]
        return found

    def population(self, param: Param) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of a parameter's groups in each draw."""
        if self.by and param.pooling(self.by[0]) == "partial":
            name = names.pooled(param)
            spread = numpy_of(self.fit.posterior, names.spread(name, self.by[0]))
            spread = np.maximum(spread.ravel()[self.kept], 1e-6)  # zero has no inverse
            return self._link(param, names.population(name)), spread**2
        mean, sd = on_link(param.prior_of_pooled)
        return np.full(len(self.kept), mean), np.full(len(self.kept), sd**2)

    def base(self, params: list[Param], middle: np.ndarray, group: int = 0) -> Base:
        """Return the priors of quantities in each draw, around a place."""
        precision = np.zeros((len(self.kept), len(params), len(params)))
        pull = np.zeros((len(self.kept), len(params)))
        for i, param in enumerate(params):
            prior = param.prior_of_pooled
            partial = self.by and param.pooling(self.by[0]) == "partial"
            if isinstance(prior, HalfNormal) and not partial:
                # its log is not normal: slope and curvature of its log density at that place
                inside = (np.exp(middle[i]) / prior.sd) ** 2
                precision[:, i, i], pull[:, i] = 2 * inside, 1 - inside
            else:
                mean, variance = self.population(param)
                precision[:, i, i], pull[:, i] = 1 / variance, (mean - middle[i]) / variance
        return Base(precision, pull)


def _base_of_shared(
    draws: _Draws, shared: list[Param], centre: np.ndarray, found: list[Told], bases: list[Base]
) -> tuple[np.ndarray, Base]:
    """Return the least precision that the groups ask for, and the base of what is shared.

    The groups are summed out in each draw; of their precision what their priors took is left.
    """
    precision, pull = draws.base(shared, centre)
    least = np.zeros((len(shared), len(shared)))
    for told, base in zip(found, bases, strict=True):
        held = np.linalg.solve(
            told.precision + base.precision,
            np.concatenate(
                [
                    np.broadcast_to(told.coupling, (len(pull), *told.coupling.shape)),
                    (told.slope + base.pull)[:, :, None],
                ],
                axis=2,
            ),
        )
        inside = np.einsum("pf,spk->sfk", told.coupling, held)
        precision = precision + told.held - inside[:, :, :-1]
        pull, least = pull + inside[:, :, -1], least + told.held
    for source in draws.fit.origin.informed_by:
        more = _of_source(draws, source, shared, centre)
        precision, pull = precision + more.precision, pull + more.pull
    return least, Base(precision, pull)


def _of_source(draws: _Draws, source, shared: list[Param], centre: np.ndarray) -> Base:
    """Return what a source of the fit itself said of what is shared, in each draw."""
    from lawbook.model.informed import observations  # PyMC, to import

    loadings, seen = observations(source)
    at = {p.name: i for i, p in enumerate(shared)}
    onto = np.zeros((len(loadings), len(shared)))
    residual = np.tile(seen, (len(draws.kept), 1))
    spread = np.tile(np.eye(len(seen)), (len(draws.kept), 1, 1))
    for column, name in enumerate(source.params):
        if name in at:
            onto[:, at[name]] += loadings[:, column]
        else:
            mean, variance = draws.population(draws.fit.law.param(name))
            r = loadings[:, column]
            residual = residual - mean[:, None] * r
            spread = spread + variance[:, None, None] * np.outer(r, r)
    held = np.linalg.solve(spread, onto)
    residual = residual - onto @ centre
    return Base(np.einsum("rf,srk->sfk", onto, held), np.einsum("srf,sr->sf", held, residual))


def _told(v: np.ndarray, phi: np.ndarray, base: Base) -> Told:
    """Return the likelihood by which quantities were drawn from their base.

    Parameters
    ----------
    v
        Quantities less their mean, (draws, d).
    phi
        What is shared less its mean, (draws, f).
    base
        Their prior in each draw.
    """
    draws, d = v.shape
    f = phi.shape[1]
    root = np.linalg.cholesky(np.cov(v.T).reshape(d, d))
    w = np.linalg.solve(root, v.T).T
    precision = root.T @ base.precision @ root
    pull = base.pull @ root
    scale = phi.std(axis=0)
    t = phi / scale
    low = np.tril_indices(d)

    def cut(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        factor = np.zeros((d, d))
        factor[low] = x[d + d * f :]
        return x[:d], x[d : d + d * f].reshape(d, f), factor

    second = w.T @ w / draws

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        slope, coupling, factor = cut(x)
        covariance = np.linalg.inv(factor @ factor.T + precision)
        h = slope + t @ coupling.T + pull
        mean = np.einsum("sij,sj->si", covariance, h)
        lead = slope + t @ coupling.T
        value = np.einsum("si,si->s", lead, w) - 0.5 * np.einsum("si,si->s", h, mean)
        value = value - 0.5 * np.linalg.slogdet(covariance)[1]
        total = value.mean() - 0.5 * np.sum(factor * (second @ factor))
        away = w - mean
        expected = covariance.mean(axis=0) + mean.T @ mean / draws
        gradient = -(second - expected) @ factor
        parts = [away.mean(axis=0), (away.T @ t / draws).ravel(), gradient[low]]
        return -total, -np.concatenate(parts)

    curvature, axes = np.linalg.eigh(np.eye(d) - precision.mean(axis=0))
    start = (axes * np.maximum(curvature, LEAST)) @ axes.T
    first = [np.zeros(d + d * f), np.linalg.cholesky(start)[low]]
    best = minimize(loss, np.concatenate(first), jac=True, method="L-BFGS-B", tol=1e-10).x
    slope, coupling, factor = cut(best)
    share, axes = np.linalg.eigh(factor @ factor.T)
    told = share > LEAST
    onto = axes[:, told].T @ np.linalg.inv(root)  # directions of which runs say something
    along = axes[:, told].T @ coupling / scale
    return Told(
        onto.T @ (axes[:, told].T @ slope),
        onto.T @ along,
        onto.T @ (share[told, None] * onto),
        along.T @ (along / share[told, None]),
    )
