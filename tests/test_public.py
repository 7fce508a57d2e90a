"""What users import: every public name is at `lawbook`, known to editors, and loaded on use."""

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import lawbook

HEAVY = ("numpy", "scipy", "pandas", "xarray", "pymc", "pytensor", "jax", "arviz", "matplotlib")
IMPORT = """
import json, sys, time
start = time.perf_counter()
import lawbook
print(json.dumps({"seconds": time.perf_counter() - start, "modules": list(sys.modules)}))
"""


@pytest.fixture(scope="module")
def imported():
    """What `import lawbook` takes in new processes, and loads."""
    command = [sys.executable, "-c", IMPORT]
    return [json.loads(subprocess.check_output(command, text=True)) for _ in range(3)]


def test_importing_lawbook_takes_less_than_a_third_of_a_second(imported):
    assert min(found["seconds"] for found in imported) < 0.3


def test_importing_lawbook_loads_no_library(imported):
    loaded = {name.partition(".")[0] for name in imported[0]["modules"]}
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("name", lawbook.__all__)
def test_every_public_name_is_there(name):
    assert getattr(lawbook, name) is not None
    assert name in dir(lawbook)


@pytest.mark.parametrize("name", ["datasets", "learned", "priors", "terms"])
def test_a_module_of_names_is_there_without_an_import_of_its_own(name):
    code = f"import lawbook; print(lawbook.{name}.__name__)"
    shown = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert shown == f"lawbook.{name}\n"


def test_what_is_not_public_is_named():
    with pytest.raises(AttributeError, match=r"^module 'lawbook' has no attribute 'fitt'$"):
        getattr(lawbook, "fitt")  # noqa: B009


def test_type_checkers_and_editors_know_the_names_that_are_loaded_on_use():
    tree = ast.parse(Path(lawbook.__file__).read_text("utf-8"))
    [typed] = [node for node in tree.body if isinstance(node, ast.If)]
    assert isinstance(typed.test, ast.Name)
    assert typed.test.id == "TYPE_CHECKING"
    found = {}
    for node in typed.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            value = getattr(importlib.import_module(str(node.module)), alias.name)
            found[alias.asname] = node.module
            assert value is getattr(lawbook, str(alias.asname))
    homes = {name: f"lawbook.{home}" for name, home in lawbook._HOME.items()}
    assert found == homes
