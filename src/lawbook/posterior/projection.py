"""The law's own parameters where the law is wrong: those of its best fit to what runs follow.

With a model discrepancy a run follows the curve eta = log f(theta) + delta, and the discrepancy
explains part of what theta alone would have to. The law's own parameters are those of its best fit
to that curve, draw by draw: theta* is where

    sum over runs of E[log p(y | x; theta*, noise*)],   log y = eta(x) + sigma e

is greatest, with the noise p that the law declares for itself, whose own parameters are found
along with it. e has the distribution of the runs' own standardised residuals from the curve, made
symmetric: the process assumes Gaussian noise, but runs may have heavier tails. So a draw of theta*
is a function of a draw of the curve. Only what the runs do not identify comes from the prior, one
draw of it for each; see `lawbook.engine.refits`.

Source: Tuo and Wu (2015), Annals of Statistics 43, 2331-2352, and Woody, Carvalho and Murray
(2021), Journal of Computational and Graphical Statistics 30, 144-161, with the divergence of
Kullback and Leibler in place of a squared distance.
"""

from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from lawbook.engine.diagnostics import Diagnostics
from lawbook.engine.settings import Raw, Settings
from lawbook.engine.tree import describe_draws, judge_draws
from lawbook.errors import FitError
from lawbook.laws.counts import Beta
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.links import from_link, to_link
from lawbook.laws.noise import Noise, OnScale
from lawbook.model.failures import arithmetic_told
from lawbook.posterior.adequacy import judge_adequacy
from lawbook.posterior.conditioning import condition
from lawbook.posterior.fitted import Fitted, attributes, groups_of, in_json, origin, tree_of
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.responses import residuals
from lawbook.posterior.thinning import thinned

PROJECTED = 1000  # draws at most, unless others are asked for
SIZES = 8  # quantiles of the residuals' sizes, which stand for the noise around a curve
FEWEST_OF_CHAIN = 4  # draws that can be judged
STATISTICS = ("energy", "diverging")  # of the sampler, which go with the draws


def project(
    fit: Fitted, *, noise: Noise | None = None, draws: int = PROJECTED, seed: int = 0
) -> Fitted:
    """Return the fit of the law alone that comes nearest to a fit with a discrepancy.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy`.
    noise
        Under which the law is fitted to the curves: independent noise on the discrepancy's scale,
        such as `StudentT`, `Normal` or `Frontier`. By default the one that the law declared before
        it was given a discrepancy.
    draws
        At most so many draws are projected, over all chains and evenly spaced.
    seed
        Of the curves, of the prior and of the search.

    Returns
    -------
    Fitted
        Of the law with that noise. Its `Fit.summary`, `Fit.derive` and `Fit.identified` are of the
        parameters with which the law comes nearest to what the runs follow. Its predictions
        are those of the law alone: take predictions from ``fit``, whose intervals include the
        model discrepancy.

    Raises
    ------
    FitError
        If the fit has no discrepancy, or there is no noise to fit the law under.

    Notes
    -----
    How far groups spread around their population is what the fit's own draws say; a population is
    found along with the groups.
    """
    from lawbook.engine.refits import Responses, refit_to_responses  # compilers, to import
    from lawbook.model.hierarchy import build

    law, runs = _law_under(fit, noise), fit.runs
    _check_draws(fit, draws)
    thin = thinned(fit, draws)
    stats = {name: thin.posterior["sample_stats"][name].to_numpy() for name in STATISTICS}
    shape = stats["energy"].shape
    hierarchy = build(law, runs, {p.name: False for p in (*law.params, *law.noise_params)})
    curves = _curves(thin, np.random.default_rng(seed))
    with arithmetic_told(law, runs):
        drawn, settled = refit_to_responses(
            hierarchy.model,
            Responses(*_around(runs.response, fit.law.response.noise.on, *curves)),
            structure=hierarchy.structure,
            offsets=hierarchy.offsets,
            spreads=hierarchy.spreads,
            near=_drawn(thin),
            seed=seed,
        )
    raw = Raw({k: v.reshape(*shape, *v.shape[1:]) for k, v in drawn.items()}, {}, stats, False)
    tree = describe_draws(hierarchy.model, raw)
    assert isinstance(fit.law.response.noise, Discrepancy)
    more = {
        "projected_from": in_json(fit.law.response.noise),
        "references": fit.origin.references,
    }
    made = origin("projection", Settings(seed=seed), **more)
    found = _judged(fit.diagnostics, judge_draws(tree), settled)
    whole = tree_of(groups_of(tree), attributes(law, runs, made))
    projected = Fitted(law, runs, whole, found, made)
    return replace(projected, adequacy=judge_adequacy(projected))


_projections: WeakKeyDictionary[Fitted, Fitted] = WeakKeyDictionary()


