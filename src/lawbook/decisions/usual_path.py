"""The usual path: where a question goes that names no points, and where it ends.

Demo, report and command line all ask here, so that one question has one answer.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lawbook.decisions.paths import (
    FixedRatio,
    OneInput,
    Path,
    growth,
    labels_within,
    scale_name,
    trace,
)
from lawbook.posterior.direction import direction
from lawbook.posterior.mixture import Asked


class UsualPath(NamedTuple):
    """The path that goes on as the runs do.

    Attributes
    ----------
    path
        Two inputs that cost something grow in the ratio that the runs have in the geometric
        mean; where it is one, or none, that input or the first grows alone. All others keep the
        runs' median; see `lawbook.posterior.direction`.
    scale
        ``"cost"``, or the input that grows.
    upto
        Where it ends on that scale: at 100 times the largest run's, or at that itself where the
        one input that grows has an end or is a loss.
    end
        The inputs there.
    """

    path: Path
    scale: str
    upto: float
    end: dict[str, float]


def usual_path(fit: Asked) -> UsualPath:
    """Return the usual path of a fit, or of a mixture of some.

    Examples
    --------
    >>> import lawbook
    >>> from lawbook.decisions.usual_path import usual_path
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> round(usual_path(fit).end["C"] / fit.runs.largest["C"], 6)
    100.0
    """
    law, (growing, middle) = fit.law, direction(fit)
    held = {name: value for name, value in middle.items() if name not in growing}
    if len(growing) == 1:
        path: Path = OneInput(growing[0], **held)
    else:
        per, of = growing
        path = FixedRatio(of, per, middle[of] / middle[per], held)
    scale = scale_name(law, path)
    upto = growth(law, scale) * fit.runs.largest[scale]
    end = trace(fit, path, np.array([upto])).iloc[0]
    return UsualPath(path, scale, upto, {str(name): float(value) for name, value in end.items()})


def usual_end(fit: Asked, within: Mapping[str, str] | None) -> dict[str, float | str]:
    """Return the point where the usual path ends, with labels in grouping columns."""
    return {**usual_path(fit).end, **labels_within(fit, within)}
