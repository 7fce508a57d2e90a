"""A formula as Python sees it: what it takes, what it calls, and its source."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from lawbook.errors import LawError

type Formula = Callable[..., Any]  # of a law, its cost or a quantity


def arguments(culprit: str, formula: object, form: str) -> tuple[list[str], list[str]]:
    """Return what a formula takes after ``xp``: by position, and by keyword only."""
    if not inspect.isfunction(formula):
        raise LawError(f"{culprit}: its formula is {formula!r}; expected a plain function")
    kinds = inspect.Parameter
    parameters = list(inspect.signature(formula).parameters.values())
    given = [p.name for p in parameters if p.kind is kinds.POSITIONAL_OR_KEYWORD]
    named = [p.name for p in parameters if p.kind is kinds.KEYWORD_ONLY]
    if len(given) + len(named) < len(parameters):
        raise LawError(
            f"{culprit}: its formula takes *args, **kwargs or positional-only arguments; "
            f"expected {form}, each by name"
        )
    return given[1:], named


def takes(*inputs: str, params: Iterable[str] = ()) -> Callable[[Formula], Formula]:
    """Name what a formula takes as ``*inputs`` and ``**params``, of which laws can have many.

    Examples
    --------
    >>> @takes("x1", "x2")
    ... def response(xp, *x, a):
    ...     return a * sum(x)
    >>> arguments("a law", response, "")
    (['x1', 'x2'], ['a'])
    """
    kinds = inspect.Parameter
    named = {
        kinds.VAR_POSITIONAL: [kinds(x, kinds.POSITIONAL_OR_KEYWORD) for x in inputs],
        kinds.VAR_KEYWORD: [kinds(name, kinds.KEYWORD_ONLY) for name in params],
    }

    def name(formula: Formula) -> Formula:
        own = inspect.signature(formula).parameters.values()
        spelled = [p for each in own for p in named.get(each.kind, [each])]
        formula.__signature__ = inspect.Signature(spelled)  # pyright: ignore
        return formula

    return name


def with_called(function: Formula) -> list[Formula]:
    """Return a function, then those of its module that it calls, and what these call."""
    found = [function]
    for caller in found:  # grows as it goes
        known = caller.__globals__
        called = (known.get(name) for name in caller.__code__.co_names)
        found += dict.fromkeys(f for f in called if inspect.isfunction(f) and f not in found)
    return found


def written(function: Formula) -> str:
    """Source of a function, or its byte code where it was typed at a prompt."""
    try:
        return inspect.getsource(function)
    except OSError:
        code = function.__code__
        constants = [c for c in code.co_consts if isinstance(c, int | float | str)]
        return repr((code.co_names, constants, code.co_code))
