"""Hessians by differences are those of second derivatives, where noise is small, too."""

import jax
import numpy as np
import pytest

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.coordinates import plain_coordinates, whitened
from lawbook.engine.curvature import curved
from lawbook.engine.density import pad
from lawbook.engine.program import program_of
from lawbook.engine.start import find_start
from lawbook.model.hierarchy import build


def compiled(noise):
    """Return a program of groups that share nothing, its data, and its exact curvatures."""
    law = lawbook.load_law("chinchilla").with_pooling("none")
    runs = lawbook.simulate(law, n=30, noise=noise, seed=1, groups=["a", "b"])
    built = build(law, runs)
    program = program_of(built.model, None, built.offsets, built.spreads)
    exact = curved(whitened(program.density.log_density, program.offsets))
    return program, pad(built.model), jax.jit(exact)


def test_differences_are_second_derivatives():
    with scoped_jax():
        program, table, exact = compiled(noise=0.01)
        size = program.density.layout.size
        plain = plain_coordinates(size, program.offsets)
        zetas = program.density.initial + 0.1 * np.random.default_rng(2).normal(size=(3, size))
        found = program.measure(zetas, np.full(size, 1e-6), plain, table)
        for k, zeta in enumerate(zetas):
            value, gradient, hessian = exact(zeta, plain, table)
            np.testing.assert_allclose(found[0][k], value, rtol=1e-12)
            np.testing.assert_allclose(found[1][k], gradient, rtol=1e-9)
            np.testing.assert_allclose(found[2][k], hessian, atol=1e-6 * np.abs(hessian).max())


@pytest.mark.parametrize("noise", [1e-2, 1e-4])
def test_sampling_begins_where_second_derivatives_make_it_round(noise):
    with scoped_jax():
        program, table, exact = compiled(noise)
        rng, initial = np.random.default_rng(1), program.density.initial
        options = (program.offsets, program.held, table, rng)
        found = find_start(program.measure, initial, *options)
        hessian = exact(np.zeros(len(initial)), found.coordinates, table)[2]
    # a direction that neither runs nor prior tell of is no wider than 1.4 prior sds
    curvature = np.linalg.eigvalsh(-hessian)
    told = curvature > 0.6
    assert told.sum() >= len(initial) - 2
    np.testing.assert_allclose(curvature[told], 1.0, atol=1e-3)
