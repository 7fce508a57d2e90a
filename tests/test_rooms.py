"""The plan of the house: which room may know which, and which library each may load.

Imports are read as text, those inside functions and those for type checkers included, so that no
clever spelling gets past. The plan is `docs/rooms.py`, which the documentation draws; what a room
is for stands in its ``__init__``.
"""

import ast
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest
from rooms import FLOORS, HOUSE, MAY_LOAD

import lawbook

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def module_of(path):
    """Dotted name of a file below the package, as in ``laws.law``."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in HOUSE.rglob("*.py") if path != HOUSE / "__init__.py"}


def home_of(name, inside):
    """Return the module that a name imported from ``inside`` stands for."""
    if f"{inside}.{name}".lstrip(".") in FILES:
        return f"{inside}.{name}".lstrip(".")
    return inside or lawbook._HOME[name]


@cache
def imports_of(module):
    """Return the modules of the house and the libraries that a file names anywhere."""
    ours, theirs = set(), set()
    for node in ast.walk(ast.parse(FILES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found = [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            found = [(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        for source, name in found:
            first, _, inside = source.partition(".")
            if first != "lawbook":
                theirs |= {first} - sys.stdlib_module_names
            elif name != "__version__":
                ours.add(inside if name is None else home_of(name, inside))
    return frozenset(ours - {module}), frozenset(theirs)


def room_of(module):
    return module.partition(".")[0]


@pytest.mark.parametrize("module", FILES)
def test_a_file_knows_its_own_room_and_those_below(module):
    room = room_of(module)
    for other in imports_of(module)[0]:
        below = FLOOR[room_of(other)] < FLOOR[room]
        assert below or room_of(other) == room, f"{module} imports {other}"


def test_no_files_import_each_other_in_a_circle():
    graph = {module: imports_of(module)[0] for module in FILES}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("module", FILES)
def test_a_file_loads_no_library_that_its_room_may_not(module):
    strange = imports_of(module)[1] - MAY_LOAD[room_of(module)]
    assert not strange, f"{module} loads {sorted(strange)}"


@pytest.mark.parametrize("room", sorted({room_of(m) for m in FILES if "." in m}))
def test_a_room_says_its_rule(room):
    text = ast.get_docstring(ast.parse((HOUSE / room / "__init__.py").read_text("utf-8"))) or ""
    assert len(text) > 60, f"{room}: its __init__ does not say what the room is for"


@pytest.mark.parametrize("module", FILES)
def test_a_file_is_below_four_hundred_lines_and_its_functions_below_sixty(module):
    text = FILES[module].read_text("utf-8")
    assert text.count("\n") < 400, f"{module} is too long"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            spoken = isinstance(node.body[0], ast.Expr) and isinstance(
                node.body[0].value, ast.Constant
            )
            first = node.body[1 if spoken and len(node.body) > 1 else 0]
            length = (node.end_lineno or 0) - first.lineno + 1
            assert length < 60, f"{module}.{node.name} has {length} lines"