def own(fit: Fitted) -> Fitted:
    """Return the fit whose parameters are the law's own, found once: the projection, if any.

    That is the fit itself where there is no discrepancy, where the law was never given noise to
    be projected under, and where there are too few draws.
    """
    noise, declared = fit.law.response.noise, fit.runs.law.response.noise
    if not isinstance(noise, Discrepancy) or isinstance(declared, Discrepancy):
        return fit
    if not _apart(declared, noise) or fit.posterior["posterior"].sizes["draw"] < FEWEST_OF_CHAIN:
        return fit
    if fit not in _projections:
        _projections[fit] = project(fit, seed=fit.origin.seed)
    return _projections[fit]


def _apart(noise: Noise, discrepancy: Discrepancy) -> bool:
    """Whether a law with this noise can be fitted to curves that have the discrepancy."""
    independent = isinstance(noise, OnScale | Beta) and not isinstance(noise, Discrepancy)
    return independent and noise.on == discrepancy.on


def _law_under(fit: Fitted, noise: Noise | None) -> Law:
    """Return the law of a fit with the noise that it is projected under."""
    law, declared = fit.law, fit.runs.law.response.noise
    if not isinstance(law.response.noise, Discrepancy):
        raise FitError(
            f"project: the fit of law {law.name!r} has no discrepancy, so its parameters are the "
            "law's own; expected one of fit(..., discrepancy='auto'); use fit.summary()"
        )
    chosen = declared if noise is None else noise
    if not _apart(chosen, law.response.noise):
        what = f"law {law.name!r} declares" if noise is None else "there is"
        raise FitError(
            f"project: {what} noise={chosen!r}; expected independent noise on the "
            f"{law.response.noise.on}, such as StudentT; "
            f"write project(noise=StudentT(on={law.response.noise.on!r}))"
        )
    return replace(law, response=replace(law.response, noise=chosen))


def _check_draws(fit: Fitted, draws: int) -> None:
    sizes = fit.posterior["posterior"].sizes
    if not isinstance(draws, int) or draws < FEWEST_OF_CHAIN * sizes["chain"]:
        raise FitError(
            f"project: draws={draws!r}; expected a whole number of at least "
            f"{FEWEST_OF_CHAIN * sizes['chain']}, {FEWEST_OF_CHAIN} a chain"
        )


def _curves(fit: Fitted, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return draws of what runs scatter around on the noise's scale, and sds, (draws, runs)."""
    noise, runs, by = fit.law.response.noise, fit.runs, list(fit.runs.by)
    assert isinstance(noise, Discrepancy)
    groups = runs.frame.loc[:, by].drop_duplicates() if by else pd.DataFrame(index=range(1))
    values = parameters_at(fit, groups, rng)
    sizes = fit.posterior["posterior"].sizes
    curve = np.empty((sizes["chain"] * sizes["draw"], len(runs)))
    sd = np.empty_like(curve)
    for group in range(len(groups)):
        here = {name: value[..., group].reshape(1, -1) for name, value in values.items()}
        mine, scales, residual = residuals(fit, groups.iloc[group].to_dict(), here)
        away = condition(
            noise.kernel,
            scales,
            residual,
            scales,
            {name: here[name][0] for name in noise.priors},
            False,
            rng,
            together=len(scales),
        )
        of_law = to_link(noise.on, runs.response[mine])[:, None] - residual
        curve[:, mine], sd[:, mine] = (of_law + away.draws).T, np.sqrt(away.noise).T
    return curve, sd


def _drawn(fit: Fitted) -> dict[str, np.ndarray]:
    """Return the draws of a fit by variable, chains one after another."""
    posterior = fit.posterior["posterior"]
    drawn = {str(name): values.to_numpy() for name, values in posterior.data_vars.items()}
    return {name: values.reshape(-1, *values.shape[2:]) for name, values in drawn.items()}


def _around(
    response: np.ndarray, on: str, curve: np.ndarray, sd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return values and weights of runs around curves, scattered as the runs themselves are."""
    levels = (np.arange(SIZES) + 0.5) / SIZES
    sizes = np.quantile(np.abs(to_link(on, response) - curve) / sd, levels, axis=1).T
    atoms = np.concatenate([sizes, -sizes], axis=1)
    told = from_link(on, curve[:, None, :] + atoms[:, :, None] * sd[:, None, :])
    return told, np.full(2 * SIZES, 0.5 / SIZES)


def _judged(of_fit: Diagnostics, found: Diagnostics, settled: np.ndarray) -> Diagnostics:
    """Return a judgement that is no better than that of the fit."""
    problems = [*of_fit.problems, *found.problems]
    if lost := int(np.sum(~settled)):
        problems.append(
            f"the nearest parameters of {lost} of {settled.size} draws were not found, expected "
            "all; tighten the law's priors, or project under another noise="
        )
    return replace(
        found,
        ess_bulk=min(found.ess_bulk, of_fit.ess_bulk),
        ess_tail=min(found.ess_tail, of_fit.ess_tail),
        divergences=of_fit.divergences,
        problems=tuple(dict.fromkeys(problems)),
    )
