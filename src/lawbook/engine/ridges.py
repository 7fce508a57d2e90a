"""Ridges straightened, for many tables at once.

Where a sum of terms is known better than any of them, a posterior is a bent ridge, and a mixture
of a few round densities covers it badly. Stiff axes are shifted by a quadratic form of softer ones
(`lawbook.engine.start.bend_of`); the shift of each depends on softer ones alone, so the volume
stays as it is, whatever the coefficients.
"""

from typing import NamedTuple

import numpy as np


class Ridge(NamedTuple):
    """The map between straight coordinates and positions, one for each table.

    Attributes
    ----------
    mode, axes
        Where the straight coordinates begin, shape (tables, size), and their axes there, in
        columns, shape (tables, size, size).
    bend
        Shape (tables, size, size, size).
    """

    mode: np.ndarray
    axes: np.ndarray
    bend: np.ndarray

    def bent(self, zeta: np.ndarray) -> np.ndarray:
        """Return positions, shape (tables, draws, size) like ``zeta``."""
        eta = zeta + self._shift(zeta)
        return self.mode[:, None] + eta @ self.axes.swapaxes(1, 2)

    def straight(self, u: np.ndarray) -> np.ndarray:
        """Return what `bent` maps to the positions ``u``."""
        eta = np.linalg.solve(self.axes, (u - self.mode[:, None]).swapaxes(1, 2)).swapaxes(1, 2)
        zeta = eta
        for _ in range(u.shape[2]):  # softest first: after k rounds the k softest are right
            zeta = eta - self._shift(zeta)
        return zeta

    def _shift(self, zeta: np.ndarray) -> np.ndarray:
        return np.einsum("tijk,tnj,tnk->tni", self.bend, zeta, zeta, optimize=True)
