"""Links: the lines on which quantities are pooled, and on which noise is symmetric.

``"log"`` for what is positive, ``"logit"`` for shares, ``"identity"`` otherwise.
"""

from typing import Any

import numpy as np

from lawbook.terms import logistic, logit


def to_link(link: str, value, xp: Any = np):
    """Map values to the real line.

    Parameters
    ----------
    link
        ``"log"``, ``"logit"`` or ``"identity"``.
    value
        A number or an array of any shape.
    xp
        NumPy or `jax.numpy`.

    Examples
    --------
    >>> float(to_link("logit", 0.5))
    0.0
    """
    match link:
        case "log":
            return xp.log(value)
        case "logit":
            return logit(xp, value)
    return value


def from_link(link: str, u, xp: Any = np):
    """Map the real line back to values: the inverse of `to_link`.

    Examples
    --------
    >>> float(from_link("log", 0.0))
    1.0
    """
    match link:
        case "log":
            return xp.exp(u)
        case "logit":
            return logistic(xp, u)
    return u
