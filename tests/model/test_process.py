"""The process that takes up what a law leaves out, against the textbook's dense formulas."""

from dataclasses import replace

import arviz as az
import fits
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytensor
import pytest
from scipy import stats
from scipy.special import logsumexp

import lawbook
from lawbook.engine import density as densities
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.engine.settings import Settings
from lawbook.errors import FitError, LawError, RunsError
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import CHECKPOINT_RANGE, JITTER, KERNELS
from lawbook.laws.public_curvature import CURVATURE
from lawbook.laws.public_curves import OF_CURVES, OF_LAWS, OF_SHARES
from lawbook.laws.values import medians, scales_of
from lawbook.model.hierarchy import build
from lawbook.model.kalman import forecast, run_filter
from lawbook.model.process import (
    filtered_terms,
    log_weights,
    places_along,
    places_in_groups,
    spectral_terms,
)
from lawbook.model.spectrum import SPECTRUM, log_weights_of, nodes_of, spectrum_of
from lawbook.posterior import inference
from lawbook.posterior.conditioning import condition, leave_one_out
from lawbook.posterior.inference import with_discrepancy
from lawbook.posterior.modes import log_densities, root_of
from lawbook.priors import Normal

COMPUTE, CHINCHILLA = lawbook.load_law("compute"), lawbook.load_law("chinchilla")
MATERN = {
    "matern12": lambda d: np.exp(-d),
    "matern32": lambda d: (1 + np.sqrt(3) * d) * np.exp(-np.sqrt(3) * d),
    "matern52": lambda d: (1 + np.sqrt(5) * d + 5 * d**2 / 3) * np.exp(-np.sqrt(5) * d),
}


def apart(a, b):
    """Distances between points, shapes (n, inputs) and (m, inputs)."""
    return np.sqrt(np.sum((a[:, None] - b[None]) ** 2, axis=-1))


def textbook(kernel, a, b, amplitude, length, checkpoint=0.0):
    """Covariance of process and checkpoints' noise."""
    d = apart(a, b)
    return amplitude**2 * MATERN[kernel](d / length) + checkpoint**2 * np.exp(-d / CHECKPOINT_RANGE)


def dense_log_density(kernel, x, group, residual, noise):
    """Sum over groups of the multivariate normal; noise is constant in a group."""
    total = 0.0
    for code in np.unique(group):
        mine = group == code
        own = {name: values[mine][0] for name, values in noise.items()}
        sigma = own.pop("sigma")
        cov = textbook(kernel, x[mine], x[mine], **own)
        cov += (sigma**2 + JITTER) * np.eye(mine.sum())
        total += stats.multivariate_normal(cov=cov).logpdf(residual[mine])
    return total


def some_runs(inputs, n=23, groups=3):
    """Runs of several groups in no order, scales repeated, each group with a noise of its own."""
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 6, (n, inputs))
    x[3], x[11] = x[2], x[2]
    group = rng.integers(groups, size=n)
    group[[2, 3, 11]] = 1
    noise = {
        "sigma": np.array([0.004, 0.01, 0.02])[group],
        "amplitude": np.array([0.05, 0.03, 0.1])[group],
        "length": np.array([1.3, 0.4, 3.0])[group],
    }
    if inputs == 1:
        noise["checkpoint"] = np.array([0.01, 0.002, 0.03])[group]
    return x, group, 0.05 * rng.standard_normal(n), noise


def summed_log_density(kernel, x, group, residual, noise, prior, log_shares=None):
    """Sum over groups of the log of the mean over lengths of the multivariate normal."""
    nodes = nodes_of(prior)
    shares = log_weights_of(prior) if log_shares is None else log_shares
    shares = shares - logsumexp(shares)
    total = 0.0
    for code in np.unique(group):
        mine = group == code
        own = {name: values[mine] for name, values in noise.items() if name != "length"}
        each = [
            dense_log_density(
                kernel,
                x[mine],
                group[mine],
                residual[mine],
                own | {"length": node + 0 * x[mine, 0]},
            )
            for node in nodes
        ]
        total += logsumexp(np.array(each) + shares)
    return total


