"""Pools of data in one: how good the union of the best few is, from fits to each alone.

A law of filtered pools says how fast a pool's samples wear out. From the parameters of pools that
were trained on one at a time follows the error on their union, on which nothing was trained yet:
such a law declares a ``union``. In every draw the unions of
the first 1, 2, ... pools are compared, and so each number of pools has a posterior probability of
being the best for a budget of samples.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.groups import check_comparable, grouping_column, varying
from lawbook.data.points import read_points
from lawbook.decisions.comparison import Comparison
from lawbook.decisions.comparison_table import best_at_last, tabulated
from lawbook.errors import ComparisonError, FitError, LawError, listed
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.summaries import labelled

COLUMN = "union"  # it says how many pools


def compare_unions(
    fit: Fitted,
    pools: Sequence[str],
    at: Mapping[str, Any],
    *,
    between: str | None = None,
    reference: str | None = None,
) -> Comparison:
    """Compare the unions of the first 1, 2, ... pools at given points.

    Parameters
    ----------
    fit
        Of a law of pools, such as ``data_filtering``, its runs grouped by pool. With a discrepancy,
        give its projection (`Fit.project`).
    pools
        Labels of the pools, in the order in which they are merged: the best first.
    at
        The points, as for `lawbook.decisions.comparison.compare`: samples seen and, since pools
        that are merged are of one size, the unique samples of one pool.
    between
        The grouping column of the pools; by default the only one. Others are given in ``at``.
    reference
        Union that the others are held against, as in ``"first 2"``. By default the one with the
        best expected response at the last point.

    Returns
    -------
    Comparison
        Its levels are ``"first 1"``, ``"first 2"``, ... in the column ``union``; ``p_best`` is the
        posterior probability of that number of pools. Expected values are compared.

    Raises
    ------
    LawError
        If the law says nothing of unions.
    ComparisonError
        If there are fewer than two pools, some had no runs, their responses were not measured
        alike, or the reference is none of the unions.
    FitError
        If the pools do not share what the law says that they share.
    RunsError
        If the points do not fit law and groups: all findings at once.

    Examples
    --------
    >>> import lawbook
    >>> from lawbook.decisions.unions import compare_unions
    >>> law = lawbook.load_law("data_filtering")
    >>> runs = lawbook.simulate(law, n=20, groups=["top", "next"], seed=1)
    >>> fit = lawbook.fit(law, runs, draws=200)
    >>> found = compare_unions(fit, ["top", "next"], {"s": 1e8, "n": 1.28e7})
    >>> found.table["union"].tolist()
    ['first 1', 'first 2']
    """
    union, between = fit.law.union, grouping_column(fit.runs, between)
    if union is None:
        raise LawError(
            f"law {fit.law.name!r}: it declares no union=; expected a law of pools of data, such "
            "as 'data_filtering'; fit one of these"
        )
    shared = _shared(fit, between)
    _check_pools(fit, pools, between)
    levels = [f"first {m}" for m in range(1, len(pools) + 1)]
    if reference is not None and reference not in levels:
        raise ComparisonError(
            f"reference={reference!r}: there is no such union; expected one of {listed(levels)}; "
            "correct it, or leave it out"
        )
    points = read_points(fit.law, fit.runs, at, between=between, among=list(pools))
    shape = (len(pools), -1)
    drawn = parameters_at(fit, points.loc[:, list(fit.runs.by)], np.random.default_rng(0))
    # pools first, for the law; then chain, draw and point
    params = {
        name: np.moveaxis(drawn[name].reshape(*drawn[name].shape[:2], *shape), 2, 0)
        for name in fit.law.param_names
    }
    columns = [points[x].to_numpy().reshape(shape)[0] for x in fit.law.input_names]
    of_all = {name: params[name][0] for name in shared}
    merged = [{n: v[:m] for n, v in params.items()} | of_all for m in range(1, len(pools) + 1)]
    values = np.stack([union(np, *columns, **of_m) for of_m in merged]).transpose(0, 3, 1, 2)
    held = best_at_last(fit, values) if reference is None else levels.index(reference)
    alike = [c for c in points if c not in varying(fit.runs.by, between)]
    points = points.loc[:, alike].assign(**{COLUMN: np.repeat(levels, values.shape[1])})
    same = points.iloc[: values.shape[1]].loc[:, alike]
    draws = labelled(fit, values, same, pd.Index(levels, name=COLUMN))
    said = provenance(
        fit, result="union", between=between, reference=levels[held], pools=list(pools)
    )
    table = tabulated(fit, points, values, held)
    by = (*(c for c in fit.runs.by if c in alike), COLUMN)
    return Comparison(fit.law, COLUMN, by, levels[held], "mean", table, draws, said)


def _shared(fit: Fitted, between: str) -> Sequence[str]:
    """Return the parameters of which all pools have one value, as the law was declared."""
    shared = fit.law.shared or ()
    apart = [name for name in shared if fit.law.param(name).pooling(between) != "full"]
    if apart:
        raise FitError(
            f"law {fit.law.name!r}: each {between} has a value of its own of {listed(apart)}; "
            "expected one for all, or their union is not defined; fit with "
            f"law.with_pooling({apart[0]}='full')"
        )
    return shared


def _check_pools(fit: Fitted, pools: Sequence[str], between: str) -> None:
    if isinstance(pools, str) or len(set(pools)) < 2 or len(set(pools)) < len(pools):
        raise ComparisonError(
            f"pools={pools!r}: expected two different labels of {between!r} or more, in the order "
            "in which pools are merged"
        )
    known = fit.runs.levels(between)
    if unknown := [pool for pool in pools if pool not in known]:
        raise ComparisonError(
            f"pools: no run has the {between} {listed(unknown)}; expected some of {listed(known)}; "
            "correct them"
        )
    check_comparable(fit.runs, between, list(pools))
