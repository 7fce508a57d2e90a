"""The noise of a response as a PyMC distribution around the law's value."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from lawbook.data.runs import Runs
from lawbook.laws.counts import Beta, Binomial, NegativeBinomial
from lawbook.laws.curvature import products
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.frontier import Frontier
from lawbook.laws.law import Law
from lawbook.laws.noise import Normal, StudentT
from lawbook.laws.skew_normal import SkewNormal, standard
from lawbook.laws.symbols import Response
from lawbook.laws.values import scales_of
from lawbook.model import names
from lawbook.model.frontier import normal_frontier, student_t_frontier
from lawbook.model.normal_tail import log_tail
from lawbook.model.process import (
    OF_ALL,
    OF_GROUPS,
    filtered_terms,
    log_weights,
    places_along,
    places_in_groups,
    shared_modes,
    spectral_terms,
)
from lawbook.model.shared import nearest_node


def observe(law: Law, value, noise: Mapping, runs: Runs) -> None:
    """Add the observed response of a law to the model in context.

    ``value`` is the law's value at each run, ``noise`` the noise's own parameters there. On the
    log or logit scale the density is that of the response itself, Jacobian included, so that
    laws with different noise can be compared.
    """
    response = law.response
    observed = pm.Data(f"{response.name}_observed", runs.response, dims="run")
    name, kind = response.name, response.noise
    match kind:
        case Beta():
            phi, value = noise["concentration"], _inside(value)
            pm.Beta(name, value * phi, (1 - value) * phi, observed=observed, dims="run")
        case Binomial():
            trials = pm.Data(kind.trials, runs.trials, dims="run")
            counts = pm.Data(f"{name}_successes", runs.response * runs.trials, dims="run")
            pm.Binomial(name, n=trials, p=_inside(value), observed=counts, dims="run")
        case NegativeBinomial():
            pm.NegativeBinomial(name, mu=value, alpha=noise["shape"], observed=observed, dims="run")
        case StudentT() | Normal():
            _add_around(response, value, noise, observed, _scatter(kind), None)
        case SkewNormal():
            scatter, logp = _skew_scatter(kind, response.sign), _skew_logp(kind, response.sign)
            _add_around(response, value, noise, observed, scatter, logp)
        case Frontier():
            scatter = _frontier_scatter(kind, response.sign)
            logp = _frontier_logp(kind, response.sign)
            _add_around(response, value, noise, observed, scatter, logp)
        case Discrepancy():
            _observe_process(law, kind, value, noise, observed, runs)


def _add_around(response: Response, value, noise: Mapping, observed, scatter, logp) -> None:
    """Add scatter around the value on the noise's scale; without ``logp`` PyMC derives it."""
    kind: Any = response.noise
    pm.CustomDist(
        response.name,
        _centre(kind.on, value),
        *(noise[key] for key in kind.priors),
        dist=scatter,
        logp=logp,
        observed=observed,
        dims="run",
    )


def _observe_process(
    law: Law, kind: Discrepancy, value, noise: Mapping, observed, runs: Runs
) -> None:
    model: Any = pm.modelcontext(None)
    centre = _centre(kind.on, value)
    if kind.curvature:
        bent = [c.name for c in kind.curvature]
        model.add_coords({"curvature": bent})
        found = products(kind.curvature, runs.inputs, runs.inputs)
        bends: Any = pm.Data("curvature_products", found, dims=("run", "curvature"))
        centre += sum(bends[:, k] * noise[name] for k, name in enumerate(bent))
        noise = {key: part for key, part in noise.items() if key not in bent}
    if kind.checkpoint is not None:
        scales_of(law, runs.inputs)  # refuses what has no log
        places = places_along(runs)
        data = {key: pm.Data(key, at, dims="run") for key, at in places.items()}
        merged = pm.Data("merged", np.ones(len(runs)), dims="run")
        log_input = pt.log(model[law.input_names[0]])
        # a row that is the mean of several runs: their independent noise averages out
        noise = {**noise, "sigma": noise["sigma"] / pt.sqrt(merged)}
    else:
        places = places_in_groups(law, runs)
        data = {key: pm.Data(key, places[key], dims="run") for key in ("process_index", "rank")}
        for key in (key for key in OF_GROUPS | OF_ALL if key in places):
            dims = (OF_GROUPS | OF_ALL)[key]
            sizes = {d: n for d, n in zip(dims, places[key].shape, strict=True) if d != "run"}
            model.add_coords({dim: range(size) for dim, size in sizes.items()})
            data[key] = pm.Data(f"process_{key}", places[key], dims=dims)
    around = {key: part * pt.ones_like(value) for key, part in noise.items()}
    slope: Any = pt.zeros(())
    if kind.shared is not None:
        residual = _forward(kind.on, observed) - centre
        shared, slope = _share(kind, data, residual, around)
        centre += shared

    def logp(seen, centre, slope, *parts):
        own = dict(zip(around, parts, strict=True))
        residual = _forward(kind.on, seen) - centre
        if kind.checkpoint is not None:
            terms = filtered_terms(kind.kernel, log_input, data, residual, own)
        else:
            terms = spectral_terms(data, log_weights(kind.length, own), residual, own)
        return terms + slope + _log_slope(kind.on, seen)

    pm.CustomDist(
        law.response.name, centre, slope, *around.values(), logp=logp, observed=observed, dims="run"
    )


