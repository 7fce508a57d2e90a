"""What runs alone say, where posterior and prior are known exactly: draws of normals."""

import fits
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import lawbook
from lawbook.engine.settings import Settings
from lawbook.laws.sources import of_estimate
from lawbook.model.informed import observations
from lawbook.posterior.fitted import origin
from lawbook.posterior.told_by_runs import likelihood_of
from lawbook.priors import HalfNormal, Normal

CHAINS, DRAWS = 4, 1000
SAID = {"a": (0.4, 0.02), "b": (-0.3, 0.15), "c": (1.1, 0.6)}  # mean and sd that the runs tell


def line(xp, x, *, level, slope):
    """A response whose parameters are real, so that their link is the identity."""
    return level + slope * x


def law(pool, prior=None):
    return lawbook.Law(
        name="line",
        formula=line,
        inputs=[lawbook.Input("x", unit="tokens", seen=(1.0, 10.0))],
        response=lawbook.Response("loss", "nats", noise=lawbook.Normal(on="identity")),
        params=[
            lawbook.Param("level", Normal(0.5, 1.0), pool=pool),
            lawbook.Param("slope", prior or Normal(0.0, 0.5), pool="full"),
        ],
    )


def drawn(rng, mean, precision):
    """Normal draws with a mean and a precision of their own each."""
    root = np.linalg.cholesky(np.linalg.inv(precision))
    return mean + (root @ rng.standard_normal((*mean.shape, 1)))[..., 0]


def fit_of(law, by, values):
    """A fit with these draws, (chain, draw, ...); the noise has its prior."""
    labels = list(SAID) if by else ["a"]
    frame = pd.DataFrame({"x": np.tile([1.0, 2.0, 4.0], len(labels))})
    frame["recipe"] = np.repeat(labels, 3)
    frame["loss"] = np.arange(len(frame), dtype="float64")
    runs = lawbook.read_runs(frame, law, by=by, allow=("sizes", "duplicates"))
    sigma = np.exp(np.log(0.01) + np.random.default_rng(9).standard_normal((CHAINS, DRAWS)))
    noise = {"sigma": sigma}
    if by:
        noise = {
            "sigma_population": sigma,
            "sigma_spread_recipe": np.ones_like(sigma),
            "sigma": sigma[..., None] * np.exp(np.random.default_rng(8).standard_normal(3)),
        }
    dims = {2: ("chain", "draw"), 3: ("chain", "draw", "recipe")}
    found = {name: (dims[v.ndim], v) for name, v in (noise | values).items()}
    posterior = xr.Dataset(found, {"recipe": labels} if by else None)
    tree = xr.DataTree.from_dict({"posterior": posterior})
    return lawbook.Fit(law, runs, tree, fits.TRUSTED, origin("lawbook", Settings()))


def matrices(found, names):
    """Mean and covariance that a likelihood has in some parameters, the others held."""
    at = [i for i, key in enumerate(zip(found.params, found.groups, strict=True)) if key in names]
    precision = np.array(found.precision)[np.ix_(at, at)]
    slope, where = np.array(found.slope)[at], np.array(found.at)[at]
    covariance = np.linalg.inv(precision)
    return where + covariance @ slope, covariance


def test_without_groups_it_is_posterior_less_prior():
    mean, covariance = np.array([0.2, -0.1]), np.array([[0.04, 0.018], [0.018, 0.01]])
    prior = np.diag([1.0, 1 / 0.5**2])
    precision = np.linalg.inv(covariance)
    total = precision + prior
    middle = np.linalg.solve(total, precision @ mean + prior @ [0.5, 0.0])
    rng = np.random.default_rng(1)
    draws = drawn(rng, np.broadcast_to(middle, (CHAINS, DRAWS, 2)), total)
    fit = fit_of(law("full"), (), {"level": draws[..., 0], "slope": draws[..., 1]})
    found = matrices(likelihood_of(fit), [("level", ""), ("slope", "")])
    assert (np.abs(found[0] - mean) < 0.1 * np.sqrt(np.diag(covariance))).all(), found[0]
    np.testing.assert_allclose(found[1], covariance, rtol=0.12)


