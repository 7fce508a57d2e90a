"""The process that groups share, against dense normal densities and conditionals."""

import numpy as np
import pandas as pd
import pytensor
import pytest
from scipy import stats
from scipy.special import logsumexp, softmax

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.errors import LawError
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import JITTER, correlation
from lawbook.laws.values import medians
from lawbook.model.hierarchy import build
from lawbook.model.process import places_in_groups, shared_terms
from lawbook.model.shared import shared_processes
from lawbook.model.spectrum import distances, log_weights_of, nodes_of
from lawbook.posterior.inference import with_discrepancy
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.responses import residuals
from lawbook.posterior.shared import shared_at, shared_at_runs
from lawbook.priors import LogNormal

CHINCHILLA = lawbook.load_law("chinchilla")
SHARED = Discrepancy(shared=LogNormal(0.02, 1.0))
LAW = with_discrepancy(CHINCHILLA, SHARED)
NODES = nodes_of(SHARED.length)
OWN, COMMON, SIGMA = np.array([0.03, 0.01, 0.05]), 0.04, np.array([0.004, 0.01, 0.02])


def table(n=8, groups=3, seed=3):
    """Recipes that were run at the same few places, and at some of their own."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.uniform(0, 3, (groups * n, 2)), np.zeros((groups, 2))])
    group = np.concatenate([np.repeat(np.arange(groups), n), np.arange(groups)])
    return pd.DataFrame(
        {"N": 1e8 * np.exp(x[:, 0]), "D": 1e10 * np.exp(x[:, 1]), "recipe": group.astype(str)}
    ).assign(loss=3.0)


def read(frame):
    return lawbook.read_runs(frame, CHINCHILLA, by="recipe", allow=("units", "sizes", "duplicates"))


def modes_of(places):
    return places["shared_inside"].shape[-1]


def dense(runs, length):
    """Covariance of all runs at one length."""
    scales = np.log(np.stack(list(runs.inputs.values()), axis=1))
    group = runs.group_codes
    alike = correlation(np, "matern52", distances(scales, scales) / length)
    same = group[:, None] == group
    own = (OWN[group] ** 2)[:, None] * np.where(same, alike, 0.0)
    return COMMON**2 * alike + own + np.diag(SIGMA[group] ** 2 + JITTER)


def test_terms_add_up_to_the_multivariate_normal_of_all_runs():
    runs = read(table(n=3))
    residual = 0.03 * np.random.default_rng(1).standard_normal(len(runs))
    group = runs.group_codes
    noise = {"sigma": SIGMA[group], "amplitude": OWN[group], "shared": np.full(len(runs), COMMON)}
    places = places_in_groups(LAW, runs)
    assert len(np.unique(table(n=3)[["N", "D"]], axis=0)) < modes_of(places)
    assert "shared_outside" not in places
    tensors = {k: pytensor.tensor.as_tensor(v) for k, v in places.items()}
    weights = log_weights_of(SHARED.length) - logsumexp(log_weights_of(SHARED.length))
    columns = {k: pytensor.tensor.as_tensor(v) for k, v in noise.items()}
    terms = shared_terms(
        tensors,
        modes_of(places),
        pytensor.tensor.as_tensor(weights),
        pytensor.tensor.as_tensor(residual),
        columns,
    )
    with scoped_jax():
        found = np.asarray(pytensor.function([], terms)())
    each = [stats.multivariate_normal(cov=dense(runs, node)).logpdf(residual) for node in NODES]
    assert found.sum() == pytest.approx(logsumexp(np.array(each) + weights), rel=1e-6)


@pytest.mark.parametrize("room", [{}, {"run": 60, "place": 30}])
def test_padding_does_not_change_the_density(room):
    frame = table(n=7)
    value = CHINCHILLA.formula(np, frame["N"], frame["D"], **medians(CHINCHILLA))
    runs = read(frame.assign(loss=value * np.exp(0.01 * np.sin(np.arange(len(frame))))))
    model = build(LAW, runs, {p.name: False for p in (*LAW.params, *LAW.noise_params)}).model
    density = compile_density(model)
    with scoped_jax():
        terms = density.evaluate(density.initial, pad(model, room))[0]["loss"]
        found = float(np.asarray(terms)[: len(runs)].sum())
    expected = model.compile_logp(model.observed_RVs)(model.initial_point())
    assert found == pytest.approx(float(expected), rel=1e-6)


def test_what_the_modes_leave_open_is_next_to_nothing_among_the_runs():
    scales = np.random.default_rng(2).uniform(0, 4, (200, 2))
    for process in shared_processes("matern52", scales, NODES):
        known = np.sum(process.at(scales) ** 2, axis=1)
        assert known.max() < 1 + 1e-6
        assert process.weights.shape[1] == 24
        if process.length > 1.5:
            assert np.mean(1 - known) < 0.02
        far = process.rest(np.full((1, 2), 40.0))
        assert far[0, 0] == pytest.approx(1.0)


def test_a_large_group_has_the_density_of_its_modes():
    """More runs than a group's own process has modes: what these do not span is in the sum."""
    runs = read(table(n=150, groups=2))
    places = places_in_groups(LAW, runs)
    assert np.abs(places["shared_outside"]).max() > 1e-4
    residual = 0.03 * np.random.default_rng(1).standard_normal(len(runs))
    group = runs.group_codes
    process = shared_processes("matern52", np.log(np.stack([*runs.inputs.values()], 1)), NODES)
    tensors = {k: pytensor.tensor.as_tensor(v) for k, v in places.items()}
    noise = {"sigma": SIGMA[group], "amplitude": OWN[group], "shared": np.full(len(runs), COMMON)}
    columns = {k: pytensor.tensor.as_tensor(v) for k, v in noise.items()}
    k, one = 3, np.full(len(NODES), -np.inf)
    one[k] = 0.0
    weights, residual_of_runs = map(pytensor.tensor.as_tensor, (one, residual))
    terms = shared_terms(tensors, modes_of(places), weights, residual_of_runs, columns)
    with scoped_jax():
        found = float(np.asarray(pytensor.function([], terms)()).sum())
    at = process[k].at(np.log(np.stack([*runs.inputs.values()], 1)))
    cov = COMMON**2 * at @ at.T
    for code in range(2):
        mine = np.flatnonzero(group == code)
        vectors = (places["basis"][code] @ places["rotation"][code, k])[: len(mine)]
        rest = OWN[code] ** 2 * places["rest"][code, k]
        size = OWN[code] ** 2 * places["variance"][code, k] - rest
        own = SIGMA[code] ** 2 + JITTER + COMMON**2 * places["shared_rest"][k] + rest
        cov[np.ix_(mine, mine)] += (vectors * size) @ vectors.T + own * np.eye(len(mine))
    expected = stats.multivariate_normal(cov=cov).logpdf(residual)
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.fixture(scope="module")
def fit():
    runs = read(lawbook.simulate(LAW, n=7, groups=["gru", "lstm", "mamba"], seed=4).frame)
    return lawbook.fit(CHINCHILLA, runs, discrepancy=SHARED, draws=250, seed=2)


