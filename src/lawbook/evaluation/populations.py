"""What curves have in common: the normal population of their laws' coordinates.

It is made of the moments of the posteriors of single curves, drawn towards a population that is
known from elsewhere: few curves say little of it. So it can be had without any one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lawbook.data.runs import Runs
from lawbook.evaluation.curve_forecasts import Forecaster

Prior = tuple[np.ndarray, np.ndarray]  # mean and covariance of unconstrained coordinates


@dataclass(frozen=True)
class Pooling:
    """Numbers of populations; the tables of benchmarks/README.md were made with them.

    Attributes
    ----------
    centre, spread
        Curves' worth of weight that the population known from elsewhere has, on the mean and on
        the covariance.
    narrowest
        Standard deviation that every coordinate has at least.
    draws
        Of each posterior, per round of the importance sampler.
    """

    centre: float = 3.0
    spread: float = 6.0
    narrowest: float = 0.02
    draws: int = 250


POOLING = Pooling()


class Moments(NamedTuple):
    """Mean and covariance of the posterior of each curve.

    Attributes
    ----------
    mean, within
        Shapes (curves, size) and (curves, size, size).
    """

    mean: np.ndarray
    within: np.ndarray

    def at(self, some: np.ndarray) -> "Moments":
        """Return those of the curves where ``some`` is true."""
        return Moments(self.mean[some], self.within[some])


def moments(
    forecaster: Forecaster, curves: Sequence[Runs], seed: int, tilts: Sequence[Prior] | None
) -> Moments:
    """Return the moments of the posterior of each curve, in relative units, under its prior."""
    drawn = forecaster.posteriors(curves, seed, tilts, POOLING.draws)
    mean = np.array([d.weights[0] @ d.positions[0] for _, d in drawn])
    away = [d.positions[0] - m for (_, d), m in zip(drawn, mean, strict=True)]
    within = [(a * d.weights[0][:, None]).T @ a for a, (_, d) in zip(away, drawn, strict=True)]
    return Moments(mean, np.array(within))


def population(of: Moments, known: Prior) -> Prior:
    """Return the population of curves, drawn towards the one that is known from elsewhere."""
    m, v, n = of.mean, of.within, len(of.mean)
    centre = (m.sum(0) + POOLING.centre * known[0]) / (n + POOLING.centre)
    total = v.sum(0) + (m - centre).T @ (m - centre) + POOLING.spread * known[1]
    return centre, total / (n + POOLING.spread) + POOLING.narrowest**2 * np.eye(len(centre))


def over(populations: Sequence[Prior]) -> Prior:
    """Return the population of which each of these is a part, all counting alike."""
    centres = np.array([mean for mean, _ in populations])
    apart = centres - centres.mean(0)
    within = np.mean([covariance for _, covariance in populations], axis=0)
    return centres.mean(0), within + apart.T @ apart / len(centres)
