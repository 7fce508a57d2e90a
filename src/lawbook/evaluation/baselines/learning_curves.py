"""The four estimators of Alabdulmohsin et al. (2022), by the fixed points of their procedure.

    m1    y = beta x**c
    m2    y = e_inf + beta x**c
    m3    y = beta (1/x + gamma)**c
    m4    (y - e_inf) / (e_0 - y)**alpha = beta x**c

All take logs of both sides and solve for the exponents by least squares. Given the floor that is
exact, and the floor is then moved along the slope of the same squares, in turn, from just below
the least y until nothing moves. The order matters: with the floor's noise on the log scale the
squares are least for no floor at all, and what extrapolates well is the first stationary point
from above. Here that point is found directly, as the highest floor at which the slope changes
its sign; in `m3`, whose gamma is picked among solutions for single points, the turns are taken.

In m4 the released code regresses on log(e_0 - y) with the e_0 that it starts from, 1 or just
above the largest y, and moves e_0 afterwards; and log(beta) is not negative there. Both are kept:
they are part of what was published as M4. Responses above 1 are divided by the largest.

Source: arXiv:2209.06640; the procedure as released in google-research/google-research, folder
revisiting_neural_scaling_laws.
"""

import itertools

import numpy as np

from lawbook.evaluation.baselines.bootstrap import Curve, checked, forecast
from lawbook.laws.catalogue import load_law

MARGIN = 1e-3  # the floor stays this far below the least y, e_0 this far above the largest
HELD_AT_ONCE = 2_000_000  # numbers
NEWTON_STEPS = 30  # for e_0
SUBSETS = [s for k in (1, 2, 3) for s in itertools.combinations(range(3), k)]


def m1(x, y, at, rng=None, draws=0) -> np.ndarray:
    """Extrapolate by a power law, fitted by least squares of logs.

    Parameters
    ----------
    x, y
        Fitted points of one curve, all positive.
    at
        Inputs to predict at, shape (points,).
    rng, draws
        A NumPy generator and a number of draws, for a residual bootstrap with noise.

    Returns
    -------
    numpy.ndarray
        The median forecast, shape (points,), or predictive draws, shape (draws, points).

    Examples
    --------
    >>> m1([1e6, 1e7, 1e8], [0.4, 0.2, 0.1], [1e9]).round(6).tolist()
    [0.05]
    """
    return forecast(_power, checked(x, y), at, rng, draws, parameters=2)


def m2(x, y, at, rng=None, draws=0) -> np.ndarray:
    """Extrapolate by a power law above a floor; arguments as in `m1`."""
    return forecast(_with_floor, checked(x, y), at, rng, draws, parameters=3)


def m3(x, y, at, rng=None, draws=0) -> np.ndarray:
    """Extrapolate by a power law that levels off; arguments as in `m1`."""
    return forecast(_levelling, checked(x, y), at, rng, draws, parameters=3)


def m4(x, y, at, rng=None, draws=0) -> np.ndarray:
    """Extrapolate by a curve that falls from e_0 to e_inf; arguments as in `m1`."""
    return forecast(_sigmoid, checked(x, y), at, rng, draws, parameters=5)


def _power(x: np.ndarray, y: np.ndarray) -> Curve:
    intercept, slope = _line(np.log(x), np.log(y))
    return lambda at: np.exp(intercept + slope * np.log(at))


def _with_floor(x: np.ndarray, y: np.ndarray) -> Curve:
    log_x = np.log(x)

    def pull(floors, y):
        above = y[:, None] - floors[:, :, None]
        logs = np.log(above)
        intercept, slope = _line(log_x, logs)
        return np.sum((logs - intercept - slope * log_x) / above, axis=-1)

    unit = _unit(y)
    floor = unit * _highest_floor(pull, y / unit)
    intercept, slope = _line(log_x, np.log(y - floor))
    return lambda at: floor + np.exp(intercept + slope * np.log(at))


def _levelling(x: np.ndarray, y: np.ndarray) -> Curve:
    single = len(y) == 1
    rounds, candidates = (1000, 100) if single else (300, 24)  # many refits take shorter turns
    tried = np.unique(np.linspace(0, len(x) - 1, min(len(x), candidates)).astype(int))
    log_y, gamma = np.log(y), np.zeros((len(y), 1))
    before, moving = np.full(len(y), np.inf), np.arange(len(y))
    for _ in range(rounds):
        values = log_y[moving]
        intercept, c = _line(np.log(1 / x + gamma[moving]), values)
        c = np.maximum(c, 0)
        done = np.abs(np.exp(intercept[:, 0]) - before[moving]) < 1e-10
        before[moving] = np.exp(intercept[:, 0])
        with np.errstate(all="ignore"):  # where c = 0 no gamma solves a point
            solved = np.exp((values[:, tried] - intercept) / c) - 1 / x[tried]
        solved = np.where(np.isfinite(solved) & (solved >= 0), solved, gamma[moving])
        choice = np.concatenate([gamma[moving], solved], axis=1)
        logs = np.log(1 / x + choice[:, :, None])
        miss = values[:, None] - intercept[:, :, None] - c[:, :, None] * logs
        best = np.argmin(np.sum(miss**2, axis=-1), axis=1)
        gamma[moving] = np.take_along_axis(choice, best[:, None], axis=1)
        moving = moving[~done]
        if len(moving) == 0:
            break
    intercept, c = _line(np.log(1 / x + gamma), log_y)
    # of a curve that rises the released code makes nothing; here it is level
    intercept = np.where(c > 0, intercept, log_y.mean(axis=1, keepdims=True))
    c = np.maximum(c, 0)
    return lambda at: np.exp(intercept + c * np.log(1 / at + gamma))


