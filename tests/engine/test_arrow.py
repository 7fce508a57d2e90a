"""Hessians by few directions are those by all of them."""

import jax
import numpy as np
import pytest

import lawbook
from lawbook.engine.arrow import places_of_groups
from lawbook.engine.cache import scoped_jax
from lawbook.engine.coordinates import Conditional, plain_coordinates, whitened
from lawbook.engine.curvature import curved
from lawbook.engine.density import compile_density, is_long, pad
from lawbook.engine.program import program_of
from lawbook.model.hierarchy import build


def many_groups():
    """Return two runs of each of 90 groups."""
    law = lawbook.load_law("chinchilla")
    labels = [f"r{i}" for i in range(90)]
    return lawbook.simulate(law, n=2, noise=0.01, seed=1, groups=labels)


@pytest.mark.parametrize(
    ("columns", "centred"), [(("recipe",), True), (("recipe", "corpus"), False)]
)
def test_a_hessian_of_a_long_hierarchy_is_that_of_all_directions(columns, centred):
    rng = np.random.default_rng(0)
    law = lawbook.load_law("chinchilla")
    frame = lawbook.simulate(law, n=1600, noise=0.01, seed=1).frame
    frame = frame.assign(recipe=rng.integers(3, size=1600), corpus=rng.integers(2, size=1600))
    runs = lawbook.read_runs(frame, law, by=columns)
    built = build(law, runs, {name: centred for name in ("E", "A", "B")})
    with scoped_jax():
        table = pad(built.model)
        assert is_long(table)
        program = program_of(built.model, None, built.offsets, built.spreads, built.apart)
        assert len(program.offsets) == (0 if centred else len(columns))
        size = program.density.layout.size
        rest = np.ones(size, dtype=bool)
        for block in program.offsets:
            rest[block.at] = False
        plain = plain_coordinates(size, program.offsets)
        mixed = np.eye(size) + 0.01 * rng.normal(size=(size, size)) * (rest[:, None] & rest)
        known = tuple(
            Conditional(
                c.information + 3 * np.eye(c.information.shape[-1]),
                rng.normal(size=c.pull.shape),
                0.1 * rng.normal(size=c.coupling.shape) * rest,
            )
            for c in plain.conditionals
        )
        exact = curved(whitened(program.density.log_density, program.offsets))
        whole = jax.jit(jax.vmap(exact, in_axes=(0, None, None)))
        for at in (plain, plain._replace(matrix=mixed, conditionals=known)):
            zetas = program.density.initial + 0.1 * rng.normal(size=(2, size))
            ours = program.measure(zetas, np.full(size, 1e-4), at, table)
            theirs = whole(zetas, at, table)
            scale = np.abs(theirs[2]).max()
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12 * scale)


def test_a_hundred_groups_take_as_many_directions_as_one():
    model = build(lawbook.load_law("chinchilla"), many_groups()).model
    with scoped_jax():
        at = places_of_groups(model, compile_density(model, apart=True))
    assert at is not None
    assert at.shape == (96, 4)  # E, A, B and sigma of each group, padded