def terms_of(kernel, x, group, residual, noise):
    law = COMPUTE if x.shape[1] == 1 else CHINCHILLA
    table = dict(zip(law.input_names, np.exp(x.T), strict=True)) | {"recipe": group, "loss": 1.0}
    runs = lawbook.read_runs(
        pd.DataFrame(table), law, by="recipe", allow=("units", "single", "sizes", "duplicates")
    )
    columns = {name: pytensor.tensor.as_tensor(values) for name, values in noise.items()}
    if x.shape[1] == 1:
        terms = filtered_terms(kernel, x[:, 0], places_along(runs), residual, columns)
    else:
        law = with_discrepancy(law, Discrepancy(kernel=kernel))
        places = {k: pytensor.tensor.as_tensor(v) for k, v in places_in_groups(law, runs).items()}
        shares = log_weights(Discrepancy().length, {})
        terms = spectral_terms(places, shares, pytensor.tensor.as_tensor(residual), columns)
    with scoped_jax():
        return np.asarray(pytensor.function([], terms, mode="FAST_COMPILE")())


@pytest.mark.parametrize("inputs", [1, 2])
@pytest.mark.parametrize("kernel", KERNELS)
def test_terms_add_up_to_the_multivariate_normal(kernel, inputs):
    x, group, residual, noise = some_runs(inputs)
    terms = terms_of(kernel, x, group, residual, noise)
    if inputs == 1:
        expected = dense_log_density(kernel, x, group, residual, noise)
    else:
        expected = summed_log_density(kernel, x, group, residual, noise, Discrepancy().length)
    assert terms.shape == residual.shape
    assert terms.sum() == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("kernel", KERNELS)
def test_filter_and_spectrum_are_one_density_where_both_apply(kernel):
    x, group, residual, noise = some_runs(inputs=1)
    noise["checkpoint"] = np.full(len(x), 1e-9)
    for code in np.unique(group):
        mine = group == code
        length = nodes_of(Discrepancy().length)[2 + code]
        own = {name: values[mine] for name, values in noise.items()}
        own["length"] = np.full(mine.sum(), length)
        terms = terms_of(kernel, x[mine], np.zeros(mine.sum(), int), residual[mine], own)
        spectrum = spectrum_of(kernel, x[mine], np.array([length]))
        found = log_densities(
            spectrum, residual[mine][:, None], own["amplitude"][:1], own["sigma"][:1]
        )
        assert found[0, 0] == pytest.approx(terms.sum(), rel=1e-7)


def test_a_population_of_lengths_weighs_them():
    prior = Discrepancy().length
    mean, variance = np.array([0.3, 0.9]), np.array([0.01, 0.04])
    shares = np.exp(log_weights_of(prior, mean, variance))
    shares = shares / shares.sum(axis=1, keepdims=True)
    at = np.log(nodes_of(prior))
    np.testing.assert_allclose(shares @ at, mean, atol=0.05)
    spread = np.sqrt(shares @ at**2 - (shares @ at) ** 2)
    np.testing.assert_allclose(spread, np.sqrt(variance + (np.diff(at)[0] / 2) ** 2), rtol=0.1)


