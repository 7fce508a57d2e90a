import numpy as np
import pandas as pd
import pytest
from fits import RECIPES, grouped_runs, of_prior

import lawbook
from lawbook.laws.values import draw_prior
from lawbook.posterior.parameters import parameters_at
from lawbook.priors import HalfNormal, LogitNormal, LogNormal, Negative, Normal, Share

CHINCHILLA = lawbook.load_law("chinchilla")
CENTRED = dict.fromkeys(["E", "A", "B", "sigma"], True)
MIXED = {"E": "none", "A": {"recipe": "none", "corpus": "partial"}, "alpha": {"corpus": "none"}}


def at(fit, groups, seed=0):
    return parameters_at(fit, groups, np.random.default_rng(seed))


def of_posterior(fit, name):
    """A variable of the posterior at each observed group, by its labels."""
    found = fit.posterior["posterior"][name]
    [dim] = set(found.dims) - {"chain", "draw"} or {None}
    groups = fit.runs.groups
    if dim is None:
        return np.repeat(found.to_numpy()[..., None], len(groups), axis=2)
    column = next((c for c in groups if c.replace("/", ":") == dim), None)
    labels = groups.agg(" | ".join, axis=1) if column is None else groups[column]
    return found.transpose("chain", "draw", dim).sel({dim: list(labels)}).to_numpy()


@pytest.mark.parametrize("centred", [None, CENTRED], ids=["chosen", "centred"])
@pytest.mark.parametrize(
    ("by", "pool"),
    [
        (("recipe",), {}),
        (("recipe",), {"E": "none", "alpha": "partial"}),
        (("recipe", "corpus"), {"alpha": {"recipe": "partial"}}),
        (("recipe", "corpus"), MIXED),
        (("recipe", "recipe/seed"), {"B": {"recipe": "none", "recipe/seed": "partial"}}),
        (("recipe/seed",), {}),
    ],
    ids=["one", "one-none", "crossed", "crossed-mixed", "nested", "nested-alone"],
)
def test_observed_groups_have_the_values_of_the_posterior(by, pool, centred):
    runs = grouped_runs(by)
    fit = of_prior(CHINCHILLA.with_pooling(**pool), runs, centred, draws=20)
    found = at(fit, runs.groups)
    assert list(found) == ["E", "A", "B", "alpha", "beta", "sigma", "nu"]
    for name, values in found.items():
        np.testing.assert_allclose(values, of_posterior(fit, name), rtol=1e-12, err_msg=name)


def test_priors_on_other_quantities_are_followed():
    def formula(xp, N, *, top, floor, slope, tilt):
        return floor + (top - floor) * xp.exp(slope * xp.log(N)) + 0 * tilt

    law = lawbook.Law(
        name="falling",
        formula=formula,
        inputs=[lawbook.Input("N", unit="parameters", seen=(1e6, 1e9))],
        response=lawbook.Response("loss", "nats", noise=lawbook.Normal()),
        params=[
            lawbook.Param("top", HalfNormal(4.0), pool="partial"),
            lawbook.Param("floor", Share(LogitNormal(0.2, 1.0), of="top"), pool="partial"),
            lawbook.Param("slope", Negative(LogNormal(0.1, 0.3)), pool="partial"),
            lawbook.Param("tilt", Normal(0.0, 1.0), pool="partial"),
        ],
    )
    runs = lawbook.simulate(law, n=10, groups=RECIPES)
    fit = of_prior(law, runs, draws=20)
    found = at(fit, runs.groups)
    for name, values in found.items():
        np.testing.assert_allclose(values, of_posterior(fit, name), rtol=1e-12, err_msg=name)
    assert np.all(found["slope"] < 0)


@pytest.fixture(scope="module")
def crossed():
    runs = grouped_runs(("recipe", "corpus"))
    return of_prior(CHINCHILLA.with_pooling(B={"recipe": "none"}), runs, draws=500)


def test_levels_that_never_met_follow_the_formula(crossed):
    assert ("lstm", "pile") not in set(crossed.runs.groups.itertuples(index=False, name=None))
    found = at(crossed, pd.DataFrame({"recipe": ["lstm"], "corpus": ["pile"]}))
    draws = crossed.posterior["posterior"]

    def share(column, label):
        if (level := f"E_level_{column}") in draws:
            return draws[level].sel({column: label})
        return draws[f"E_spread_{column}"] * draws[f"E_offset_{column}"].sel({column: label})

    u = np.log(draws["E_population"]) + share("recipe", "lstm") + share("corpus", "pile")
    np.testing.assert_allclose(found["E"][..., 0], np.exp(u).to_numpy(), rtol=1e-12)


def test_new_levels_are_drawn_from_the_population(crossed):
    labels = {"recipe": ["mamba", "gru", "mamba", "rwkv"], "corpus": ["c4", "c4", "c4", "c4"]}
    found = at(crossed, pd.DataFrame(labels))
    for values in found.values():
        np.testing.assert_array_equal(values[..., 0], values[..., 2])
    assert not np.allclose(found["E"][..., 0], found["E"][..., 3])
    draws = crossed.posterior["posterior"]
    seen = np.log(found["E"][..., 1]) - _own_share(draws, "E", "recipe", "gru")
    z = (np.log(found["E"][..., 0]) - seen) / draws["E_spread_recipe"].to_numpy()
    # standard normal, within four standard errors
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / z.size)


def _own_share(draws, name, column, label):
    if (level := f"{name}_level_{column}") in draws:
        return draws[level].sel({column: label}).to_numpy()
    offset = draws[f"{name}_offset_{column}"].sel({column: label})
    return (draws[f"{name}_spread_{column}"] * offset).to_numpy()


def test_new_levels_of_what_is_not_pooled_are_drawn_from_the_prior(crossed):
    found = at(crossed, pd.DataFrame({"recipe": ["mamba"], "corpus": ["c4"]}))
    draws = crossed.posterior["posterior"]
    size = found["B"][..., 0] * 1.7e10 ** -draws["beta"].to_numpy()
    z = (np.log(size) - np.log(0.38)) / 0.5
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / z.size)


def test_a_seed_gives_new_levels_again(crossed):
    groups = pd.DataFrame({"recipe": ["mamba"], "corpus": ["new"]})
    first, again, other = at(crossed, groups), at(crossed, groups), at(crossed, groups, seed=1)
    np.testing.assert_array_equal(first["E"], again["E"])
    assert not np.array_equal(first["E"], other["E"])
    np.testing.assert_array_equal(first["alpha"], other["alpha"])


def test_seen_groups_leave_the_generator_alone(crossed):
    rng = np.random.default_rng(0)
    parameters_at(crossed, crossed.runs.groups, rng)
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


def test_each_kind_of_prior_draws_as_it_says():
    z = np.random.default_rng(0).standard_normal(200_000)
    for prior in (Normal(1.0, 2.0), LogNormal(3.0, 0.5), HalfNormal(2.0), LogitNormal(0.2, 1.0)):
        for probability in (0.1, 0.5, 0.9):
            below = np.mean(draw_prior(prior, z) < prior.quantile(probability))
            assert below == pytest.approx(probability, abs=0.004)
