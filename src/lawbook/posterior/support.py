"""Draws outside of what a response can be: where a law leads there, it is said.

Noise on the log multiplies the law's value and leaves its sign as it is, and it keeps no share
below one. Whether a formula goes there cannot be known when it is declared, so predictions and
comparisons count such draws.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lawbook.data.faults import interval
from lawbook.laws.symbols import Response
from lawbook.wording import place


def impossible(response: Response, draws: np.ndarray) -> np.ndarray:
    """Return the share of draws that lie outside of what a response can be, (points,).

    Parameters
    ----------
    response
        Its noise and its unit say what it can be.
    draws
        In the response's unit, shape (points, draws). What is no number counts as outside.
    """
    low, high = response.possible
    inside = (draws >= low) & (draws <= high) & ~np.isinf(draws)
    return 1 - inside.mean(axis=1)


def impossible_in_words(
    response: Response, draws: np.ndarray, rows: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> str:
    """Return a sentence about draws outside of what a response can be; empty where there are none.

    Parameters
    ----------
    response, draws
        As for `impossible`.
    rows
        What each point is, by name.
    names
        Of what says where a point is.
    """
    shares = impossible(response, draws)
    count, worst = int(np.sum(shares > 0)), int(np.argmax(shares))
    if not count:
        return ""
    where = ", ".join(f"{name} = {place(rows[worst][name])}" for name in names)
    also = f", and some at {count:,} of {len(rows):,} points," if count > 1 else ""
    some = f"{shares[worst]:.0%}" if shares[worst] >= 0.01 else "Fewer than 1%"
    return (
        f"{some} of the draws of {response.name} at {where}{also} lie outside of what it can be "
        f"({interval(response.possible)}): the law does not hold there. Stay nearer to the runs, "
        "or take a law that keeps within."
    )
