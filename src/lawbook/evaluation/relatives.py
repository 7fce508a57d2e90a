"""Curves of one set borrow from their relatives: other groups that share a label.

Every pair of groups with the same label in a column is kin by that column. A forecast of curve i
beyond its last run errs by some z standard deviations. Where a relative has been trained further,
its runs say how the same law, fitted to that relative cut at the same scale, would have erred
there. Standardised errors of relatives are correlated,

    corr(z_i, z_j) = sum of ``shares[k]`` over the kinds k of kinship that i and j have,

so the errors of relatives move and narrow the forecast as in kriging. Only fitted runs are used:
those of relatives may lie at larger scales than this curve's own. How much each kind of kinship
counts is learned from the relatives' own fitted runs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import nnls

from lawbook.data.runs import Runs
from lawbook.errors import FitError, argument, given, listed
from lawbook.evaluation.curve_forecasts import Forecast, forecast_curves
from lawbook.evaluation.splits import Split
from lawbook.laws.law import Law

Errors = tuple[np.ndarray, np.ndarray]  # of a curve's relatives, and their kinship


@dataclass(frozen=True)
class Borrowing:
    """Numbers of borrowing; the rows "with relatives" of benchmarks/README.md were made with them.

    Attributes
    ----------
    window
        E-folds of scale over which a relative's errors are averaged.
    fewest
        Runs that a relative must have up to the scale where it is cut.
    ahead, near
        A relative counts where it has runs beyond so many times the curve's last scale, and
        before so many times the last scale wanted.
    every
        Errors are taken at so many of the scales wanted, about: neighbouring ones say the same.
    fewest_pairs
        Pairs of errors from which shares are learned.
    most
        Of the correlation, for all kinds of kinship together.
    clipped
        Errors count as no larger, in standard deviations.
    """

    window: float = 0.15
    fewest: int = 5
    ahead: float = 1.02
    near: float = 1.1
    every: int = 8
    fewest_pairs: int = 50
    most: float = 0.9
    clipped: float = 4.0


BORROWING = Borrowing()


def check_relatives(columns: Sequence[str], runs: Runs, curves: bool) -> None:
    """Raise an error if columns of kinship cannot be used.

    Raises
    ------
    FitError
        If one is no grouping column, or the laws are not all fitted curve by curve.
    """
    if columns and not curves:
        raise FitError(
            f"{given('relatives')}: these laws have several inputs, or noise that is not on the "
            "log; expected laws in one input with noise on the log, along which curves borrow; "
            f"leave {argument('relatives')} out"
        )
    if unknown := [name for name in columns if name not in runs.by]:
        raise FitError(
            f"{given('relatives')}: {listed(unknown)} do not group the runs, which are grouped by "
            f"{listed(runs.by) or 'nothing'}; expected grouping columns; name them in "
            f"{argument('by')}"
        )


def with_relatives(
    laws: Sequence[Law],
    forecasts: Mapping[str, Sequence[Forecast]],
    splits: Sequence[Split],
    columns: Sequence[str],
    seed: int,
) -> dict[str, list[Forecast]]:
    """Return the forecasts of each law with one input, corrected by its errors on relatives.

    Of held-out runs only the scales are used. Relatives are cut at the same share of their scales,
    or for the same horizon, and have been trained further where their fitted runs reach beyond
    those of the curve.
    """
    kinship = kinship_of(splits, columns)
    x = [next(iter(s.fitted.inputs.values())) for s in splits]
    wanted = [next(iter(s.held.inputs.values())) for s in splits]
    found = {}
    for law in laws:

        def ahead(pairs: list[tuple[int, float]], law=law) -> list[Forecast]:
            inner = [
                Split(
                    splits[i].cut,
                    splits[i].fitted.take(x[i] <= last),
                    splits[i].fitted.take(x[i] > last),
                )
                for i, last in pairs
            ]
            return forecast_curves(law, inner, seed)

        errors = borrowed(x, [s.fitted.response for s in splits], wanted, kinship, ahead)
        shares = learned_shares(errors)
        found[f"{law.name} with relatives"] = [
            corrected(f, *of, shares) if len(of[0]) else f
            for f, of in zip(forecasts[law.name], errors, strict=True)
        ]
    return found


def kinship_of(splits: Sequence[Split], columns: Sequence[str]) -> np.ndarray:
    """Return whether curves share a label in each column, and are cut alike.

    Its shape is (columns, curves, curves).
    """
    cuts = np.array([s.cut for s in splits])
    labels = [[s.fitted.frame[name].iloc[0] for s in splits] for name in columns]
    return alike(labels) & (cuts[:, None] == cuts)


def alike(labels: Sequence[Sequence[str]]) -> np.ndarray:
    """Return whether two curves have the same label, by column: (columns, curves, curves)."""
    return np.array([[[a == b for b in each] for a in each] for each in labels])


def borrowed(
    x: Sequence[np.ndarray],
    y: Sequence[np.ndarray],
    wanted: Sequence[np.ndarray],
    kinship: np.ndarray,
    forecasts: Callable[[list[tuple[int, float]]], list[Forecast]],
) -> list[Errors]:
    """Return how a law erred on the relatives of each curve that were trained further.

    Parameters
    ----------
    x, y
        Scales and responses of each curve's fitted runs.
    wanted
        Scales at which each curve is to be forecast.
    kinship
        Per kind, whether two curves are kin; (kinds, curves, curves).
    forecasts
        Is given pairs of a curve's place and a scale, and returns forecasts of the curve's runs
        beyond that scale, in the order of ``x``, from those up to it.

    Returns
    -------
    list
        Per curve errors and kinship as `corrected` takes them.
    """
    relatives: list[list[int]] = []
    cuts: dict[tuple[int, int], tuple[int, float]] = {}
    for i, (own, at) in enumerate(zip(x, wanted, strict=True)):
        last = float(own.max())
        relatives.append([])
        if not len(at):  # a curve that is only a relative
            continue
        for j in map(int, np.flatnonzero(kinship[:, i].any(axis=0))):
            below = int((x[j] <= last).sum())
            used = (x[j] > last * BORROWING.ahead) & (x[j] < at.max() * BORROWING.near)
            if i != j and below >= BORROWING.fewest and used.any():
                relatives[i].append(j)
                cuts[j, below] = j, last
    made = forecasts(list(cuts.values())) if cuts else []
    of = dict(zip(cuts, zip(cuts.values(), made, strict=True), strict=True))
    result = []
    for i, (own, at) in enumerate(zip(x, wanted, strict=True)):
        errors = []
        for j in relatives[i]:
            (_, cut), forecast = of[j, int((x[j] <= own.max()).sum())]
            ahead = x[j] > cut
            errors.append(errors_at(forecast, np.log(x[j][ahead]), np.log(y[j][ahead]), np.log(at)))
        everyone = [i, *relatives[i]]
        shape = (len(errors), len(at))
        result.append(
            (np.reshape(errors, shape), kinship[:, everyone][:, :, everyone].astype(float))
        )
    return result


def learned_shares(found: Sequence[Errors]) -> np.ndarray:
    """Return how much kin of each kind err alike, from relatives of the same curves.

    By least squares on products of the errors of two relatives of a curve; zeros where there are
    too few of them.

    Parameters
    ----------
    found
        Per curve what `borrowed` returns.
    """
    products, kinship, squares = [], [], []
    for errors, kin in found:
        if len(errors) < 2:
            continue
        step = max(1, min(BORROWING.every, errors.shape[1] // BORROWING.every))
        z = np.clip(errors[:, ::step], -BORROWING.clipped, BORROWING.clipped)
        for a in range(len(z)):
            squares += list(z[a][np.isfinite(z[a])] ** 2)
            for b in range(a):
                both = np.isfinite(z[a]) & np.isfinite(z[b])
                products += list(z[a][both] * z[b][both])
                kinship += [kin[:, a + 1, b + 1]] * int(both.sum())
    if len(products) < BORROWING.fewest_pairs:
        return np.zeros(found[0][1].shape[0])
    shares, _ = nnls(np.array(kinship), np.array(products) / np.mean(squares))
    return shares * min(1.0, BORROWING.most / max(shares.sum(), 1e-9))


def errors_at(
    forecast: Forecast, log_x: np.ndarray, log_y: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Return a relative's standardised errors near the scales ``at``, NaN where it has no runs.

    Parameters
    ----------
    forecast
        Of the relative's runs beyond the scale where it was cut.
    log_x, log_y
        Of those runs.
    at
        Logs of the scales at which errors are wanted.
    """
    z = (log_y - _mean(forecast)) / _sd(forecast)
    near = np.abs(at[:, None] - log_x) <= BORROWING.window
    count = near.sum(axis=1)
    return np.where(count > 0, (near * z).sum(axis=1) / np.maximum(count, 1), np.nan)


