r"""What sources say of the population of groups: members of it that are summed out.

A source says of the pooled quantities u of its groups, with precision :math:`R^\top R`, that
:math:`y = R u` plus a standard normal. Its groups lie around the same population as those of the
runs, :math:`u \sim \mathrm{Normal}(m, T)`, so that

.. math::
    y \sim \mathrm{Normal}(R m,\; I + R T R^\top)

exactly, and no unknown is added. The pooling of a parameter says what a source shares with the
runs, as it says what groups share: with partial pooling m is the population and T the square of its
spread, with full pooling m is the one value and T is zero, and without pooling m and T are those of
the prior, from which nothing is learned.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor.linalg import cholesky, solve_triangular

from lawbook.laws.kernels import HALF_LOG_2PI
from lawbook.laws.sources import Source

NAME = "informed_by"  # of the observed variable
SOURCE, ROW, PLACE = DIMS = tuple(f"{NAME}_{dim}" for dim in ("source", "row", "place"))
LEAST = 1e-9  # precision over the largest one: below is rounding


class Population(NamedTuple):
    """Mean and variance of the groups of a parameter on the link scale."""

    mean: Any
    variance: Any

    def wider(self, spread: Any) -> "Population":
        """Return that of groups which also spread by so much."""
        return Population(self.mean, self.variance + spread**2)


def observations(source: Source) -> tuple[np.ndarray, np.ndarray]:
    """Return R and y of a source, shapes (rows, quantities) and (rows,)."""
    precision = np.array(source.precision)
    scale = np.sqrt(np.maximum(np.diag(precision), np.finfo(float).tiny))
    curvature, axes = np.linalg.eigh(precision / scale / scale[:, None])
    told = curvature > LEAST * curvature[-1]
    root = np.sqrt(curvature[told])
    loadings = root[:, None] * axes[:, told].T * scale
    slope = axes[:, told].T @ (np.array(source.slope) / scale) / root
    return loadings, slope + loadings @ np.array(source.at)


def observe_sources(
    sources: Sequence[Source], populations: Mapping[str, Population]
) -> tuple[int, ...]:
    """Add what sources say to the model in context, a term each.

    Parameters
    ----------
    sources
        At least one.
    populations
        By parameter; of all that a source knows.

    Returns
    -------
    tuple
        Lengths that the model's graph has by itself, whatever its data.
    """
    names = [name for name in populations if any(name in source.known for source in sources)]
    found = [observations(source) for source in sources]
    rows = max(len(y) for _, y in found)
    places = max(len(source.params) for source in sources)
    loadings = np.zeros((len(sources), rows, places))
    seen, params = np.zeros((len(sources), rows)), np.zeros((len(sources), places), dtype=int)
    for i, (source, (r, y)) in enumerate(zip(sources, found, strict=True)):
        loadings[i, : len(r), : r.shape[1]], seen[i, : len(y)] = r, y
        params[i, : len(source.params)] = [names.index(name) for name in source.params]
    model: Any = pm.modelcontext(None)
    model.add_coords({SOURCE: [s.name for s in sources], ROW: range(rows), PLACE: range(places)})
    # what pads rows or quantities repeats the last, so it is cut off again
    data: Any = pm.Data
    r = data(f"{NAME}_loadings", loadings, dims=(SOURCE, ROW, PLACE))[:, :rows, :places]
    y = data(f"{NAME}_seen", seen, dims=(SOURCE, ROW))[:, :rows]
    at = data(f"{NAME}_params", params, dims=(SOURCE, PLACE))[:, :places]

    def of_places(part: str) -> Any:
        each: Any = pt.stack(
            [pt.as_tensor(getattr(populations[name], part)) * 1.0 for name in names]
        )
        return each[at]

    mean: Any = of_places("mean")
    variance: Any = of_places("variance")
    # without rows in a source its terms are those of a standard normal at zero, a constant
    expected: Any = pt.sum(r * mean[:, None, :], axis=2)
    residual = y - expected
    eye: Any = pt.eye(rows)
    spread = eye[None] + pt.matmul(r * variance[:, None, :], r.transpose(0, 2, 1))
    observed = pm.Data(f"{NAME}_observed", np.zeros(len(sources)), dims=SOURCE)

    def logp(observed: Any, residual: Any, spread: Any) -> Any:
        factor: Any = cholesky(spread)
        white: Any = solve_triangular(factor, residual[..., None], lower=True)
        diagonal: Any = pt.diagonal(factor, axis1=-2, axis2=-1)
        each: Any = 0.5 * white[..., 0] ** 2 + pt.log(diagonal) + HALF_LOG_2PI
        total: Any = pt.sum(each, axis=1)
        return 0 * observed - total

    pm.CustomDist(
        NAME, residual, spread, logp=logp, observed=observed, dims=SOURCE, signature="(n),(n,n)->()"
    )
    return len(names), rows, places
