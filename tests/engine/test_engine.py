"""The engine against closed forms, and what it promises about seeds, padding and interruption."""

import json
import os
import subprocess
import sys
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
import pytest
from arviz_stats.base.array import array_stats

import lawbook
from lawbook.engine import checkpoints, program, sampling
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import BLOCK, bucket, compile_density, pad, room_for
from lawbook.engine.diagnostics import judge
from lawbook.engine.sampling import sample
from lawbook.engine.settings import Settings
from lawbook.errors import FitError


def line(n=40, seed=0):
    """Return a linear-Gaussian model, its design, observations and noise."""
    rng = np.random.default_rng(seed)
    x, sigma = rng.normal(size=n), 0.5
    y = 1.0 + 2.0 * x + sigma * rng.normal(size=n)
    with pm.Model(coords={"run": range(n)}) as model:
        data = pm.Data("x", x, dims="run")
        observed = pm.Data("y_observed", y, dims="run")
        a, b = pm.Normal("a", 0, 3), pm.Normal("b", 0, 3)
        pm.Normal("y", a + b * data, sigma, observed=observed, dims="run")
    return model, np.stack([np.ones(n), x], axis=1), y, sigma


def assert_moments(draws, mean, sd):
    """Mean and sd of draws (chains, draws) are right within four Monte Carlo errors."""
    ess = array_stats.ess(draws, chain_axis=0, draw_axis=1, method="mean")
    assert ess > 400, f"only {ess:.0f} effective draws to judge by"
    assert abs(draws.mean() - mean) < 4 * sd / np.sqrt(ess)
    error = array_stats.mcse(draws, chain_axis=0, draw_axis=1, method="sd")  # tails may be heavy
    assert error < sd / 20
    assert abs(draws.std() - sd) < 4 * error


def test_a_linear_gaussian_posterior_is_that_of_the_closed_form():
    model, design, y, sigma = line()
    precision = design.T @ design / sigma**2 + np.eye(2) / 9
    covariance = np.linalg.inv(precision)
    mean = covariance @ design.T @ y / sigma**2
    raw = sample(model, Settings(seed=3))
    for i, name in enumerate(("a", "b")):
        assert_moments(raw.variables[name], mean[i], np.sqrt(covariance[i, i]))


@pytest.mark.parametrize("error", [0.02, 0.3, 3.0], ids=["strong", "middling", "weak"])
def test_a_hierarchy_of_normals_is_right_whatever_its_groups_tell(error):
    """Mean of the population's centre and spread, against integration over the spread."""
    rng = np.random.default_rng(11)
    groups, each = 8, 5
    y = np.repeat(rng.normal(1.0, 0.3, size=groups), each) + error * rng.normal(size=groups * each)
    with pm.Model(coords={"run": range(y.size), "g": range(groups)}) as model:
        index = pm.Data("g_index", np.repeat(np.arange(groups), each), dims="run")
        observed = pm.Data("y_observed", y, dims="run")
        centre = pm.Normal("mu", 0, 2)
        spread = pm.HalfNormal("m_spread_g", 0.5)
        z = pm.Normal("m_offset_g", dims="g")
        sd = pm.Data("error", np.full(y.size, error), dims="run")  # one program for all three
        pm.Normal("y", (centre + spread * z)[index], sd, observed=observed, dims="run")
    raw = sample(
        model,
        Settings(seed=5),
        structure="hierarchy",
        offsets={"m_offset_g": "m_spread_g"},
        spreads=("m_spread_g",),
    )
    tau = np.linspace(1e-4, 4, 40_000)
    means = y.reshape(groups, each).mean(axis=1)
    total = tau**2 + error**2 / each
    precision = groups / total + 1 / 4
    mean = means.sum() / total / precision
    log_weight = -0.5 * (tau / 0.5) ** 2 - 0.5 * groups * np.log(total) - 0.5 * np.log(precision)
    log_weight += -0.5 * ((means**2).sum() / total - mean**2 * precision)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    mean_tau, mean_mu = (weight * tau).sum(), (weight * mean).sum()
    sd_tau = np.sqrt((weight * (tau - mean_tau) ** 2).sum())
    sd_mu = np.sqrt((weight * (1 / precision + (mean - mean_mu) ** 2)).sum())
    assert_moments(raw.variables["m_spread_g"], mean_tau, sd_tau)
    assert_moments(raw.variables["mu"], mean_mu, sd_mu)
    assert raw.stats["diverging"].sum() == 0


