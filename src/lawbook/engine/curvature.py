"""Values, gradients and Hessians of functions of a position, to be compiled.

Exact Hessians take the compiler longer than NUTS does, and a fit needs few of them. So those of
the posterior are central differences of its gradient, which is compiled anyway.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp


def curved(function: Callable) -> Callable:
    """Return ``f(x, *others) -> (value, gradient, Hessian)``, by a function's first argument."""

    def one(x, *others):
        def gradient_and_value(x):
            value, gradient = jax.value_and_grad(function)(x, *others)
            return gradient, (value, gradient)

        hessian, (value, gradient) = jax.jacfwd(gradient_and_value, has_aux=True)(x)
        return value, gradient, hessian

    return one


def curvatures(log_density: Callable) -> Callable:
    """Return ``f(zetas, steps, coordinates, table) -> (values, gradients, Hessians)``.

    All three are of ``log_density(zeta, coordinates, table)``, at several points at once; ``steps``
    says how far along each coordinate gradients are compared, shape (size,).
    """
    slope = jax.vmap(jax.value_and_grad(log_density), in_axes=(0, None, None))

    def measure(zetas, steps, coordinates, table):
        count, size = zetas.shape
        ahead, behind = (zetas[:, None] + side * jnp.diag(steps) for side in (1, -1))
        points = jnp.concatenate([zetas[:, None], ahead, behind], axis=1)
        values, gradients = slope(points.reshape(-1, size), coordinates, table)
        gradients = gradients.reshape(count, 1 + 2 * size, size)
        here, after, before = jnp.split(gradients, [1, 1 + size], axis=1)
        moved = jnp.diagonal(ahead - behind, axis1=1, axis2=2)  # what rounding left of the steps
        columns = (after - before) / moved[:, :, None]
        hessians = (columns + jnp.swapaxes(columns, 1, 2)) / 2
        return values.reshape(count, -1)[:, 0], here[:, 0], hessians

    return measure
