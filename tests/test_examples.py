"""The examples in docstrings do what they say."""

import doctest
import importlib
import pkgutil

import pytest

import lawbook

MODULES = [
    module.name
    for module in pkgutil.walk_packages(lawbook.__path__, "lawbook.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert not failed