def test_padding_leaves_the_density_as_it_is():
    model, *_ = line(n=13)
    expected = model.compile_logp(mode="FAST_COMPILE")
    with scoped_jax():
        density, table = compile_density(model), pad(model)
        assert table.values["x"].shape == (16,)
        for a, b in [(0.3, -1.0), (2.0, 5.0)]:
            found = density.log_density(jnp.array([a, b]), table)
            np.testing.assert_allclose(found, expected({"a": a, "b": b}), rtol=1e-12)


def test_a_long_table_of_independent_runs_has_the_density_of_all_in_one():
    model, *_ = line(n=5000)
    expected = model.compile_logp(mode="FAST_COMPILE")
    with scoped_jax():
        table = pad(model)
        assert table.values["x"].shape == (6144,)  # six blocks, the last without a run
        assert all(bucket(n) % BLOCK == 0 for n in range(2 * BLOCK + 1, 10_000, 97))
        whole, by_blocks = compile_density(model), compile_density(model, apart=True)
        at = jnp.array([0.3, -1.0])
        value = by_blocks.log_density(at, table)
        np.testing.assert_allclose(value, expected({"a": 0.3, "b": -1.0}), rtol=1e-12)
        for derivative in (jax.grad, lambda f: jax.jacfwd(jax.grad(f))):
            ours, theirs = (derivative(d.log_density)(at, table) for d in (by_blocks, whole))
            np.testing.assert_allclose(ours, theirs, rtol=1e-10)
            assert np.abs(np.asarray(theirs)).min() > 0
        text = jax.jit(by_blocks.log_density).lower(at, table).as_text()
        assert "stablehlo.while" in text
        assert "stablehlo.while" not in jax.jit(whole.log_density).lower(at, table).as_text()


def test_what_is_observed_beside_the_runs_counts_once_however_long_the_table():
    model, *_ = line(n=5000)
    with model:
        model.add_coords({"source": ["paper", "fit"]})
        seen = pm.Data("seen_data", np.array([0.5, 0.7]), dims="source")
        pm.Normal("seen", model["a"], 0.1, observed=seen, dims="source")
    expected = model.compile_logp(mode="FAST_COMPILE")({"a": 0.3, "b": -1.0})
    with scoped_jax():
        density, table = compile_density(model, apart=True), pad(model)
        found = density.log_density(jnp.array([0.3, -1.0]), table)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_log_likelihoods_that_there_is_no_room_for_are_not_made(monkeypatch):
    model, *_ = line(n=30)
    settings = Settings(draws=100, max_draws=100)
    kept = sampling.sample(model, settings, structure="kept")
    monkeypatch.setattr(sampling, "SAMPLING", replace(sampling.SAMPLING, most_log_likelihoods=100))
    found = sampling.sample(model, settings, structure="not kept")
    assert found.log_likelihood == {}
    assert kept.log_likelihood["y"].shape == (4, 100, 30)
    for name, draws in kept.variables.items():
        np.testing.assert_array_equal(found.variables[name], draws)
    made = sampling.program_of(model, "not kept", {}, ())
    assert (len(made.variables.compiled), len(made.describe.compiled)) == (1, 0)


@pytest.mark.parametrize("length", [1, 8, 9, 13, 100, 129, 5000])
def test_a_bucket_holds_its_length_and_at_most_half_as_much_again(length):
    assert length <= bucket(length) <= max(8, 1.5 * length)
    assert length <= bucket(length, "recipe") <= max(2, 1.5 * length)


def test_models_that_get_the_same_room_share_one_compiled_program():
    models = [line(n, seed=n)[0] for n in (30, 40)]
    room, settings = room_for(models), Settings(draws=100, max_draws=100)
    assert room == {"run": 40}
    assert bucket(30) < bucket(40)
    compiled = []
    for model in models:
        sampling.sample(model, settings, structure="rooms", room=room)
        compiled.append(len(sampling.program_of(model, "rooms", {}, ()).block.compiled))
    assert compiled == [1, 1]


