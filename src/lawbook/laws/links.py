"""Links: the lines on which quantities are pooled, and on which noise is added.

``"log"`` for what is positive, ``"logit"`` for shares, ``"identity"`` otherwise.
"""

import importlib
from typing import Any

from lawbook.laws.terms import logistic, logit


def to_link(link: str, value: Any, xp: Any = None) -> Any:
    """Map values to the real line.

    Parameters
    ----------
    link
        ``"log"``, ``"logit"`` or ``"identity"``.
    value
        A number or an array of any shape.
    xp
        `jax.numpy`, or NumPy by default.

    Examples
    --------
    >>> float(to_link("logit", 0.5))
    0.0
    """
    xp = xp or importlib.import_module("numpy")
    match link:
        case "log":
            return xp.log(value)
        case "logit":
            return logit(xp, value)
    return value


def from_link(link: str, u: Any, xp: Any = None) -> Any:
    """Map the real line back to values: the inverse of `to_link`.

    Examples
    --------
    >>> float(from_link("log", 0.0))
    1.0
    """
    xp = xp or importlib.import_module("numpy")
    match link:
        case "log":
            return xp.exp(u)
        case "logit":
            return logistic(xp, u)
    return u


def moved(link: str, value: Any, by: Any) -> Any:
    """Return what lies away from values by some distance on the line, in their own unit.

    Examples
    --------
    >>> float(moved("logit", 0.5, 0.0))
    0.5
    """
    import numpy as np

    if link == "log":
        return value * np.exp(by)
    return from_link(link, to_link(link, value) + by)


def log_slope(link: str, value: Any) -> Any:
    """Return the log of how fast values grow along the line: a density there, less it, is theirs.

    Examples
    --------
    >>> round(float(log_slope("log", 2.0)), 3)
    0.693
    """
    import numpy as np

    match link:
        case "log":
            return np.log(value)
        case "logit":
            return np.log(value * (1 - value))
    return 0.0
