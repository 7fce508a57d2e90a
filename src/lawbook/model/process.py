"""Model discrepancy: a Gaussian process over the logs of a law's inputs.

    log y = log f(x; theta_g) + delta_g(log x) + noise

delta_g is a Matern process of its group: amplitude is its standard deviation, length its
correlation length in e-folds of scale. Where the law has one input, checkpoints of a run share
noise as well: a second process that forgets within `CHECKPOINT_RANGE`.

One input: both processes are Markov, so a Kalman filter gives the exact density at a cost that
grows with the number of runs, and its term of a run is the density given those before it.

Several inputs: the length of each group takes one of a few values, and is summed out,

    log p(r_g) = log sum_k w_k p(r_g | length_k)

with the weights w of its prior, or of the groups' population. For each length the correlations of
a group's runs are factored once (`lawbook.model.spectrum`), so a density costs products of
matrices. The runs of a group share its density evenly. Either way the terms add up to the density
of all, and what is padded changes none of the others.

Where groups share a process too (`lawbook.model.shared`), its modes w are sampled, and residuals
are taken from it, too. The runs say far more of w than its prior does, and more or less with every
amplitude; so w is moved to from e ~ Normal(0, 1),

    w_i = b_i / A_i + e_i / sqrt(A_i),
    A_i = 1 + shared^2 F_i' S^-1 F_i,   b_i = shared F_i' S^-1 r

with F_i a mode at the runs, r the residuals without modes and S the covariance of the groups' own
processes and noise, at one length. Were that the length of all groups and F' S^-1 F diagonal, w
given all else would be Normal(b / A, 1 / A), and e independent of the rest; as modes are orthogonal
over the runs it is nearly so. The density has the slope of the map, and is
exact.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pytensor.tensor as pt

from lawbook.data.runs import Runs
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import HALF_LOG_2PI, JITTER
from lawbook.laws.law import Law
from lawbook.laws.priors import Direct
from lawbook.laws.values import scales_of
from lawbook.model.kalman import filter_op
from lawbook.model.shared import shared_places
from lawbook.model.spectrum import log_weights_of, nodes_of, spectrum_of

# what a density in several inputs needs beside the runs, with the dims of each
OF_GROUPS = {
    "members": ("process", "place"),
    "basis": ("process", "place", "process_mode"),
    "rotation": ("process", "process_length", "process_mode", "process_axis"),
    "variance": ("process", "process_length", "process_axis"),
    "rest": ("process", "process_length"),
    "modes": ("process",),
}
OF_ALL = {
    "shared_at_runs": ("run", "shared_mode"),
    "shared_inside": ("process", "process_axis", "shared_mode"),
    "shared_inside_squares": ("process", "process_axis", "shared_mode"),
    "shared_group": ("process",),
    "shared_outside": ("process", "place", "shared_mode"),
    "shared_outside_squares": ("process", "shared_mode"),
}
# what of these a program is compiled for: how many modes, and whether there is the last
SHARED = ("process_shared_inside", "process_shared_outside")
POPULATION = ("length_mean", "length_variance")


class Rotated(NamedTuple):
    """Residuals in the eigenvectors of each group's process: G groups, K lengths, p modes.

    Attributes
    ----------
    r, turned
        Residuals, (G, places), and in the eigenvectors, (G, K, p).
    precision
        Of these, zero where it is padding, (G, K, p).
    around
        Variance outside of the eigenvectors, (G, K).
    density
        Log density of each group at each length, (G, K).
    """

    r: Any
    turned: Any
    precision: Any
    around: Any
    density: Any


def filtered_terms(kernel: str, log_input, places: Mapping, residual, noise: Mapping):
    """Return one log density per run of a law in one input, as a PyTensor vector.

    Parameters
    ----------
    kernel
        One of `lawbook.laws.kernels.KERNELS`.
    log_input
        Log of the input.
    places
        Where the runs stand, as `places_along` returns it.
    residual
        Of the log response from the law.
    noise
        Per run ``sigma``, ``amplitude``, ``length`` and ``checkpoint``, constant in a group.
    """
    group, order, rank = (places[name] for name in ("process_index", "order", "rank"))
    parts = [noise[name] for name in ("amplitude", "length", "checkpoint", "sigma")]
    columns = [log_input, group, residual, *parts]
    terms = filter_op(kernel)(*(pt.cast(c, "float64")[order] for c in columns))
    return pt.as_tensor(terms)[rank]


def spectral_terms(places: Mapping, log_weights, residual, noise: Mapping):
    """Return one log density per run of a law in several inputs, as a PyTensor vector.

    Parameters
    ----------
    places
        Where the runs stand, as `places_in_groups` returns it.
    log_weights
        Of the lengths that a group may have, (lengths,).
    residual
        Of the log response from the law, per run.
    noise
        Per run ``sigma`` and ``amplitude``, constant in a group.
    """
    each: Any = rotated(places, residual, noise).density
    total: Any = pt.logsumexp(each + log_weights[None, :], axis=1)  # pyright: ignore[reportPrivateImportUsage]
    size: Any = pt.sum(_real(places), axis=1)
    return (total / size)[pt.cast(places["process_index"], "int64")]


def shared_modes(places: Mapping, node: int, modes: int, residual, noise: Mapping, even):
    """Return the modes that groups share, and a term of each run for the slope of the map to them.

    Parameters
    ----------
    places
        Where the runs stand, as `places_in_groups` returns it, with what groups share.
    node, modes
        Which length stands for all groups, and how many modes there are.
    residual, noise
        As for `spectral_terms`, the residual without what is shared; ``noise`` has ``shared`` too.
    even
        What is mapped to the modes, independent standard normals, (m,).
    """
    one = slice(node, node + 1)
    parts = {name: places[name][:, one] for name in ("rotation", "variance", "rest")}
    found = rotated({**places, **parts}, residual, noise)
    real: Any = pt.eq(places["shared_group"], pt.arange(places["shared_group"].shape[0]))
    precision: Any = pt.where(real[:, None], found.precision[:, 0], 0.0)
    told, pull = (
        _over_groups(weights, places[name])
        for weights, name in (
            (precision, "shared_inside_squares"),
            (precision * found.turned[:, 0], "shared_inside"),
        )
    )
    if "shared_outside" in places:
        around: Any = pt.where(real, 1 / found.around[:, 0], 0.0)
        told += _over_groups(around, places["shared_outside_squares"])
        pull += _over_groups(found.r * around[:, None], places["shared_outside"])
    shared = noise["shared"][0]
    precise = 1 + shared**2 * told
    found_modes: Any = shared * pull / precise + even / pt.sqrt(precise)
    moved: Any = pt.sum(0.5 * (even**2 - found_modes**2 - pt.log(precise)))
    size: Any = pt.sum(pt.where(real, pt.sum(_real(places), axis=1), 0))
    return found_modes, moved / size


def _over_groups(weights, values) -> Any:
    """Return the weighted sum of values over groups and what they have: their last axis is left."""
    return _times(weights.reshape((1, -1)), values.reshape((-1, values.shape[-1])))[0]


def rotated(places: Mapping, residual, noise: Mapping) -> Rotated:
    """Return the residuals of groups in the eigenvectors of their processes.

    Parameters
    ----------
    places, residual, noise
        As for `spectral_terms`.
    """
    members: Any = pt.cast(places["members"], "int64")
    real, first = _real(places), members[:, 0]
    variance, own = noise["amplitude"][first] ** 2, noise["sigma"][first] ** 2 + JITTER
    # what pads a group or its modes is a residual of zero
    r: Any = pt.where(real, residual[members], 0.0)
    kept: Any = pt.arange(places["basis"].shape[2])[None, :] < places["modes"][:, None]
    z: Any = pt.where(kept, _times(r[:, None, :], places["basis"])[:, 0, :], 0.0)
    outside = _squares(r) - _squares(z)
    turned: Any = _times(z[:, None, None, :], places["rotation"])[:, :, 0, :]
    turned = pt.where(kept[:, None, :], turned, 0.0)
    spread: Any = variance[:, None, None] * places["variance"] + own[:, None, None]
    spread = pt.where(kept[:, None, :], spread, 1.0)
    inside: Any = pt.sum(turned**2 / spread + pt.log(spread), axis=2)
    around: Any = variance[:, None] * places["rest"] + own[:, None]
    size: Any = pt.sum(real, axis=1)
    lost = size - places["modes"]
    beside = outside[:, None] / around + lost[:, None] * pt.log(around)
    density = -0.5 * (inside + beside) - HALF_LOG_2PI * size[:, None]
    return Rotated(r, turned, pt.where(kept[:, None, :], 1 / spread, 0.0), around, density)


def _times(a, b) -> Any:
    return pt.matmul(a, b)


def _squares(a) -> Any:
    return pt.sum(a**2, axis=1)


def _real(places: Mapping) -> Any:
    """Return which places of each group hold a run, (groups, longest)."""
    members: Any = pt.cast(places["members"], "int64")
    return pt.eq(places["rank"][members], pt.arange(members.shape[1])[None, :])


def log_weights(prior: Direct, noise: Mapping):
    """Return the log probabilities of the lengths that a group may have, (lengths,).

    Parameters
    ----------
    prior
        Of a length.
    noise
        Per run ``length_mean`` and ``length_variance``, those of the logs of the groups' lengths
        and the same for all; without them there are no groups, and a length has its prior.
    """
    population = [noise[name][0] for name in POPULATION if name in noise]
    each: Any = pt.as_tensor(log_weights_of(prior, *population))
    return each - pt.logsumexp(each)  # pyright: ignore[reportPrivateImportUsage]


def places_along(runs: Runs) -> dict[str, np.ndarray]:
    """Return where each run stands among those of its group along one input.

    Returns
    -------
    dict
        ``process_index``: each run's row in `Runs.groups`; ``order``: the
        runs sorted by group and scale, and ``rank``: the place of each run in that order.
    """
    codes = runs.group_codes
    order = np.lexsort((next(iter(runs.inputs.values())), codes))
    return {"process_index": codes, "order": order, "rank": np.argsort(order, kind="stable")}


def places_in_groups(law: Law, runs: Runs) -> dict[str, np.ndarray]:
    """Return where each run stands among those of its group, and the groups' correlations.

    Returns
    -------
    dict
        ``process_index``: each run's row in `Runs.groups`; ``rank``: the
        place of each run in its own group; ``members``, (groups, longest): the runs of each group
        in that order; behind the last one stands a run whose rank is another; and the parts of a
        `lawbook.model.spectrum.Spectrum` for each group, with the number of its ``modes``.

    Raises
    ------
    RunsError
        If an input over which the process runs is zero or less somewhere.
    """
    noise = law.response.noise
    assert isinstance(noise, Discrepancy)
    codes, scales = runs.group_codes, scales_of(law, runs.inputs)
    rows = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
    members = np.stack([np.resize(row, np.bincount(codes).max()) for row in rows])
    rank = np.empty(len(runs), dtype=int)
    for row in rows:
        rank[row] = np.arange(len(row))
    nodes = nodes_of(noise.length)
    factored = [spectrum_of(noise.kernel, scales[row], nodes) for row in rows]
    most = max(spectrum.basis.shape[1] for spectrum in factored)
    found = {"process_index": codes, "rank": rank, "members": members}
    stacked = {
        name: np.stack([_padded(getattr(s, name), name, members.shape[1], most) for s in factored])
        for name in ("basis", "rotation", "variance", "rest")
    }
    found |= stacked | {"modes": np.array([s.basis.shape[1] for s in factored])}
    if noise.shared is None:
        return found
    return found | shared_places(noise, scales, rows, factored)


def _padded(part: np.ndarray, name: str, longest: int, most: int) -> np.ndarray:
    sizes = {"place": longest, "process_mode": most, "process_axis": most}
    dims = OF_GROUPS[name][1:]
    room = [sizes.get(dim, n) - n for dim, n in zip(dims, part.shape, strict=True)]
    return np.pad(part, [(0, more) for more in room])
