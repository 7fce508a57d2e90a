"""The correlations of a process among the runs of a group, factored once for all draws.

The correlation length takes one of `SPECTRUM.nodes` values. For each of them the correlation matrix
of a group's runs is known before anything is sampled, and so are its eigenvalues and vectors:

    R = B V diag(lambda) V' B' + rest,   amplitude^2 R + sigma^2 I

is diagonal in the basis B V whatever amplitude and sigma are, so that a density costs two rotations
of the residual, and no factor of a matrix.

A group whose runs stand at few places is factored as it is, and what runs at one place differ in is
noise alone. Of a larger group only the smoothest modes are kept, the largest of those that
`SPECTRUM.pivots` of its runs span, which a pivoted Cholesky factor chooses, and as many as hold all
but `SPECTRUM.lost` of the variance; that of all others is spread evenly over them, so that each run
keeps its variance in the mean.
What that changes is bounded by `Spectrum.bound`. Costs grow in proportion to the runs.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lawbook.laws.kernels import correlation
from lawbook.laws.priors import STANDARD, Direct


@dataclass(frozen=True)
class Spectral:
    """What a length may be, and how much of a large group's process is kept.

    Attributes
    ----------
    nodes, reach
        Values that the length may take, and the prior sds from its median to the last of them. Of
        8 arrays are padded to 8: a value that is padding would count twice.
    modes, pivots
        How many may be kept of a group, so that programs serve many tables, and runs that span what
        they are chosen from. On 240 runs in two inputs 96 modes give the posterior of 128 sooner.
    lost
        Share of the variance that need not have modes. Four groups of 60 runs keep 48 modes each,
        and a gradient takes two thirds of the time.
    chosen_at
        The node at which both are chosen: shorter than the median, since what is smooth at a
        short length is smooth at a long one, too.
    """

    nodes: int = 8
    reach: float = 2.4
    modes: tuple[int, ...] = (32, 48, 64, 96)
    pivots: int = 128
    lost: float = 0.002
    chosen_at: int = 2


SPECTRUM = Spectral()


class Spectrum(NamedTuple):
    """The process of one group: n runs, p modes, K lengths.

    Attributes
    ----------
    basis
        B, orthonormal columns, (n, p).
    rotation
        V of each length, (K, p, p).
    variance
        Eigenvalues of the correlations in the basis, (K, p).
    rest
        Of the directions outside of the basis: their mean eigenvalue, (K,).
    bound
        On the largest eigenvalue of what was left out or put in its place, (K,).
    """

    basis: np.ndarray
    rotation: np.ndarray
    variance: np.ndarray
    rest: np.ndarray
    bound: np.ndarray


def nodes_of(prior: Direct) -> np.ndarray:
    """Return the values that a length with this prior may take, (K,), ascending.

    >>> from lawbook.priors import LogNormal
    >>> nodes_of(LogNormal(2.5, 0.4)).round(1).tolist()
    [1.0, 1.3, 1.7, 2.2, 2.9, 3.8, 5.0, 6.5]
    """
    return np.array([prior.quantile(STANDARD.cdf(t)) for t in _prior_scores()])


def log_weights_of(prior: Direct, mean: Any = None, variance: Any = None) -> Any:
    """Return the log probability of each node, (K,) or (draws, K), but for a constant.

    Parameters
    ----------
    prior
        Of a length.
    mean, variance
        Of the logs of groups' lengths, numbers or (draws,); without them a length has its prior.
    """
    if mean is None:
        return -0.5 * _prior_scores() ** 2
    at = np.log(nodes_of(prior))
    width = np.gradient(at)
    # a population narrower than half of what lies between two lengths would jump from one to
    # the next
    spread = variance[..., None] + (0.5 * width) ** 2
    return np.log(width) - 0.5 * (at - mean[..., None]) ** 2 / spread


def _prior_scores() -> np.ndarray:
    return np.linspace(-SPECTRUM.reach, SPECTRUM.reach, SPECTRUM.nodes)


def spectrum_of(kernel: str, scales: np.ndarray, nodes: np.ndarray) -> Spectrum:
    """Factor the correlations of a group's runs.

    Parameters
    ----------
    kernel
        One of `lawbook.laws.kernels.KERNELS`.
    scales
        Logs of the inputs, (runs, inputs).
    nodes
        Lengths, (K,).
    """
    runs, places = len(scales), _places(scales)
    if len(places.at) <= SPECTRUM.modes[0]:
        return _of_places(kernel, places, nodes)
    chosen_at = nodes[min(SPECTRUM.chosen_at, len(nodes) - 1)]
    pivots, basis = _smoothest(kernel, scales, chosen_at)
    if len(places.at) <= basis.shape[1]:
        return _of_places(kernel, places, nodes)
    factored, kept, norms = [], [], []
    for node in nodes:
        root = _roots(kernel, scales, pivots, node)
        inside = basis.T @ root
        factored.append(np.linalg.eigh(inside @ inside.T))
        kept.append(np.trace(inside @ inside.T))
        norms.append(np.linalg.norm(root, 2) ** 2)
    variance, rotation = (np.stack(parts) for parts in zip(*factored, strict=True))
    lost = np.maximum(runs - np.array(kept), 0.0)
    # what is lost is partly across the basis: |(1 - P) R P|^2 <= |(1 - P) R (1 - P)| |R|
    across = np.sqrt(lost * (np.array(norms) + lost))
    rest = lost / (runs - basis.shape[1])
    return Spectrum(basis, rotation, np.maximum(variance, 0.0), rest, lost + across)


def _of_places(kernel: str, places: "_Places", nodes: np.ndarray) -> Spectrum:
    """Factor the correlations of all places, of which nothing is left out."""
    apart, weights = distances(places.at, places.at), np.sqrt(places.counts)
    basis = np.zeros((len(places.where), len(places.at)))
    basis[np.arange(len(places.where)), places.where] = 1 / weights[places.where]
    whole = (correlation(np, kernel, apart / node) * np.outer(weights, weights) for node in nodes)
    factored = [np.linalg.eigh(each) for each in whole]
    variance, rotation = (np.stack(parts) for parts in zip(*factored, strict=True))
    none = np.zeros(len(nodes))
    return Spectrum(basis, rotation, np.maximum(variance, 0.0), none, none)


def _smoothest(kernel: str, scales: np.ndarray, length: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the runs that span the process of a group, and the modes to keep, (runs, p)."""
    pivots = spanning(kernel, scales / length)
    axes, size, _ = np.linalg.svd(_roots(kernel, scales, pivots, length), full_matrices=False)
    lost = 1 - np.cumsum(size**2) / len(scales)
    enough = (n for n in SPECTRUM.modes if n >= len(lost) or lost[n - 1] <= SPECTRUM.lost)
    return pivots, axes[:, : next(enough, SPECTRUM.modes[-1])]


