"""Whoever writes with lawbook under strict rules of a type checker is told of no fault of ours."""

import ast
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lawbook
import lawbook.datasets
import lawbook.priors
import lawbook.terms

REPOSITORY = Path(__file__).resolve().parent.parent


def pyright(*options):
    """What the type checker says, as JSON; the package's own folder is no library to it."""
    command = [sys.executable, "-m", "pyright", "--outputjson", *map(str, options)]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return json.loads(done.stdout)


def public():
    """Names under which the type checker knows what is public."""
    for name in lawbook.terms.__all__:
        yield f"lawbook.terms.{name}"  # its types stand in a stub
    yield "lawbook.datasets.tiny_lm"
    for module in (lawbook, lawbook.priors):
        for name in module.__all__:
            if hasattr(thing := getattr(module, name), "__qualname__"):
                yield f"{thing.__module__}.{thing.__qualname__}"


def test_the_type_of_every_public_name_and_of_its_members_is_known():
    found = pyright("--verifytypes", "lawbook", "--ignoreexternal")
    symbols, names = found["typeCompleteness"]["symbols"], set(public())
    assert names <= {symbol["name"] for symbol in symbols}
    ours = [s for s in symbols if any(f"{s['name']}.".startswith(f"{name}.") for name in names)]
    assert len(ours) > 500
    unknown = {
        symbol["name"]: [found["message"] for found in symbol["diagnostics"]]
        for symbol in ours
        if not symbol["isTypeKnown"] or symbol["isTypeAmbiguous"]
    }
    assert not unknown


def test_a_user_may_be_strict():
    found = pyright("tests/strict_user.py")
    assert found["summary"]["filesAnalyzed"] == 1
    assert not [said["message"] for said in found["generalDiagnostics"]]


def test_a_fault_in_what_a_user_writes_is_seen(tmp_path):
    file, text = tmp_path / "wrong.py", "# pyright: strict\nimport lawbook\n"
    for name in ("lawbook.fit('compute', [], {}=100)", "lawbook.backtest('compute', [], {}=1)"):
        file.write_text(text + name.format("drws"))
        [said] = pyright(file)["generalDiagnostics"]
        # a call that has several forms is refused as a whole
        assert said["rule"] == "reportCallIssue"
        assert ("drws" in said["message"]) == ("fit" not in name)
        file.write_text(text + name.format("draws" if "fit" in name else "seed"))
        assert not pyright(file)["generalDiagnostics"]


@pytest.mark.parametrize("name", lawbook.terms.__all__)
def test_the_types_of_terms_are_those_of_the_functions(name):
    stub = ast.parse((REPOSITORY / "src" / "lawbook" / "terms.pyi").read_text("utf-8"))
    declared = {node.name: node for node in stub.body if isinstance(node, ast.FunctionDef)}
    constants = [ast.unparse(n.target) for n in stub.body if isinstance(n, ast.AnnAssign)]
    assert set(declared) | set(constants) == set(lawbook.terms.__all__)
    if (function := getattr(lawbook.terms, name)) and not callable(function):
        return
    takes = declared[name].args
    parameters = inspect.signature(function).parameters.values()
    of_kind = {
        kind: [p.name for p in parameters if p.kind is kind]
        for kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    }
    assert list(of_kind.values()) == [
        [a.arg for a in takes.args],
        [a.arg for a in takes.kwonlyargs],
    ]
    defaults = [p.default for p in parameters if p.default is not inspect.Parameter.empty]
    said = [*takes.defaults, *takes.kw_defaults]
    assert defaults == [ast.literal_eval(value) for value in said if value is not None]