@pytest.mark.parametrize("tau", [0.05, 0.3, 2.0])
def test_the_population_of_the_groups_is_divided_out(tau):
    rng = np.random.default_rng(2)
    mu = 0.4 + 0.2 * rng.standard_normal((CHAINS, DRAWS))
    spread = tau * np.exp(0.4 * rng.standard_normal((CHAINS, DRAWS)))
    slope = 0.3 + 0.1 * rng.standard_normal((CHAINS, DRAWS))
    # the slope is known by its prior and by runs that say 0.3 of it, and moves each group
    coupling = {"a": -1.0, "b": -2.0, "c": 0.0}
    levels = []
    for name, (mean, sd) in SAID.items():
        total = sd**-2 + spread**-2.0
        told = mean + coupling[name] * (slope - 0.3)
        middle = (told / sd**2 + mu / spread**2) / total
        levels.append(middle + rng.standard_normal(mu.shape) / np.sqrt(total))
    values = {
        "level": np.stack(levels, axis=-1),
        "level_population": mu,
        "level_spread_recipe": spread,
        "slope": slope,
    }
    found = likelihood_of(fit_of(law("partial"), "recipe", values))
    precision = np.array(found.precision)
    for i, (name, (mean, sd)) in enumerate(SAID.items()):
        here = [j for j, p in enumerate(found.params) if p == "level"][i]
        [there] = [j for j, p in enumerate(found.params) if p == "slope"]
        assert found.groups[here] == name
        # how well a group is known apart from its population, within Monte Carlo error of that
        at = (np.array(found.slope)[here]) / precision[here, here] + found.at[here]
        # what it says of a group is known as well as the group's runs outweigh the population
        error = 0.05 * (1 + (sd / tau) ** 2)
        assert precision[here, here] ** -0.5 == pytest.approx(sd, rel=2 * error)
        assert at == pytest.approx(mean, abs=(error + 0.1) * sd * (1 + sd / tau))
        own = -precision[here, there] / precision[here, here]
        assert own == pytest.approx(coupling[name], abs=0.3 * (1 + sd / tau))


def test_a_prior_whose_log_is_no_normal_is_divided_out_where_the_draws_are():
    rng = np.random.default_rng(3)
    logs = np.log(0.3) + 0.05 * rng.standard_normal((CHAINS, DRAWS))
    level = rng.standard_normal((CHAINS, DRAWS)) * 0.1
    prior = HalfNormal(0.2)
    fit = fit_of(law("full", prior), (), {"level": level, "slope": np.exp(logs)})
    mean, covariance = matrices(likelihood_of(fit), [("slope", "")])
    # log density of the half-normal's log: u - exp(2 u) / (2 sd^2)
    u = logs.mean()
    curvature, slope = 2 * np.exp(2 * u) / 0.04, 1 - np.exp(2 * u) / 0.04
    precision = 1 / logs.var() - curvature
    assert 1 / covariance[0, 0] == pytest.approx(precision, rel=0.05)
    assert mean[0] == pytest.approx(u - slope / precision, abs=0.005)


def test_a_source_is_an_observation_of_what_it_knows():
    found = lawbook.load_law("chinchilla")
    source = of_estimate(found, found.estimate("besiroglu2024"), "besiroglu2024")
    loadings, seen = observations(source)
    np.testing.assert_allclose(loadings.T @ loadings, source.precision, rtol=1e-6)
    np.testing.assert_allclose(seen, loadings @ source.at)
    assert source.params == found.param_names
    sd = np.sqrt(np.diag(np.linalg.inv(source.precision)))
    at = dict(zip(source.params, zip(source.at, sd, strict=True), strict=True))
    # the terms are known ten times better than their factors, whose logs have 0.258 and 0.421
    assert np.exp(at["A"][0]) == pytest.approx(0.38593, rel=1e-4)
    assert 0.04 < at["A"][1] < 0.08
    assert 0.04 < at["B"][1] < 0.1
    assert at["E"][1] == pytest.approx(0.02566 / 1.81686, rel=1e-6)
