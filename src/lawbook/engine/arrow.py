"""Hessians of hierarchies, by as many directions as one group has coordinates.

Given all that groups share, they are independent: a Hessian has an entry for two coordinates of
one group, and for any coordinate and what is shared, and none for two groups. One direction along
the same coordinate of all groups therefore shows that column of each (Curtis, Powell and Reid,
1974, Journal of the Institute of Mathematics and its Applications 13, 117-119). A hundred groups
cost as much as one.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm

from lawbook.engine.coordinates import Coordinates, Offsets, whitened
from lawbook.engine.curvature import curvatures, curved
from lawbook.engine.density import Density, Table, is_long


def places_of_groups(model: pm.Model, density: Density) -> np.ndarray | None:
    """Return where coordinates of groups stand in a position, shape (groups, p); None without any.

    Groups are along a dim of which data ``<dim>_index`` say which of it each run has. Where there
    are several, those with the most coordinates are meant.
    """
    of_runs = {name for name, dims in model.named_vars_to_dims.items() if tuple(dims) == ("run",)}
    places, found = density.layout.split(np.arange(density.layout.size)), {}
    for name in density.layout.names:
        for dim in density.dims[name]:
            if f"{dim}_index" in of_runs:
                found.setdefault(dim, []).append(places[name])
    whole = [np.stack(each, axis=1) for each in found.values()]
    return max(whole, key=np.size, default=None)


def curvatures_of_groups(
    log_density: Callable, offsets: tuple[Offsets, ...], at: np.ndarray
) -> Callable:
    """Return what `curvatures` does; for a long table exactly, by few directions.

    Parameters
    ----------
    log_density
        ``f(x, table)`` of positions, of runs that are independent given the parameters.
    offsets
        Of the coordinates.
    at
        Where coordinates of groups stand in a position, shape (groups, p).
    """
    whole, few = curvatures(whitened(log_density, offsets)), _by_groups(log_density, at)

    def one(zeta, coordinates: Coordinates, table: Table):
        x, log_jacobian = coordinates.position(zeta, offsets)
        value, slope, hessian = few(x, table)

        def moved(zeta):
            x, log_jacobian = coordinates.position(zeta, offsets)
            return slope @ x + log_jacobian

        turned = jax.jacfwd(lambda zeta: coordinates.position(zeta, offsets)[0])(zeta)
        _, gradient, bent = curved(moved)(zeta)
        return value + log_jacobian, gradient, turned.T @ hessian @ turned + bent

    def measure(zetas, steps, coordinates: Coordinates, table: Table):
        if is_long(table):
            return jax.vmap(one, in_axes=(0, None, None))(zetas, coordinates, table)
        return whole(zetas, steps, coordinates, table)

    return measure


def _by_groups(function: Callable, at: np.ndarray) -> Callable:
    """Return what `curved` does; coordinates ``at`` (groups, p) of two groups never meet."""
    p = at.shape[1]

    def one(x, *others):
        shared = np.setdiff1d(np.arange(x.size), at)
        directions = np.zeros((p + shared.size, x.size))
        directions[np.arange(p), at] = 1.0
        directions[p + np.arange(shared.size), shared] = 1.0

        def gradient_and_value(x):
            value, gradient = jax.value_and_grad(function)(x, *others)
            return gradient, value

        def along(direction):
            return jax.jvp(gradient_and_value, (x,), (direction,), has_aux=True)

        gradient, columns, value = jax.vmap(along, out_axes=(None, 0, None))(directions)
        hessian = jnp.zeros((x.size, x.size))
        hessian = hessian.at[shared].set(columns[p:]).at[:, shared].set(columns[p:].T)
        within = jnp.moveaxis(columns[:p, at], 0, -1)
        return value, gradient, hessian.at[at[:, :, None], at[:, None, :]].set(within)

    return one
