"""Every noise answers every question of the protocol, and the answers agree with one another.

A noise has a case here before it is public. Distributions of reference are SciPy's, for one run
around one value of the law.
"""

import inspect
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

import lawbook
from lawbook.laws.links import from_link, to_link
from lawbook.priors import LogNormal

TRIALS = 40
DRAWS = 200_000
LOWER, HIGHER = "lower", "higher"


def student_t(at, worse, sigma, nu):
    return stats.t(nu, loc=at, scale=sigma)


def normal(at, worse, sigma, **of_process):
    return stats.norm(at, sigma)


class Mirrored:
    """The distribution of minus another one's variable."""

    def __init__(self, other):
        self.other = other

    def pdf(self, x):
        return self.other.pdf(-x)

    def cdf(self, x):
        return self.other.sf(-x)


def skew_normal(at, worse, sigma, skew):
    plain = stats.skewnorm(worse * skew)  # by SciPy's own mean and standard deviation
    scale = sigma / plain.std()
    return stats.skewnorm(worse * skew, loc=at - scale * plain.mean(), scale=scale)


def frontier(at, worse, sigma, excess):
    towards = stats.exponnorm(excess / sigma, loc=worse * at, scale=sigma)
    return towards if worse > 0 else Mirrored(towards)


def beta(value, worse, concentration):
    return stats.beta(value * concentration, (1 - value) * concentration)


def binomial(value, worse):
    return stats.binom(TRIALS, value)


def negative_binomial(value, worse, shape):
    return stats.nbinom(shape, shape / (shape + value))


@dataclass(frozen=True)
class Case:
    """A noise, its parameters, and SciPy's distribution of one run.

    ``told`` says how `information` relates to Fisher's: ``"all"`` of it, or the part that the
    ``"variance"`` tells, which is never more. ``of_scale`` is True where the distribution is that
    of the response on the noise's scale, False where it is that of the response (or its count).
    """

    noise: Any
    value: float
    params: dict[str, float]
    reference: Any
    words: str
    typical: float
    support: tuple[float, float]
    told: str = "all"
    of_scale: bool = True
    better: str = LOWER
    counts: bool = False
    reads: tuple[str, ...] = ()
    allowed: str = ""
    pools: dict[str, str] = field(default_factory=lambda: {"sigma": "partial"})

    @property
    def worse(self):
        return 1.0 if self.better == LOWER else -1.0

    def around(self, at):
        """The distribution around a value of the law, given on the noise's scale."""
        at = at if self.of_scale else from_link(self.noise.on, at)
        return self.reference(at, self.worse, **self.params)

    @property
    def place(self):
        return float(to_link(self.noise.on, self.value))


