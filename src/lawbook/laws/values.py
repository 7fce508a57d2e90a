"""The values of a law and of what belongs to it: parameters, medians, cost, scales."""

import inspect
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lawbook.errors import RunsError, listed
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.links import from_link, to_link
from lawbook.laws.noise import OnScale
from lawbook.laws.priors import Direct, HalfNormal, LogitNormal, LogNormal, Normal
from lawbook.laws.subject import Subject

PLACES = 8  # in the priors, besides their medians, at which slopes are looked at
INDEPENDENT = 1e-4  # least over largest singular value of slopes that are told apart
POINTS = 64  # at which a law's usual response is looked for


def medians(law: Law) -> dict[str, float]:
    """Return each parameter of the law at the median of its prior.

    >>> import lawbook
    >>> round(medians(lawbook.load_law("chinchilla"))["A"], 1)
    496.4
    """
    values: dict[str, float] = {}
    for param in law.ordered_params:
        needed = {name: values[name] for name in param.prior.needs}
        median = param.prior_of_pooled.quantile(0.5)
        values[param.name] = float(param.prior.parameter(np, median, **needed))
    return {name: values[name] for name in law.param_names}


def acting(law: Law) -> dict[str, list[str]]:
    """Return, for each input, the parameters that shape the response along it.

    A parameter acts along an input where the mixed second difference of the formula in the
    two, at the prior medians and within the range that the paper saw, is not negligible.
    """
    rng = np.random.default_rng(0)
    base = {x.name: x.spread(rng.uniform(size=(1, 8))) for x in law.inputs}
    at = medians(law)
    found: dict[str, list[str]] = {}
    with np.errstate(all="ignore"):
        for x in law.inputs:
            points = base | {x.name: x.spread(np.array([[0.0], [0.5], [1.0]]))}
            before = _evaluate(law, points, at)
            scale = np.abs(before[np.isfinite(before)]).max(initial=0.0)
            found[x.name] = []
            for name, value in at.items():
                after = _evaluate(law, points, at | {name: value + 1e-3 * (abs(value) or 1)})
                mixed = np.diff(after - before, axis=0)
                if np.any(np.abs(mixed) > 1e-9 * scale):
                    found[x.name].append(name)
    return found


def tell_all(law: Law, inputs: Mapping[str, np.ndarray]) -> bool:
    """Whether runs at these inputs tell all parameters apart, whatever else stays the same.

    They do where the slopes of the law in its parameters, somewhere in the priors, on the noise's
    scale, are independent over the runs, and well enough that rounding does not pass for it.
    """
    rng, names = np.random.default_rng(0), [p.name for p in law.params]
    shares = [np.full(len(names), 0.5), *rng.uniform(0.1, 0.9, size=(PLACES, len(names)))]
    for each in shares:
        pooled = {
            p.name: p.prior_of_pooled.quantile(q) for p, q in zip(law.params, each, strict=True)
        }
        slopes = _slopes(law, inputs, parameters(law, np, pooled))
        lengths = np.linalg.norm(slopes, axis=1, keepdims=True)
        if np.isfinite(slopes).all() and np.all(lengths) and len(slopes) <= len(slopes[0]):
            singular = np.linalg.svd(slopes / lengths, compute_uv=False)
            if singular[-1] > INDEPENDENT * singular[0]:
                return True
    return False


def _slopes(law: Law, inputs: Mapping[str, np.ndarray], at: Mapping[str, float]) -> np.ndarray:
    """Return how the response moves with each parameter, shape (params, runs), in any unit."""

    def value(changed: Mapping[str, float]) -> np.ndarray:
        found = law.formula(np, *(inputs[x] for x in law.input_names), **{**at, **changed})
        return on_scale(law, np.broadcast_to(found, len(inputs[law.input_names[0]])))

    with np.errstate(all="ignore"):
        steps = {name: 1e-5 * (abs(middle) or 1) for name, middle in at.items()}
        return np.array([value({n: at[n] + h}) - value({n: at[n] - h}) for n, h in steps.items()])


def usual(law: Law) -> dict[str, tuple[float, float]]:
    """Return the range of each input that the paper saw, and that of the response there.

    The response's is over points spread in the inputs' ranges, at the medians of the priors and at
    what was read in papers.

    >>> import lawbook
    >>> low, high = usual(lawbook.load_law("chinchilla"))["loss"]
    >>> 2 < low < 2.1 and 3 < high < 3.3
    True
    """
    rng = np.random.default_rng(0)
    points = [x.spread(rng.uniform(size=POINTS)) for x in law.inputs]
    values = [medians(law), *(dict(e.at) for e in law.published if not e.recalled)]
    with np.errstate(all="ignore"):
        found = [np.broadcast_to(law.formula(np, *points, **at), POINTS) for at in values]
    finite = np.concatenate(found)[np.isfinite(np.concatenate(found))]
    of_response = (finite.min(), finite.max()) if len(finite) else (-math.inf, math.inf)
    ranges = {x.name: x.seen for x in law.inputs}
    return ranges | {law.response.name: (float(of_response[0]), float(of_response[1]))}


