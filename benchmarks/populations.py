"""What curves of one set have in common: the normal population of their laws' coordinates.

It is made of the moments of the posteriors of single curves, drawn towards the population of all
sets, so that it can be had without any one of the curves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from curves import Curve

TOWARDS_ALL = 3.0  # curves' worth of weight of all sets on a set's mean
SPREAD_OF_ALL = 6.0  # the same on its spread
NARROWEST = 0.02

Prior = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Populations:
    """Populations of all sets, learned from curves.

    Attributes
    ----------
    curves
        That were learned from.
    sets
        Name of each one's set.
    mean, within
        Moments of the posterior of each, shapes (curves, size) and (curves, size, size).
    overall
        Mean and covariance of all sets together, before these posteriors.
    """

    curves: Sequence[Curve]
    sets: np.ndarray
    mean: np.ndarray
    within: np.ndarray
    overall: Prior

    def of_set(self, name: str, without: Curve | None = None) -> Prior:
        """Return mean and covariance of a set, as if a curve had not been learned from.

        A set that nothing was learned from has those of all sets.
        """
        here = self.sets == name
        if without is not None:
            here &= np.array([c.name != without.name for c in self.curves])
        m, v, n = self.mean[here], self.within[here], here.sum()
        centre = (m.sum(0) + TOWARDS_ALL * self.overall[0]) / (n + TOWARDS_ALL)
        total = v.sum(0) + (m - centre).T @ (m - centre) + SPREAD_OF_ALL * self.overall[1]
        return centre, total / (n + SPREAD_OF_ALL) + NARROWEST**2 * np.eye(len(centre))

    def of_all(self) -> Prior:
        """Return mean and covariance over sets."""
        found = [self.of_set(name) for name in np.unique(self.sets)]
        centres = np.array([m for m, _ in found])
        apart = centres - centres.mean(0)
        between = apart.T @ apart / len(centres)
        return centres.mean(0), np.mean([c for _, c in found], axis=0) + between
