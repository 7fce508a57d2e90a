"""Broken neural scaling laws, fitted as their authors do: a grid, then least squares.

    y = a + b x**(-c0) prod_i (1 + (x/d_i)**(1/f_i))**(-c_i f_i)

The squared error of log(y + 1) is taken over a coarse grid, and least squares go on from its best
nodes. As the grid here spans the range of x, it serves curves of any unit; a and b are solved for
at each node, and a second break is added to the best fit with one. a and b are positive here.

Source: Caballero et al. (2022), arXiv:2210.14891; the procedure as released in
ethancaballero/broken_neural_scaling_laws.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from lawbook.errors import RunsError
from lawbook.evaluation.baselines.bootstrap import Curve, checked, forecast
from lawbook.evaluation.baselines.descent import descend


@dataclass(frozen=True)
class BreakSearch:
    """Where the fit of a broken power law starts.

    Attributes
    ----------
    slopes, changes, widths
        Values of the first slope, of its change at a break and of the break's width, at the nodes
        of a grid.
    places
        How many places of a break are tried, from before the points to beyond them.
    followed
        So many of the best nodes are followed to a minimum.
    held_out
        Share of the fitted points that choose the number of breaks.
    """

    slopes: tuple[float, ...] = (0.0, 0.1, 0.25, 0.5, 0.75)
    changes: tuple[float, ...] = (-0.5, 0.0, 0.25, 0.5, 0.75, 2.0)
    widths: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75)
    places: int = 16
    followed: int = 12
    held_out: float = 0.2


BREAK_SEARCH = BreakSearch()


def broken(x, y, at, rng=None, draws=0, *, breaks: int | tuple[int, ...] = 1) -> np.ndarray:
    """Extrapolate by a broken power law on a floor.

    Parameters
    ----------
    x, y, at, rng, draws
        As for `m1`. Refits of the bootstrap start from the fit, so that bands know nothing of other
        breaks that fit as well.
    breaks
        How many; one as a rule, two where curves rise in between. Of several, as in ``(0, 1, 2)``,
        the one is taken that, fitted without the last fifth of the points, predicts them best.

    Returns
    -------
    numpy.ndarray
        As `m1` returns.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.geomspace(1e6, 1e8, 20)
    >>> broken(x, 0.1 + 50 * x**-0.4, [1e9], breaks=0).round(4).tolist()
    [0.1126]
    """
    wanted = (breaks,) if isinstance(breaks, int) else tuple(breaks)
    if not wanted or not set(wanted) <= {0, 1, 2}:
        raise RunsError(f"broken: breaks={breaks!r}; expected 0, 1 or 2, or a choice of them")
    x, y = checked(x, y)
    able = tuple(n for n in wanted if 3 + 3 * n <= len(x))
    if not able:
        raise RunsError(
            f"broken: breaks={breaks!r} means {3 + 3 * min(wanted)} numbers to fit to {len(x)} "
            "points; expected as many points or more; take fewer breaks"
        )
    chosen = able[0] if len(able) == 1 else _chosen(x, y, able)
    first: list[np.ndarray] = []

    def fit(x: np.ndarray, y: np.ndarray) -> Curve:
        if not first:
            first.append(_fitted(x, y[0], chosen))
        starts = np.repeat(first[0][None], len(y), axis=0)
        found = starts if len(y) == 1 else _refined(x, y, starts, steps=60)[0]
        return lambda at: np.exp(_parts(np.log(at), found)[0])

    return forecast(fit, (x, y), at, rng, draws, parameters=3 + 3 * chosen)


def _chosen(x: np.ndarray, y: np.ndarray, breaks: tuple[int, ...]) -> int:
    kept = min(len(x) - 1, max(4, round((1 - BREAK_SEARCH.held_out) * len(x))))

    def error(n: int) -> float:
        found = _fitted(x[:kept], y[:kept], n)[None]
        return float(np.mean((_parts(np.log(x[kept:]), found)[0] - np.log(y[kept:])) ** 2))

    return min(breaks, key=error)


def _fitted(x: np.ndarray, y: np.ndarray, breaks: int) -> np.ndarray:
    """Fit one curve: log a, log b, c0, then c, log d and log f of each break."""
    before = None if breaks < 2 else _fitted(x, y, breaks - 1)
    starts = _nodes(x, y, breaks, before)
    found, squares = _refined(x, np.repeat(y[None], len(starts), axis=0), starts)
    return found[np.argmin(squares)]


def _nodes(x: np.ndarray, y: np.ndarray, breaks: int, before: np.ndarray | None) -> np.ndarray:
    """Return the grid's best nodes, each with its best a and b."""
    low, high = np.log(x[0]), np.log(x[-1])
    # a break that begins just beyond the points shows by its shoulder
    places = np.linspace(low - 0.1 * (high - low), high + 0.2 * (high - low), BREAK_SEARCH.places)
    one = list(itertools.product(BREAK_SEARCH.changes, places, np.log(BREAK_SEARCH.widths)))
    if before is not None:
        shapes = np.array([[*before[2:], *node] for node in one])
    elif breaks:
        shapes = np.array([[c, *node] for c in BREAK_SEARCH.slopes for node in one])
    else:
        shapes = np.linspace(0.02, 2.0, 60)[:, None]
    zeros = np.zeros((len(shapes), 2))
    values = np.concatenate([zeros, shapes], axis=1)
    # shape of the power law, its largest value one; its b is given back below
    log_shape = _parts(np.log(x), values)[1]
    top = log_shape.max(axis=1, keepdims=True)
    shape = np.exp(log_shape - top)
    # least squares of y in a and b, each point weighted as log(y + 1) weighs it
    w = 1 / (y + 1)
    s, t = w * shape, np.broadcast_to(w, shape.shape)
    ss, st, tt = (np.sum(u * v, axis=1) for u, v in ((s, s), (s, t), (t, t)))
    sy, ty = np.sum(s * w * y, axis=1), np.sum(t * w * y, axis=1)
    slope = (tt * sy - st * ty) / np.maximum(ss * tt - st**2, 1e-12 * ss * tt)
    floor = (ty - slope * st) / tt
    least = 1e-3 * y.min()
    floor = np.where(floor < least, least, np.minimum(floor, 0.999 * y.min()))
    slope = np.maximum((sy - floor * st) / ss, 1e-3 * y.min())
    miss = np.log1p(floor[:, None] + slope[:, None] * shape) - np.log1p(y)
    best = np.argsort(np.sum(miss**2, axis=1))[: BREAK_SEARCH.followed]
    values[:, 0], values[:, 1] = np.log(floor), np.log(slope) - top[:, 0]
    start = values[best]
    if before is not None:
        return np.concatenate([start, [[*before, 0.0, (low + high) / 2, np.log(0.3)]]])
    return start