def corrected(
    forecast: Forecast,
    errors: np.ndarray,
    kinship: np.ndarray,
    shares: Sequence[float] | np.ndarray,
) -> Forecast:
    """Return a forecast moved by how its law erred on relatives.

    Parameters
    ----------
    forecast
        Of the curve itself, from its own runs.
    errors
        Standardised errors of relatives at its points, NaN where unknown; (relatives, points).
    kinship
        Per kind, whether two of (the curve, then its relatives) are kin;
        (kinds, relatives + 1, relatives + 1).
    shares
        Correlation that each kind brings; together below 1.
    """
    correlation = np.tensordot(np.asarray(shares), kinship, axes=1)
    np.fill_diagonal(correlation, 1.0)
    mean, sd = _mean(forecast), _sd(forecast)
    shift, narrowing = np.zeros(len(mean)), np.ones(len(mean))
    for point in range(len(mean)):
        known = np.flatnonzero(np.isfinite(errors[:, point]))
        if known.size:
            among = correlation[np.ix_(known + 1, known + 1)]
            gain = np.linalg.solve(among, correlation[0, known + 1])
            shift[point] = gain @ errors[known, point]
            narrowing[point] = np.sqrt(max(1 - gain @ correlation[0, known + 1], 1e-4))
    return replace(
        forecast,
        location=mean + sd * shift + (forecast.location - mean) * narrowing,
        scale=forecast.scale * narrowing,
    )


def _mean(forecast: Forecast) -> np.ndarray:
    return forecast.location.mean(axis=0)


def _sd(forecast: Forecast) -> np.ndarray:
    return np.sqrt(forecast.location.var(axis=0) + (forecast.scale**2).mean(axis=0))
