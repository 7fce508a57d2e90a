"""Where the runs point: which inputs grow beyond them, in which ratio, and what the others keep.

Pictures, verdicts and reports go this one way.
"""

from typing import NamedTuple

import numpy as np

from lawbook.laws.values import priced
from lawbook.posterior.mixture import Asked


class Direction(NamedTuple):
    """The usual way beyond the runs.

    Attributes
    ----------
    growing
        Inputs that grow together: two that cost something; where it is one, or none, that input
        or the first.
    middle
        Each input in the middle of the runs, of all groups: the geometric mean of two that grow
        together, whose ratio is kept, and the median of the others.
    """

    growing: tuple[str, ...]
    middle: dict[str, float]


def direction(fit: Asked) -> Direction:
    """Return the usual way beyond the runs of a fit, or of a mixture of some."""
    law, inputs = fit.law, fit.runs.inputs
    growing = tuple(priced(law)[:2] or law.input_names[:1])
    middle = {name: float(np.median(values)) for name, values in inputs.items()}
    if len(growing) > 1:
        middle |= {name: float(np.exp(np.mean(np.log(inputs[name])))) for name in growing}
    return Direction(growing, middle)
