"""The process of a law in several inputs given the runs: by the modes of its correlations.

With R = U diag(lambda) U' the correlations among a group's runs at one length, the process there is
U diag(lambda)^(1/2) w with independent w ~ Normal(0, amplitude^2). Each w given the runs is normal
on its own, whatever amplitude and noise of a draw are, and at new points

    delta = S U diag(lambda)^(-1/2) w + rest

where S holds their correlations with the runs and the rest does not depend on w. So matrices are
factored once for each of the few lengths, and all draws of that length cost products.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from lawbook.laws.kernels import HALF_LOG_2PI, JITTER, correlation
from lawbook.model.spectrum import SPECTRUM, Spectrum, distances, spectrum_of

FEWEST = 1e-9  # share of a mode in the correlations, below which it is rounding


class Modes(NamedTuple):
    """Draws of one length, with what the runs say of the modes in each of them.

    Attributes
    ----------
    draws
        Which draws have that length.
    length
        In e-folds.
    spectrum
        Of the group's runs, of that length alone.
    vectors
        U, (runs, modes).
    z
        Residuals in these, (modes, draws).
    """

    draws: np.ndarray
    length: float
    spectrum: Spectrum
    vectors: np.ndarray
    z: np.ndarray


def has_modes(noise: Mapping[str, np.ndarray]) -> bool:
    """Whether lengths take a few values: in one input, and of older fits, they do not."""
    return "checkpoint" not in noise and len(np.unique(noise["length"])) <= SPECTRUM.nodes


def by_length(
    kernel: str, scales: np.ndarray, residual: np.ndarray, noise: Mapping[str, np.ndarray]
) -> Iterator[Modes]:
    """Yield the draws of each length; arguments are as for `condition_modes`."""
    lengths, which = np.unique(noise["length"], return_inverse=True)
    whole = spectrum_of(kernel, scales, lengths)
    for k, length in enumerate(lengths):
        draws = np.flatnonzero(which == k)
        spectrum = Spectrum(whole.basis, *(part[k] for part in whole[1:]))
        vectors = spectrum.basis @ spectrum.rotation
        yield Modes(draws, float(length), spectrum, vectors, vectors.T @ residual[:, draws])


def condition_modes(
    kernel: str,
    run_scales: np.ndarray,
    residual: np.ndarray,
    point_scales: np.ndarray,
    noise: Mapping[str, np.ndarray],
    with_noise: bool,
    rng: np.random.Generator,
    together: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw the process at points; arguments and results are those of `condition`."""
    shape = len(point_scales), len(noise["sigma"])
    drawn, mean, process = np.empty(shape), np.empty(shape), np.empty(shape)
    own = np.broadcast_to(noise["sigma"] ** 2, shape)
    for modes in by_length(kernel, run_scales, residual, noise):
        at, size = modes.draws, modes.spectrum.variance
        amplitude, variance = noise["amplitude"][at], noise["sigma"][at] ** 2 + JITTER
        real = size > FEWEST * len(run_scales)
        root = np.sqrt(np.where(real, size, 1.0))
        across = correlation(np, kernel, distances(point_scales, run_scales) / modes.length)
        across = np.where(real, across @ modes.vectors / root, 0.0)
        spread = amplitude**2 * size[:, None] + variance
        of_mode = amplitude**2 * root[:, None] * modes.z / spread
        left = amplitude**2 * variance / spread
        mean[:, at] = across @ of_mode
        alone = np.maximum(1 - np.sum(across**2, axis=1), 0.0)
        process[:, at] = across**2 @ left + alone[:, None] * amplitude**2
        normal = modes.vectors.T @ rng.standard_normal((len(run_scales), len(at)))  # for any signs
        moved = across @ (np.sqrt(left) * normal)
        drawn[:, at] = mean[:, at] + moved
        for start in range(0, shape[0], together):
            some = slice(start, start + together)
            apart = distances(point_scales[some], point_scales[some]) / modes.length
            rest = correlation(np, kernel, apart) - across[some] @ across[some].T
            factor = root_of(rest)
            normal = rng.standard_normal((len(factor), len(at)))
            drawn[some, at] += amplitude * (factor @ normal)
    if with_noise:
        drawn += np.sqrt(own) * rng.standard_normal(shape)
    return drawn, mean, process, np.array(own)


def root_of(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric root of a covariance that may be singular, up to rounding.

    Signs of eigenvectors are the machine's; with this root draws of one seed are not.
    """
    size, axes = np.linalg.eigh(covariance)
    return (axes * np.sqrt(np.maximum(size, 0.0))) @ axes.T


def leave_one_out_modes(
    kernel: str, scales: np.ndarray, residual: np.ndarray, noise: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Return the log density of each residual given all others, as `leave_one_out` does."""
    found = np.empty(residual.shape)
    for modes in by_length(kernel, scales, residual, noise):
        at, spectrum = modes.draws, modes.spectrum
        amplitude, variance = noise["amplitude"][at] ** 2, noise["sigma"][at] ** 2 + JITTER
        spread = amplitude * spectrum.variance[:, None] + variance
        around = amplitude * spectrum.rest + variance
        outside = np.maximum(1 - np.sum(spectrum.basis**2, axis=1), 0.0)
        beside = residual[:, at] - modes.vectors @ modes.z
        each = modes.vectors**2 @ (1 / spread) + outside[:, None] / around
        pull = modes.vectors @ (modes.z / spread) + beside / around
        found[:, at] = 0.5 * np.log(each) - 0.5 * pull**2 / each - HALF_LOG_2PI
    return found


def log_densities(spectrum: Spectrum, residual: np.ndarray, amplitude, sigma) -> np.ndarray:
    """Return the log density of a group's residuals at each length, (lengths, draws).

    Parameters
    ----------
    spectrum
        Of the group's runs.
    residual
        From the law, (runs, draws).
    amplitude, sigma
        Shape (draws,).
    """
    variance, own = amplitude**2, sigma**2 + JITTER
    z = spectrum.basis.T @ residual
    outside = np.maximum(np.sum(residual**2, axis=0) - np.sum(z**2, axis=0), 0.0)
    lost = len(residual) - len(z)
    found = np.empty((len(spectrum.variance), residual.shape[1]))
    for k, rotation in enumerate(spectrum.rotation):
        spread = variance * spectrum.variance[k][:, None] + own
        around = variance * spectrum.rest[k] + own
        inside = np.sum((rotation.T @ z) ** 2 / spread + np.log(spread), axis=0)
        found[k] = -0.5 * (inside + outside / around + lost * np.log(around))
    return found - HALF_LOG_2PI * len(residual)