@pytest.mark.parametrize("runs", [200, 500])
def test_what_is_left_out_of_large_groups_is_bounded(runs):
    rng = np.random.default_rng(runs)
    x = rng.uniform(-3, 3, (runs, 2))
    nodes = nodes_of(Discrepancy().length)
    spectrum = spectrum_of("matern52", x, nodes)
    assert spectrum.basis.shape[1] in SPECTRUM.modes
    amplitude, sigma = 0.02, 0.005
    cov = textbook("matern52", x, x, amplitude, nodes[4]) + (sigma**2 + JITTER) * np.eye(runs)
    residual = np.linalg.cholesky(cov) @ rng.standard_normal(runs)
    found = log_densities(spectrum, residual[:, None], np.array([amplitude]), np.array([sigma]))[
        :, 0
    ]
    exact = [
        stats.multivariate_normal(
            cov=textbook("matern52", x, x, amplitude, node) + (sigma**2 + JITTER) * np.eye(runs)
        ).logpdf(residual)
        for node in nodes
    ]
    for k, node in enumerate(nodes):
        whole = textbook("matern52", x, x, 1.0, node)
        vectors = spectrum.basis @ spectrum.rotation[k]
        kept = vectors * spectrum.variance[k] @ vectors.T
        beside = spectrum.rest[k] * (np.eye(runs) - spectrum.basis @ spectrum.basis.T)
        assert np.linalg.norm(whole - kept - beside, 2) <= spectrum.bound[k] + 1e-9
        assert np.trace(kept + beside) == pytest.approx(runs, rel=1e-6)
    # where the mass is, what the runs say of lengths is as it was
    np.testing.assert_allclose(found[3:], exact[3:], atol=0.3)
    assert np.argmax(found) == np.argmax(exact)


def test_each_term_of_the_filter_is_given_the_runs_before_it():
    x, group, residual, noise = some_runs(inputs=1, n=14)
    order = np.lexsort((x[:, 0], group))
    terms = terms_of("matern52", x, group, residual, noise)[order]
    for count in (1, 6, 14):
        seen = order[:count]
        some = {name: values[seen] for name, values in noise.items()}
        expected = dense_log_density("matern52", x[seen], group[seen], residual[seen], some)
        assert terms[:count].sum() == pytest.approx(expected, rel=1e-6)


def test_runs_of_a_group_share_its_density_evenly():
    x, group, residual, noise = some_runs(inputs=2)
    terms = terms_of("matern52", x, group, residual, noise)
    for code in range(3):
        mine = group == code
        own = {name: values[mine] for name, values in noise.items()}
        expected = summed_log_density(
            "matern52", x[mine], group[mine], residual[mine], own, Discrepancy().length
        )
        np.testing.assert_allclose(terms[mine], expected / mine.sum(), rtol=1e-6)


def grouped(law, n=9, seed=2):
    """Runs of three recipes in no order."""
    runs = lawbook.simulate(law, n=n, noise=0.01, seed=seed, groups=["gru", "lstm", "mamba"])
    frame = runs.frame.sample(frac=1, random_state=4).reset_index(drop=True)
    return lawbook.read_runs(frame, law, by="recipe")


@pytest.mark.parametrize("law", [COMPUTE, CHINCHILLA], ids=lambda law: law.name)
def test_padding_changes_nothing(law, monkeypatch):
    law = with_discrepancy(law, "auto")
    runs = grouped(law)
    model = build(law, runs).model
    rng = np.random.default_rng(3)
    found, terms = [], []
    for lengths in (None, {3: 12, 27: 48, 9: 24}):
        if lengths:
            monkeypatch.setattr(
                densities, "bucket", lambda n, dim, lengths=lengths: lengths.get(n, n)
            )
        with scoped_jax():
            density, table = compile_density(model), pad(model)
            parts = density.layout.split(density.initial)
            size = {name: 3 if part.ndim and part.size > 1 else 1 for name, part in parts.items()}
            if lengths is None:
                moved = {name: 0.1 * rng.standard_normal(size[name]) for name in parts}
            x = np.concatenate(
                [
                    np.pad(np.ravel(part)[: size[name]] + moved[name], (0, part.size - size[name]))
                    for name, part in parts.items()
                ]
            )
            found.append(float(density.log_density(x, table)))
            variables, likelihood = density.describe(x, table)
        terms.append(np.asarray(likelihood["loss"])[:27])
        padded = len(likelihood["loss"])
        assert padded == (48 if lengths else 32)
    np.testing.assert_allclose(terms[1], terms[0], rtol=1e-10)
    assert found[1] == pytest.approx(found[0], rel=1e-12)

    # and the terms are those of the law's residuals, in the response's own unit
    codes = runs.codes("recipe")
    at = {name: np.asarray(values) for name, values in variables.items()}
    params = {name: at[name][codes] if at[name].ndim else at[name] for name in law.param_names}
    sampled = [p.name for p in law.noise_params if p.name not in law.response.noise.summed]
    bends = law.response.noise.curvature
    noise = {n: at[n][codes] * np.ones(27) for n in sampled if n not in {c.name for c in bends}}
    residual = np.log(runs.response / law.formula(np, *runs.inputs.values(), **params))
    x = {name: np.log(v) - np.mean(np.log(v)) for name, v in runs.inputs.items()}
    for c in bends:
        half = 0.5 if c.first == c.second else 1.0
        residual = residual - at[c.name] * half * x[c.first] * x[c.second]
    x = np.log(np.stack(list(runs.inputs.values()), axis=1))
    if law.response.noise.summed:
        mean, spread = np.log(at["length_population"]), at["length_spread_recipe"]
        shares = log_weights_of(law.response.noise.length, mean, spread**2)
        prior = law.response.noise.length
        expected = summed_log_density("matern52", x, codes, residual, noise, prior, shares)
    else:
        expected = dense_log_density("matern52", x, codes, residual, noise)
    assert terms[0].sum() == pytest.approx(expected - np.log(runs.response).sum(), rel=1e-6)


