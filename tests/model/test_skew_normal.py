"""Skewed scatter in the model: its density, its draws, a fit and what is predicted from it."""

import fits
import jax
import numpy as np
import pandas as pd
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats

import lawbook
from lawbook import LawError, SkewNormal
from lawbook.engine.cache import scoped_jax
from lawbook.laws.links import from_link, to_link
from lawbook.model.hierarchy import build
from lawbook.model.likelihoods import log_terms_at, observe
from lawbook.posterior.uncertainty import PARTS
from lawbook.priors import LogNormal, Normal

SCALES = [("log", "lower", 2.0), ("log", "higher", 2.0), ("logit", "higher", 0.3)]
SCALES = [pytest.param(*case, id="-".join(map(str, case[:2]))) for case in SCALES] + [
    pytest.param("identity", "lower", -1.0, id="identity")
]


def flat(on="log", better="lower", value=2.0):
    """A law that is its own level."""
    return lawbook.Law(
        name="flat",
        formula=fits.level,
        inputs=[lawbook.Input("x", unit="tokens", seen=(1.0, 1e4))],
        response=lawbook.Response("y", "", noise=SkewNormal(on=on), better=better),
        params=[lawbook.Param("level", Normal(value, 0.5))],
    )


def runs_of(law, y):
    table = pd.DataFrame({"x": np.linspace(1.0, 1e4, len(y)), law.response.name: y})
    return lawbook.read_runs(table, law)


def around(skew, sigma, better, at):
    """SciPy's distribution on the noise's scale, by its own mean and standard deviation."""
    slant = skew if better == "lower" else -skew
    plain = stats.skewnorm(slant)
    scale = sigma / plain.std()
    return stats.skewnorm(slant, loc=at - scale * plain.mean(), scale=scale)


@pytest.mark.parametrize(("on", "better", "value"), SCALES)
def test_the_density_is_that_of_scipy_with_the_law_as_mean(on, better, value):
    law = flat(on, better, value)
    sigma, skew = np.array([0.3, 0.05, 1.0, 0.2]), np.array([0.0, 3.0, -2.0, 40.0])
    at = to_link(on, value)
    y = from_link(on, at + np.linspace(-2, 2, 41))
    slope = {"log": lambda: 1 / y, "logit": lambda: 1 / (y * (1 - y)), "identity": lambda: 1.0}[on]
    found = log_terms_at(
        law, runs_of(law, y), np.full((41, 4), value), {"sigma": sigma, "skew": skew}
    )
    for i in range(4):
        expected = around(skew[i], sigma[i], better, at).logpdf(to_link(on, y)) + np.log(slope())
        np.testing.assert_allclose(found[:, i], expected, rtol=1e-9, atol=1e-9)


def test_far_out_density_and_slopes_stay_finite_where_pymcs_own_do_not():
    law = flat()
    y = 2.0 * np.exp([-8.0, -1.0, 0.0, 1.0, 8.0])
    sigma, skew = pt.dscalar("sigma"), pt.dscalar("skew")
    with pm.Model(coords={"run": range(5)}) as model:
        observe(law, pt.as_tensor(np.full(5, 2.0)), {"sigma": sigma, "skew": skew}, runs_of(law, y))
    total = pt.sum(model.logp(vars=model.observed_RVs, sum=False)[0])
    with scoped_jax():
        graph = pytensor.function([sigma, skew], total, mode="JAX").vm.jit_fn
        for at in [(0.01, 5.0), (0.01, 0.0), (1e-3, -50.0), (10.0, 1e4)]:
            slopes = jax.grad(lambda *x: graph(*x, y)[0], argnums=(0, 1))(*at)
            assert np.isfinite(graph(*at, y)[0])
            assert np.isfinite(slopes).all()
            expected = around(at[1], at[0], "lower", np.log(2.0)).logpdf(np.log(y)) - np.log(y)
            np.testing.assert_allclose(graph(*at, y)[0], expected.sum(), rtol=1e-9)
    own = pm.logp(pm.SkewNormal.dist(alpha=5.0, mu=0.0, sigma=0.01), -1.0)
    assert own.eval(mode="FAST_COMPILE") == -np.inf


