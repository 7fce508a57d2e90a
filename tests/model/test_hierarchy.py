"""The model that is built: its priors, its pooling, its density."""

import numpy as np
import pandas as pd
import pymc as pm
import pytest
from scipy import stats

import lawbook
from lawbook.data.faults import RESERVED
from lawbook.model.hierarchy import build
from lawbook.model.process import OF_GROUPS
from lawbook.posterior.inference import with_discrepancy
from lawbook.priors import LogNormal


def a_table(groups=("a", "b", "c"), n=12, seed=0):
    law = lawbook.load_law("chinchilla")
    frame = lawbook.simulate(law, n=n, noise=0.005, seed=seed, groups=groups).frame.copy()
    frame["corpus"] = np.where(np.arange(len(frame)) % 2, "web", "books")
    frame["seed"] = [str(i % 2) for i in range(len(frame))]
    return frame


def chinchilla(by=("recipe",), **pools):
    law = lawbook.load_law("chinchilla").with_pooling(**pools)
    return law, lawbook.read_runs(a_table(), law, by=by)


def names(model):
    return {variable.name for variable in model.free_RVs}


def test_full_pooling_has_one_value_and_partial_pooling_a_population_and_its_groups():
    law, runs = chinchilla(A="full", B="full")
    model = build(law, runs, {"E": False, "sigma": True}).model
    assert names(model) == {
        *("E_population", "E_spread_recipe", "E_offset_recipe"),
        *("A_size", "B_size", "alpha", "beta", "nu"),
        *("sigma_population", "sigma_spread_recipe", "sigma_level_recipe"),
    }
    assert {v.name for v in model.deterministics} == {"E", "A", "B", "sigma"}
    assert model.named_vars_to_dims["E"] == ("recipe",)


def test_no_pooling_gives_every_group_the_laws_prior():
    law, runs = chinchilla(E="none", A="full", B="full")
    model = build(law, runs).model
    assert model.named_vars_to_dims["E"] == ("recipe",)
    assert "E_population" not in names(model)
    draws = pm.draw(model["E"], 4000, random_seed=1, mode="FAST_COMPILE")
    prior = stats.lognorm(0.3, scale=1.8)
    assert stats.kstest(draws[:, 0], prior.cdf).pvalue > 1e-3


def test_crossed_columns_add_up_and_vary_over_their_observed_combinations():
    law, runs = chinchilla(by=("recipe", "corpus"), A="full", B="full", alpha={"corpus": "partial"})
    model = build(law, runs).model
    assert model.named_vars_to_dims["E"] == ("group",)
    assert model.named_vars_to_dims["alpha"] == ("corpus",)
    assert model.coords["group"] == tuple(f"{r} | {c}" for r in "abc" for c in ("books", "web"))
    assert {"E_spread_recipe", "E_spread_corpus", "alpha_spread_corpus"} < names(model)
    assert "alpha_spread_recipe" not in names(model)


def test_a_nested_column_has_levels_of_its_own_in_each_level_of_the_other():
    law, runs = chinchilla(by=("recipe", "recipe/seed"), A="full", B="full")
    model = build(law, runs).model
    assert model.coords["recipe:seed"] == ("a/0", "a/1", "b/0", "b/1", "c/0", "c/1")
    assert model.named_vars_to_dims["E"] == ("group",)


def test_centred_and_non_centred_groups_have_the_same_prior():
    law, runs = chinchilla(A="full", B="full")
    drawn = {}
    for centred in (False, True):
        model = build(law, runs, {"E": centred}).model
        drawn[centred] = pm.draw(model["E"], 4000, random_seed=3, mode="FAST_COMPILE")[:, 1]
    assert stats.ks_2samp(drawn[False], drawn[True]).pvalue > 1e-3


def test_a_term_sizes_prior_is_on_the_term_at_its_reference_point():
    law, runs = chinchilla(E="full", A="full", B="full")
    model = build(law, runs).model
    A, alpha = pm.draw([model["A"], model["alpha"]], 4000, random_seed=2, mode="FAST_COMPILE")
    size = np.log(A * 8e8**-alpha)
    prior = law.param("A").prior_of_pooled
    assert stats.kstest(size, stats.norm(np.log(prior.median), prior.log_sd).cdf).pvalue > 1e-3


def test_the_density_is_that_of_the_law_and_its_noise():
    law, runs = chinchilla(E="full", A="full", B="full")
    runs = lawbook.read_runs(a_table(), law)
    model = build(law, runs).model
    at = {"E": 1.7, "A": 400.0, "B": 500.0, "alpha": 0.33, "beta": 0.3}
    sigma, nu = 0.01, 4.0
    expected = law.formula(np, *runs.inputs.values(), **at)
    y = runs.response
    likelihood = stats.t(nu, np.log(expected), sigma).logpdf(np.log(y)) - np.log(y)
    point = {f"{name}_log__": np.log(at[name]) for name in ("E", "alpha", "beta")}
    point |= {
        "A_size_log__": np.log(at["A"]) - at["alpha"] * np.log(8e8),
        "B_size_log__": np.log(at["B"]) - at["beta"] * np.log(1.7e10),
        "sigma_log__": np.log(sigma),
        "nu_log__": np.log(nu),
    }
    found = model.compile_fn(
        model.logp(vars=model.observed_RVs, sum=False)[0], mode="FAST_COMPILE"
    )(point)
    np.testing.assert_allclose(found, likelihood, rtol=1e-9)