def test_tables_fitted_alike_have_one_structure_and_arrays_of_one_size(monkeypatch):
    def shapes(law, runs, hierarchy, settings, room):
        table = pad(hierarchy.model, room)
        real = {dim: int(weight.sum()) for dim, weight in table.weights.items()}
        assert (real["run"], real["process"], real["place"]) == (len(runs), 3, len(runs) // 3)
        arrays = {name: array.shape for name, array in table.values.items()}
        return hierarchy.structure, arrays

    monkeypatch.setattr(inference, "_sampled", shapes)
    law = with_discrepancy(CHINCHILLA, "auto")
    tables = [grouped(law, n=n) for n in (7, 9, 25)]
    found = list(inference.infer_alike(law, tables, Settings()))
    assert found[0] == found[1] == found[2]
    assert found[0][1]["process_members"] == (3, 32)


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_forecast_of_the_filter_is_the_conditional_normal(kernel):
    rng = np.random.default_rng(1)
    x, distance = np.sort(rng.uniform(0, 4, 12)), np.array([0.0, 0.05, 0.7, 3.0])
    residual = 0.03 * rng.standard_normal(12)
    amplitude, length, checkpoint, sigma = 0.05, 1.2, 0.02, 0.005
    each = [np.full(12, v) for v in (amplitude, length, checkpoint, sigma)]
    with scoped_jax():
        state = run_filter(kernel, *map(jnp.asarray, (x, np.zeros(12), residual, *each)))
        mean, process, short = forecast(
            kernel, state, jnp.asarray(distance), amplitude, length, checkpoint
        )
    at, own = (x[-1] + distance)[:, None], (amplitude, length, checkpoint)
    root = textbook(kernel, x[:, None], x[:, None], *own) + (sigma**2 + JITTER) * np.eye(12)
    across = textbook(kernel, at, x[:, None], *own)
    np.testing.assert_allclose(mean, across @ np.linalg.solve(root, residual), rtol=1e-7)
    left = textbook(kernel, at, at, *own) - across @ np.linalg.solve(root, across.T)
    np.testing.assert_allclose(process + short, np.diag(left), rtol=1e-6, atol=1e-10)
    across = textbook(kernel, at, x[:, None], 0.0, length, checkpoint)
    left = checkpoint**2 - np.sum(across * np.linalg.solve(root, across.T).T, axis=1)
    np.testing.assert_allclose(short, left, rtol=1e-6)


def conditioned(inputs, runs, with_noise, draws=5, kernel="matern52", seed=7):
    """Return what was found, and the textbook's mean and covariance of a new run or the process."""
    rng = np.random.default_rng(seed)
    x, at = rng.uniform(0, 3, (runs, inputs)), rng.uniform(2, 6, (4, inputs))
    noise = {
        "sigma": np.full(draws, 0.01),
        "amplitude": np.full(draws, 0.06),
        "length": np.full(draws, 1.5),
    } | ({"checkpoint": np.full(draws, 0.02)} if inputs == 1 else {})
    residual = np.repeat(0.05 * rng.standard_normal((runs, 1)), draws, axis=1)
    found = condition(kernel, x, residual, at, noise, with_noise, rng)
    short = 0.02 if inputs == 1 else 0.0
    told = textbook(kernel, x, x, 0.06, 1.5, short) + (0.01**2 + JITTER) * np.eye(runs)
    drawn = short if with_noise else 0.0
    across = textbook(kernel, at, x, 0.06, 1.5, drawn)
    mean = across @ np.linalg.solve(told, residual[:, :1])
    left = textbook(kernel, at, at, 0.06, 1.5, drawn) - across @ np.linalg.solve(told, across.T)
    return found, mean, left + with_noise * 0.01**2 * np.eye(4)


@pytest.mark.parametrize("with_noise", [False, True], ids=["mean", "run"])
@pytest.mark.parametrize("runs", [0, 1, 9])
@pytest.mark.parametrize("inputs", [1, 2])
def test_conditioning_is_the_textbooks(inputs, runs, with_noise):
    found, mean, covariance = conditioned(inputs, runs, with_noise)
    assert all(part.shape == (4, 5) for part in found)
    np.testing.assert_allclose(found.mean, np.tile(mean, 5), rtol=1e-6, atol=1e-9)
    variance = found.process + with_noise * found.noise
    np.testing.assert_allclose(variance, np.diag(covariance)[:, None] * np.ones(5), rtol=1e-4)
    if runs == 0:
        np.testing.assert_allclose(found.mean, 0, atol=1e-12)


@pytest.mark.parametrize("with_noise", [False, True], ids=["mean", "run"])
def test_points_are_drawn_jointly(with_noise):
    size = 20_000
    found, mean, covariance = conditioned(1, 9, with_noise, draws=size)
    scale = np.sqrt(np.diag(covariance))
    z = (found.draws - mean) / scale[:, None]
    correlation = covariance / scale[:, None] / scale
    # the product of two standard normals with correlation r has the variance 1 + r^2
    error = np.sqrt((1 + correlation**2) / size)
    assert (np.abs(z @ z.T / size - correlation) < 4.5 * error).all()
    assert (np.abs(z.mean(axis=1)) < 4.5 / np.sqrt(size)).all()


def test_draws_do_not_depend_on_the_signs_of_eigenvectors():
    z = np.random.default_rng(1).normal(size=(6, 4))
    covariance = z @ z.T  # singular
    root = root_of(covariance)
    np.testing.assert_allclose(root, root.T, atol=1e-12)
    np.testing.assert_allclose(root @ root, covariance, atol=1e-12)
    assert np.linalg.eigvalsh(root).min() > -1e-12


def test_points_beyond_a_block_are_drawn_as_well():
    rng, noise = np.random.default_rng(1), {"sigma": 0.01, "amplitude": 0.05, "length": 2.0}
    at, size = np.linspace(0, 9, 150)[:, None], 4000
    columns = {name: np.full(size, value) for name, value in noise.items()}
    found = condition("matern32", at[:5], np.full((5, size), 0.1), at, columns, False, rng)
    told = textbook("matern32", at[:5], at[:5], 0.05, 2.0) + (1e-4 + JITTER) * np.eye(5)
    across = textbook("matern32", at, at[:5], 0.05, 2.0)
    mean = across @ np.linalg.solve(told, np.full(5, 0.1))
    np.testing.assert_allclose(found.mean[:, 1], mean, rtol=1e-6, atol=1e-9)
    covariance = textbook("matern32", at, at, 0.05, 2.0) - across @ np.linalg.solve(told, across.T)
    within = covariance[70:120, 70:120]  # all of the second block
    z = found.draws[70:120] - mean[70:120, None]
    error = np.sqrt((within**2 + np.outer(np.diag(within), np.diag(within))) / size)
    assert (np.abs(z @ z.T / size - within) < 4.5 * error).all()


@pytest.mark.parametrize("inputs", [1, 2])
def test_a_run_left_out_is_foretold_by_the_others(inputs):
    x, _, residual, _ = some_runs(inputs, n=14)
    noise = {"sigma": [0.01, 0.02], "amplitude": [0.05, 0.1], "length": [1.5, 0.7]}
    noise |= {"checkpoint": [0.02, 0.01]} if inputs == 1 else {}
    noise = {name: np.array(values) for name, values in noise.items()}
    both = np.stack([residual, 2 * residual], axis=1)
    found = leave_one_out("matern52", x, both, noise)
    for draw in range(2):
        own = {name: values[draw] for name, values in noise.items()}
        cov = (own.pop("sigma") ** 2 + JITTER) * np.eye(14) + textbook("matern52", x, x, **own)
        whole = stats.multivariate_normal(cov=cov).logpdf(both[:, draw])
        for i in range(14):
            rest = np.arange(14) != i
            others = stats.multivariate_normal(cov=cov[np.ix_(rest, rest)])
            expected = whole - others.logpdf(both[rest, draw])
            assert found[i, draw] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("law", "discrepancy", "said"),
    [
        ("chinchilla", "gp", r"discrepancy='gp' for law 'chinchilla'.*expected 'none', 'auto' or"),
        ("chinchilla", OF_CURVES, r"has checkpoint=LogNormal.*expected None, for the law has sev"),
        ("compute", OF_SHARES, r"noise is on the log scale; expected 'none', 'auto' or"),
    ],
)
def test_a_discrepancy_that_does_not_fit_the_law_is_refused(law, discrepancy, said):
    law = lawbook.load_law(law)
    runs = lawbook.simulate(law, n=12, seed=1)
    with pytest.raises(FitError, match=said):
        lawbook.fit(law, runs, discrepancy=discrepancy)


