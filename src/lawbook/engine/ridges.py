"""Ridges: how far they bend, and coordinates that straighten them.

Where a sum of terms is known better than any of them, a posterior is a bent ridge, and a mixture
of a few round densities does not suit it. Stiff axes are shifted by a
quadratic form of softer ones; the shift of each depends on softer ones alone, so the volume stays
as it is, whatever the coefficients.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class Ridges:
    """What counts as a ridge, and how its bend is measured.

    Attributes
    ----------
    much_softer
        A ridge is at least so many times longer than wide.
    step
        Sds from the mode at which sharp bends are measured: farther off, a thin ridge has been
        left.
    most
        The sharpest bend, in sds per squared sd of softer coordinates: beyond, it is rounding or a
        wall.
    """

    much_softer: float = 5.0
    step: float = 0.1
    most: float = 100.0


RIDGES = Ridges()


def bend_of(third: np.ndarray, softness: np.ndarray) -> np.ndarray:
    """Return the bends of ridges whose third derivatives are known; shape like ``third``.

    Parameters
    ----------
    third
        Of minus the log density in whitened coordinates, shape (groups, size, size, size); the last
        axis is that along which Hessians were differenced.
    softness
        How far a position moves along each coordinate, shape (groups, size).
    """
    tensor = (third + third.swapaxes(-1, -2)) / 2
    # (G, i, j): j softer than i
    softer = softness[:, None, :] > RIDGES.much_softer * softness[:, :, None]
    keep = softer[:, :, :, None] & softer[:, :, None, :]
    return np.where(keep, np.clip(-0.5 * tensor, -RIDGES.most, RIDGES.most), 0.0)


class Ridge(NamedTuple):
    """The map between straight coordinates and positions of many tables.

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

    def slope(self, zeta: np.ndarray) -> np.ndarray:
        """Return how `bent` moves a position by each coordinate, (tables, size, size).

        ``zeta`` is one position a table, shape (tables, size).
        """
        both = self.bend + self.bend.swapaxes(-1, -2)
        own = np.einsum("tijk,tk->tij", both, zeta)
        return self.axes @ (np.eye(zeta.shape[1]) + own)

    def _shift(self, zeta: np.ndarray) -> np.ndarray:
        return np.einsum("...ijk,...j,...k->...i", self.bend[:, None], zeta, zeta)