class _Places(NamedTuple):
    """Where runs stand in the order of the runs, the place of each, and runs at each."""

    at: np.ndarray
    where: np.ndarray
    counts: np.ndarray


def _places(scales: np.ndarray) -> _Places:
    places, first, where, counts = np.unique(
        scales, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    return _Places(places[order], np.argsort(order)[where], counts[order])


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return how far points are apart, (n, m), given their scales (n, inputs) and (m, inputs)."""
    squares = sum((a[:, None, i] - b[None, :, i]) ** 2 for i in range(a.shape[1]))
    return np.sqrt(squares)


def spanning(kernel: str, scales: np.ndarray) -> np.ndarray:
    """Return the runs from which all others are best foretold, by a pivoted Cholesky factor.

    Source: Harbrecht, Peters and Schneider (2012), Applied Numerical Mathematics 62, 428-440.
    """
    left = np.ones(len(scales))
    factor = np.zeros((len(scales), SPECTRUM.pivots))
    pivots = []
    for k in range(SPECTRUM.pivots):
        pivot = int(np.argmax(left))
        if left[pivot] < 1e-10:  # the runs stand at fewer places than there may be modes
            break
        column = correlation(np, kernel, distances(scales, scales[pivot : pivot + 1])[:, 0])
        factor[:, k] = (column - factor[:, :k] @ factor[pivot, :k]) / np.sqrt(left[pivot])
        left = np.maximum(left - factor[:, k] ** 2, 0.0)
        left[pivot] = 0.0
        pivots.append(pivot)
    return np.array(pivots)


def _roots(kernel: str, scales: np.ndarray, pivots: np.ndarray, node: float) -> np.ndarray:
    """Return L, (runs, pivots), with L L' the correlations that follow from those of pivots."""
    across = correlation(np, kernel, distances(scales, scales[pivots]) / node)
    inside = across[pivots]
    size, axes = np.linalg.eigh(inside)
    return across @ (axes / np.sqrt(np.maximum(size, 1e-10)))