def test_groups_with_many_runs_are_centred_and_groups_with_few_are_not():
    law = lawbook.load_law("chinchilla")
    truth = {"E": 1.7, "A": 400.0, "B": 500.0, "alpha": 0.33, "beta": 0.3}
    chosen = {}
    for n in (2, 200):
        runs = lawbook.simulate(law, truth, n=n, noise=0.005, seed=1, groups=list("abcdef"))
        chosen[n] = {v.name for v in build(law, runs).model.free_RVs if "_level_" in v.name}
    for term in ("A_size_level_recipe", "B_size_level_recipe"):
        assert term not in chosen[2]  # two runs cannot tell three quantities
        assert term in chosen[200]


@pytest.mark.parametrize(
    ("pools", "message"),
    [
        (
            {"E": {"family": "partial"}},
            "param 'E' is pooled over 'family'; expected grouping columns of the runs, "
            "which are 'recipe'; name them in by=",
        ),
    ],
)
def test_pooling_over_an_unknown_column_is_refused(pools, message):
    law, runs = chinchilla(**pools)
    with pytest.raises(lawbook.LawError, match=message):
        build(law, runs)


def test_centring_an_unknown_parameter_is_refused():
    law, runs = chinchilla()
    with pytest.raises(lawbook.LawError, match="centred= names 'gama'; it has 'E', 'alpha'"):
        build(law, runs, {"gama": True})


def test_a_column_named_like_a_dim_of_the_model_is_refused():
    frame = a_table().rename(columns={"recipe": "run"})
    with pytest.raises(lawbook.RunsError, match="'run' would be both a label and a name of its"):
        lawbook.read_runs(frame, "chinchilla", by="run")
    of_process = {dim for dims in OF_GROUPS.values() for dim in dims}
    assert {"run", "group", "chain", "draw", *of_process} == set(RESERVED)


@pytest.mark.parametrize("name", ["A_size", "E_population", "length"])
def test_a_column_named_like_a_variable_of_the_model_is_refused(name):
    frame = a_table().rename(columns={"recipe": name})
    law = with_discrepancy(lawbook.load_law("chinchilla"), "auto")
    runs = lawbook.read_runs(frame, "chinchilla", by=name)
    said = f"'{name}' bear names of variables of its model; expected other names; give the groups"
    with pytest.raises(lawbook.LawError, match=said):
        build(law, runs)


def score(xp, x, *, level):
    return level + 0 * x


NOISES = {
    "normal": (lawbook.Normal(on="identity"), [1.0, 2.0, 1.5], 1.4),
    "logit": (lawbook.StudentT(on="logit"), [0.3, 0.4, 0.35], 0.3),
    "beta": (lawbook.Beta(), [0.3, 0.4, 0.35], 0.3),
    "binomial": (lawbook.Binomial(trials="n"), [0.25, 0.5, 0.75], 0.5),
    "counts": (lawbook.NegativeBinomial(), [3, 7, 4], 5.0),
}


@pytest.mark.parametrize("kind", NOISES)
def test_every_noise_has_the_density_of_its_distribution(kind):
    noise, y, level = NOISES[kind]
    law = lawbook.Law(
        name="flat",
        formula=score,
        inputs=[lawbook.Input("x", unit="", seen=(1.0, 10.0))],
        response=lawbook.Response("y", unit="", noise=noise),
        params=[lawbook.Param("level", LogNormal(median=level, log_sd=0.5))],
    )
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": np.asarray(y, float), "n": [8, 8, 8]})
    runs = lawbook.read_runs(table, law, allow=("sizes",))
    model = build(law, runs).model
    point = model.initial_point() | {"level_log__": np.log(level)}
    found = model.compile_fn(
        model.logp(vars=model.observed_RVs, sum=False)[0], mode="FAST_COMPILE"
    )(point)
    free = {name: float(np.exp(point[f"{name}_log__"])) for name in noise.priors}
    y = np.asarray(y, float)
    match kind:
        case "normal":
            expected = stats.norm(level, free["sigma"]).logpdf(y)
        case "logit":
            logit = np.log(y / (1 - y))
            centre = np.log(level / (1 - level))
            expected = stats.t(free["nu"], centre, free["sigma"]).logpdf(logit)
            expected -= np.log(y * (1 - y))
        case "beta":
            phi = free["concentration"]
            expected = stats.beta(level * phi, (1 - level) * phi).logpdf(y)
        case "binomial":
            expected = stats.binom(8, level).logpmf(8 * y)
        case "counts":
            shape = free["shape"]
            expected = stats.nbinom(shape, shape / (shape + level)).logpmf(y)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(("labels", "kind"), [("ab", "LogNormal"), ("abc", "HalfNormal")])
def test_a_spread_over_two_levels_keeps_away_from_zero(labels, kind):
    law = lawbook.load_law("compute").with_pooling(E="partial")
    runs = lawbook.simulate(law, n=6, groups=list(labels), seed=1)
    spread = build(law, runs).model["E_spread_recipe"]
    assert type(spread.owner.op).__name__.startswith(kind)
