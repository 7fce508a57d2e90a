"""Matern kernels: correlations, and state-space models of processes along one input."""

import numpy as np

CHECKPOINT_RANGE = 0.15  # e-folds of scale after which checkpoints no longer share noise
JITTER = 1e-9  # variance that keeps repeated scales apart, on the log
HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)

# Matern kernels as state-space models: with u = rate * distance the transition is
# exp(-u) (T[0] + T[1] u + ...), states are derivatives in units of the rate
_ONCE = np.array([[1.0, 1.0], [-1.0, -1.0]])
_TWICE = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [-1.0, -3.0, -2.0]])

KERNELS = {
    "matern12": (1.0, np.eye(1), (np.eye(1),)),
    "matern32": (np.sqrt(3.0), np.eye(2), (np.eye(2), _ONCE)),
    "matern52": (
        np.sqrt(5.0),
        np.array([[1.0, 0.0, -1 / 3], [0.0, 1 / 3, 0.0], [-1 / 3, 0.0, 1.0]]),
        (np.eye(3), _TWICE, _TWICE @ _TWICE / 2),
    ),
}


def correlation(xp, kernel: str, distance):
    """Return the correlation of a process at points that are ``distance`` lengths apart."""
    u = KERNELS[kernel][0] * distance
    polynomial = {"matern12": 1.0, "matern32": 1 + u, "matern52": 1 + u + u**2 / 3}[kernel]
    return polynomial * xp.exp(-u)


def covariances(xp, kernel: str, apart, amplitude, length, checkpoint):
    """Return the covariances of the process and of the checkpoints' noise, e-folds ``apart``."""
    process = amplitude**2 * correlation(xp, kernel, apart / length)
    return process, checkpoint**2 * xp.exp(-apart / CHECKPOINT_RANGE)
