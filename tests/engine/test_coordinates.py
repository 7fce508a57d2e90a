"""The map to whitened coordinates: a bijection whose Jacobian is what it says."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lawbook.engine.coordinates import Coordinates, Offsets, condition, plain_coordinates

SIZE = 12
OFFSETS = (Offsets("recipe", np.array([[4, 8], [5, 9], [6, 10], [7, 11]]), np.array([2, 3])),)
PLAIN = np.isin(np.arange(SIZE), (0, 1))


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


@pytest.fixture
def coordinates():
    rng = np.random.default_rng(20261122)
    x = rng.normal(size=SIZE)
    root = rng.normal(size=(SIZE, SIZE))
    information = 30 * root @ root.T
    conditional = condition(OFFSETS[0], PLAIN, x, rng.normal(size=SIZE), information)
    rest = np.flatnonzero(~np.isin(np.arange(SIZE), OFFSETS[0].at))
    matrix = np.eye(SIZE)
    matrix[np.ix_(rest, rest)] = np.linalg.cholesky(np.cov(rng.normal(size=(rest.size, 40))))
    stretch = np.linalg.cholesky(np.cov(rng.normal(size=(SIZE, 40))))
    whole = (rng.normal(size=SIZE), stretch, rng.normal(size=SIZE), matrix, (conditional,))
    return jax.tree.map(jnp.asarray, Coordinates(*whole))


def test_a_position_comes_back_from_its_coordinates(coordinates):
    zeta = np.random.default_rng(1).normal(size=SIZE)
    x, _ = jax.jit(lambda zeta: coordinates.position(zeta, OFFSETS))(zeta)
    np.testing.assert_allclose(coordinates.inverse(np.asarray(x), OFFSETS), zeta, atol=1e-10)


def test_the_jacobian_is_that_of_the_map(coordinates):
    slopes = jax.jit(jax.jacfwd(lambda zeta: coordinates.position(zeta, OFFSETS)))
    position = jax.jit(lambda zeta: coordinates.position(zeta, OFFSETS))
    for seed in range(5):
        zeta = np.random.default_rng(seed).normal(size=SIZE)
        jacobian, _ = slopes(zeta)
        _, log_jacobian = position(zeta)
        constant = coordinates.matrix @ coordinates.stretch
        expected = np.linalg.slogdet(jacobian)[1] - np.linalg.slogdet(constant)[1]
        np.testing.assert_allclose(log_jacobian, expected, rtol=1e-10)


def test_offsets_of_a_gaussian_likelihood_become_independent_standard_normals():
    """Given spreads and the rest, levels with a quadratic likelihood are exactly whitened."""
    rng = np.random.default_rng(7)
    groups, p = 4, 2
    information = np.zeros((SIZE, SIZE))
    blocks = rng.normal(size=(groups, p, p))
    inside = blocks @ blocks.transpose(0, 2, 1) + np.eye(p)
    coupling = rng.normal(size=(groups, p, 2))
    centre = rng.normal(size=(groups, p))  # d log likelihood / d level at level 0, plain 0
    spread_0 = np.ones(p)
    at = OFFSETS[0].at
    for g in range(groups):
        information[np.ix_(at[g], at[g])] = inside[g]
        information[np.ix_(at[g], [0, 1])] = coupling[g]
    gradient = np.zeros(SIZE)
    gradient[at] = centre
    x = np.zeros(SIZE)
    x[OFFSETS[0].spread_at] = np.log(spread_0)
    conditional = condition(OFFSETS[0], PLAIN, x, gradient, information)
    flat = plain_coordinates(SIZE, OFFSETS)._replace(conditionals=(conditional,))

    def log_density(x):  # offsets given the rest, up to a constant
        level = jnp.exp(x[OFFSETS[0].spread_at]) * x[at]
        pull = centre - jnp.einsum("gij,j->gi", coupling, x[:2])
        quadratic = 0.5 * jnp.einsum("gi,gij,gj->", level, inside, level)
        return jnp.sum(level * pull) - quadratic - 0.5 * jnp.sum(x[at] ** 2)

    def of_epsilon(epsilon, rest):
        y = jnp.zeros(SIZE).at[:4].set(rest).at[at].set(epsilon)
        return log_density(flat.position(y, OFFSETS)[0])

    hessian_of, gradient_of = jax.jit(jax.hessian(of_epsilon)), jax.jit(jax.grad(of_epsilon))
    for seed in range(4):
        rest = np.random.default_rng(seed).normal(size=4) - [0, 0, 3 * seed, -seed]
        hessian = hessian_of(jnp.zeros((groups, p)), rest)
        gradient_at_zero = gradient_of(jnp.zeros((groups, p)), rest)
        square = np.reshape(hessian, (groups * p, groups * p))
        np.testing.assert_allclose(square, -np.eye(groups * p), atol=1e-9)
        np.testing.assert_allclose(gradient_at_zero, 0.0, atol=1e-9)
