r"""Coordinates in which a hierarchical posterior is round, whatever its groups tell.

Neither the centred nor the non-centred form of a hierarchy suits groups that tell something but
not all. Given everything else, though, a group's offsets z are nearly Gaussian, and their mean
and covariance follow from the curvature H of the log likelihood in the levels
:math:`u = \tau z`, measured once at the mode. With :math:`T = \mathrm{diag}(\tau)` and
:math:`\varphi` for all that is no offset,

.. math::
    z \mid \tau, \varphi \approx \mathrm{Normal}(P^{-1} T (h - K \varphi),\; P^{-1}),
    \qquad P = I + T H T = C C^\top

so :math:`\varepsilon` in :math:`z = C^{-\top}(C^{-1} T (h - K\varphi) + \varepsilon)` is
nearly standard normal and independent of the rest, be the spread large or close to zero. The map
is exact: its Jacobian enters the density, and H, h and K only decide how round the result is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import solve_triangular

from lawbook.engine.traced import storable


@dataclass(frozen=True)
class Whitening:
    """Bounds of the map.

    Attributes
    ----------
    least_information
        Of the likelihood in a direction of a group's levels: it may be none, but not negative.
    most_unrolled
        Offsets of a group whose matrices are unrolled.
    """

    least_information: float = 1e-8
    most_unrolled: int = 4


WHITENING = Whitening()


class Offsets(NamedTuple):
    """The offsets of the groups of one column: G groups, p offsets each."""

    dim: str  # the model's dim of these groups
    at: np.ndarray  # (G, p) where the offsets stand in a position
    spread_at: np.ndarray  # (p,) where the logs of their spreads stand


@storable
class Conditional(NamedTuple):
    """What the likelihood says of the levels of the groups of one column, given the rest."""

    information: Any  # H, (G, p, p)
    pull: Any  # h, (G, p)
    coupling: Any  # K, (G, p, size), zero where a coordinate is an offset or a spread


@storable
class Coordinates(NamedTuple):
    """The map from whitened coordinates to positions of the model, from the inside out."""

    centre: Any  # (size,), and
    stretch: Any  # (size, size): what warm-up still found to be off centre or not round
    origin: Any  # (size,), and
    matrix: Any  # (size, size): whitening of all but the offsets
    conditionals: tuple[Conditional, ...]  # one per column with offsets

    def position(self, zeta, offsets: tuple[Offsets, ...]):
        """Return the position of ``zeta`` and the log Jacobian of the conditional part."""
        eta = self.centre + self.stretch @ zeta
        y = self.origin + self.matrix @ eta
        x, log_jacobian = y, 0.0
        for conditional, block in zip(self.conditionals, offsets, strict=True):
            factor, shift = _factor(jnp, conditional, block, y)
            x = x.at[block.at].set(_solve(jnp, factor, shift + y[block.at], transposed=True))
            log_jacobian -= _log_determinant(factor)
        return x, log_jacobian

    def inverse(self, x: np.ndarray, offsets: tuple[Offsets, ...]) -> np.ndarray:
        """Return the whitened coordinates of positions, shape (..., size) like ``x``."""
        eta = self.unstretched(x, offsets)
        return _solved(self.stretch, eta - self.centre)

    def unconditioned(self, x: np.ndarray, offsets: tuple[Offsets, ...]) -> np.ndarray:
        """Return what `origin` and `matrix` have to map to for positions."""
        y = x.copy()
        for conditional, block in zip(self.conditionals, offsets, strict=True):
            factor, shift = _factor(np, conditional, block, x)
            y[..., block.at] = _multiply_transposed(np, factor, x[..., block.at]) - shift
        return y

    def unstretched(self, x: np.ndarray, offsets: tuple[Offsets, ...]) -> np.ndarray:
        """Return what `centre` and `stretch` have to map to for positions."""
        y = self.unconditioned(x, offsets)
        return _solved(self.matrix, y - self.origin)


def whitened(log_density: Callable, offsets: tuple[Offsets, ...]) -> Callable:
    """Return ``f(zeta, coordinates, table)``: the log density in whitened coordinates."""

    @jax.jit  # traced once, though differentiated and batched in several programs
    def log_density_of_zeta(zeta, coordinates: Coordinates, table):
        x, log_jacobian = coordinates.position(zeta, offsets)
        return log_density(x, table) + log_jacobian

    return log_density_of_zeta


def plain_coordinates(size: int, offsets: tuple[Offsets, ...]) -> Coordinates:
    """Return coordinates that are the position itself."""
    conditionals = []
    for block in offsets:
        groups, p = block.at.shape
        empty = (np.zeros((groups, p, p)), np.zeros((groups, p)), np.zeros((groups, p, size)))
        conditionals.append(Conditional(*empty))
    zero, one = np.zeros(size), np.eye(size)
    return Coordinates(zero, one, zero, one, tuple(conditionals))


def _solved(matrix, b: np.ndarray) -> np.ndarray:
    """Solve for many right-hand sides, shape (..., size)."""
    return np.linalg.solve(matrix, b[..., None])[..., 0]


# what follows is of NumPy or of JAX, and of one position or, by NumPy, of many


def _factor(xp: Any, conditional: Conditional, block: Offsets, x):
    """Return C, if small as nested lists of (G,) arrays, and C^-1 T (h - K phi), shape (G, p)."""
    spread = xp.exp(x[..., block.spread_at])[..., None, :]
    precision = conditional.information * spread[..., None] * spread[..., None, :]
    factor = _cholesky(xp, precision + xp.eye(spread.shape[-1]))
    told = conditional.pull - xp.einsum("gps,...s->...gp", conditional.coupling, x)
    return factor, _solve(xp, factor, spread * told)


# A handful of rows is unrolled: the compiler fuses it, where LAPACK is called group by group. More
# of them, twice differentiated, are what takes the compiler longest.


def _cholesky(xp: Any, matrix):
    if matrix.shape[-1] > WHITENING.most_unrolled:
        return xp.linalg.cholesky(matrix)
    rows: list[list] = []
    for i in range(matrix.shape[-1]):
        row: list = []
        for j in range(i + 1):
            rest = matrix[..., i, j] - sum(
                row[k] * (rows[j] if j < i else row)[k] for k in range(j)
            )
            row.append(xp.sqrt(rest) if j == i else rest / rows[j][j])
        rows.append(row)
    return rows


def _log_determinant(factor):
    if not isinstance(factor, list):
        return jnp.sum(jnp.log(jnp.diagonal(factor, axis1=-2, axis2=-1)))
    return sum(jnp.sum(jnp.log(row[i])) for i, row in enumerate(factor))


def _solve(xp: Any, factor, b, transposed: bool = False):
    if not isinstance(factor, list):
        if xp is np:
            return _solved(factor.swapaxes(-1, -2) if transposed else factor, b)
        solved = solve_triangular(factor, b[..., None], lower=True, trans=int(transposed))
        return solved[..., 0]
    size, found = len(factor), {}
    for i in reversed(range(size)) if transposed else range(size):
        known = range(i + 1, size) if transposed else range(i)
        rest = sum((factor[k][i] if transposed else factor[i][k]) * found[k] for k in known)
        found[i] = (b[..., i] - rest) / factor[i][i]
    return xp.stack([found[i] for i in range(size)], axis=-1)


def _multiply_transposed(xp: Any, factor, z):
    if not isinstance(factor, list):
        return xp.sum(factor * z[..., :, None], axis=-2)
    size = len(factor)
    columns = [sum(factor[k][i] * z[..., k] for k in range(i, size)) for i in range(size)]
    return xp.stack(columns, axis=-1)


def condition(
    block: Offsets, plain: np.ndarray, x: np.ndarray, gradient: np.ndarray, information: np.ndarray
) -> Conditional:
    """Measure a `Conditional` at a position.

    Parameters
    ----------
    block
        Which coordinates are offsets.
    plain
        True where a coordinate is neither an offset nor a spread, shape (size,).
    x
        Position, shape (size,).
    gradient, information
        Of the log likelihood at x: its gradient (size,) and minus its Hessian (size, size).
    """
    spread = np.exp(x[block.spread_at])
    inside = information[block.at[:, :, None], block.at[:, None, :]] / (spread[:, None] * spread)
    curvature, axes = np.linalg.eigh(inside)
    curvature = np.maximum(curvature, WHITENING.least_information)
    inside = np.einsum("gij,gj,gkj->gik", axes, curvature, axes)
    coupling = np.where(plain, information[block.at] / spread[:, None], 0.0)
    levels = spread * x[block.at]
    pull = gradient[block.at] / spread + np.einsum("gij,gj->gi", inside, levels) + coupling @ x
    return Conditional(inside, pull, coupling)