def _sigmoid(x: np.ndarray, y: np.ndarray) -> Curve:
    log_x, unit = np.log(x), _unit(y)

    def solve(floors, y):
        """Least squares at each floor, then e_0, then the residuals."""
        top = y.max(axis=1)[:, None, None] + MARGIN
        start = np.where(top < 1 + MARGIN, 1.0, top)
        columns = [np.ones_like(y), np.broadcast_to(-log_x, y.shape), np.log(start[:, 0] - y)]
        logs = np.log(y[:, None] - floors[:, :, None])
        fitted = _not_negative(np.stack(columns, axis=-1), logs)
        log_beta, minus_c, alpha = np.split(fitted, 3, axis=-1)
        excess, e_0 = logs - log_beta + minus_c * log_x, np.broadcast_to(start, alpha.shape)
        for _ in range(NEWTON_STEPS):
            below = e_0 - y[:, None]
            miss = excess - alpha * np.log(below)
            slope = -np.mean(alpha * miss / below, axis=-1, keepdims=True)
            bend = np.mean(alpha * (alpha + miss) / below**2, axis=-1, keepdims=True)
            # as released: where the squares are all but flat in e_0, it stays
            still = np.abs(bend) <= 1e-5
            step = np.where(still, 0, slope / np.where(still, 1, bend))
            e_0 = np.maximum(e_0 - step / 2, top)
        return (log_beta, minus_c, alpha, e_0), excess - alpha * np.log(e_0 - y[:, None])

    def pull(floors, y):
        (log_beta, *_), miss = solve(floors, y)
        slope = np.sum(miss / (y[:, None] - floors[:, :, None]), axis=-1)
        # as released: no change of beta ends the search, so that it stops on reaching 1
        stops = (log_beta[..., 0] == 0) & (log_beta[:, :1, 0] > 0)
        return np.where(stops, 0.0, slope)

    floor = _highest_floor(pull, y / unit)
    found = [values[:, 0] for values in solve(floor, y / unit)[0]]
    log_beta, minus_c, alpha, e_0 = found
    curve = load_law("revisiting_m4").formula
    at_those = {"e_inf": floor, "e_0": e_0, "beta": np.exp(log_beta), "c": -minus_c}
    return lambda at: unit * curve(np, at, alpha=alpha, **at_those)


def _line(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Intercept and slope by least squares over the last axis, which is kept."""
    centred = x - x.mean(axis=-1, keepdims=True)
    slope = np.sum(centred * y, axis=-1, keepdims=True) / np.sum(centred**2, axis=-1, keepdims=True)
    return y.mean(axis=-1, keepdims=True) - slope * x.mean(axis=-1, keepdims=True), slope


def _not_negative(columns: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares without negative coefficients: the best of all subsets that have none.

    ``columns`` has the shape (curves, n, 3), ``y`` (curves, floors, n).
    """
    least = np.sum(y**2, axis=-1)
    best = np.zeros((*least.shape, 3))
    for subset in SUBSETS:
        chosen = columns[:, :, subset]
        found = y @ np.linalg.pinv(chosen).swapaxes(1, 2)
        squares = np.sum((y - found @ chosen.swapaxes(1, 2)) ** 2, axis=-1)
        better = (found >= 0).all(axis=-1) & (squares < least)
        full = np.zeros_like(best)
        full[..., subset] = found
        least, best = np.where(better, squares, least), np.where(better[..., None], full, best)
    return best


def _highest_floor(pull, y: np.ndarray) -> np.ndarray:
    """Return each curve's highest floor at which ``pull(floors, y)`` turns from negative.

    A negative pull lowers the floor. Where it stays negative there is no floor.
    """
    room = max(1, HELD_AT_ONCE // (240 * y.shape[1]))
    if len(y) > room:
        parts = np.array_split(y, -(-len(y) // room))
        return np.concatenate([_highest_floor(pull, part) for part in parts])
    highest = np.maximum(y.min(axis=1) - MARGIN, 0)[:, None]
    # close steps near the top, where the squares bend most
    lowered = np.unique(np.concatenate([np.geomspace(1e-4, 1, 40), np.linspace(0, 1, 200)]))
    floors = highest * (1 - lowered)
    for _ in range(5):
        turned = pull(floors, y) >= 0
        first = np.where(turned.any(axis=1), np.argmax(turned, axis=1), floors.shape[1] - 1)
        above = np.take_along_axis(floors, np.maximum(first - 1, 0)[:, None], axis=1)
        below = np.take_along_axis(floors, first[:, None], axis=1)
        none = ~turned.any(axis=1, keepdims=True)
        floors = np.where(none, below, above) + np.linspace(0, 1, 9) * np.where(
            none, 0, below - above
        )
    return floors[:, -1:]


def _unit(y: np.ndarray) -> float:
    """Margins and e_0 are meant for responses of at most 1."""
    return 1.0 if y.max() <= 1 else float(y.max())
