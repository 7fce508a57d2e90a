"""Forecasts of held-out runs, and their scores: what a backtest has rows of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lawbook import columns as named
from lawbook.evaluation import scores
from lawbook.evaluation.baselines import CURVES, huber
from lawbook.evaluation.curve_forecasts import RELATIVE, Forecast, relative
from lawbook.evaluation.splits import Split, horizon_of, scales_along
from lawbook.laws.law import Law
from lawbook.laws.noise import StudentT
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.prediction import predict


@dataclass(frozen=True)
class Scoring:
    """How forecasts are drawn and scored.

    Attributes
    ----------
    of_curve, of_fit, of_baseline
        Predictive draws that a forecast is scored by: of a law in one input; of each chain of a
        law in several inputs; of a baseline, each of which is one more fit.
    kept
        Of them so many, evenly spaced, stay with the result.
    edges
        Where bins of the horizon begin, in e-folds: factors of 1.4, 2, 4 and 16 of scale.
    """

    of_curve: int = 2000
    of_fit: int = 500
    of_baseline: int = 200
    kept: int = 200
    edges: tuple[float, ...] = (0.0, 0.35, 0.7, 1.4, 2.8)


SCORING = Scoring()


class Foretold(NamedTuple):
    """A forecast of the held-out runs of a split.

    Attributes
    ----------
    draws
        Predictive draws of the response, (draws, points).
    mixture
        Location, scale and degrees of freedom of its density, as `scores.log_score` takes them.
    khat
        Whether the posterior behind it can be trusted; NaN where that is not told by a k-hat.
    """

    draws: np.ndarray
    mixture: tuple[Any, Any, Any]
    khat: float = np.nan


def by_curve(forecast: Forecast, rng: np.random.Generator) -> Foretold:
    """Draw from the forecast of a curve by a law in one input."""
    mixture = forecast.location, forecast.scale, forecast.df
    return Foretold(forecast.draws(SCORING.of_curve, rng), mixture, forecast.khat)


def by_fit(found: Fitted, split: Split, seed: int) -> Foretold:
    """Forecast the held-out runs by the fit of a law in several inputs."""
    columns = [*found.law.input_names, *split.held.by]
    at = split.held.frame.loc[:, columns].reset_index(drop=True)
    draws = predict(found, at, kind="run", seed=seed).draws
    flat = draws.stack(sample=("chain", "draw")).transpose("sample", "point").to_numpy()
    location, scale = scores.kernels(flat)
    return Foretold(flat, (location, scale, np.inf))


def by_baseline(name: str, law: Law, split: Split, rng: np.random.Generator) -> Foretold:
    """Forecast the held-out runs by a baseline; ``huber`` fits the law, others their own curve."""
    fitted, held = split.fitted, split.held
    if name == "huber":
        plain = replace(law, response=replace(law.response, noise=StudentT(on="log")))
        at, level = dict(held.inputs), 1.0
        if law.inputs[0].unit == RELATIVE:
            fitted, of, level = relative(replace(fitted, law=law, by=()))
            at = {scale: values / of for scale, values in at.items()}
        draws = level * huber(plain, fitted.inputs, fitted.response, at, rng, SCORING.of_baseline)
    else:
        curve: Callable = CURVES[name]
        x, at = (part.inputs[law.input_names[0]] for part in (fitted, held))
        draws = curve(x, fitted.response, at, rng, SCORING.of_baseline)
    draws = np.maximum(draws, np.finfo(float).tiny)  # a floor of less than nothing
    location, scale = scores.kernels(draws)
    return Foretold(draws, (location, scale, np.inf))


def scored(
    name: str, split: Split, foretold: Foretold, order: str, prob: Sequence[float]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Score a forecast of held-out runs.

    Parameters
    ----------
    name
        What forecast.
    split, foretold
        The held-out runs and their forecast.
    order
        What the runs were cut along.
    prob
        Probabilities of the intervals.

    Returns
    -------
    tuple
        A row for each held-out run, with the columns of ``Backtest.points``; and the draws that
        are kept, (draws, runs).
    """
    held, truth = split.held, split.held.response
    draws, mixture, khat = foretold
    median = np.median(draws, axis=0)
    location, scale, df = mixture
    columns: dict[str, Any] = {"law": name}
    columns |= {column: held.frame[column].to_numpy() for column in held.by}
    columns |= {
        "cut": split.cut,
        order: scales_along(held, order),
        "horizon": horizon_of(split, order),
        "truth": truth,
        "median": median,
        "log_error": np.log(median / truth),
        "crps": scores.crps(np.log(draws), np.log(truth)),
        "log_score": scores.log_score(truth, location, scale, df=df),
    }
    for p in prob:
        low, high = np.quantile(draws, [(1 - p) / 2, (1 + p) / 2], axis=0)
        columns[named.covered(p)] = (low <= truth) & (truth <= high)
    columns["width_90"] = scores.width(draws)
    columns["msce"] = scores.msce(draws, truth)
    columns["khat"] = khat
    some = np.linspace(0, len(draws) - 1, SCORING.kept).astype(int)
    return pd.DataFrame(columns), draws[some]
