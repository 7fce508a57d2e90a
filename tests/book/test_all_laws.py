"""What every law of the book promises, and the numbers that it must give."""

import inspect
import re
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from book_laws import LAWS, corners, drawn, known, points, published_range, typical
from recovery import held

import lawbook
import lawbook.laws.catalogue
import lawbook.models
from lawbook.laws.values import parameters

PLAIN = pytensor.compile.mode.Mode(linker="py", optimizer=None)  # nothing to compile
# laws whose published values 90% intervals do not hold often enough, and which those are
MISSED = {
    "sparsing_relu": "b, c and alpha of the smallest model, whose curve would begin above 1: runs "
    "do not tell them apart, and the priors do not expect all three so far out at once",
}
RECOVERED = [
    pytest.param(
        law.values[0],
        id=law.id,
        marks=pytest.mark.xfail(
            law.id in MISSED, reason=MISSED.get(str(law.id), ""), raises=AssertionError
        ),
    )
    for law in LAWS
]
BIBLIOGRAPHY = Path(lawbook.models.__file__).parent / "references.bib"


@pytest.mark.parametrize("law", LAWS)
def test_one_formula_gives_one_answer_in_every_array_library(law):
    runs = points(law)
    symbols = {name: pt.dscalar(name) for name in law.param_names}
    graph = law.formula(pt, *map(pt.as_tensor, runs), **symbols)
    in_pytensor = pytensor.function(list(symbols.values()), graph, mode=PLAIN)
    for at in known(law):
        expected = law.formula(np, *runs, **at)
        assert expected.shape == runs[0].shape
        with jax.enable_x64(True):
            in_jax = law.formula(jnp, *map(jnp.asarray, runs), **at)
        np.testing.assert_allclose(in_jax, expected, rtol=1e-12)
        np.testing.assert_allclose(in_pytensor(**at), expected, rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_slopes_are_finite_wherever_the_priors_go(law):
    @jax.jit
    def slopes(pooled, runs):
        def total(pooled, runs):
            return law.formula(jnp, *runs, **parameters(law, jnp, pooled)).sum()

        return jax.grad(total, argnums=(0, 1))(pooled, runs)

    with jax.enable_x64(True):
        by_param, by_input = slopes(corners(law), points(law))
    for name, slope in (by_param | dict(zip(law.input_names, by_input, strict=True))).items():
        assert np.isfinite(slope).all(), f"{law.name}: slope in {name}"


@pytest.mark.parametrize("law", LAWS)
def test_slopes_agree_between_jax_and_pytensor(law):
    at, runs = typical(law), points(law, n=8)
    symbols = {name: pt.dscalar(name) for name in at}
    total = law.formula(pt, *map(pt.as_tensor, runs), **symbols).sum()
    slopes = pytensor.grad(total, list(symbols.values()))
    in_pytensor = pytensor.function(list(symbols.values()), slopes, mode=PLAIN)(**at)
    with jax.enable_x64(True):
        in_jax = jax.jit(jax.grad(lambda at: law.formula(jnp, *runs, **at).sum()))(at)
    np.testing.assert_allclose(in_pytensor, [in_jax[name] for name in symbols], rtol=1e-9)


@pytest.mark.parametrize("law", LAWS)
def test_priors_expect_responses_that_can_happen(law):
    rng, n = np.random.default_rng(20220329), 2000
    pooled = {p.name: drawn(p.prior_of_pooled, n, rng) for p in law.params}
    runs = [x.spread(rng.uniform(size=n)) for x in law.inputs]
    response = law.formula(np, *runs, **parameters(law, np, pooled))
    (low, high), (least, most) = law.response.support, published_range(law)
    assert np.isfinite(response).all()
    assert np.mean((low < response) & (response < high)) > 0.95
    if low == 0:  # a positive response: within a factor of ten
        near = (response > least / 10) & (response < most * 10)
    else:  # a signed one: within ten times the range
        near = np.abs(response - (least + most) / 2) < 10 * (most - least) / 2
    assert np.mean(near) > 0.95, f"{law.name}: {np.mean(near):.1%} near {least:g} to {most:g}"


@pytest.mark.parametrize("law", LAWS)
def test_priors_reach_what_papers_report(law):
    for at in known(law):
        for param in law.params:
            needed = {name: at[name] for name in param.prior.needs}
            pooled = param.prior.size(np, at[param.name], **needed)
            low, high = (param.prior_of_pooled.quantile(p) for p in (0.005, 0.995))
            assert low < pooled < high, f"{law.name}: {param.name} has {pooled:g}"


@pytest.mark.parametrize("law", LAWS)
def test_every_law_says_where_it_comes_from(law):
    text = sys.modules[law.formula.__module__].__doc__
    assert "\nSource:" in text
    assert law.name in text.lower()
    entries = re.findall(r"@\w+\{(\w+),", BIBLIOGRAPHY.read_text())
    assert {estimate.key for estimate in law.published} <= set(entries)


def test_names_of_laws_and_of_references_are_unique():
    names = [law.name for law in lawbook.all_laws()]
    entries = re.findall(r"@\w+\{(\w+),", BIBLIOGRAPHY.read_text())
    assert len(set(names)) == len(names)
    assert len(set(entries)) == len(entries)


@pytest.mark.parametrize("law", LAWS)
def test_costs_are_training_flops(law):
    if law.cost is None:
        pytest.skip("has no cost")
    inputs = dict(zip(law.input_names, points(law), strict=True))
    cost = law.cost(**{x: inputs[x] for x in inspect.signature(law.cost).parameters})
    assert (cost > 1e11).all()
    assert (cost < 1e25).all()


@pytest.mark.parametrize("law", LAWS)
def test_every_law_of_the_book_has_a_domain_and_says_if_it_is_proposed(law):
    assert law.domain
    about = lawbook.laws.catalogue.page(law)
    assert ("proposed" in about.lower()) >= (law.status == "proposed")


@pytest.mark.parametrize("law", LAWS)
def test_what_a_law_derives_exists_somewhere_and_says_what_it_is(law):
    for quantity in law.derived:
        assert quantity.formula.__doc__
        seen = {x.name: points(law)[i] for i, x in enumerate(law.inputs)}
        if set(quantity.given) <= set(seen):
            for at in known(law):
                params = {name: at[name] for name in quantity.needs}
                with np.errstate(divide="ignore", invalid="ignore"):
                    value = quantity.formula(np, *(seen[x] for x in quantity.given), **params)
                assert np.isfinite(value).any(), f"{law.name}: {quantity.name}"


@pytest.mark.slow
@pytest.mark.parametrize("law", RECOVERED)
def test_fits_hold_the_values_their_data_came_from(law):
    inside = held(law)
    shares = dict(zip(law.param_names, inside.mean(axis=0), strict=True))
    assert 0.80 <= inside.mean() <= 0.97, f"{law.name}: 90% intervals hold {shares}"


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_a_law_is_calibrated_beside_its_usual_discrepancy(law):
    found = lawbook.calibration(law, tables=100)
    assert found.draws.sizes["table"] + found.undrawn == 100
    assert found.undrawn <= 10
    # one law in twenty books like this one would fail by chance
    assert found.table["p_uniform"].min() > 0.05 / len(found.table) / len(LAWS), found.table
