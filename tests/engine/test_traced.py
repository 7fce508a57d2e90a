"""Traced programs on disk: what is found again, and above all what must not be."""

import jax.numpy as jnp
import numpy as np
import pymc as pm
import pytest

from lawbook.engine import program
from lawbook.engine import traced as stored
from lawbook.engine.cache import scoped_jax
from lawbook.engine.sampling import sample
from lawbook.engine.settings import Settings
from lawbook.engine.traced import Stored, fingerprint

QUICK = Settings(draws=100, max_draws=100, chains=2, seed=1)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "cache_folder", lambda: tmp_path)
    return tmp_path / "traced"


def shifted(shifts):
    """Return a model of numbers near 3 whose constants, not its data, say how far a is off."""
    y = 3.0 + 0.1 * np.random.default_rng(0).normal(size=8)
    with pm.Model(coords={"run": range(8)}) as model:
        observed = pm.Data("y_observed", y, dims="run")
        pm.Normal("y", pm.Normal("a", 0, 10) + shifts, 0.1, observed=observed, dims="run")
    return model


def refuse(*_):
    raise AssertionError("traced, though a file holds it")


def test_what_was_traced_once_is_not_traced_again_and_draws_the_same(folder, monkeypatch):
    first = sample(shifted(0.0), QUICK)
    assert len(list(folder.iterdir())) == 3
    monkeypatch.setattr(program, "run_block", lambda *_: refuse)
    monkeypatch.setattr(program, "curvatures", lambda *_: refuse)
    again = sample(shifted(0.0), QUICK)
    np.testing.assert_array_equal(first.variables["a"], again.variables["a"])


@pytest.mark.parametrize("size", [1, 8], ids=["number", "table"])
def test_another_constant_in_the_formula_is_another_program(size):
    """No name and no version tells these models apart: only what they compute does."""
    for shift in (0.0, 1.0):
        shifts = np.full(size, shift) if size > 1 else shift
        draws = sample(shifted(shifts), QUICK).variables["a"]
        assert draws.mean() == pytest.approx(3.0 - shift, abs=0.1)


def test_damaged_files_are_written_again(folder):
    first = sample(shifted(0.0), QUICK)
    for path in folder.iterdir():
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    again = sample(shifted(0.0), QUICK)
    np.testing.assert_array_equal(first.variables["a"], again.variables["a"])
    assert all(stored._read(path) is not None for path in folder.iterdir())


def test_a_folder_that_cannot_be_written_costs_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(stored, "cache_folder", lambda: tmp_path / "file")
    assert Stored(lambda x: x + 1, "next", "key")(2.0) == 3.0


def test_other_versions_and_other_code_are_other_programs(tmp_path, monkeypatch):
    found = [fingerprint("graph")]
    assert fingerprint("graph") == found[0]
    found.append(fingerprint("other graph"))
    with scoped_jax():
        found.append(fingerprint("graph"))
    monkeypatch.setattr(stored, "version", lambda name: "0")
    found.append(fingerprint("graph"))
    monkeypatch.setattr(stored, "__file__", str(tmp_path / "stored.py"))
    found.append(fingerprint("graph"))
    assert len(set(found)) == 5


def test_every_shape_and_type_has_its_own_program(folder):
    double = Stored(lambda x: x * 2, "double", "key")
    for x in (jnp.ones(3), jnp.ones(4), jnp.ones(3, dtype=int), jnp.ones(4)):
        result = double(x)
        assert result.dtype == x.dtype
        np.testing.assert_array_equal(result, 2 * np.ones(x.shape))
    assert len(list(folder.iterdir())) == 3
    Stored(lambda x: x * 3, "triple", "key")(jnp.ones(3))
    assert len(list(folder.iterdir())) == 4