def test_lengths_and_modes_are_drawn_from_what_the_runs_say(fit):
    """In each draw the process at the runs is normal, with the textbook's mean and covariance."""
    groups = fit.runs.groups
    values = parameters_at(fit, groups, np.random.default_rng(0))
    noise = {name: values[name].reshape(-1, 3) for name in ("sigma", "amplitude", "shared")}
    residual = np.empty((len(fit.runs), len(noise["sigma"])))
    for group in range(3):
        here = {name: value[..., group].reshape(1, -1) for name, value in values.items()}
        label = groups.iloc[group].to_dict()
        mine, _, residual[mine] = residuals(fit, label, here, with_process=False)
    scales = np.log(np.stack([*fit.runs.inputs.values()], axis=1))
    codes = fit.runs.group_codes
    inputs = {name: values for name, values in fit.runs.inputs.items()}
    drawn = shared_at_runs(fit, inputs)
    length = values["length"][..., 0].ravel()
    squares, chosen = [], np.zeros(len(NODES))
    for draw in range(0, residual.shape[1], 5):
        terms, sizes = [], noise["amplitude"][draw][codes]
        same = np.where(codes[:, None] == codes, sizes[:, None] ** 2, 0.0)
        for node in NODES:
            alike = correlation(np, "matern52", distances(scales, scales) / node)
            common = noise["shared"][draw, 0] ** 2 * alike
            cov = common + same * alike + np.diag(noise["sigma"][draw][codes] ** 2 + JITTER)
            terms.append(stats.multivariate_normal(cov=cov).logpdf(residual[:, draw]))
            if np.isclose(node, length[draw]):
                gain = np.linalg.solve(cov, common).T
                away = drawn[:, draw] - gain @ residual[:, draw]
                size, axes = np.linalg.eigh(common - gain @ common)
                kept = size > 1e-3 * size.max()
                squares.append((axes.T @ away)[kept] ** 2 / size[kept])
        chosen += softmax(np.array(terms) + log_weights_of(SHARED.length))
    squares = np.concatenate(squares)
    assert stats.chi2(len(squares)).cdf(squares.sum()) == pytest.approx(0.5, abs=0.495)
    found = np.array([np.mean(np.isclose(length[::5], node)) for node in NODES])
    assert found == pytest.approx(chosen / chosen.sum(), abs=0.1)


