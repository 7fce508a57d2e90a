"""Methods of `Fit` and `Together` are documented as the functions that they call, without a fit.

A method says in one line what it does and ends in "see `lawbook.some.function`.", so that neither
the text nor its examples stand twice in the code.
"""

import importlib
import inspect
import re
from typing import Any

CALLED = re.compile(r"see `(lawbook(?:\.\w+)+)\.(\w+)`\.$")
OF_FIT = re.compile(r"Parameters\n-+\nfit\n((?: {4}.*\n|\n(?= {4}))*)")
KNOWN = re.compile(r"A fitted law(, or a mixture of some)?\.")


def full(said: str) -> str:
    """Return the docstring of the function that a method's only sentence points to.

    What the function says of its fit, beside that it is one, becomes a paragraph.

    >>> print(full("Predict; see `lawbook.posterior.prediction.predict`.").splitlines()[0])
    Predict the response at points.
    """
    found = CALLED.search(said.strip())
    if found is None:
        return said
    module, name = found.groups()
    text = inspect.getdoc(getattr(importlib.import_module(module), name)) or ""
    if (of_fit := OF_FIT.search(text)) is None:  # that function takes no fit
        return said
    more = KNOWN.sub("", inspect.cleandoc(of_fit[1]), count=1).strip()
    rest = text[of_fit.end() :].lstrip("\n")
    takes_more = rest and not re.match(r"\w+\n-+\n", rest)
    left = f"Parameters\n----------\n{rest}" if takes_more else rest
    return text[: of_fit.start()] + (f"{more}\n\n" if more else "") + left


def setup(app: Any) -> dict[str, Any]:
    """Tell Sphinx what this extension does."""

    def replace(app, what: str, name: str, obj, options, lines: list[str]) -> None:
        if name.startswith(("lawbook.Fit.", "lawbook.Together.")):
            lines[:] = full("\n".join(lines)).splitlines()

    app.connect("autodoc-process-docstring", replace, priority=400)  # before numpydoc reads it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