def test_a_second_table_needs_no_second_compilation():
    sampling.sample(line(40)[0], Settings(draws=100, max_draws=100), structure="line")
    made = sampling.program_of(line(45, seed=1)[0], "line", {}, ())
    before = len(made.block.compiled)
    sampling.sample(line(45, seed=1)[0], Settings(draws=100, max_draws=100), structure="line")
    assert len(made.block.compiled) == before


def test_a_seed_gives_the_same_draws_bit_for_bit():
    first = sample(line()[0], Settings(draws=200, seed=9), structure="line")
    again = sample(line()[0], Settings(draws=200, seed=9), structure="line")
    other = sample(line()[0], Settings(draws=200, seed=10), structure="line")
    np.testing.assert_array_equal(first.variables["a"], again.variables["a"])
    assert not np.array_equal(first.variables["a"], other.variables["a"])


@pytest.mark.parametrize("cores", [2, 3, 8])
def test_cores_change_no_draw(cores, monkeypatch):
    settings = Settings(draws=100, max_draws=100, seed=9)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.setattr("os.process_cpu_count", lambda: 1, raising=False)
    alone = sample(line()[0], settings, structure="line")
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr("os.process_cpu_count", lambda: cores, raising=False)
    shared = sample(line()[0], settings, structure="line")
    np.testing.assert_allclose(shared.variables["a"], alone.variables["a"], rtol=1e-9)


def test_steps_get_smaller_as_soon_as_too_many_diverge(monkeypatch):
    """At least half of the draws follow, and what diverged before is told apart."""
    sizes, run_block = [], sampling._next_block

    def diverging_late(run, *args, adapting):
        seen = run_block(run, *args, adapting=adapting)
        if not adapting:
            sizes.append(float(seen.step_size[0, 0]))
            seen = seen._replace(diverging=np.full_like(seen.diverging, len(sizes) == 4))
        return seen

    monkeypatch.setattr(sampling, "_next_block", diverging_late)
    raw = sample(line()[0], Settings(draws=400, max_draws=400), structure="line")
    assert np.divide(sizes, sizes[0]) == pytest.approx([1] * 4 + [sampling.SAMPLING.smaller] * 2)
    assert raw.variables["a"].shape == (4, 400)  # the last of them
    assert not raw.stats["diverging"].any()
    assert raw.stats["diverged_at_larger_steps"][:, 100:200].all()
    assert not raw.stats["diverged_at_larger_steps"][:, 200:].any()


def test_steps_get_smaller_a_few_times_at_most(monkeypatch):
    run_block = sampling._next_block

    def diverging(run, *args, adapting):
        seen = run_block(run, *args, adapting=adapting)
        return seen._replace(diverging=np.full_like(seen.diverging, not adapting))

    monkeypatch.setattr(sampling, "_next_block", diverging)
    raw = sample(line()[0], Settings(draws=400, max_draws=400), structure="line")
    size, times = raw.stats["step_size"][0], sampling.SAMPLING.times
    assert size[-1] == pytest.approx(sampling.SAMPLING.smaller ** (times - 1) * size[0])
    assert raw.stats["diverging"].any()


def test_programs_are_dropped_in_time(monkeypatch):
    """Each holds memory maps, and a process may have 65,530."""
    monkeypatch.setattr(program, "MOST_PROGRAMS", 2)
    monkeypatch.setattr(program, "_programs", OrderedDict())
    with scoped_jax():
        for structure in ("first", "second", "first", "third"):
            program.program_of(line()[0], structure, {}, ())
    assert [structure for structure, *_ in program._programs] == ["first", "third"]


class Stop:
    """Raise KeyboardInterrupt as a user would, after some blocks."""

    def __init__(self, run_block, after):
        self.run_block, self.left = run_block, after

    def __call__(self, *args, **options):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.run_block(*args, **options)


def test_interrupted_draws_are_kept_and_resuming_goes_on_bit_for_bit(tmp_path, monkeypatch):
    settings, path = Settings(draws=500, seed=2), tmp_path / "run.npz"
    whole = sample(line()[0], settings, structure="line")
    monkeypatch.setattr(sampling, "run_chains", Stop(sampling.run_chains, after=6))
    part = sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="x")
    monkeypatch.undo()
    assert part.interrupted
    assert part.variables["a"].shape == (4, 200)  # six blocks, four of them warm-up
    resumed = sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="x")
    np.testing.assert_array_equal(resumed.variables["b"], whole.variables["b"])