def test_points_of_equal_inputs_share_a_draw(fit):
    inputs = {"N": np.array([1e9, 1e12, 1e9]), "D": np.array([1e11, 1e13, 1e11])}
    found = shared_at(fit, inputs, np.random.default_rng(0))
    assert (found.draws[0] == found.draws[2]).all()
    assert not (found.draws[0] == found.draws[1]).any()
    assert found.left[1].mean() > 10 * found.left[0].mean()
    assert found.left[1].mean() < (fit.posterior["posterior"]["shared"] ** 2).mean()


def test_a_comparison_far_away_does_not_pay_for_what_groups_share(fit):
    far = {"N": 1e12, "D": 1e14}
    own = Discrepancy(amplitude=LogNormal(0.04, 0.7))
    alone = lawbook.fit(CHINCHILLA, fit.runs, discrepancy=own, draws=250, seed=2)
    spreads = []
    for one in (fit, alone):
        draws = one.compare(far, among=["gru", "lstm"]).draws
        apart = draws.sel(recipe="gru") - draws.sel(recipe="lstm")
        spreads.append(float(apart.std() / draws.sel(recipe="gru").std()))
    assert spreads[0] < spreads[1]


def test_a_saved_fit_keeps_what_groups_share(fit, tmp_path):
    fit.save(tmp_path / "fit.nc")
    again = lawbook.load(tmp_path / "fit.nc")
    assert again.law.response.noise == SHARED
    at = pd.DataFrame({"recipe": ["gru"], "N": [1e12], "D": [1e14]})
    assert (again.predict(at).draws == fit.predict(at).draws).all()


def test_groups_share_a_process_by_default():
    runs = read(table(n=4))
    assert with_discrepancy(CHINCHILLA, "auto", runs).response.noise.shared == LogNormal(0.02, 1.0)
    apart = with_discrepancy(CHINCHILLA.with_pooling("none"), "auto", runs)
    assert apart.response.noise.shared is None
    one = read(table(n=4).assign(recipe="gru"))
    assert with_discrepancy(CHINCHILLA, "auto", one).response.noise.shared is None


def test_groups_of_a_law_in_one_input_share_none():
    law = lawbook.load_law("compute")
    runs = lawbook.simulate(law, n=6, groups=["gru", "lstm"], seed=1)
    assert with_discrepancy(law, "auto", runs).response.noise.shared is None


def test_a_shared_process_beside_noise_of_checkpoints_is_refused():
    with pytest.raises(LawError, match="expected one of the two"):
        Discrepancy(shared=LogNormal(0.02, 1.0), checkpoint=LogNormal(0.001, 1.0))


def test_simulated_groups_share_what_the_law_lacks():
    quiet = Discrepancy(amplitude=LogNormal(1e-4, 0.1), shared=LogNormal(0.2, 0.1))
    law = with_discrepancy(CHINCHILLA, quiet)
    runs = lawbook.simulate(law, n=40, groups=["gru", "lstm"], noise=1e-4, seed=1)
    value = CHINCHILLA.formula(np, *runs.inputs.values(), **medians(CHINCHILLA))
    away = np.log(runs.response / value)
    assert away.std() > 0.05
    scales = np.log(np.stack([*runs.inputs.values()], axis=1))
    first, second = (runs.group_codes == code for code in (0, 1))
    nearest = distances(scales[first], scales[second]).argmin(axis=1)
    assert np.corrcoef(away[first], away[second][nearest])[0, 1] > 0.9
