"""Equivalent compute: how many times the compute of one recipe another needs for the same loss.

Along a path on which compute grows, the compute that a level needs for a response is the least
at which it has been as good. In every draw it is read off the level's own curve, log-linear
between points, at what the reference is expected to have, and divided by the reference's compute:
1.7 says that 1.7 times the FLOPs are needed. Around single points the path is the ray on which
all inputs that cost grow in proportion.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lawbook.laws.values import cost_at, priced
from lawbook.posterior.mixture import Asked
from lawbook.posterior.responses import responses
from lawbook.posterior.thinning import step_to


@dataclass(frozen=True)
class Rays:
    """Where equivalent compute is searched: chosen so that a comparison takes a second or two.

    Attributes
    ----------
    most_points
        Single points around which a ray is drawn; more are not asked.
    reach
        Factor on the inputs, down and up, that a ray goes to.
    steps
        Points of a ray, the asked one in the middle.
    draws
        About so many judge a curve: their median and 90% interval need no more.
    """

    most_points: int = 8
    reach: float = 1e3
    steps: int = 43
    draws: int = 1000


RAYS = Rays()
RAY = np.geomspace(1 / RAYS.reach, RAYS.reach, RAYS.steps)  # factors on the inputs
EQUIVALENTS = ("equivalent_median", "equivalent_eti90_lower", "equivalent_eti90_upper")


def along_path(
    signed: np.ndarray, scales: np.ndarray, held: int, count: int
) -> dict[str, np.ndarray]:
    """Return the columns of `lawbook.decisions.comparison.Comparison` for points that are a path.

    Parameters
    ----------
    signed
        Responses of which less is better, ``(level, point, chain, draw)``.
    scales
        Increasing, shape ``(point,)``.
    held
        The reference's position.
    count
        How many points are asked about, the first; the others lie beyond the path.
    """
    flat, log_scales = _thinned(signed), np.log(scales)
    wanted, own = flat[held, :count], log_scales[:count]
    found = [_factors(curve, log_scales, wanted, own) for curve in flat]
    return _columns(np.array(found))


def around_points(
    fit: Asked, points: pd.DataFrame, levels: int, held: int, seed: int
) -> dict[str, np.ndarray]:
    """Return the columns for single points; none where there are too many or no compute.

    Parameters
    ----------
    fit
        Its law says what compute is: its cost, or else its one input.
    points
        As `lawbook.data.points.read_points` returns them, level by level.
    levels, held
        How many, and the reference's position.
    seed
        Of new groups.
    """
    law, count = fit.law, len(points) // levels
    if count > RAYS.most_points or (law.cost is None and len(law.inputs) > 1):
        return {}
    growing = priced(law) or list(law.input_names)
    found = []
    for i in range(count):
        here = points.iloc[np.arange(levels) * count + i]
        rays = here.loc[here.index.repeat(len(RAY))].reset_index(drop=True)
        factors = np.tile(RAY, levels)
        inside = np.ones(len(RAY), dtype=bool)
        for x in (x for x in law.inputs if x.name in growing):
            rays[x.name] = rays[x.name] * factors
            along = rays[x.name].to_numpy()[: len(RAY)]
            inside &= (along > x.support[0]) & (along < x.support[1])
        rays = rays[np.tile(inside, levels)].reset_index(drop=True)
        size = int(inside.sum())
        cost = rays[growing[0]].to_numpy() if law.cost is None else cost_at(law, rays)
        log_cost = np.log(np.broadcast_to(cost, len(rays))[:size])
        own = np.flatnonzero(np.isclose(RAY[inside], 1.0))[0]
        values = responses(fit, rays, "mean", seed)
        signed = law.response.sign * values
        flat = _thinned(signed.reshape(levels, size, *values.shape[1:]))
        wanted = flat[held, own : own + 1]
        found.append([_factors(c, log_cost, wanted, log_cost[own : own + 1])[0] for c in flat])
    return _columns(np.array(found).swapaxes(0, 1))


def _thinned(signed: np.ndarray) -> np.ndarray:
    flat = signed.reshape(*signed.shape[:2], -1)
    return flat[:, :, :: step_to(RAYS.draws, flat.shape[2])]


def _factors(
    curve: np.ndarray, log_scales: np.ndarray, wanted: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Return the factor of compute at which a level reaches responses, (wanted, draws).

    Parameters
    ----------
    curve
        Of the level, less is better, (scales, draws).
    log_scales
        Where, (scales,).
    wanted
        Responses to reach, (wanted, draws), and at which log scale the reference has them.
    own
        Shape (wanted,).
    """
    best = np.minimum.accumulate(curve, axis=0)
    found = np.empty(wanted.shape)
    for draw in range(curve.shape[1]):
        falling = -best[:, draw]
        found[:, draw] = np.interp(
            -wanted[:, draw], falling, log_scales, left=-np.inf, right=np.inf
        )
    with np.errstate(over="ignore"):
        return np.exp(found - own[:, None])


def _columns(factors: np.ndarray) -> dict[str, np.ndarray]:
    """Summarise factors, (level, point, draws), by point and then level."""
    ordered = np.sort(factors, axis=2)
    last = ordered.shape[2] - 1
    # a quantile between a number and infinity is no number: the draw above it is taken
    found = (ordered[:, :, int(np.ceil(q * last))] for q in (0.5, 0.05, 0.95))
    return {name: column.T.ravel() for name, column in zip(EQUIVALENTS, found, strict=True)}