def test_a_resumed_run_goes_on_with_the_smaller_steps(tmp_path, monkeypatch):
    settings, path = Settings(draws=200, max_draws=200), tmp_path / "run.npz"
    run_block = sampling._next_block

    def diverging(run, *args, adapting):
        seen = run_block(run, *args, adapting=adapting)
        return seen._replace(diverging=np.full_like(seen.diverging, not adapting))

    def stop_at_first_draws(path, fingerprint, run):
        if run.blocks:
            raise KeyboardInterrupt

    monkeypatch.setattr(sampling, "_next_block", diverging)
    monkeypatch.setattr(checkpoints, "save_sometimes", stop_at_first_draws)
    part = sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="x")
    assert part.stats["diverged_at_larger_steps"].all()
    monkeypatch.undo()
    whole = sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="x")
    first, last = whole.stats["step_size"][:, 0], whole.stats["step_size"][:, -1]
    assert last == pytest.approx(sampling.SAMPLING.smaller * first)
    assert not whole.stats["diverging"].any()


def test_an_interruption_before_any_draw_is_passed_on(monkeypatch):
    monkeypatch.setattr(sampling, "run_chains", Stop(sampling.run_chains, after=2))
    with pytest.raises(KeyboardInterrupt):
        sample(line()[0], Settings(), structure="line")


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    settings = Settings(draws=100, max_draws=100)
    sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="mine")
    with pytest.raises(FitError, match="is the checkpoint of another run; expected the same law"):
        sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="yours")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FitError, match="no checkpoint of lawbook, or damaged"):
        checkpoints.read(path, "mine", 4, 2)


def test_a_checkpoint_of_an_earlier_version_is_refused(tmp_path, monkeypatch):
    path, settings = tmp_path / "run.npz", Settings(draws=100, max_draws=100)
    with monkeypatch.context() as before:
        before.setattr(checkpoints, "COUNTS", ("number", "warm", "goal"))
        sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="mine")
    with pytest.raises(FitError, match="of an earlier lawbook, without 'shrunk', 'since'"):
        sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="mine")
    path.unlink()
    sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="mine")
    with np.load(path) as kept:
        arrays = dict(kept)
    np.savez(path, **arrays, chains_99=np.zeros(2))  # as where coordinates were bent
    with pytest.raises(FitError, match="of an earlier lawbook, whose coordinates are others"):
        sample(line()[0], settings, structure="line", checkpoint=path, fingerprint="mine")


def test_the_users_jax_configuration_is_left_alone(tmp_path):
    names = ("jax_enable_x64", "jax_compilation_cache_dir")
    before = [getattr(jax.config, name) for name in names]
    sample(line()[0], Settings(draws=100, max_draws=100), structure="line")
    assert [getattr(jax.config, name) for name in names] == before
    assert jnp.ones(1).dtype == jnp.float32


def test_sampling_goes_on_by_itself_while_effective_draws_fall_short():
    short = sample(line()[0], Settings(draws=50, max_draws=50, chains=2), structure="line")
    longer = sample(line()[0], Settings(draws=50, chains=2), structure="line")
    assert short.variables["a"].shape == (2, 50)
    assert longer.variables["a"].shape[1] > 50


def test_draws_that_fall_short_are_judged_with_what_to_do():
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(size=(4, 200)), axis=1)
    found = judge({"slow": walk, "fine": rng.normal(size=(4, 200))}, np.eye(4, 200), walk)
    assert not found.trusted
    assert found.worst == "slow"
    assert "slow: the chains disagree (R-hat" in found.problems[0]
    assert "give max_draws= more room" in found.problems[1]
    assert "4 of 800 transitions diverged, expected at most 1 in 1,000" in found.problems[2]


def test_chains_that_stand_still_are_judged_without_a_warning():
    still = np.repeat(np.arange(4.0)[:, None], 200, axis=1)
    found = judge({"a": still}, np.ones((4, 200)), still)
    assert (found.trusted, found.divergences, found.bfmi) == (False, 800, 0)
    assert found.rhat > 1e6