ANNEALING = lawbook.load_law("lr_annealing")  # S2 may be zero


def annealed(zeros=4, n=24):
    """Runs of a schedule's law, some before the rate falls."""
    rng = np.random.default_rng(8)
    S1, S2 = np.exp(rng.uniform(0, 3, n)), 0.2 * rng.uniform(size=n)
    S2[:zeros] = 0.0
    loss = ANNEALING.formula(np, S1, S2, **medians(ANNEALING)) * np.exp(0.01 * np.sin(np.log(S1)))
    table = pd.DataFrame({"S1": S1, "S2": S2, "loss": loss})
    return lawbook.read_runs(table, ANNEALING, allow=("sizes", "duplicates"))


def test_a_process_over_some_inputs_is_that_of_those_alone():
    law, runs = with_discrepancy(ANNEALING, Discrepancy(over=("S1",))), annealed()
    hierarchy = build(law, runs)
    density = compile_density(hierarchy.model)
    with scoped_jax():
        terms, values = density.evaluate(density.initial, pad(hierarchy.model))
        total = float(np.asarray(terms["loss"])[:24].sum())
        at = {name: float(values[name]) for name in (*law.param_names, "sigma")}
        of_process = {"amplitude": np.full(24, float(values["amplitude"]))}
    S1, S2 = runs.inputs["S1"], runs.inputs["S2"]
    of_law = {name: at[name] for name in law.param_names}
    residual = np.log(runs.response) - np.log(law.formula(np, S1, S2, **of_law))
    noise = of_process | {"sigma": np.full(24, at["sigma"])}
    expected = summed_log_density(
        "matern52",
        np.log(S1)[:, None],
        np.zeros(24, dtype=int),
        residual,
        noise,
        law.response.noise.length,
    )
    assert total == pytest.approx(expected - np.log(runs.response).sum(), rel=1e-5)


