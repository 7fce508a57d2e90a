"""The process that groups share, against dense normal densities and conditionals."""

import numpy as np
import pandas as pd
import pytensor
import pytest
from scipy import stats
from scipy.special import logsumexp

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.errors import LawError
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import JITTER, correlation
from lawbook.laws.public_curves import OF_LAWS
from lawbook.laws.values import medians
from lawbook.model.hierarchy import build
from lawbook.model.process import places_in_groups, shared_modes, spectral_terms
from lawbook.model.shared import nearest_node, shared_process
from lawbook.model.spectrum import distances, log_weights_of, nodes_of
from lawbook.posterior.inference import with_discrepancy
from lawbook.posterior.shared import shared_at
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


def moved(runs, noise, residual, log_weights):
    """Return how standard normals are moved to modes, with the density of all runs there."""
    places = places_in_groups(LAW, runs)
    tensors = {k: pytensor.tensor.as_tensor(v) for k, v in places.items()}
    columns = {k: pytensor.tensor.as_tensor(v) for k, v in noise.items()}
    count = places["shared_at_runs"].shape[1]
    residual, even = pytensor.tensor.as_tensor(residual), pytensor.tensor.vector()
    node = nearest_node(SHARED)
    modes, slope = shared_modes(tensors, node, count, residual, columns, even[:count])
    left = residual - columns["shared"] * (tensors["shared_at_runs"] @ modes)
    weights = pytensor.tensor.as_tensor(log_weights)
    terms = spectral_terms(tensors, weights, left, columns) + slope
    with scoped_jax():
        return pytensor.function([even], [modes, terms.sum()], mode="FAST_COMPILE")


def noise_of(runs):
    group = runs.group_codes
    return {"sigma": SIGMA[group], "amplitude": OWN[group], "shared": np.full(len(runs), COMMON)}


def own(runs, length):
    """Covariance of all runs by their groups' own processes and noise."""
    scales = np.log(np.stack(list(runs.inputs.values()), axis=1))
    group = runs.group_codes
    alike = correlation(np, "matern52", distances(scales, scales) / length)
    same = np.where(group[:, None] == group, alike, 0.0)
    return (OWN[group] ** 2)[:, None] * same + np.diag(SIGMA[group] ** 2 + JITTER)


@pytest.mark.parametrize("n", [3, 120], ids=["few", "more than a group has modes"])
def test_at_one_length_the_modes_are_integrated_out_by_standard_normals(n):
    """The mean over standard normals is the density of all runs."""
    runs = read(table(n=n, groups=3))
    residual = 0.03 * np.random.default_rng(1).standard_normal(len(runs))
    node = nearest_node(SHARED)
    weights = np.full(len(NODES), -np.inf)
    weights[node] = 0.0
    scales = np.log(np.stack(list(runs.inputs.values()), axis=1))
    at = shared_process(SHARED, scales).at(scales)
    cov = COMMON**2 * at @ at.T
    places = places_in_groups(LAW, runs)
    assert ("shared_outside" in places) == (n > 96)
    group = runs.group_codes
    for code in range(3):  # as far as its modes go, which is not all of a large group
        mine = np.flatnonzero(group == code)
        vectors = (places["basis"][code] @ places["rotation"][code, node])[: len(mine)]
        rest = OWN[code] ** 2 * places["rest"][code, node]
        size = OWN[code] ** 2 * places["variance"][code, node] - rest
        noise = SIGMA[code] ** 2 + JITTER + rest
        cov[np.ix_(mine, mine)] += (vectors * size) @ vectors.T + noise * np.eye(len(mine))
    expected = stats.multivariate_normal(cov=cov).logpdf(residual)
    count = at.shape[1]
    even = np.random.default_rng(1).standard_normal((4000, count))
    move = moved(runs, noise_of(runs), residual, weights)
    with scoped_jax():
        found, totals = zip(*map(move, even), strict=True)
    likely = np.exp(np.array(totals, dtype=float) - expected)
    assert likely.mean() == pytest.approx(1.0, abs=4 * likely.std() / len(even) ** 0.5)
    inverse = np.linalg.inv(cov - COMMON**2 * at @ at.T)
    precise = 1 + COMMON**2 * np.sum(at * (inverse @ at), axis=0)
    away = np.asarray(found[0]) - COMMON * at.T @ inverse @ residual / precise
    assert away * np.sqrt(precise) == pytest.approx(even[0], rel=1e-5, abs=1e-6)


def test_over_all_lengths_the_density_has_the_slope_of_the_map():
    runs = read(table(n=3))
    residual = 0.03 * np.random.default_rng(1).standard_normal(len(runs))
    weights = log_weights_of(SHARED.length) - logsumexp(log_weights_of(SHARED.length))
    scales = np.log(np.stack(list(runs.inputs.values()), axis=1))
    at = shared_process(SHARED, scales).at(scales)
    even = np.random.default_rng(2).standard_normal(at.shape[1])
    with scoped_jax():
        found, total = moved(runs, noise_of(runs), residual, weights)(even)
    found = np.asarray(found)
    left, group, expected = residual - COMMON * at @ found, runs.group_codes, 0.0
    for code in range(3):
        mine = group == code
        each = [
            stats.multivariate_normal(cov=own(runs, node)[np.ix_(mine, mine)]).logpdf(left[mine])
            for node in NODES
        ]
        expected += logsumexp(np.array(each) + weights)
    inverse = np.linalg.inv(own(runs, NODES[nearest_node(SHARED)]))
    precise = 1 + COMMON**2 * np.sum(at * (inverse @ at), axis=0)
    expected += 0.5 * (np.sum(even**2) - np.sum(found**2) - np.sum(np.log(precise)))
    assert float(total) == pytest.approx(expected, rel=1e-6)


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
    expected = model.compile_logp(model.observed_RVs, mode="FAST_COMPILE")(model.initial_point())
    assert found == pytest.approx(float(expected), rel=1e-6)


def test_what_the_modes_leave_open_is_next_to_nothing_among_the_runs():
    scales = np.random.default_rng(2).uniform(0, 4, (200, 2))
    process = shared_process(SHARED, scales)
    known = np.sum(process.at(scales) ** 2, axis=1)
    assert known.max() < 1 + 1e-6
    assert process.weights.shape[1] == 24
    assert np.mean(1 - known) < 2e-3
    assert process.rest(np.full((1, 2), 40.0))[0, 0] == pytest.approx(1.0)


@pytest.fixture(scope="module")
def fit():
    runs = read(lawbook.simulate(LAW, n=7, groups=["gru", "lstm", "mamba"], seed=4).frame)
    return lawbook.fit(CHINCHILLA, runs, discrepancy=SHARED, draws=250, seed=2)


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
    assert with_discrepancy(CHINCHILLA, "auto", runs).response.noise.shared == OF_LAWS.amplitude
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