@pytest.mark.parametrize(("diverged", "trusted"), [(0, True), (4, True), (5, False)])
def test_a_divergence_in_a_thousand_may_be(diverged, trusted):
    rng, diverging = np.random.default_rng(0), np.zeros((4, 1000))
    diverging.flat[:diverged] = 1
    found = judge({"fine": rng.normal(size=(4, 1000))}, diverging, rng.normal(size=(4, 1000)))
    assert (found.divergences, found.trusted) == (diverged, trusted)


DEVICES = """
import json, jax, numpy as np
from test_engine import line
from lawbook.engine.sampling import sample
from lawbook.engine.settings import Settings
raw = sample(line()[0], Settings(draws=200, seed=4))
print(json.dumps([len(jax.devices()), raw.variables["a"].tolist()]))
"""


@pytest.mark.slow
def test_chains_spread_over_devices_draw_what_one_device_draws():
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    environment = os.environ | flags | {"PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(
        [sys.executable, "-c", DEVICES], env=environment, capture_output=True, text=True, check=True
    )
    devices, draws = json.loads(done.stdout)
    assert devices == 2
    one = sample(line()[0], Settings(draws=200, seed=4)).variables["a"]
    np.testing.assert_allclose(draws, one, rtol=1e-6)


def test_a_density_that_is_finite_nowhere_is_refused():
    with pm.Model(coords={"run": range(9)}) as model:
        observed = pm.Data("y_observed", np.full(9, np.inf), dims="run")
        pm.Normal("y", pm.Normal("a"), 1, observed=observed, dims="run")
    with pytest.raises(FitError, match="not finite at any of 8 starts drawn from its priors"):
        sample(model, Settings())


def test_a_chain_that_begins_where_there_is_no_density_goes_on_from_another():
    law = lawbook.load_law("lawcat_forgetting").with_pooling("full")
    runs = lawbook.simulate(law, n=80, seed=0)
    fit = lawbook.fit(
        law, runs, draws=200, max_draws=200, seed=0, discrepancy="none"
    )  # its first chain begins so
    stats = fit.posterior["sample_stats"]
    assert np.isfinite(stats["lp"]).all()
    assert stats["step_size"].min() > 0.01
    assert (fit.posterior["posterior"][law.param_names[0]].std("draw") > 0).all()


def test_slow_sampling_is_told_and_draws_that_were_not_asked_for_are_not_made(monkeypatch, caplog):
    model, *_ = line()
    monkeypatch.setattr(sampling, "SLOW", 1)
    monkeypatch.setattr(sampling, "SAMPLING", replace(sampling.SAMPLING, most_steps=1))
    monkeypatch.setattr(sampling, "enough", lambda _: False)
    raw = sample(model, Settings(draws=200, max_draws=5_000, seed=1))
    assert raw.variables["a"].shape == (4, 200)
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith("Sampling is slow: about ")
    assert "There are 2 unknowns and 40 runs. Ctrl-C keeps the draws so far." in said


def test_where_each_draw_takes_hundreds_of_steps_more_draws_are_not_advised():
    draws = np.random.default_rng(1).normal(size=(4, 50))
    quiet = np.zeros((4, 50))
    energy = np.random.default_rng(2).normal(size=(4, 50))
    fast = judge({"a": draws}, quiet, energy, steps=np.full((4, 50), 15))
    slow = judge({"a": draws}, quiet, energy, steps=np.full((4, 50), 420))
    assert "give max_draws= more room" in fast.problems[-1]
    assert "max_draws" not in "".join(slow.problems)
    assert "group by fewer columns, or pool some parameters fully" in slow.problems[-1]


def test_the_worst_quantity_is_named_by_its_group():
    rng = np.random.default_rng(3)
    draws = rng.normal(size=(4, 500, 3))
    draws[:, :, 1] = np.cumsum(draws[:, :, 1], axis=1)
    quiet, energy = np.zeros((4, 500)), rng.normal(size=(4, 500))
    found = judge({"E": draws}, quiet, energy, labels={"E": ["gru", "lstm", "mlp"]})
    assert found.worst == "E of lstm"
    assert found.problems[0].startswith("E of lstm: the chains disagree")
