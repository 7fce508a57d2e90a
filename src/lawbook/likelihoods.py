"""The noise of a response as a PyMC distribution around the law's value."""

from collections.abc import Mapping

import pymc as pm
import pytensor.tensor as pt

from lawbook import noise as noises
from lawbook.declaration import Response
from lawbook.runs import Runs


def observe(response: Response, value, noise: Mapping, runs: Runs) -> None:
    """Add the observed response to the model in context.

    ``value`` is the law's value at each run, ``noise`` the noise's own parameters there. On the
    log or logit scale the density is that of the response itself, Jacobian included, so that
    laws with different noise can be compared.
    """
    observed = pm.Data(f"{response.name}_observed", runs.response, dims="run")
    name, kind = response.name, response.noise
    match kind:
        case noises.Beta():
            phi = noise["concentration"]
            pm.Beta(name, value * phi, (1 - value) * phi, observed=observed, dims="run")
        case noises.Binomial():
            trials = pm.Data(kind.trials, runs.trials, dims="run")
            counts = pm.Data(f"{name}_successes", runs.response * runs.trials, dims="run")
            pm.Binomial(name, n=trials, p=value, observed=counts, dims="run")
        case noises.NegativeBinomial():
            pm.NegativeBinomial(name, mu=value, alpha=noise["shape"], observed=observed, dims="run")
        case noises.StudentT() | noises.Normal():
            parameters = [noise[key] for key in kind.priors]
            pm.CustomDist(
                name,
                _forward(kind.on, value),
                *parameters,
                dist=_scatter(kind),
                observed=observed,
                dims="run",
            )


def _forward(on: str, value):
    match on:
        case "log":
            return pt.log(value)
        case "logit":
            return pm.math.logit(value)
    return value


def _scatter(kind: noises.StudentT | noises.Normal):
    """Return the distribution of the response: scatter on one scale, carried back."""
    back = {"identity": lambda y: y, "log": pt.exp, "logit": pt.sigmoid}[kind.on]

    def student_t(centre, sigma, nu, size):
        return back(pm.StudentT.dist(nu=nu, mu=centre, sigma=sigma, size=size))

    def normal(centre, sigma, size):
        return back(pm.Normal.dist(mu=centre, sigma=sigma, size=size))

    return student_t if isinstance(kind, noises.StudentT) else normal