def _evaluate(law: Law, points: dict[str, np.ndarray], at: dict[str, float]) -> np.ndarray:
    value = law.formula(np, *(points[name] for name in law.input_names), **at)
    return np.broadcast_to(value, (3, 8))


def columns_read(law: Law) -> list[str]:
    """Columns that a law reads: inputs, response and, for binomial noise, trials."""
    return [*law.input_names, law.response.name, *law.response.noise.reads]


def on_scale(law: Law, values: np.ndarray) -> np.ndarray:
    """Return responses on the scale on which the law's noise is added."""
    return to_link(law.response.noise.on, values)


def residual_scale(law: Law) -> str:
    """Return the scale on which noise is added; the response's own where noise follows from it."""
    noise = law.response.noise
    return noise.on if isinstance(noise, OnScale) else "identity"


def noise_scale(law: Law) -> str:
    """Return the unit of the scale on which the law's noise is added, in words."""
    y = law.response
    return y.unit if y.noise.on == "identity" else f"{y.noise.on} {y.name}"


def parameters(law: Law, xp: Any, pooled: Mapping) -> dict:
    """Return what the formula takes, from the quantities that are pooled (`Param.prior`)."""
    found: dict = {}
    for param in law.ordered_params:
        needed = {name: found[name] for name in param.prior.needs}
        found[param.name] = param.prior.parameter(xp, pooled[param.name], **needed)
    return {name: found[name] for name in law.param_names}


def draw_prior(prior: Direct, z: np.ndarray) -> np.ndarray:
    """Turn standard normal draws into draws of a prior."""
    match prior:
        case Normal():
            return prior.mean + prior.sd * z
        case LogNormal():
            return prior.median * np.exp(prior.log_sd * z)
        case HalfNormal():
            return prior.sd * np.abs(z)
        case LogitNormal():
            return from_link("logit", to_link("logit", prior.median) + prior.logit_sd * z)


def priced(law: Law) -> list[str]:
    """Return the inputs that the law's cost takes; none where it has no cost."""
    return [] if law.cost is None else list(inspect.signature(law.cost).parameters)


def cost_at(law: Law | Subject, points: Mapping[str, Any] | Any) -> np.ndarray:
    """Return the training cost at points in FLOPs; the law must have one."""
    assert law.cost is not None
    takes = inspect.signature(law.cost).parameters
    return np.asarray(law.cost(**{name: np.asarray(points[name]) for name in takes}))


def beyond_paper(law: Law, points: Mapping[str, Any] | Any) -> np.ndarray:
    """Return the largest factor by which an input leaves the range that the paper saw; 1 inside.

    Inputs that the points lack are passed over.
    """
    found: np.ndarray = np.ones(())
    for x in law.inputs:
        if x.name in points:
            (low, high), value = x.seen, np.asarray(points[x.name], dtype="float64")
            with np.errstate(divide="ignore"):  # zero lies infinitely far below
                found = np.maximum(found, value / high) if high > 0 else found
                found = np.maximum(found, low / value) if low > 0 else found
    return found


def process_inputs(law: Law) -> tuple[str, ...]:
    """Return the names of the inputs over whose logs the law's discrepancy runs."""
    noise = law.response.noise
    assert isinstance(noise, Discrepancy)
    return noise.over or law.input_names


def scales_of(law: Law, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the logs of the inputs over which the law's discrepancy runs, (rows, inputs).

    Raises
    ------
    RunsError
        If one of them is zero or less somewhere.
    """
    names = process_inputs(law)
    columns = np.stack([np.asarray(inputs[name], dtype="float64") for name in names], axis=1)
    if np.any(low := columns <= 0):
        found = [name for name, some in zip(names, low.any(axis=0), strict=True) if some]
        positive = [name for name in names if name not in found]
        repair = f"over={tuple(positive)!r}" if positive else "over= inputs that are positive"
        raise RunsError(
            f"law {law.name!r}: its discrepancy is a process over the logs of {listed(names)}, but "
            f"{listed(found)} is zero or less in {int(low.any(axis=1).sum()):,} of "
            f"{len(columns):,} rows; expected numbers above zero; leave it out: "
            f"Discrepancy({repair})"
        )
    return np.log(columns)
