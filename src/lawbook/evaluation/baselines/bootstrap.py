"""Forecasts of a fitted curve: its median, or draws by a residual bootstrap."""

from collections.abc import Callable

import numpy as np

from lawbook.errors import RunsError

type Curve = Callable[[np.ndarray], np.ndarray]


def forecast(
    fit: Callable[[np.ndarray, np.ndarray], Curve],
    points: tuple[np.ndarray, np.ndarray],
    at,
    rng: np.random.Generator | None,
    draws: int,
    *,
    parameters: int,
) -> np.ndarray:
    """Predict by a curve fitted once, or by refits to resampled residuals.

    The inputs stay as they are, since they were chosen; what is drawn again, with replacement,
    is the log residual of each point. Residuals count as independent: neighbouring points of a
    learning curve are not, which is one reason why such bands are too narrow.

    Parameters
    ----------
    fit
        ``fit(x, y)`` with y of shape (curves, n) returns a function of inputs (points,) that
        gives responses of shape (curves, points). It is told to be careful by the shape: the
        first fit is of one curve.
    points
        Fitted inputs and responses, as `checked` returns them.
    at
        Inputs to predict at.
    rng, draws
        A generator and the number of draws; no draws for the median.
    parameters
        How many numbers the curve is fitted with: residuals are scaled up for them.
    """
    x, y = points
    at = positive(at, "at")
    check_draws("baselines", rng, draws)
    curve = fit(x, y[None])
    if draws == 0 or rng is None:
        return curve(at)[0]
    fitted = curve(x)[0]
    residuals = inflated(np.log(y) - np.log(fitted), parameters)
    again = fitted * np.exp(rng.choice(residuals, (draws, len(x))))
    noise = rng.choice(residuals, (draws, len(at)))
    return fit(x, again)(at) * np.exp(noise)


def inflated(residuals: np.ndarray, parameters: int) -> np.ndarray:
    """Centre the residuals and make up for what the fitted numbers have absorbed."""
    n = len(residuals)
    return (residuals - residuals.mean()) * np.sqrt(n / max(n - parameters, 1))


def checked(x, y) -> tuple[np.ndarray, np.ndarray]:
    """Return positive inputs and responses, sorted by input."""
    x, y = positive(x, "x"), positive(y, "y")
    if len(x) != len(y) or len(np.unique(x)) < 3:
        raise RunsError(
            f"baselines: x has {len(x)} values, {len(np.unique(x))} of them different, and y has "
            f"{len(y)}; expected as many of each, at three different x or more"
        )
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


def positive(values, name: str) -> np.ndarray:
    """Return a vector of positive numbers, or say that it is none."""
    array = np.asarray(values, float)
    if array.ndim != 1 or not (np.isfinite(array) & (array > 0)).all():
        raise RunsError(
            f"baselines: {name} has shape {array.shape} and holds "
            f"{np.sum(~(np.isfinite(array) & (array > 0)))} values that are not positive; "
            "expected a vector of positive numbers, since logs are taken"
        )
    return array


def check_draws(name: str, rng: np.random.Generator | None, draws: int) -> None:
    """Raise `RunsError` unless draws come with a generator; ``name`` is the culprit's."""
    if draws < 0 or (draws > 0 and not isinstance(rng, np.random.Generator)):
        raise RunsError(
            f"{name}: draws={draws!r} with rng={rng!r}; expected draws=0 for the median, or a "
            "generator as in rng=numpy.random.default_rng(0)"
        )