def _refined(x: np.ndarray, y: np.ndarray, starts: np.ndarray, steps: int = 300):
    """Least squares of log(y + 1) from each start, one curve per start."""
    log_x, goal = np.log(x), np.log1p(y)
    low, high = log_x[0], log_x[-1]
    n = (starts.shape[1] - 3) // 3
    span = high - low
    least = [np.log(y.min()) - 20, -200, -3.0] + [-10.0, low - span, np.log(0.02)] * n
    most = [np.log(y.max()), 200, 5.0] + [10.0, high + span, np.log(3.0)] * n

    def misses(rows, values):
        log_y, log_term, slopes = _parts(log_x, values)
        fitted = np.exp(log_y)
        term = np.exp(log_term)[:, :, None] * slopes
        floor = np.broadcast_to(np.exp(values[:, :1, None]), (*log_y.shape, 1))
        slope = np.concatenate([floor, term], axis=2) / (1 + fitted)[:, :, None]
        return np.log1p(fitted) - goal[rows], slope

    return descend(misses, starts, (np.array(least), np.array(most)), steps=steps)


def _parts(log_x: np.ndarray, values: np.ndarray):
    """Log of the curve, log of its power law, and the slopes of the latter in log b, c0, ..."""
    rows = values[:, :, None]
    log_term = rows[:, 1] - rows[:, 2] * log_x
    slopes = [np.ones_like(log_term), np.broadcast_to(-log_x, log_term.shape)]
    for i in range(3, values.shape[1], 3):
        c, width = rows[:, i], np.exp(rows[:, i + 2])
        z = (log_x - rows[:, i + 1]) / width
        soft, sharp = np.logaddexp(0, z), 1 / (1 + np.exp(-np.clip(z, -500, 500)))
        log_term = log_term - c * width * soft
        slopes += [-width * soft, c * sharp, -c * width * (soft - z * sharp)]
    log_term = np.clip(log_term, -300, 300)
    return np.logaddexp(rows[:, 0], log_term), log_term, np.stack(slopes, axis=2)
