"""The parameters of a law that is wrong: those with which it comes nearest to what runs follow.

With a discrepancy a run follows the curve eta = log f(theta) + delta, and theta alone is no longer
what the law says of the runs: the process takes over part of it. The parameters of the law are
then those of its own best fit to that curve, draw by draw: theta* is where

    sum over runs of E[log p(y | x; theta*, noise*)],   log y = eta(x) + sigma e

is greatest, with the noise p that the law declares for itself, whose own parameters are found
along with it. e has the distribution of the runs' own standardised residuals from the curve, made
symmetric: the process takes noise to be Gaussian, but runs may stray farther. So a draw of theta*
is a function of a draw of the curve. Only what the runs do not tell comes from the prior, a draw
of it for each; see `lawbook.engine.refits`.

Source: Tuo and Wu (2015), Annals of Statistics 43, 2331-2352, and Woody, Carvalho and Murray
(2021), Journal of Computational and Graphical Statistics 30, 144-161, with the divergence of
Kullback and Leibler in place of a squared distance.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from lawbook.engine.diagnostics import Diagnostics
from lawbook.engine.refits import Responses, refit_to_responses
from lawbook.engine.sampling import Raw, Settings
from lawbook.engine.tree import describe_draws, judge_draws
from lawbook.errors import FitError
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.frontier import Frontier
from lawbook.laws.law import Law
from lawbook.laws.noise import Noise, Normal, StudentT
from lawbook.model.hierarchy import build
from lawbook.posterior.conditioning import condition
from lawbook.posterior.fitted import Fitted, attributes, in_json, origin
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.responses import residuals

QUANTILES = 8  # of the residuals' sizes, which stand for the noise around a curve
DRAWS = 1000
LEAST = 4  # draws of a chain that can be judged
KEPT = ("energy", "diverging")  # statistics of the sampler that go with the draws


def project(
    fit: Fitted, *, noise: Noise | None = None, draws: int = DRAWS, seed: int = 0
) -> Fitted:
    """Return the fit of the law alone that comes nearest to a fit with a discrepancy.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy`.
    noise
        Under which the law is fitted to the curves: `StudentT`, `Normal` or `Frontier`. By default
        the one that the law declared before it was given a discrepancy.
    draws
        At most so many draws are projected, over all chains and evenly spaced.
    seed
        Of the curves, of the prior and of the search.

    Returns
    -------
    Fitted
        Of the law with that noise. Its `Fit.summary`, `Fit.derive` and `Fit.identified` speak of
        the parameters with which the law comes nearest to what the runs follow. Its predictions
        are those of the law alone: take predictions from ``fit``, whose intervals know what the
        law leaves out.

    Raises
    ------
    FitError
        If the fit has no discrepancy, or there is no noise to fit the law under.

    Notes
    -----
    Where groups are pooled partially, how far they spread comes mostly from the prior's draw and
    the groups' curves; spreads are no density's mode, so they do not collapse.
    """
    law, runs = _own(fit, noise), fit.runs
    thin = _thinned(fit, draws)
    stats = {name: thin.posterior["sample_stats"][name].to_numpy() for name in KEPT}
    shape = stats["energy"].shape
    hierarchy = build(law, runs, {p.name: False for p in (*law.params, *law.noise_params)})
    found, settled = refit_to_responses(
        hierarchy.model,
        _around(runs.response, *_curves(thin, np.random.default_rng(seed))),
        structure=hierarchy.structure,
        offsets=hierarchy.offsets,
        spreads=hierarchy.spreads,
        seed=seed,
    )
    raw = Raw({k: v.reshape(*shape, *v.shape[1:]) for k, v in found.items()}, {}, stats, False)
    tree = describe_draws(hierarchy.model, raw)
    assert isinstance(fit.law.response.noise, Discrepancy)
    made = origin("projection", Settings(seed=seed), projected_from=in_json(fit.law.response.noise))
    tree.attrs = attributes(law, runs, made)
    return Fitted(law, runs, tree, _judged(fit.diagnostics, judge_draws(tree), settled), made)


def _own(fit: Fitted, noise: Noise | None) -> Law:
    """Return the law of a fit with the noise that it is projected under."""
    law, declared = fit.law, fit.runs.law.response.noise
    if not isinstance(law.response.noise, Discrepancy):
        raise FitError(
            f"project: the fit of law {law.name!r} has no discrepancy, so its parameters are the "
            "law's own; expected one of fit(..., discrepancy='auto'); use fit.summary()"
        )
    chosen = declared if noise is None else noise
    if not isinstance(chosen, StudentT | Normal | Frontier) or chosen.on != "log":
        what = f"law {law.name!r} declares" if noise is None else "there is"
        raise FitError(
            f"project: {what} noise={chosen!r}; expected StudentT, Normal or Frontier on the log; "
            "write project(noise=StudentT(on='log'))"
        )
    return replace(law, response=replace(law.response, noise=chosen))


def _thinned(fit: Fitted, draws: int) -> Fitted:
    sizes = fit.posterior["posterior"].sizes
    if not isinstance(draws, int) or draws < LEAST * sizes["chain"]:
        raise FitError(
            f"project: draws={draws!r}; expected a whole number of at least "
            f"{LEAST * sizes['chain']}, {LEAST} a chain"
        )
    step = -(-sizes["chain"] * sizes["draw"] // draws)
    return replace(fit, posterior=fit.posterior.isel(draw=slice(None, None, step)))


def _curves(fit: Fitted, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return draws of the log of what runs scatter around, and their sd, (draws, runs) each."""
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
        of_law = np.log(runs.response[mine])[:, None] - residual
        curve[:, mine], sd[:, mine] = (of_law + away.draws).T, np.sqrt(away.noise).T
    return curve, sd


def _around(response: np.ndarray, curve: np.ndarray, sd: np.ndarray) -> Responses:
    """Return the distributions of runs around curves, scattered as the runs themselves are."""
    levels = (np.arange(QUANTILES) + 0.5) / QUANTILES
    sizes = np.quantile(np.abs(np.log(response) - curve) / sd, levels, axis=1).T
    atoms = np.concatenate([sizes, -sizes], axis=1)
    told = np.exp(curve[:, None, :] + atoms[:, :, None] * sd[:, None, :])
    return Responses(told, np.full(2 * QUANTILES, 0.5 / QUANTILES))


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
