"""The part of a discrepancy that all groups share: a process over the inputs, by its modes.

    log y = log f(x; theta_g) + s(log x) + delta_g(log x) + noise

Runs of one study err in the same way where its law does. s is a Matern process at the median of the
length's prior. The points that span the runs have correlations U diag(lambda) U', and with C those
of x with them

    s(x) = shared * C U diag(lambda)^(-1/2) w + rest,   w ~ Normal(0, 1)

of which the largest modes w are kept, turned to be orthogonal over the runs, so that these tell of
each nearly by itself. The rest is next to nothing among the runs, where it is left to the groups'
own processes, and grows with the distance from them. Given w groups are independent of each other.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import correlation
from lawbook.model.spectrum import Spectrum, distances, nodes_of, spanning

MODES = (2, 3, 4, 6, 8, 12, 16, 24)  # how many there may be, so that programs serve many tables
FEWEST = 1e-9  # share of a mode in the correlations, below which it is rounding
SPANNED = 1e-9  # of the modes outside of a group's eigenvectors: it is rounding
# share of the variance among the points that need not have more modes: with a hundredth lost,
# choices between the corpora of overtraining runs had a log score of -0.106, and not of -0.071
KEPT = 1 - 1e-3


class SharedProcess(NamedTuple):
    """What all groups share: z points that span the runs, m modes.

    Attributes
    ----------
    kernel, length
        Of the process.
    points
        Scales of the points, (z, inputs).
    weights
        U diag(lambda)^(-1/2), turned, (z, m).
    """

    kernel: str
    length: float
    points: np.ndarray
    weights: np.ndarray

    def at(self, scales: np.ndarray) -> np.ndarray:
        """Return what each mode adds at points, in units of the amplitude, (points, m)."""
        apart = distances(scales, self.points) / self.length
        return correlation(np, self.kernel, apart) @ self.weights

    def rest(self, scales: np.ndarray) -> np.ndarray:
        """Return the correlations at points that the modes leave open, (points, points)."""
        apart = correlation(np, self.kernel, distances(scales, scales) / self.length)
        known = self.at(scales)
        return apart - known @ known.T


def shared_process(noise: Discrepancy, scales: np.ndarray) -> SharedProcess:
    """Return the process that groups share.

    Parameters
    ----------
    noise
        With ``shared``.
    scales
        Of the runs of all groups, (runs, inputs).
    """
    length = float(noise.length.quantile(0.5))
    points = np.unique(scales, axis=0)
    points = points[spanning(noise.kernel, points / length)]
    whole = correlation(np, noise.kernel, distances(points, points) / length)
    size, axes = (part[..., ::-1] for part in np.linalg.eigh(whole))
    enough = int(np.searchsorted(np.cumsum(size), KEPT * size.sum())) + 1
    kept = next((count for count in MODES if count >= enough), MODES[-1])
    size, axes = size[:kept], axes[:, :kept]
    real = size > FEWEST * len(points)
    weights = np.where(real, axes / np.sqrt(np.where(real, size, 1.0)), 0.0)
    weights = np.pad(weights, [(0, 0), (0, kept - len(size))])
    at = SharedProcess(noise.kernel, length, points, weights).at(scales)
    weights = weights @ np.linalg.eigh(at.T @ at)[1]
    return SharedProcess(noise.kernel, length, points, weights)


def nearest_node(noise: Discrepancy) -> int:
    """Return which of the lengths of groups' own processes is nearest to that of the shared one."""
    away = np.log(nodes_of(noise.length)) - np.log(noise.length.quantile(0.5))
    return int(np.abs(away).argmin())


def shared_places(
    noise: Discrepancy,
    scales: np.ndarray,
    rows: Sequence[np.ndarray],
    spectra: Sequence[Spectrum],
) -> dict[str, np.ndarray]:
    """Return the modes that groups share, at the runs and in the basis of each group's process.

    Parameters
    ----------
    noise, scales
        As for `shared_process`.
    rows
        Runs of each group.
    spectra
        Of each group's own process.

    Returns
    -------
    dict
        ``shared_at_runs``, (runs, m); ``shared_inside``, (groups, p, m): the modes in the
        eigenvectors of a group's process at `nearest_node`, and ``shared_inside_squares``, of
        the same shape; ``shared_group``, (groups,): a count, by which padding is told. Where
        eigenvectors do not span a group, ``shared_outside``, (groups, place, m), is what is left
        of the modes at its runs, and ``shared_outside_squares``, (groups, m), the sums of its
        squares.
    """
    at = shared_process(noise, scales).at(scales)
    modes, node = at.shape[1], nearest_node(noise)
    inside = np.zeros((len(rows), max(s.basis.shape[1] for s in spectra), modes))
    outside = np.zeros((len(rows), max(map(len, rows)), modes))
    for g, (row, spectrum) in enumerate(zip(rows, spectra, strict=True)):
        spanned = spectrum.basis.T @ at[row]
        inside[g, : len(spanned)] = spectrum.rotation[node].T @ spanned
        outside[g, : len(row)] = at[row] - spectrum.basis @ spanned
    found = {
        "shared_at_runs": at,
        "shared_inside": inside,
        "shared_inside_squares": inside**2,
        "shared_group": np.arange(len(rows)),
    }
    if np.abs(outside).max() < SPANNED:
        return found
    squares = np.sum(outside**2, axis=1)
    return found | {"shared_outside": outside, "shared_outside_squares": squares}