POSITIVE, SHARE, LINE = (0.0, math.inf), (0.0, 1.0), (-math.inf, math.inf)
T = {"sigma": 0.05, "nu": 6.0}
SHAPES = {"sigma": "partial", "nu": "full"}
SKEWED = {"sigma": "partial", "skew": "full"}
EXCESS = {"sigma": "partial", "excess": "partial"}
PROCESS = dict.fromkeys(("sigma", "amplitude", "length"), "partial")
CASES = {
    "t-log": Case(
        lawbook.StudentT(), 2.5, T, student_t, "Student-t noise on log y", 0.01, POSITIVE,
        pools=SHAPES,
    ),
    "t-logit": Case(
        lawbook.StudentT("logit", LogNormal(0.2, 1.0)), 0.3, T, student_t,
        "Student-t noise on logit y", 0.2, SHARE, better=HIGHER, pools=SHAPES,
    ),
    "normal-log": Case(
        lawbook.Normal(), 2.5, {"sigma": 0.1}, normal, "Gaussian noise on log y", 0.01, POSITIVE
    ),
    "normal-identity": Case(
        lawbook.Normal("identity", LogNormal(0.3, 1.0)), -1.5, {"sigma": 0.1}, normal,
        "Gaussian noise on y", 0.3, LINE, better=HIGHER,
    ),
    "skew-log": Case(
        lawbook.SkewNormal(), 2.5, {"sigma": 0.1, "skew": 3.0}, skew_normal,
        "skew-normal noise on log y", 0.01, POSITIVE, told="variance", pools=SKEWED,
    ),
    "skew-logit": Case(
        lawbook.SkewNormal("logit", LogNormal(0.2, 1.0)), 0.7, {"sigma": 0.3, "skew": 2.0},
        skew_normal, "skew-normal noise on logit y", 0.2, SHARE, told="variance", better=HIGHER,
        pools=SKEWED,
    ),
    "skew-to-the-better": Case(
        lawbook.SkewNormal("identity"), -0.5, {"sigma": 0.3, "skew": -4.0},
        skew_normal, "skew-normal noise on y", 0.01, LINE, told="variance", pools=SKEWED,
    ),
    "skew-none": Case(
        lawbook.SkewNormal(), 2.5, {"sigma": 0.1, "skew": 0.0}, skew_normal,
        "skew-normal noise on log y", 0.01, POSITIVE, pools=SKEWED,
    ),
    "frontier-normal": Case(
        lawbook.Frontier(lawbook.Normal(sigma=LogNormal(0.03, 1.0)), LogNormal(0.04, 1.0)), 2.5,
        {"sigma": 0.05, "excess": 0.1}, frontier,
        "Gaussian noise on log y and an excess that only makes it worse", 0.05, POSITIVE,
        told="variance", pools=EXCESS,
    ),
    "frontier-higher": Case(
        lawbook.Frontier(lawbook.Normal("logit", LogNormal(0.03, 1.0)), LogNormal(0.04, 1.0)), 0.6,
        {"sigma": 0.1, "excess": 0.2}, frontier,
        "Gaussian noise on logit y and an excess that only makes it worse", 0.05, SHARE,
        told="variance", better=HIGHER, pools=EXCESS,
    ),
    "discrepancy": Case(
        lawbook.Discrepancy(over=("N",)), 2.5, {"sigma": 0.03, "amplitude": 0.1, "length": 2.0},
        normal, "Gaussian noise and a matern52 process over N on log y", 0.1, POSITIVE,
        pools=PROCESS,
    ),
    "beta": Case(
        lawbook.Beta(), 0.3, {"concentration": 50.0}, beta, "beta noise on y", 0.1, SHARE,
        told="variance", of_scale=False, better=HIGHER, pools={"concentration": "partial"},
    ),
    "binomial": Case(
        lawbook.Binomial("trials"), 0.3, {}, binomial, "binomial noise on y, trials in column "
        "'trials'", 0.1, (-1e-12, 1 + 1e-12), of_scale=False, better=HIGHER, pools={},
        reads=("trials",), allowed="fractions from 0 to 1",
    ),
    "negative-binomial": Case(
        lawbook.NegativeBinomial(), 6.0, {"shape": 4.0}, negative_binomial,
        "negative binomial noise on y", 0.1, (-1.0, math.inf), of_scale=False, counts=True,
        allowed="counts of 0 or more", pools={"shape": "partial"},
    ),
}  # fmt: skip
EVERY = [pytest.param(case, id=name) for name, case in CASES.items()]
AT = {"trials": np.full((1, 1), TRIALS)}


def in_one_draw(case):
    return {name: np.full((1, 1), value) for name, value in case.params.items()}


def drawn(case, count=DRAWS):
    """Runs around the law's value, in the response's unit."""
    rng, value = np.random.default_rng(7), np.full((1, count), case.value)
    return case.noise.draw(value, in_one_draw(case), AT, better=case.better, rng=rng)[0]


def test_every_public_noise_has_a_case():
    questions = {name for name in vars(lawbook.Noise) if not name.startswith("_")}
    public = {getattr(lawbook, name) for name in lawbook.__all__}
    noises = {
        thing
        for thing in public - {lawbook.Noise}
        if inspect.isclass(thing) and all(hasattr(thing, question) for question in questions)
    }
    assert noises == {type(case.noise) for case in CASES.values()}
    assert len(questions) == 12


@pytest.mark.parametrize("case", EVERY)
def test_a_noise_says_what_it_is_and_what_it_takes(case):
    noise = case.noise
    assert noise.in_words("y") == case.words
    assert noise.typical_sd == pytest.approx(case.typical)
    assert noise.support == case.support
    assert (noise.allowed, noise.reads, noise.counts) == (case.allowed, case.reads, case.counts)
    assert {name: pool for name, (_, pool) in noise.priors.items()} == case.pools
    assert all(0 < prior.spread < math.inf for prior, _ in noise.priors.values())
    assert set(case.params) == set(noise.priors)
    assert hash(noise) == hash(type(noise)(**{f: getattr(noise, f) for f in vars(noise)}))


