"""The part of a discrepancy that all groups share: a process over the inputs, by its modes.

    log y = log f(x; theta_g) + s(log x) + delta_g(log x) + noise

Runs of one study err in the same way where its law does. s is a Matern process like a group's own,
and both have one length, which is the same for all groups and summed out. For each length the
points that span the runs have correlations U diag(lambda) U', and with C those of x with them

    s(x) = shared * C U diag(lambda)^(-1/2) w + rest,   w ~ Normal(0, 1)

of which the largest modes are kept. The rest is noise among the runs, where it is next to nothing,
and grows with the distance from them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lawbook.laws.kernels import correlation
from lawbook.model.spectrum import SPECTRUM, Spectrum, distances, spanning

MODES = (2, 3, 4, 6, 8, 12, 16, 24)  # how many there may be, so that programs serve many tables
FEWEST = 1e-9  # share of a mode in the correlations, below which it is rounding
SPANNED = 1e-9  # of the modes outside of a group's eigenvectors: it is rounding
KEPT = 1 - 1e-3  # share of the variance at the shortest length that need not have more modes


class SharedProcess(NamedTuple):
    """What all groups share at one length: z points that span the runs, m modes.

    Attributes
    ----------
    kernel, length
        Of the process.
    points
        Scales of the points, (z, inputs).
    weights
        U diag(lambda)^(-1/2), (z, m).
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


def shared_processes(kernel: str, scales: np.ndarray, nodes: np.ndarray) -> list[SharedProcess]:
    """Return the process that groups share, at each length.

    Parameters
    ----------
    kernel
        One of `lawbook.laws.kernels.KERNELS`.
    scales
        Of the runs of all groups, (runs, inputs).
    nodes
        Lengths, (K,), ascending.
    """
    points = np.unique(scales, axis=0)
    points = points[spanning(kernel, points / nodes[min(SPECTRUM.chosen_at, len(nodes) - 1)])]
    apart = distances(points, points)
    factored = [np.linalg.eigh(correlation(np, kernel, apart / node)) for node in nodes]
    shortest = np.cumsum(factored[0][0][::-1])
    enough = int(np.searchsorted(shortest, KEPT * shortest[-1])) + 1
    kept = next((count for count in MODES if count >= enough), MODES[-1])
    found = []
    for node, (size, axes) in zip(nodes, factored, strict=True):
        size, axes = size[::-1][:kept], axes[:, ::-1][:, :kept]
        real = size > FEWEST * len(points)
        weights = np.where(real, axes / np.sqrt(np.where(real, size, 1.0)), 0.0)
        weights = np.pad(weights, [(0, 0), (0, kept - len(size))])
        found.append(SharedProcess(kernel, float(node), points, weights))
    return found


def shared_places(
    kernel: str,
    scales: np.ndarray,
    nodes: np.ndarray,
    rows: Sequence[np.ndarray],
    spectra: Sequence[Spectrum],
) -> dict[str, np.ndarray]:
    """Return the modes that groups share, in the basis of each group's own process.

    Parameters
    ----------
    kernel, scales, nodes
        As for `shared_processes`.
    rows
        Runs of each group.
    spectra
        Of each group's own process.

    Returns
    -------
    dict
        ``shared_inside``, (K, groups, p, m): the modes in the eigenvectors of a group's process,
        and ``shared_pairs``, (K, groups, p, m (m + 1) / 2): their products; ``shared_rest``, (K,):
        the mean variance of what the modes leave open at the runs; ``shared_group``, (groups,): a
        count, by which padding is told. Where eigenvectors do not span a group, ``shared_outside``,
        (K, groups, place, m), is what is left of the modes at its runs, and
        ``shared_squares``, (K, groups, m (m + 1) / 2), the products of that.
    """
    processes = shared_processes(kernel, scales, nodes)
    modes = processes[0].weights.shape[1]
    axes = max(spectrum.basis.shape[1] for spectrum in spectra)
    places = max(map(len, rows))
    inside = np.zeros((len(nodes), len(rows), axes, modes))
    outside = np.zeros((len(nodes), len(rows), places, modes))
    rest = np.empty(len(nodes))
    for k, process in enumerate(processes):
        at = process.at(scales)
        rest[k] = np.mean(np.maximum(1 - np.sum(at**2, axis=1), 0.0))
        for g, (row, spectrum) in enumerate(zip(rows, spectra, strict=True)):
            spanned = spectrum.basis.T @ at[row]
            inside[k, g, : len(spanned)] = spectrum.rotation[k].T @ spanned
            outside[k, g, : len(row)] = at[row] - spectrum.basis @ spanned
    first, second = np.triu_indices(modes)
    found = {
        "shared_inside": inside,
        "shared_pairs": inside[..., first] * inside[..., second],
        "shared_rest": rest,
        "shared_group": np.arange(len(rows)),
    }
    if np.abs(outside).max() < SPANNED:
        return found
    squares = (np.swapaxes(outside, -1, -2) @ outside)[..., first, second]
    return found | {"shared_outside": outside, "shared_squares": squares}


def symmetric(modes: int) -> np.ndarray:
    """Return where entries of a symmetric matrix stand among its pairs, (m, m)."""
    at = np.zeros((modes, modes), dtype=int)
    at[np.triu_indices(modes)] = np.arange(modes * (modes + 1) // 2)
    return np.maximum(at, at.T)