def test_a_process_over_some_inputs_predicts_where_another_is_zero():
    law, runs = with_discrepancy(ANNEALING, Discrepancy(over=("S1",))), annealed()
    fit = fits.of_prior(law, runs, draws=20)
    found = fit.predict({"S1": [3.0, 3.0], "S2": [0.0, 0.1]}).draws.to_numpy()
    assert np.isfinite(found).all()
    with pytest.raises(RunsError, match=r"logs of 'S1', but 'S1' is zero or less in 1 of 2 rows"):
        scales_of(law, {"S1": np.array([1.0, 0.0])})


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ((), r"'S2' may be zero or less.*in Python is lawbook.Discrepancy\(over=\('S1',\)\)"),
        (("S3",), r"has over= 'S3'; expected inputs of the law, which are 'S1', 'S2'"),
        (
            ("S1", "S2"),
            r"logs of 'S1', 'S2', but 'S2' is zero or less in 4 of 24 rows.*"
            r"leave it out: Discrepancy\(over=\('S1',\)\)",
        ),
    ],
)
def test_an_input_that_may_be_zero_is_named_with_its_repair(over, said):
    with pytest.raises((FitError, RunsError), match=said):
        lawbook.fit(ANNEALING, annealed(), discrepancy=Discrepancy(over=over))


