"""How far a position is from a draw of the prior and from what responses tell: the loss of refits.

A position is centre + scale * u, and its loss

    |u|^2 / 2 - sum over atoms of weight * log likelihood(atom | position)
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from lawbook.engine.curvature import curved
from lawbook.engine.density import Density, Table


def losses(density: Density) -> dict[str, Callable]:
    """Return functions of many draws at once, to be compiled.

    All are ``f(u, centres, told, scale, weights, table)`` with one row a draw in the first three,
    ``told`` of the shape (draws, atoms, runs): ``slopes`` returns losses and gradients, ``curves``
    Hessians as well. The model has one observed variable.
    """

    def loss(u, centre, told, scale, weights, table: Table):
        (observed,) = (name for name in density.dims if f"{name}_observed" in table.values)

        def likelihood(y):
            values = table.values | {f"{observed}_observed": y}
            terms, _ = density.evaluate(centre + scale * u, table._replace(values=values))
            return jnp.sum(jnp.where(table.weights["run"] > 0, terms[observed], 0.0))

        return 0.5 * jnp.sum(u**2) - weights @ jax.vmap(likelihood)(told)

    axes = (0, 0, 0, None, None, None)
    return {
        "slopes": jax.vmap(jax.value_and_grad(loss), in_axes=axes),
        "curves": jax.vmap(curved(loss), in_axes=axes),
    }
