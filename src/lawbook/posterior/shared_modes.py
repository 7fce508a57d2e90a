"""The length and the modes that groups share, drawn where the model has integrated them out.

Given all else in a draw, the probability of each length is its part of the sum that the density is,
and the modes at that length are jointly normal, with mean A^-1 b and covariance A^-1; A and b are
those of `lawbook.model.process`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import softmax

from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import HALF_LOG_2PI, JITTER
from lawbook.laws.values import scales_of
from lawbook.model.names import SHARED_MODES
from lawbook.model.shared import SharedProcess, shared_processes
from lawbook.model.spectrum import Spectrum, log_weights_of, nodes_of, spectrum_of
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.responses import residuals


class _Group(NamedTuple):
    """Runs of one group: where they stand, residuals (runs, draws), noise and amplitude (draws)."""

    scales: np.ndarray
    residual: np.ndarray
    amplitude: np.ndarray
    sigma: np.ndarray
    spectrum: Spectrum


def draw_shared(fit: Fitted) -> dict[str, xr.DataArray]:
    """Return the length of each draw and the modes that groups share.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy` whose groups share a process.
    """
    noise, runs = fit.law.response.noise, fit.runs
    assert isinstance(noise, Discrepancy)
    rng = np.random.default_rng(fit.origin.seed)
    nodes = nodes_of(noise.length)
    groups, shared = _groups(fit, nodes, rng)
    processes = shared_processes(noise.kernel, scales_of(fit.law, runs.inputs), nodes)
    everyone = np.arange(len(shared))
    terms = np.empty((len(nodes), len(shared)))
    for k, process in enumerate(processes):
        rest = _rest(process, groups)
        matrix, vector, terms[k] = _system(groups, k, process, rest, shared, everyone)
        root = np.linalg.cholesky(matrix)
        z = np.linalg.solve(root, vector[..., None])[..., 0]
        log_root = np.log(np.diagonal(root, axis1=1, axis2=2))
        terms[k] += 0.5 * np.sum(z**2, axis=1) - np.sum(log_root, axis=1)
    share = np.cumsum(softmax(terms + log_weights_of(noise.length)[:, None], axis=0), axis=0)
    chosen = np.sum(share < rng.uniform(size=len(shared)) * share[-1], axis=0)
    chosen = np.minimum(chosen, len(nodes) - 1)
    modes = np.empty((len(shared), processes[0].weights.shape[1]))
    for k in np.unique(chosen):
        draws = np.flatnonzero(chosen == k)
        rest = _rest(processes[k], groups)
        matrix, vector, _ = _system(groups, k, processes[k], rest, shared[draws], draws)
        root = np.swapaxes(np.linalg.cholesky(matrix), 1, 2)
        normal = rng.standard_normal(vector.shape)
        mean = np.linalg.solve(matrix, vector[..., None])
        modes[draws] = (mean + np.linalg.solve(root, normal[..., None]))[..., 0]
    posterior = fit.posterior["posterior"].dataset
    shape = [posterior.sizes[name] for name in ("chain", "draw")]
    coords = {name: posterior[name] for name in ("chain", "draw")}
    several = coords | {"shared_mode": range(modes.shape[1])}
    drawn = modes.reshape(*shape, -1)
    return {
        "length": xr.DataArray(nodes[chosen].reshape(shape), coords, ["chain", "draw"]),
        SHARED_MODES: xr.DataArray(drawn, several, ["chain", "draw", "shared_mode"]),
    }


def _groups(
    fit: Fitted, nodes: np.ndarray, rng: np.random.Generator
) -> tuple[list[_Group], np.ndarray]:
    """Return what each group's runs say in each draw, and the amplitude of what they share."""
    noise, runs = fit.law.response.noise, fit.runs
    assert isinstance(noise, Discrepancy)
    labels = runs.groups if runs.by else pd.DataFrame(index=range(1))
    values = parameters_at(fit, labels, rng, without=noise.summed)
    found = []
    for group in range(len(labels)):
        here = {name: value[..., group].reshape(1, -1) for name, value in values.items()}
        label = labels.iloc[group].to_dict()
        _, scales, residual = residuals(fit, label, here, with_process=False)
        spectrum = spectrum_of(noise.kernel, scales, nodes)
        found.append(_Group(scales, residual, here["amplitude"][0], here["sigma"][0], spectrum))
    return found, values["shared"][..., 0].ravel()


def _rest(process: SharedProcess, groups: list[_Group]) -> float:
    scales = np.concatenate([group.scales for group in groups])
    return float(np.mean(np.maximum(1 - np.sum(process.at(scales) ** 2, axis=1), 0.0)))


def _system(
    groups: list[_Group],
    k: int,
    process: SharedProcess,
    rest: float,
    shared: np.ndarray,
    draws: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return A, b and the log density without what is shared, of some draws at one length."""
    m = process.weights.shape[1]
    gram, pull = np.zeros((len(draws), m, m)), np.zeros((len(draws), m))
    density = np.zeros(len(draws))
    for group in groups:
        spectrum, residual = group.spectrum, group.residual[:, draws]
        variance = group.amplitude[draws] ** 2
        own = group.sigma[draws] ** 2 + JITTER + shared**2 * rest
        vectors = spectrum.basis @ spectrum.rotation[k]
        at = process.at(group.scales)
        inside, turned = vectors.T @ at, vectors.T @ residual
        spread = variance * spectrum.variance[k][:, None] + own
        around = variance * spectrum.rest[k] + own
        outside, beside = at - vectors @ inside, residual - vectors @ turned
        gram += np.einsum("pi,pd,pj->dij", inside, 1 / spread, inside, optimize=True)
        gram += (outside.T @ outside) / around[:, None, None]
        pull += (turned / spread).T @ inside + (beside / around).T @ outside
        lost = len(residual) - len(turned)
        density -= 0.5 * np.sum(turned**2 / spread + np.log(spread), axis=0)
        density -= 0.5 * (np.sum(beside**2, axis=0) / around + lost * np.log(around))
        density -= HALF_LOG_2PI * len(residual)
    matrix = np.eye(m) + shared[:, None, None] ** 2 * gram
    return matrix, shared[:, None] * pull, density