def test_noise_that_has_no_scale_for_a_process_keeps_the_law_alone():
    response = lawbook.Response("loss", "nats", noise=lawbook.Normal(on="identity"))
    law = lawbook.Law(
        "flat",
        lambda xp, x, *, level: level + 0 * x,
        [lawbook.Input("x", unit="tokens", seen=(1.0, 10.0))],
        response,
        [lawbook.Param("level", Normal(0.0, 1.0))],
    )
    assert with_discrepancy(law, "auto") is law
    with pytest.raises(FitError, match=r"noise is on the identity scale.*leave it out"):
        with_discrepancy(law, Discrepancy())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kernel": "rbf"}, r"unknown kernel='rbf'; expected one of \('matern12'.*write kernel="),
        ({"length": Normal(1.0, 1.0)}, r"length=Normal.*no prior of a positive number; expected"),
        ({"checkpoint": Normal(1.0, 1.0)}, r"write checkpoint=LogNormal"),
        ({"over": "N"}, r"over='N'; expected the names of inputs; write over="),
    ],
)
def test_a_discrepancy_is_checked_when_declared(options, said):
    with pytest.raises(LawError, match=said):
        Discrepancy(**options)


def test_a_law_with_a_discrepancy_says_so():
    text = str(with_discrepancy(CHINCHILLA, Discrepancy(kernel="matern32")))
    assert "Gaussian noise and a matern32 process on log loss" in text
    text = str(with_discrepancy(CHINCHILLA, Discrepancy(over=("N",))))
    assert "Gaussian noise and a matern52 process over N on log loss" in text
    assert with_discrepancy(CHINCHILLA, "none") is CHINCHILLA


def test_auto_takes_the_priors_that_suit_the_number_of_inputs():
    assert with_discrepancy(COMPUTE, "auto").response.noise == OF_CURVES
    bent = replace(OF_LAWS, curvature=CURVATURE["chinchilla"])
    assert with_discrepancy(CHINCHILLA, "auto").response.noise == bent
    annealing = with_discrepancy(ANNEALING, "auto").response.noise
    assert annealing == replace(OF_LAWS, over=("S1",))  # S2 may be zero
    accuracy = with_discrepancy(lawbook.load_law("accuracy"), "auto").response.noise
    assert accuracy == OF_SHARES
    curves = lawbook.load_law("learning_curve")
    assert with_discrepancy(curves, "auto") is curves
    for keeps in ("lawcat", "elo", "lawflow"):  # binomial, on the identity, counts
        law = lawbook.load_law(keeps)
        assert with_discrepancy(law, "auto") is law


def test_only_runs_as_close_as_checkpoints_share_noise_with_their_neighbours():
    for step, checkpoint in ((0.05, OF_CURVES.checkpoint), (0.5, None)):
        C = 1e18 * np.exp(step * np.arange(20))
        runs = lawbook.read_runs(
            pd.DataFrame({"C": C, "loss": 3 - 0.01 * np.arange(20)}), COMPUTE, allow="sizes"
        )
        found = with_discrepancy(COMPUTE, "auto", runs).response.noise
        assert found == replace(OF_CURVES, checkpoint=checkpoint)