@pytest.mark.parametrize("case", EVERY)
def test_runs_are_drawn_from_the_distribution_and_lie_in_the_support(case):
    runs = drawn(case)
    low, high = case.noise.support
    assert ((low < runs) & (runs < high)).all()
    assert np.array_equal(runs, drawn(case))
    reference = case.around(case.place)
    if case.of_scale:
        runs = to_link(case.noise.on, runs)
    elif case.reads:
        runs = runs * TRIALS
    levels = np.quantile(runs, [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99], method="inverted_cdf")
    if case.of_scale or not hasattr(reference, "pmf"):
        shares = np.mean(runs[:, None] <= levels, axis=0)
        np.testing.assert_allclose(reference.cdf(levels), shares, atol=0.004)
    else:
        np.testing.assert_allclose(levels, np.round(levels), atol=1e-9)
        whole = np.round(runs)
        shares = np.mean(whole[:, None] <= np.round(levels), axis=0)
        np.testing.assert_allclose(reference.cdf(np.round(levels)), shares, atol=0.004)


@pytest.mark.parametrize("case", EVERY)
def test_expected_and_variance_are_those_of_many_runs(case):
    runs, params = drawn(case), in_one_draw(case)
    value = np.full((1, 1), case.value)
    expected = np.broadcast_to(case.noise.expected(value, params, better=case.better), (1, 1))
    variance = np.broadcast_to(case.noise.variance(value, params, AT), (1, 1))
    on_scale = to_link(case.noise.on, runs) if case.of_scale else runs
    sd = float(np.sqrt(variance[0, 0]))
    assert np.mean(on_scale) == pytest.approx(float(expected[0, 0]), abs=4 * sd / DRAWS**0.5)
    assert np.std(on_scale) == pytest.approx(sd, rel=0.01)


def fisher(case, step=1e-4):
    """Fisher information of one run about the law's value on the noise's scale."""
    up, down, here = (case.around(case.place + by) for by in (step, -step, 0.0))
    if hasattr(here, "pmf") and not case.of_scale:
        count = np.arange(0, 400)
        p = here.pmf(count)
        slope = (up.pmf(count) - down.pmf(count)) / (2 * step)
        some = p > 1e-300
        return np.sum(slope[some] ** 2 / p[some])

    def square(x):
        p = here.pdf(x)
        return ((up.pdf(x) - down.pdf(x)) / (2 * step)) ** 2 / p if p > 1e-200 else 0.0

    sd = float(np.std(to_link(case.noise.on, drawn(case)) if case.of_scale else drawn(case)))
    if case.of_scale:
        middle = case.place
        low, high = middle - 15 * sd, middle + 15 * sd
    else:
        middle = case.value
        low, high = 0.0, 1.0
    return integrate.quad(square, low, high, points=[middle], limit=400)[0]


@pytest.mark.parametrize("case", EVERY)
def test_information_is_fishers_or_what_the_variance_tells_of_it(case):
    mean = np.full(1, case.value)
    at = {"trials": np.full(1, TRIALS)}
    [found] = np.broadcast_to(case.noise.information(mean, in_one_draw(case), at), (1,))
    exact = fisher(case)
    if case.told == "all":
        assert found == pytest.approx(exact, rel=1e-3)
        return
    assert found < exact
    value = np.full((1, 1), case.value)
    left = float(np.squeeze(case.noise.variance(value, in_one_draw(case), AT)))
    slope = 1.0 if case.of_scale else case.value * (1 - case.value)  # of the response in its logit
    assert found == pytest.approx(slope**2 / left, rel=1e-9)


@pytest.mark.parametrize("case", EVERY)
def test_information_is_one_number_a_point_over_all_draws(case):
    rng = np.random.default_rng(3)
    params = {
        name: value * np.exp(0.1 * rng.standard_normal((500, 1)))
        for name, value in case.params.items()
    }
    params = {name: np.repeat(value, 3, axis=1) for name, value in params.items()}
    mean, at = np.full(3, case.value), {"trials": np.full(3, TRIALS)}
    found = case.noise.information(mean, params, at)
    alone = case.noise.information(mean[:1], in_one_draw(case), {"trials": at["trials"][:1]})
    assert np.shape(found) == (3,)
    np.testing.assert_allclose(found, np.broadcast_to(alone, 3), rtol=0.05)
