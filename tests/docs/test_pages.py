"""The code on pages: it compiles, calls what exists by its parameters, and runs.

Blocks marked ``{code-cell}`` are run by the build of the documentation, and here: at once where a
page fits nothing, else with ``--slow``. Other blocks of Python stand for files that a reader does
not have; they are held to the signatures of what they call.
"""

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys

import pytest
from conftest import REPOSITORY

import lawbook

DOCS = REPOSITORY / "docs"
OWN = [DOCS, *(DOCS / name for name in ("concepts", "extend"))]  # not what the gallery writes
PAGES = [REPOSITORY / "README.md", *sorted(page for folder in OWN for page in folder.glob("*.md"))]
BLOCK = re.compile(r"^```(python|\{code-cell\})[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FITS = re.compile(r"lawbook\.fit\(")
# pages on extending import from files that a reader writes
TO_BE_WRITTEN = ("lawbook.decisions.reaching", "lawbook.plots.intervals")


def blocks(page, kind=None):
    """Return the code of a page, options of cells and magics left out."""
    found = BLOCK.findall(page.read_text("utf-8"))
    return [re.sub(r"^[:%].*\n", "", code, flags=re.M) for k, code in found if kind in (None, k)]


def name_of(page):
    return str(page.relative_to(REPOSITORY))


WRITTEN = [pytest.param(page, id=name_of(page)) for page in PAGES if blocks(page)]
EXECUTED = [
    pytest.param(page, id=name_of(page), marks=[pytest.mark.slow] * bool(FITS.search(text)))
    for page in PAGES
    if (text := "\n".join(blocks(page, "{code-cell}")))
]


def called(node):
    """Return what a call on a page calls, None where that is not the package's."""
    match node.func:
        case ast.Attribute(value=ast.Name(id="lawbook"), attr=name):
            return getattr(lawbook, name)
        case ast.Attribute(value=ast.Name(id="fit" | "alone" | "partial"), attr=name):
            return getattr(lawbook.Fit, name)
    return None


@pytest.mark.parametrize("page", WRITTEN)
def test_code_on_a_page_compiles_and_names_what_exists(page):
    for code in blocks(page):
        for node in ast.walk(ast.parse(code, name_of(page))):
            match node:
                case ast.Attribute(value=ast.Name(id="lawbook"), attr=name):
                    assert name in lawbook.__all__ or importlib.import_module(f"lawbook.{name}")
                case ast.ImportFrom(module=str(source)) if source.startswith("lawbook"):
                    if source not in TO_BE_WRITTEN:
                        home = importlib.import_module(source)
                        assert all(hasattr(home, alias.name) for alias in node.names), source
                case ast.Call():
                    known = called(node)
                    if known is not None and not inspect.isclass(known):
                        keywords = [k.arg for k in node.keywords if k.arg]
                        takes = inspect.signature(known).parameters
                        open_ended = any(p.kind is p.VAR_KEYWORD for p in takes.values())
                        assert open_ended or set(keywords) <= set(takes), ast.unparse(node)


@pytest.mark.parametrize("page", EXECUTED)
def test_code_on_a_page_runs(page, tmp_path):
    program = "\n".join(blocks(page, "{code-cell}"))
    environment = os.environ | {"MPLBACKEND": "agg"}
    subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=tmp_path, env=environment, timeout=900
    )


def test_a_law_that_the_readme_shows_is_complete(tmp_path):
    [code] = [code for code in blocks(PAGES[0], "python") if "LAW = Law(" in code]
    (tmp_path / "my_law.py").write_text(code)
    law = lawbook.load_law(str(tmp_path / "my_law.py"))
    assert len(lawbook.simulate(law, n=10)) == 10


def test_every_page_is_reached_from_the_first():
    index = (DOCS / "index.md").read_text("utf-8")
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```$", index, re.DOTALL | re.MULTILINE)
    lines = "\n".join(trees).splitlines()
    listed = {line.rpartition("<")[2].rstrip(">") for line in lines if line and line[0] != ":"}
    pages = {str(page.relative_to(DOCS).with_suffix("")) for page in PAGES[1:]} - {"index"}
    assert pages - {"comparisons"} <= listed
