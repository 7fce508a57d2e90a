"""Where laws are found: the files of ``models/``, and a user's own."""

import difflib
import importlib
import importlib.util
import pkgutil
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from lawbook.errors import LawError, listed
from lawbook.laws.law import Law


@cache
def all_laws() -> tuple[Law, ...]:
    """Return every law of the book, by name.

    >>> import lawbook
    >>> "chinchilla" in [law.name for law in lawbook.all_laws()]
    True
    """
    folder = importlib.import_module("lawbook.models").__path__
    found = []
    for module in pkgutil.iter_modules(folder):
        if module.name.startswith("_"):  # what several laws share
            continue
        found += laws_of(importlib.import_module(f"lawbook.models.{module.name}"))
    return tuple(sorted(found, key=lambda law: law.name))


def page(law: Law) -> str:
    """Return what the law's file says of it."""
    return (getattr(law.formula, "__globals__", {}).get("__doc__") or "").strip()


def load_law(source: str | Path) -> Law:
    """Return a law of the book by its name, or a user's own by the path of its file.

    Parameters
    ----------
    source
        ``"chinchilla"``, ``"my_law.py"``, or ``"my_laws.py:name"`` where the file binds several.

    Raises
    ------
    LawError
        If there is no such law or file, or the file binds no law.
    """
    text = str(source)
    path, _, wanted = text.rpartition(":") if ".py:" in text else (text, "", "")
    if path.endswith(".py"):
        return _choose(laws_of(_module_at(Path(path))), wanted, path)
    by_name = {law.name: law for law in all_laws()}
    if text in by_name:
        return by_name[text]
    near = difflib.get_close_matches(text, by_name, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "look it up with lawbook.find, or lawbook laws"
    raise LawError(
        f"law {text!r}: the book has no law of that name; expected a law of the book or a path "
        f"that ends in .py; {hint}"
    )


def laws_of(module: ModuleType) -> list[Law]:
    """Return the laws that a module binds as ``LAW`` or ``LAWS``."""
    bound = list(getattr(module, "LAWS", ())) or [getattr(module, "LAW", None)]
    laws = [law for law in bound if isinstance(law, Law)]
    if len(laws) < len(bound):
        raise LawError(
            f"{module.__file__}: the file binds no law; expected LAW = Law(...), or "
            "LAWS = (...) for several; add it"
        )
    return laws


def _module_at(path: Path) -> ModuleType:
    if not path.is_file():
        raise LawError(
            f"{path}: there is no such file; expected a Python file that binds LAW; "
            "correct the path"
        )
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None  # the name ends in .py
    module = importlib.util.module_from_spec(spec)
    try:
        # dataclasses and inspect look a function's module up by name
        sys.modules.setdefault(spec.name, module)
        spec.loader.exec_module(module)
    except LawError:
        raise
    except Exception as error:
        raise LawError(
            f"{path}: running it failed with {type(error).__name__}: {error}; "
            "expected a Python file that binds LAW; correct the file"
        ) from error
    finally:
        if sys.modules.get(spec.name) is module:
            del sys.modules[spec.name]
    return module


def _choose(laws: list[Law], wanted: str, path: str) -> Law:
    if not wanted and len(laws) == 1:
        return laws[0]
    for law in laws:
        if law.name == wanted:
            return law
    raise LawError(
        f"{path}: the file binds the laws {listed(law.name for law in laws)}; "
        f"expected one of them after a colon, as in {path}:{laws[0].name}"
    )
