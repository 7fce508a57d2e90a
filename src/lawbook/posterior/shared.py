"""What all groups share of a discrepancy, draw by draw: its curvature, and the shared process."""

from collections.abc import Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from lawbook.engine.tree import numpy_of
from lawbook.laws.curvature import products
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.values import scales_of
from lawbook.model.names import SHARED_MODES
from lawbook.model.shared import SharedProcess, shared_process
from lawbook.posterior.conditioning import TOGETHER
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.modes import root_of


class Shared(NamedTuple):
    """What groups share at points, on the scale of the noise; shape (points, draws).

    Attributes
    ----------
    draws, mean
        One draw, and the mean given all parameters of a draw.
    left
        Variance of the draws around the mean: it grows with the distance from the runs.
    """

    draws: np.ndarray
    mean: np.ndarray
    left: np.ndarray


def shared_at_runs(fit: Fitted, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what groups share at runs of the fit, (runs, draws), or one zero.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy`.
    inputs
        Of the runs, each of the shape (runs,).
    """
    noise = _noise(fit)
    found = _bend(fit, inputs)
    if noise.shared is None:
        return found
    at = _process(fit).at(scales_of(fit.law, inputs))
    return found + _amplitude(fit) * (at @ _modes(fit))


def shared_at(
    fit: Fitted,
    inputs: Mapping[str, np.ndarray],
    rng: np.random.Generator,
    together: int = TOGETHER,
) -> Shared:
    """Draw what groups share at points: points of equal inputs have the same draw.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy`.
    inputs
        At the points, each of the shape (points,).
    rng
        Of the draws.
    together
        At how many points the process is drawn jointly.
    """
    noise = _noise(fit)
    bent = _bend(fit, inputs)
    if noise.shared is None:
        return Shared(bent, bent, np.zeros((1, 1)))
    scales, where = np.unique(scales_of(fit.law, inputs), axis=0, return_inverse=True)
    amplitude, modes = _amplitude(fit), _modes(fit)
    process = _process(fit)
    drawn, mean, left = np.empty((3, len(scales), len(amplitude)))
    for start in range(0, len(scales), together):
        some = slice(start, start + together)
        rest = process.rest(scales[some])
        mean[some] = amplitude * (process.at(scales[some]) @ modes)
        left[some] = amplitude**2 * np.maximum(np.diag(rest), 0.0)[:, None]
        normal = rng.standard_normal((len(rest), len(amplitude)))
        drawn[some] = mean[some] + amplitude * (root_of(rest) @ normal)
    return Shared(bent + drawn[where], bent + mean[where], left[where])


_processes: WeakKeyDictionary[Fitted, SharedProcess] = WeakKeyDictionary()


def _process(fit: Fitted) -> SharedProcess:
    """Return the process that groups share, found once a fit: each of its groups asks for it."""
    if fit not in _processes:
        _processes[fit] = shared_process(_noise(fit), scales_of(fit.law, fit.runs.inputs))
    return _processes[fit]


def _noise(fit: Fitted) -> Discrepancy:
    noise = fit.law.response.noise
    assert isinstance(noise, Discrepancy)
    return noise


def _bend(fit: Fitted, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    noise = _noise(fit)
    if not noise.curvature:
        return np.zeros((1, 1))
    coefficients = np.stack([numpy_of(fit.posterior, c.name).ravel() for c in noise.curvature])
    return products(noise.curvature, inputs, fit.runs.inputs) @ coefficients


def _amplitude(fit: Fitted) -> np.ndarray:
    return numpy_of(fit.posterior, "shared").ravel()


def _modes(fit: Fitted) -> np.ndarray:
    modes = numpy_of(fit.posterior, SHARED_MODES)
    return modes.reshape(-1, modes.shape[-1]).T
