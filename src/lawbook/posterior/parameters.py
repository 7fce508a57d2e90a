"""Groups seen and unseen: the parameters of a law for any labels, draw by draw.

The hierarchy's own formula serves them all: on the link scale,

    u[p, g] = link(population[p]) + explained[p, g] + sum_k contribution[p, k, g_k]

where the contribution of a level that had runs is what the posterior says of it, and that of a
level without runs is ``spread * z`` with a new ``z ~ Normal(0, 1)`` in every draw.
"""

import numpy as np
import pandas as pd

from lawbook.data.predictors import design_at, levels_of, with_predictors
from lawbook.engine.tree import numpy_of
from lawbook.laws.links import from_link, to_link
from lawbook.laws.priors import Direct
from lawbook.laws.symbols import Param
from lawbook.laws.values import draw_prior, parameters
from lawbook.model import names
from lawbook.model.spreads import SPREAD_SHARE
from lawbook.posterior.fitted import Fitted


def parameters_at(
    fit: Fitted, groups: pd.DataFrame, rng: np.random.Generator, without: tuple[str, ...] = ()
) -> dict[str, np.ndarray]:
    """Return the parameters of groups.

    Parameters
    ----------
    fit
        Its grouping columns are ``fit.runs.by``.
    groups
        One row a group, a label in each grouping column. Combinations of levels that never met,
        and labels that no run had, are predicted; rows that share a new label share its draw. Of
        new labels also the columns that explain groups.
    rng
        For the draws of new labels: of the population where a parameter is partially pooled, of
        its prior where it is not pooled. It is left alone where every group had runs.
    without
        Parameters of the noise that are not asked for.

    Returns
    -------
    dict
        Each parameter of the law, in its own unit, then each of the noise; shape
        ``(chain, draw, rows)``, read-only where all rows are alike.

    Raises
    ------
    KeyError
        If a grouping column is missing.
    """
    law = fit.law
    if law.predictors:
        groups = with_predictors(fit.runs, law.predictors, groups)
    of_noise = [p for p in law.noise_params if p.name not in without]
    pooled = {p.name: _pooled(fit, p, groups, rng) for p in (*law.params, *of_noise)}
    noise = {p.name: pooled[p.name] for p in of_noise}
    return parameters(law, np, pooled) | noise


def _pooled(
    fit: Fitted, param: Param, groups: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """Return what is pooled: the parameter, or the quantity from which it follows."""
    tree, prior = fit.posterior, param.prior_of_pooled
    name = names.pooled(param)
    apart = [column for column in fit.runs.by if param.pooling(column) == "none"]
    shared = [column for column in fit.runs.by if param.pooling(column) == "partial"]
    if not shared:
        return _unpooled(fit, name, prior, apart, groups, rng)
    if not any(inner(name, c) in tree["posterior"] for c in shared for inner in names.INNER):
        return _summed_out(fit, name, prior, groups, rng)
    u = centre = to_link(
        prior.link, _unpooled(fit, names.population(name), prior, apart, groups, rng)
    )
    over = [*apart, *shared] if len(apart) + len(shared) == 1 else list(fit.runs.by)
    explained: np.ndarray | float = 0.0
    if param.explained_by:
        u = u + _explained(fit, param, over, groups, rng)
        explained = _explained(fit, param, over, levels_of(fit.runs, over), rng)
    for column in shared:
        spread = numpy_of(tree, names.spread(name, column))[..., None]
        codes, new = _codes(pd.Index(fit.runs.levels(column)), pd.Index(groups[column]))
        if (level := names.level(name, column)) in tree["posterior"]:
            known = numpy_of(tree, level)
            if len(apart) + len(shared) == 1:  # such levels lie around the population, not zero
                known = known - centre[..., :1] - explained
        else:
            known = spread * numpy_of(tree, names.offset(name, column))
        z = rng.standard_normal((*spread.shape[:2], new))
        u = u + np.concatenate([known, spread * z], axis=-1)[..., codes]
    return from_link(prior.link, u)


def _explained(
    fit: Fitted, param: Param, over: list[str], groups: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """Return how far groups lie from the population by what explains them, on the link scale.

    A label that no run had gets an effect of its own, drawn from the prior of effects.
    """
    groups = with_predictors(fit.runs, param.explained_by, groups)
    found = design_at(fit.runs, param, over, groups)
    effects = numpy_of(fit.posterior, names.effect(names.pooled(param)))
    u = effects @ found.matrix.T
    sd = SPREAD_SHARE * param.prior_of_pooled.spread / np.sqrt(len(param.explained_by))
    for column in param.explained_by:
        if fit.runs.is_text(column):
            known = pd.Index(fit.runs.frame[column].unique())
            codes, new = _codes(known, pd.Index(groups[column]))
            drawn = sd * rng.standard_normal((*effects.shape[:2], new))
            none = np.zeros((*effects.shape[:2], len(known)))
            u = u + np.concatenate([none, drawn], axis=-1)[..., codes]
    return u


def _summed_out(
    fit: Fitted, name: str, prior: Direct, groups: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """Return what the model summed out: drawn for its groups, the population's for new ones."""
    tree, by = fit.posterior, list(fit.runs.by)
    known = numpy_of(tree, name)
    codes, new = _rows(fit, by, groups)
    centre = to_link(prior.link, numpy_of(tree, names.population(name)))
    spreads = [numpy_of(tree, names.spread(name, column)) for column in by]
    sd = np.sqrt(sum(spread**2 for spread in spreads))
    z = rng.standard_normal((*known.shape[:2], new))
    drawn = from_link(prior.link, centre[..., None] + sd[..., None] * z)
    return np.concatenate([known, drawn], axis=-1)[..., codes]


def _unpooled(
    fit: Fitted,
    variable: str,
    prior: Direct,
    columns: list[str],
    groups: pd.DataFrame,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return a variable that has its prior for each level of ``columns`` on its own."""
    known = numpy_of(fit.posterior, variable)
    if not columns:
        return np.broadcast_to(known[..., None], (*known.shape, len(groups)))
    codes, new = _rows(fit, columns, groups)
    drawn = draw_prior(prior, rng.standard_normal((*known.shape[:2], new)))
    return np.concatenate([known, drawn], axis=-1)[..., codes]


def _rows(fit: Fitted, columns: list[str], groups: pd.DataFrame) -> tuple[np.ndarray, int]:
    """Return where groups stand in what varies over ``columns``, as `_codes` does."""
    if len(columns) == 1:
        return _codes(pd.Index(fit.runs.levels(columns[0])), pd.Index(groups[columns[0]]))
    # the model gives each observed combination of all columns a value
    wanted = pd.MultiIndex.from_frame(groups.loc[:, list(fit.runs.by)])
    return _codes(pd.MultiIndex.from_frame(fit.runs.groups), wanted)


def _codes(levels: pd.Index, wanted: pd.Index) -> tuple[np.ndarray, int]:
    """Return positions in ``levels``, then in what is new, and how many are new."""
    codes = levels.get_indexer(wanted)
    unseen = codes < 0
    new = wanted[unseen].unique()
    codes[unseen] = len(levels) + new.get_indexer(wanted[unseen])
    return codes, len(new)
