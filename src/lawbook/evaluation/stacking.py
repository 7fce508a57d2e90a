"""One forecast from several laws, weighted by how each extrapolates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lawbook.evaluation import scores
from lawbook.evaluation.curve_forecasts import FORECASTING, Forecast, forecast_curves
from lawbook.evaluation.splits import Split
from lawbook.laws.law import Law


@dataclass(frozen=True)
class Stacking:
    """Numbers of stacking; the tables of benchmarks/README.md were made with them.

    Attributes
    ----------
    inner
        Share of the scales of a curve's fitted runs that the inner forecast sees.
    fewest
        Fitted runs from which a curve takes part.
    steps
        Of the EM algorithm.
    """

    inner: float = 0.75
    fewest: int = 8
    steps: int = 200


STACKING = Stacking()


def weights(
    densities: np.ndarray, towards: np.ndarray | None = None, strength: float = 1.0
) -> np.ndarray:
    """Return the mixture weights that make held-out runs most probable, by EM.

    Parameters
    ----------
    densities
        Log predictive density of each curve's held-out runs, or of each run, under each law,
        (curves or runs, laws).
    towards, strength
        Weights towards which they are drawn, by default equal ones, and how many curves or runs
        these are worth: the pseudo-counts of a Dirichlet prior.

    Examples
    --------
    >>> weights(np.array([[0.0, -50.0], [0.0, -50.0], [-50.0, 0.0]])).round(2).tolist()
    [0.62, 0.38]
    """
    count = densities.shape[1]
    towards = np.full(count, 1 / count) if towards is None else np.asarray(towards)
    found = towards
    for _ in range(STACKING.steps):
        share = found * np.exp(densities - densities.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        # so that no law is ruled out by a handful of curves
        found = (share.sum(axis=0) + strength * towards) / (len(share) + strength)
    return found


def stacked(
    laws: Sequence[Law],
    forecasts: Mapping[str, list[Forecast]],
    splits: Sequence[Split],
    seed: int,
) -> list[Forecast]:
    """Mix forecasts of several laws.

    The weights come from holding out the largest of the *fitted* runs of each curve: they measure
    extrapolation, and do not know the held-out runs. All curves share them.
    """
    return [
        mixed([forecasts[law.name][i] for law in laws], found, seed)
        for found in [weights(inner_densities(laws, splits, seed))]
        for i in range(len(splits))
    ]


def inner_densities(laws: Sequence[Law], splits: Sequence[Split], seed: int) -> np.ndarray:
    """Return the mean log density of the largest fitted runs of each curve, (curves, laws)."""
    inner = []
    for split in splits:
        x = next(iter(split.fitted.inputs.values()))
        kept = x <= np.quantile(np.unique(x), STACKING.inner)
        if len(x) >= STACKING.fewest and 0 < kept.sum() < len(x):
            fitted, held = split.fitted.take(kept), split.fitted.take(~kept)
            inner.append(Split(split.cut, fitted, held))
    if not inner:
        return np.zeros((1, len(laws)))
    columns = []
    for law in laws:
        found = forecast_curves(law, inner, seed)
        columns.append(
            [
                scores.log_score(s.held.response, f.location, f.scale, df=f.df).mean()
                for s, f in zip(inner, found, strict=True)
            ]
        )
    return np.array(columns).T


def mixed(members: Sequence[Forecast], found: np.ndarray, seed: int) -> Forecast:
    """Return a forecast whose components are drawn from the members by weight."""
    rng = np.random.default_rng(seed)
    counts = np.floor(found * FORECASTING.components).astype(int)
    counts[np.argmax(found)] += FORECASTING.components - counts.sum()
    chosen = [rng.permutation(len(m.location))[:n] for m, n in zip(members, counts, strict=True)]
    parts = (
        np.concatenate([getattr(m, name)[i] for m, i in zip(members, chosen, strict=True)])
        for name in ("location", "scale", "df")
    )
    return Forecast(*parts, khat=max(m.khat for m in members))
