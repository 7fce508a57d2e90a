"""The examples in docstrings do what they say."""

import doctest
import importlib
import pkgutil

import pytest

import lawbook

# the posterior of two pools is a long ridge: two and a half minutes of a processor, while
# tests/decisions/test_unions.py asks the same of draws from the prior
LONG = {"lawbook.decisions.unions"}
MODULES = [
    pytest.param(module.name, marks=[pytest.mark.slow] if module.name in LONG else [])
    for module in pkgutil.walk_packages(lawbook.__path__, "lawbook.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert not failed
