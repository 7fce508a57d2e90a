"""Forecasts of held-out runs, and their scores: what a backtest has rows of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lawbook import columns as named
from lawbook.evaluation import scores
from lawbook.evaluation.baselines import CURVES, huber
from lawbook.evaluation.curve_forecasts import Forecast, relative
from lawbook.evaluation.curve_runs import RELATIVE
from lawbook.evaluation.splits import Split, factors_of, scales_along
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
    horizons
        Factors of scale that bound the bins of distance where none are asked for.
    """

    of_curve: int = 2000
    of_fit: int = 500
    of_baseline: int = 200
    kept: int = 200
    horizons: tuple[float, ...] = (1.4, 2.0, 4.0, 16.0)


SCORING = Scoring()


class HeldOutForecast(NamedTuple):
    """A forecast of the held-out runs of a split.

    Attributes
    ----------
    draws
        Predictive draws of the response, (draws, points).
    mixture
        Location, scale and degrees of freedom of its density, as `scores.log_score` takes them.
    on
        The scale of the mixture: ``"log"`` or ``"identity"``.
    khat
        Whether the posterior behind it can be trusted; NaN where there is no k-hat.
    """

    draws: np.ndarray
    mixture: tuple[Any, Any, Any]
    on: str = "log"
    khat: float = np.nan


def by_curve(forecast: Forecast, rng: np.random.Generator) -> HeldOutForecast:
    """Draw from the forecast of a curve by a law in one input."""
    mixture = forecast.location, forecast.scale, forecast.df
    return HeldOutForecast(forecast.draws(SCORING.of_curve, rng), mixture, khat=forecast.khat)


def scale_of(laws: Sequence[Law]) -> str:
    """Return the scale of scores: the log, unless a response may be zero or negative."""
    return "log" if all(law.response.support[0] >= 0 for law in laws) else "identity"


def by_fit(found: Fitted, split: Split, seed: int, on: str) -> HeldOutForecast:
    """Forecast the held-out runs by a fit, its draws smoothed on a scale."""
    columns = [*found.law.input_names, *found.law.response.noise.reads, *split.held.by]
    at = split.held.frame.loc[:, columns].reset_index(drop=True)
    draws = predict(found, at, kind="run", seed=seed).draws
    flat = draws.stack(sample=("chain", "draw")).transpose("sample", "point").to_numpy()
    if on == "log":  # heavy tails on the log go to 0 and infinity
        flat = np.clip(flat, np.finfo(float).tiny, np.finfo(float).max)
    location, scale = scores.kernels(flat, on=on)
    return HeldOutForecast(flat, (location, scale, np.inf), on)


def by_baseline(name: str, law: Law, split: Split, rng: np.random.Generator) -> HeldOutForecast:
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
    return HeldOutForecast(draws, (location, scale, np.inf))


def scored(
    name: str,
    split: Split,
    forecast: HeldOutForecast,
    order: str,
    prob: Sequence[float],
    on: str = "log",
) -> tuple[pd.DataFrame, np.ndarray]:
    """Score a forecast of held-out runs.

    Parameters
    ----------
    name
        What forecast.
    split, forecast
        The held-out runs and their forecast.
    order
        What the runs were cut along.
    prob
        Probabilities of the intervals.
    on
        Scale of errors, CRPS and widths, as `scale_of` has it.

    Returns
    -------
    tuple
        A row for each held-out run, with the columns of ``Backtest.points``; and the draws that
        are kept, (draws, runs).
    """
    held, truth = split.held, split.held.response
    draws, (location, scale, df) = forecast.draws, forecast.mixture
    median = np.median(draws, axis=0)
    scaled = np.log if on == "log" else np.asarray
    columns: dict[str, Any] = {"law": name}
    columns |= {column: held.frame[column].to_numpy() for column in held.by}
    columns |= {
        "cut": split.cut,
        order: scales_along(held, order),
        **factors_of(split),
        "truth": truth,
        "median": median,
        "log_error": np.log(median / truth) if on == "log" else np.full(len(truth), np.nan),
        "crps": scores.crps(scaled(draws), scaled(truth)),
        "log_score": scores.log_score(truth, location, scale, df=df, on=forecast.on),
    }
    for p in prob:
        low, high = np.quantile(draws, [(1 - p) / 2, (1 + p) / 2], axis=0)
        columns[named.covered(p)] = (low <= truth) & (truth <= high)
    columns["width_90"] = scores.width(draws, on=on)
    columns["msce"] = scores.msce(draws, truth)
    columns["khat"] = forecast.khat
    some = np.linspace(0, len(draws) - 1, SCORING.kept).astype(int)
    return pd.DataFrame(columns), draws[some]