def _share(kind: Discrepancy, data: Mapping, residual, noise: Mapping) -> tuple[Any, Any]:
    """Add what groups share of a discrepancy; return it per run, and the slope of its map."""
    at, node = data["shared_at_runs"], nearest_node(kind)
    count = at.get_value().shape[1]
    even: Any = pm.Normal(names.SHARED_EVEN, 0, 1, dims="shared_mode")
    modes, slope = shared_modes(data, node, count, residual, noise, even[:count])
    pm.Deterministic(names.SHARED_MODES, modes, dims="shared_mode")
    return noise["shared"] * (at[:, :count] @ modes), slope


def _inside(share) -> Any:
    """Keep a share from being 0 or 1, where a likelihood has no slope: to a part in 1e12.

    A logistic far out is so by rounding alone.
    """
    return pt.clip(share, 1e-12, 1 - 1e-12)


def _centre(on: str, value) -> Any:
    return _forward(on, _inside(value) if on == "logit" else value)


def _forward(on: str, value) -> Any:
    match on:
        case "log":
            return pt.log(value)
        case "logit":
            return pm.math.logit(value)
    return value


def _back(on: str):
    return {"identity": lambda y: y, "log": pt.exp, "logit": pt.sigmoid}[on]


def _log_slope(on: str, observed) -> Any:
    """Return the log of the slope of `_forward`, which a density of the response takes up."""
    match on:
        case "log":
            return pt.log(1 / observed)
        case "logit":
            return pt.log(1 / (observed * (1 - observed)))
    return 0.0


def _scatter(kind: StudentT | Normal):
    """Return the distribution of the response: scatter on one scale, carried back."""
    back = _back(kind.on)

    def student_t(centre, sigma, nu, size):
        return back(pm.StudentT.dist(nu=nu, mu=centre, sigma=sigma, size=size))

    def normal(centre, sigma, size):
        return back(pm.Normal.dist(mu=centre, sigma=sigma, size=size))

    return student_t if isinstance(kind, StudentT) else normal


def _skew_scatter(kind: SkewNormal, worse: float):
    """Return the distribution of the response: skewed scatter on one scale, carried back."""
    back = _back(kind.on)

    def skew_normal(centre, sigma, skew, size):
        width, shift = standard(pt, skew)
        one_sided = shift * math.sqrt(math.pi / 2)  # its share, of the sign of the skew
        scale = sigma * width
        both = pm.Normal.dist(
            mu=centre - worse * scale * shift, sigma=scale * pt.sqrt(1 - one_sided**2), size=size
        )
        own = pm.HalfNormal.dist(sigma=pt.ones_like(centre), size=size)  # of every run
        return back(both + worse * scale * one_sided * own)

    return skew_normal


def _skew_logp(kind: SkewNormal, worse: float):
    """Return the log density of the response, finite however far out."""

    def logp(observed, centre, sigma, skew) -> Any:
        width, shift = standard(pt, skew)
        scale = sigma * width
        z = worse * (_forward(kind.on, observed) - centre) / scale + shift
        bell = -(z**2) / 2 - math.log(math.pi / 2) / 2 - pt.log(scale)
        return bell + log_tail(-skew * z) + _log_slope(kind.on, observed)

    return logp


def _frontier_scatter(kind: Frontier, worse: float):
    """Return the distribution of the response: scatter and an excess, which PyMC can draw."""
    back = _back(kind.on)

    def excess_like(centre, excess, size):
        own = excess * pt.ones_like(centre)  # every run has one of its own
        return worse * pm.Exponential.dist(scale=own, size=size)

    def student_t(centre, sigma, nu, excess, size):
        noise = pm.StudentT.dist(nu=nu, mu=centre, sigma=sigma, size=size)
        return back(noise + excess_like(centre, excess, size))

    def normal(centre, sigma, excess, size):
        noise = pm.Normal.dist(mu=centre, sigma=sigma, size=size)
        return back(noise + excess_like(centre, excess, size))

    return student_t if isinstance(kind.noise, StudentT) else normal


def _frontier_logp(kind: Frontier, worse: float):
    """Return the log density of the response, which PyMC cannot derive from a sum."""
    density = student_t_frontier if isinstance(kind.noise, StudentT) else normal_frontier

    def logp(observed, centre, *parameters) -> Any:
        residual = worse * (_forward(kind.on, observed) - centre)
        return density(residual, *parameters) + _log_slope(kind.on, observed)

    return logp


def log_terms_at(law: Law, runs: Runs, value: np.ndarray, params: Mapping) -> np.ndarray:
    """Return the log density of runs around values of the law, shape (runs, draws).

    Parameters
    ----------
    law
        Its noise is that of the model; not a discrepancy.
    runs
        What was measured.
    value
        The law's value at each run in each draw, (runs, draws).
    params
        Parameters of the noise, which broadcast against it.
    """
    many = runs.take(np.repeat(np.arange(len(runs)), value.shape[1]))
    noise = {
        p.name: pt.as_tensor(np.broadcast_to(params[p.name], value.shape).ravel())
        for p in law.noise_params
    }
    with pm.Model(coords={"run": range(len(many))}) as model:
        observe(law, pt.as_tensor(value.ravel()), noise, many)
    terms: Any = model.logp(vars=model.observed_RVs, sum=False)
    return np.asarray(terms[0].eval(mode="FAST_COMPILE")).reshape(value.shape)
