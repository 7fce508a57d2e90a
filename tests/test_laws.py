"""What every law of the book promises, and the numbers that it must give."""

import re
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from book import LAWS, corners, drawn, known, points, typical

import lawbook
from lawbook.parametrization import parameters

PLAIN = pytensor.compile.mode.Mode(linker="py", optimizer=None)  # nothing to compile
BIBLIOGRAPHY = Path(__file__).resolve().parent.parent / "docs" / "references.bib"


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
    runs = [np.exp(rng.uniform(*np.log(x.seen), n)) for x in law.inputs]
    response = law.formula(np, *runs, **parameters(law, np, pooled))
    low, high = law.response.support
    # a loss of ten nats is that of guessing among 22,000 tokens; a curve that begins at guessing
    # and ends at an error of one percent fell to a hundredth
    plausible = {"nats/token": 10, "fraction": 2, "last level": 100}[law.response.unit]
    assert np.isfinite(response).all()
    assert np.mean((low < response) & (response < min(high, plausible))) > 0.95


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
    cost = law.cost(*points(law))
    assert (cost > 1e11).all()
    assert (cost < 1e25).all()


# parameters: the position among the published estimates, or values; response: as printed
CHECKS = [
    ("chinchilla", 2, (1e9, 2e10), "2.52921"),
    ("chinchilla", 2, (70e9, 1.4e12), "1.97342"),
    ("chinchilla", 2, (280e9, 3e11), "1.99908"),
    ("chinchilla", 2, (7.23527e10, 1.32683e12), "1.97397"),
    ("chinchilla", 1, (70e9, 1.4e12), "1.92085"),
    ("kaplan_size", 0, (1e8,), "2.82996"),
    ("kaplan_size", 0, (1e9,), "2.37564"),
    ("kaplan_size", 0, (1.5e9,), "2.30355"),
    ("kaplan_data", 0, (1e9,), "2.81564"),
    ("kaplan_data", 0, (2.2e10,), "2.09917"),
    ("kaplan", 0, (1e8, 1e9), "2.95673"),
    ("kaplan", 0, (1e9, 2.2e10), "2.36932"),
    ("kaplan", 1, (196608, 2.86e7), "4.78839"),
    ("kaplan", 1, (786432, 9.04e7), "4.29202"),
    ("kaplan", 1, (4423680, 9.04e9), "3.71949"),
    ("kaplan_steps", 0, (1e8, 1e4), "3.10823"),
    ("kaplan_steps", 0, (1e9, 1e5), "2.40051"),
    ("kaplan_compute", 0, (1e-3,), "3.75464"),
    ("kaplan_compute", 0, (1,), "2.65808"),
    ("kaplan_compute", 0, (1e3,), "1.88178"),
    ("revisiting_m1", {"beta": 5, "c": -0.1}, (1e8,), "0.792447"),
    ("revisiting_m2", {"e_inf": 0.1, "beta": 100, "c": -0.4}, (1e8,), "0.163096"),
    ("revisiting_m3", {"beta": 0.9, "gamma": 1e-9, "c": 0.1}, (1e8,), "0.144006"),
]
M4 = {"beta": 100, "c": -0.4, "alpha": 0.5, "e_inf": 0.1, "e_0": 0.999}
CHECKS += [
    ("revisiting_m4", M4, (x,), y)
    for x, y in ((1e6, "0.406452"), (1e8, "0.157867"), (1e10, "0.109432"))
]


@pytest.mark.parametrize(("name", "at", "inputs", "printed"), CHECKS)
def test_a_law_gives_the_value_worked_out_elsewhere(name, at, inputs, printed):
    law = lawbook.load_law(name)
    at = dict(law.published[at].at) if isinstance(at, int) else at
    half_a_digit = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    assert law.formula(np, *inputs, **at) == pytest.approx(float(printed), abs=half_a_digit)


def test_compute_is_chinchilla_along_its_best_split():
    at = dict(lawbook.load_law("chinchilla").published[2].at)
    A, B, alpha, beta = (at[name] for name in ("A", "B", "alpha", "beta"))
    G, gamma = (alpha * A / (beta * B)) ** (1 / (alpha + beta)), alpha * beta / (alpha + beta)
    K = (A * G**-alpha + B * G**beta) * 6**gamma
    loss = lawbook.load_law("compute").formula(np, 5.76e23, E=at["E"], K=K, gamma=gamma)
    assert loss == pytest.approx(1.97397, abs=5e-6)


