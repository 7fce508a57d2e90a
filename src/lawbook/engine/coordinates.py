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
On top of it lies an affine whitening of :math:`(\varphi, \varepsilon)`.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

LEAST_INFORMATION = 1e-8


class Offsets(NamedTuple):
    """The offsets of the groups of one column: G groups, p offsets each."""

    dim: str  # the model's dim of these groups
    at: np.ndarray  # (G, p) where the offsets stand in a position
    spread_at: np.ndarray  # (p,) where the logs of their spreads stand


class Conditional(NamedTuple):
    """What the likelihood says of the levels of the groups of one column, given the rest."""

    information: Any  # H, (G, p, p)
    pull: Any  # h, (G, p)
    coupling: Any  # K, (G, p, size), zero where a coordinate is an offset or a spread


class Coordinates(NamedTuple):
    """The map from whitened coordinates to positions of the model."""

    origin: Any  # (size,)
    matrix: Any  # (size, size)
    conditionals: tuple[Conditional, ...]  # one per column with offsets

    def position(self, zeta, offsets: tuple[Offsets, ...]):
        """Return the position of ``zeta`` and the log Jacobian of the conditional part."""
        y = self.origin + self.matrix @ zeta
        x, log_jacobian = y, 0.0
        for conditional, block in zip(self.conditionals, offsets, strict=True):
            factor, shift = _factor(conditional, block, y)
            z = _solve_transposed(factor, shift + y[block.at])
            x = x.at[block.at].set(z)
            log_jacobian -= sum(jnp.sum(jnp.log(row[i])) for i, row in enumerate(factor))
        return x, log_jacobian

    def inverse(self, x, offsets: tuple[Offsets, ...]):
        """Return the whitened coordinates of a position."""
        return jnp.linalg.solve(self.matrix, self.unconditioned(x, offsets) - self.origin)

    def unconditioned(self, x, offsets: tuple[Offsets, ...]):
        """Return a position with epsilon in the place of its offsets."""
        y = x
        for conditional, block in zip(self.conditionals, offsets, strict=True):
            factor, shift = _factor(conditional, block, x)
            y = y.at[block.at].set(_multiply_transposed(factor, x[block.at]) - shift)
        return y


def _factor(conditional: Conditional, block: Offsets, x):
    """Return C as nested lists of (G,) arrays, and C^-1 T (h - K phi), shape (G, p)."""
    spread = jnp.exp(x[block.spread_at])
    precision = conditional.information * spread[:, None] * spread + jnp.eye(spread.size)
    factor = _cholesky(precision)
    return factor, _solve(factor, spread * (conditional.pull - conditional.coupling @ x))


# A handful of rows is unrolled: the compiler fuses it, where LAPACK is called group by group.


def _cholesky(matrix) -> list[list]:
    rows: list[list] = []
    for i in range(matrix.shape[-1]):
        row: list = []
        for j in range(i + 1):
            rest = matrix[..., i, j] - sum(
                row[k] * (rows[j] if j < i else row)[k] for k in range(j)
            )
            row.append(jnp.sqrt(rest) if j == i else rest / rows[j][j])
        rows.append(row)
    return rows


def _solve(factor: list[list], b):
    found: list = []
    for i, row in enumerate(factor):
        found.append((b[..., i] - sum(row[k] * found[k] for k in range(i))) / row[i])
    return jnp.stack(found, axis=-1)


def _solve_transposed(factor: list[list], b):
    size, found = len(factor), {}
    for i in reversed(range(size)):
        rest = b[..., i] - sum(factor[k][i] * found[k] for k in range(i + 1, size))
        found[i] = rest / factor[i][i]
    return jnp.stack([found[i] for i in range(size)], axis=-1)


def _multiply_transposed(factor: list[list], z):
    size = len(factor)
    columns = [sum(factor[k][i] * z[..., k] for k in range(i, size)) for i in range(size)]
    return jnp.stack(columns, axis=-1)


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
    curvature = np.maximum(curvature, LEAST_INFORMATION)
    inside = np.einsum("gij,gj,gkj->gik", axes, curvature, axes)
    coupling = np.where(plain, information[block.at] / spread[:, None], 0.0)
    levels = spread * x[block.at]
    pull = gradient[block.at] / spread + np.einsum("gij,gj->gi", inside, levels) + coupling @ x
    return Conditional(jnp.asarray(inside), jnp.asarray(pull), jnp.asarray(coupling))