def test_on_the_logit_runs_and_predictions_lie_between_0_and_1():
    law = with_discrepancy(lawbook.load_law("accuracy"), "auto")
    runs = lawbook.simulate(law, n=25, seed=4)
    fit = fits.of_prior(law, runs, draws=50)
    drawn = fit.predict({"C": [1e22, 1e24]}, kind="run").draws
    assert 0 < float(drawn.min()) < float(drawn.max()) < 1
    # the density of the response is that of its logit, times the slope there
    model, point = build(law, runs).model, {}
    values = medians(law) | {"sigma": 0.03, "amplitude": 0.1}
    for variable in model.free_RVs:
        transform, value = model.rvs_to_transforms[variable], np.asarray(values[variable.name])
        if transform is not None:
            value = transform.forward(value, *variable.owner.inputs).eval(mode="FAST_COMPILE")
        point[model.rvs_to_values[variable].name] = value
    found = model.compile_logp(vars=model.observed_RVs, mode="FAST_COMPILE")(point)
    y, x = runs.response, np.log(runs.inputs["C"])[:, None]
    expect = law.formula(np, runs.inputs["C"], **medians(law))
    residual = np.log(y / (1 - y)) - np.log(expect / (1 - expect))
    around = {"sigma": np.full(25, 0.03), "amplitude": np.full(25, 0.1)}
    of_logit = summed_log_density(
        "matern52", x, np.zeros(25, dtype=int), residual, around, law.response.noise.length
    )
    assert found == pytest.approx(of_logit - np.log(y * (1 - y)).sum(), rel=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("engine", ["blackjax", "pymc"])
def test_groups_in_several_inputs_have_the_posterior_that_another_sampler_finds(engine):
    law = with_discrepancy(CHINCHILLA, "auto")
    runs = grouped(law, n=12, seed=9)
    ours = lawbook.fit(law, runs, draws=1000, seed=1)
    theirs = lawbook.fit(law, runs, draws=1000, seed=2, engine=engine, target_accept=0.95)
    assert ours.diagnostics.trusted
    names = [*law.param_names, "sigma", "amplitude", "length"]
    here, there = (np.log(f.posterior["posterior"].dataset[names]) for f in (ours, theirs))
    error = np.hypot(az.mcse(here), az.mcse(there))
    dims = ("chain", "draw")
    gap = (here.mean(dims) - there.mean(dims)) / error
    worst = {name: float(np.abs(gap[name]).max()) for name in names}
    assert max(worst.values()) < 4, worst


def departing(seed):
    """Runs of the compute law and a smooth departure from it, and the same far beyond them."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([np.linspace(0, 5, 20), np.linspace(5.5, 8, 6)])
    covariance = textbook("matern52", x[:, None], x[:, None], 0.03, 1.5) + 1e-10 * np.eye(26)
    departure = np.linalg.cholesky(covariance) @ rng.standard_normal(26)
    C = 1e18 * np.exp(x)
    value = COMPUTE.formula(np, C, **medians(COMPUTE))
    loss = value * np.exp(departure + 0.002 * rng.standard_normal(26))
    table = pd.DataFrame({"C": C, "loss": loss})
    return table[:20], table[20:].reset_index(drop=True)


@pytest.mark.slow
def test_intervals_hold_where_the_law_is_wrong_and_not_without_a_discrepancy():
    shares = {"none": [], "auto": []}
    law = COMPUTE.with_pooling("full")
    for seed in range(10):
        fitted, hidden = departing(seed)
        runs = lawbook.read_runs(fitted, law)
        for discrepancy, held in shares.items():
            options = {"draws": 400, "chains": 2, "seed": 1, "max_draws": 1000}
            fit = lawbook.fit(law, runs, discrepancy=discrepancy, **options)
            found = fit.predict(hidden[["C"]], kind="run", seed=2).table
            low, high = found["eti90_lower"], found["eti90_upper"]
            held.append(np.mean((low < hidden["loss"]) & (hidden["loss"] < high)))
    # ten departures, each smooth, so its points fail or hold together
    assert np.mean(shares["none"]) < 0.6, shares
    assert np.mean(shares["auto"]) > 0.75, shares
