"""Priors as values: their quantiles, and the quantities that they stand for."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.special import expit, logit

from lawbook import LawError
from lawbook.laws.priors import (
    HalfNormal,
    LogitNormal,
    LogNormal,
    Negative,
    Normal,
    RatioSize,
    Share,
    TermSize,
    direct,
)
from lawbook.wording import short

SIZE = LogNormal(0.4, 0.5)
PROBABILITIES = np.array([0.001, 0.05, 0.3, 0.5, 0.9, 0.999])

DIRECT = [
    (Normal(-1.2, 0.4), stats.norm(-1.2, 0.4).ppf, "identity"),
    (LogNormal(0.35, 0.25), stats.lognorm(0.25, scale=0.35).ppf, "log"),
    (HalfNormal(0.6), stats.halfnorm(scale=0.6).ppf, "log"),
    (LogitNormal(0.18, 1.0), lambda p: expit(stats.norm(logit(0.18), 1).ppf(p)), "logit"),
]

DERIVED = [
    TermSize(SIZE, at={"N": 8e8}, decay="alpha"),
    TermSize(SIZE, at={"x": 1e8}, growth="alpha"),
    TermSize(SIZE, at={"N": 8e8}, decay="alpha * k"),
    TermSize(SIZE, at={"N": 8e8, "D": 1e10}, decay={"D": "beta"}, growth={"N": "alpha"}),
    TermSize(SIZE, at={"N": 8e8, "D": 1e10}, decay={"N": "alpha", "D": "alpha*beta"}),
    RatioSize(LogNormal(2.9, 0.15), at={"N": 1e8}, exponent="alpha"),
    Share(LogitNormal(0.2, 1.0), of="k"),
    Negative(LogNormal(0.4, 0.5)),
]
VALUES = {"alpha": 0.34, "beta": 0.28, "k": 0.9}


@pytest.mark.parametrize(("prior", "quantile", "link"), DIRECT)
def test_quantiles_are_those_of_scipy(prior, quantile, link):
    ours = [prior.quantile(p) for p in PROBABILITIES]
    np.testing.assert_allclose(ours, quantile(PROBABILITIES), rtol=1e-9)
    assert prior.link == link


@pytest.mark.parametrize(("prior", "quantile", "link"), DIRECT)
def test_spread_is_the_deviation_on_the_link_scale(prior, quantile, link):
    to_link = {"identity": np.asarray, "log": np.log, "logit": logit}[link]
    u = to_link(quantile((np.arange(200_000) + 0.5) / 200_000))
    assert prior.spread == pytest.approx(u.std(), rel=1e-3)


@pytest.mark.parametrize("prior", DERIVED, ids=repr)
def test_a_parameter_and_its_size_are_two_names_for_one_thing(prior):
    needed = {name: VALUES[name] for name in prior.needs}
    parameter = prior.parameter(np, 0.37, **needed)
    assert prior.size(np, parameter, **needed) == pytest.approx(0.37, rel=1e-12)
    with jax.enable_x64(True):
        in_jax = prior.parameter(jnp, jnp.asarray(0.37), **needed)
        assert prior.size(jnp, in_jax, **needed) == pytest.approx(0.37, rel=1e-12)
    assert float(in_jax) == pytest.approx(parameter, rel=1e-12)
    in_pytensor = prior.parameter(pt, pt.constant(0.37), **needed)
    back = prior.size(pt, in_pytensor, **needed)
    values = pt.stack([in_pytensor, back]).eval(mode="FAST_COMPILE")
    np.testing.assert_allclose(values, [parameter, 0.37], rtol=1e-12)


def test_sizes_are_those_of_the_terms_that_they_describe():
    alpha, beta, k = VALUES.values()
    expected = [
        0.37 * 8e8**alpha,
        0.37 * 1e8**-alpha,
        0.37 * 8e8 ** (alpha * k),
        0.37 * 1e10**beta * 8e8**-alpha,
        0.37 * 8e8**alpha * 1e10 ** (alpha * beta),
        1e8 * 0.37 ** (1 / alpha),
        0.37 * k,
        -0.37,
    ]
    for prior, value in zip(DERIVED, expected, strict=True):
        needed = {name: VALUES[name] for name in prior.needs}
        assert prior.parameter(np, 0.37, **needed) == pytest.approx(value, rel=1e-12), prior


@pytest.mark.parametrize("prior", [prior for prior, *_ in DIRECT], ids=repr)
def test_a_direct_prior_is_pooled_itself(prior):
    assert prior.needs == ()
    assert prior.parameter(np, 0.3) == prior.size(np, 0.3) == 0.3
    assert direct(prior) is prior


@pytest.mark.parametrize("prior", DERIVED, ids=repr)
def test_a_derived_prior_is_pooled_as_the_one_inside(prior):
    assert direct(prior) is prior.prior
    assert prior.link == prior.prior.link


@pytest.mark.parametrize("prior", [*(prior for prior, *_ in DIRECT), *DERIVED], ids=repr)
def test_priors_are_values_and_their_repr_is_python(prior):
    again = eval(repr(prior))
    assert again == prior
    assert hash(again) == hash(prior)
    assert repr(again) == repr(prior)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (8e8, "8e8"),
        (1.7e10, "1.7e10"),
        (250_000, "2.5e5"),
        (1e-9, "1e-9"),
        (0.35, "0.35"),
        (300.0, "300"),
        (0, "0"),
        (-0.5, "-0.5"),
        (1 / 3, "0.3333333333333333"),
        (np.float64(1.5), "1.5"),
    ],
)
def test_numbers_are_written_short_and_exactly(number, text):
    assert short(number) == text
    assert float(text) == number


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: Normal(0, 0),
            "prior Normal(mean=0, sd=0): its values are out of range; expected sd > 0; "
            "correct them",
        ),
        (
            lambda: LogNormal(-1, 0.5),
            "prior LogNormal(median=-1, log_sd=0.5): its values are out of range; "
            "expected median > 0 and log_sd > 0; correct them",
        ),
        (
            lambda: HalfNormal(float("nan")),
            "prior HalfNormal(sd=NaN): its values are out of range; expected sd > 0; correct them",
        ),
        (
            lambda: LogitNormal(1.5, 1),
            "prior LogitNormal(median=1.5, logit_sd=1): its values are out of range; "
            "expected 0 < median < 1 and logit_sd > 0; correct them",
        ),
        (
            lambda: TermSize(SIZE, at={"N": 1e9}),
            "TermSize(LogNormal(median=0.4, log_sd=0.5), at={'N': 1e9}): the exponents do not "
            "match the inputs in at=; expected one exponent for each; give either decay= (for "
            "x**-decay) or growth= (for x**growth)",
        ),
        (
            lambda: TermSize(SIZE, at={"N": 1e9}, decay="alpha", growth="beta"),
            "TermSize(LogNormal(median=0.4, log_sd=0.5), at={'N': 1e9}, decay='alpha', "
            "growth='beta'): the exponents do not match the inputs in at=; expected one "
            "exponent for each; give either decay= (for x**-decay) or growth= (for x**growth)",
        ),
        (
            lambda: TermSize(SIZE, at={"N": 1e9, "D": 1e10}, decay={"D": "beta"}),
            "TermSize(LogNormal(median=0.4, log_sd=0.5), at={'N': 1e9, 'D': 1e10}, "
            "decay={'D': 'beta'}): the exponents do not match the inputs in at=; expected one "
            "exponent for each; give either decay= (for x**-decay) or growth= (for x**growth)",
        ),
        (
            lambda: TermSize(SIZE, at={"N": 0}, decay="alpha"),
            "TermSize(LogNormal(median=0.4, log_sd=0.5), at={'N': 0}, decay='alpha'): "
            "a reference value in at= is not positive; expected positive numbers; correct it",
        ),
        (
            lambda: TermSize(Normal(0, 1), at={"N": 1e9}, decay="alpha"),
            "TermSize(Normal(mean=0, sd=1), at={'N': 1e9}, decay='alpha'): its prior is not of "
            "a positive number; expected LogNormal or HalfNormal, since a size is positive; write "
            "LogNormal(median=..., log_sd=...)",
        ),
        (
            lambda: RatioSize(SIZE, at={"N": 1e9, "D": 1e10}, exponent="alpha"),
            "RatioSize(LogNormal(median=0.4, log_sd=0.5), at={'N': 1e9, 'D': 1e10}, "
            "exponent='alpha'): at= has 2 inputs; expected one; keep one of them",
        ),
        (
            lambda: Share(SIZE, of="e_0"),
            "Share(LogNormal(median=0.4, log_sd=0.5), of='e_0'): the prior of a share is not "
            "LogitNormal; expected one between 0 and 1; write "
            "Share(LogitNormal(median=0.2, logit_sd=1.0), of=...)",
        ),
        (
            lambda: Negative(Normal(0, 1)),
            "Negative(Normal(mean=0, sd=1)): its prior is not of a positive number; expected "
            "LogNormal or HalfNormal, the prior of minus the parameter; write "
            "Negative(LogNormal(...))",
        ),
    ],
)
def test_a_prior_out_of_range_says_so(make, text):
    with pytest.raises(LawError, match=f"^{re.escape(text)}$"):
        make()