@pytest.mark.parametrize(("on", "better", "value"), SCALES)
def test_pymc_draws_as_the_noise_does(on, better, value):
    law, count = flat(on, better, value), 40_000
    noise = {"sigma": 0.3, "skew": 4.0}
    with pm.Model(coords={"run": range(count)}) as model:
        observe(
            law,
            pt.as_tensor(np.full(count, value)),
            {name: pt.as_tensor(each) for name, each in noise.items()},
            runs_of(law, np.full(count, value)),
        )
    drawn = pm.draw(model["y"], random_seed=1, mode="FAST_COMPILE")
    levels = np.array([0.01, 0.1, 0.5, 0.9, 0.99])
    expected = around(4.0, 0.3, better, to_link(on, value)).ppf(levels)
    np.testing.assert_allclose(np.quantile(to_link(on, drawn), levels), expected, atol=0.02)
    ours = law.response.noise.draw(
        np.full(count, value), noise, {}, better=better, rng=np.random.default_rng(1)
    )
    np.testing.assert_allclose(np.quantile(to_link(on, ours), levels), expected, atol=0.02)


def test_an_unknown_scale_is_refused():
    with pytest.raises(LawError, match="unknown scale on='sqrt'; expected one of"):
        SkewNormal(on="sqrt")


def test_the_slant_is_shared_by_groups_and_the_standard_deviation_is_not():
    law = flat()
    runs = lawbook.simulate(law, n=10, seed=1, groups=["a", "b", "c"])
    names = {variable.name for variable in build(law, runs).model.free_RVs}
    assert names == {"level", "skew", "sigma_population", "sigma_spread_recipe",
                     "sigma_level_recipe"}  # fmt: skip
    fit = fits.of_prior(law, runs)
    found = fit.predict({"x": 5.0, "recipe": ["a", "new"]}, new_groups=True, kind="run").table
    np.testing.assert_allclose(found[list(PARTS)].sum(axis=1), 1)


@pytest.fixture(scope="module")
def skewed():
    """A fit of runs that scatter further to the worse side, and what made them."""
    law = lawbook.load_law("compute")
    noise = SkewNormal(sigma=LogNormal(0.02, 1.0))
    law = lawbook.Law(
        "compute_skewed",
        law.formula,
        law.inputs,
        lawbook.Response("loss", "nats/token", noise=noise),
        law.params,
        cost=law.cost,
    )
    runs = lawbook.simulate(law, n=400, seed=2)
    return lawbook.fit(law, runs, draws=250)


def test_a_fit_finds_the_skew_and_says_so(skewed):
    assert skewed.diagnostics.trusted
    summary = skewed.summary()
    for name, value in {"sigma": 0.02, "skew": 2.0}.items():
        row = summary.loc[name]
        assert row["eti90_lb"] < value < row["eti90_ub"], name
    assert summary.loc["skew", "eti90_lb"] > 0.5
    assert "skew-normal noise on log loss" in str(skewed.law)


def test_new_runs_are_predicted_skewed_around_the_law(skewed):
    at = {"C": 1e21}
    mean, run = (np.log(skewed.predict(at, kind=kind).draws) for kind in ("mean", "run"))
    by = (run - mean).to_numpy().ravel()
    sigma = float(skewed.posterior["posterior"]["sigma"].mean())
    assert abs(by.mean()) < 4 * sigma / len(by) ** 0.5
    assert by.std() == pytest.approx(sigma, rel=0.08)
    assert stats.skew(by) > 0.15
    row = skewed.predict(at).table.iloc[0]
    variance = skewed.posterior["posterior"]["sigma"].to_numpy() ** 2
    expected = np.median(variance) / (np.median(variance) + float(mean.var()))
    assert row["share_noise"] == pytest.approx(expected, rel=1e-6)