def test_skaling_without_coupling_is_chinchilla():
    chinchilla, skaling = map(lawbook.load_law, ("chinchilla", "skaling"))
    at, runs = dict(chinchilla.published[2].at), points(chinchilla)
    loss = skaling.formula(
        np, *runs, R=at["B"] / at["A"], k=1, **{k: at[k] for k in at if k != "B"}
    )
    np.testing.assert_allclose(loss, chinchilla.formula(np, *runs, **at), rtol=1e-12)


class TestTheImplicitCurve:
    """revisiting_m4, whose response is solved for."""

    m4 = staticmethod(lawbook.load_law("revisiting_m4").formula)

    def test_is_solved_to_ten_digits_for_any_alpha(self):
        alpha = np.concatenate([[0], np.geomspace(1e-9, 8, 100)])[:, None]
        x = np.geomspace(1e3, 1e13, 200)
        level = {"e_inf": 0.1, "e_0": 0.999, "beta": 100, "c": -0.4}
        y = self.m4(np, x, alpha=alpha, **level)
        lower, upper = np.full(y.shape, 0.1), np.full(y.shape, 0.999)
        goal = np.log(level["beta"]) + level["c"] * np.log(x)
        for _ in range(60):  # bisection, on the equation as the paper has it
            middle = (lower + upper) / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                high = np.log(middle - 0.1) - alpha * np.log(0.999 - middle) > goal
            lower, upper = np.where(high, lower, middle), np.where(high, middle, upper)
        np.testing.assert_allclose(y, (lower + upper) / 2, atol=1e-10)

    def test_has_m2_and_the_logistic_curve_as_members(self):
        x, level = np.geomspace(1e7, 1e12, 50), {"e_inf": 0.1, "beta": 100, "c": -0.4}
        m2 = lawbook.load_law("revisiting_m2").formula(np, x, **level)
        np.testing.assert_allclose(self.m4(np, x, e_0=0.999, alpha=0, **level), m2, rtol=1e-10)
        odds = 100 * x**-0.4
        logistic = 0.1 + 0.899 * odds / (1 + odds)
        np.testing.assert_allclose(
            self.m4(np, x, e_0=0.999, alpha=1, **level), logistic, rtol=1e-10
        )

    def test_stays_between_its_ends_and_curves_finitely(self):
        x, level = np.geomspace(1e-30, 1e40, 141), np.array([0.1, 0.999, 100.0, -0.4])
        alphas = np.array([0.0, 1e-300, 1e-9, 1e-3, 0.5, 1.0, 5.0])
        names = ("e_inf", "e_0", "beta", "c", "alpha")
        y = self.m4(np, x, **dict(zip(names, level, strict=False)), alpha=alphas[:, None])
        assert ((y >= 0.1) & (y <= 0.999)).all()

        def total(values):
            return self.m4(jnp, x, **dict(zip(names, values, strict=True))).sum()

        with jax.enable_x64(True):
            at = np.column_stack([np.tile(level, (len(alphas), 1)), alphas])
            curvatures = jax.jit(jax.vmap(jax.hessian(total)))(at)
        assert np.isfinite(curvatures).all()

    def test_slope_and_curvature_are_those_of_the_implicit_function(self):
        x, alpha = 1e8, M4["alpha"]
        below, above = M4["e_inf"], M4["e_0"]
        with jax.enable_x64(True):

            def curve(log_beta):
                return self.m4(jnp, x, **(M4 | {"beta": jnp.exp(log_beta)}))

            log_beta = np.log(M4["beta"])
            slope = jax.jit(jax.grad(curve))(log_beta)
            curvature = jax.jit(jax.grad(jax.grad(curve)))(log_beta)
            y = float(curve(log_beta))
        expected = 1 / (1 / (y - below) + alpha / (above - y))
        assert slope == pytest.approx(expected, rel=1e-9)
        bend = expected**3 * (1 / (y - below) ** 2 - alpha / (above - y) ** 2)
        assert curvature == pytest.approx(bend, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_a_fit_finds_the_values_its_data_came_from(law):
    import arviz as az

    law, truth = law.with_pooling("full"), known(law)[0]  # one recipe
    runs = lawbook.simulate(law, truth, n=120, noise=0.005, seed=20220329)
    draws = lawbook.fit(law, runs, draws=500, chains=4, seed=7).posterior["posterior"].dataset
    ess = az.ess(draws)
    for name, value in truth.items():
        assert ess[name] > 150, f"{law.name}: {name} mixes too slowly to judge"
        z = (draws[name].mean() - value) / draws[name].std()
        assert abs(z) < 4, f"{law.name}: {name} is {float(z):.1f} sd from {value}"
