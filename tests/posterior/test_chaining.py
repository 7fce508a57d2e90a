"""Two laws in a chain: from training to loss, from loss to accuracy."""

from dataclasses import replace

import fits
import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook import Chain, Discrepancy, FitError
from lawbook.laws.kernels import correlation
from lawbook.posterior.uncertainty import OF_CHAIN
from lawbook.priors import LogNormal

LOSS, ERROR = (lawbook.load_law(f"overtraining_{name}") for name in ("loss", "error"))
FIRST = fits.of_prior(LOSS, lawbook.simulate(LOSS, n=20, noise=0.01, seed=1), draws=300)
SECOND = fits.of_prior(ERROR, lawbook.simulate(ERROR, n=20, noise=0.01, seed=1), draws=200, seed=2)
AT = {"C": [1e20, 1e22], "M": 20}


def known(law, fit, at):
    """A fit whose draws all have the same values."""
    posterior = fit.posterior["posterior"].dataset
    pooled = {}
    for param in law.params:
        size = param.prior.size(np, at[param.name], **{n: at[n] for n in param.prior.needs})
        name = param.name if param.prior is param.prior_of_pooled else f"{param.name}_size"
        pooled[name] = posterior[name] * 0 + size
    same = posterior.assign(pooled)
    fit.posterior["posterior"] = same
    return fit


def test_of_known_laws_a_chain_is_one_function_of_the_other():
    first = known(LOSS, fits.of_prior(LOSS, FIRST.runs), dict(LOSS.published[1].at))
    second = known(ERROR, fits.of_prior(ERROR, SECOND.runs), dict(ERROR.published[1].at))
    # the model with 1.4B parameters and 640 tokens each, as the paper predicts it
    at = {"C": 6 * 1.4397952e9**2 * 640, "M": 640}
    assert first.predict(at).table["median"][0] == pytest.approx(2.51983, abs=2e-5)
    found = Chain(first, second).predict(at).table["median"][0]
    assert found == pytest.approx(0.475215 * 1.036365, abs=2e-5)


def test_the_spread_is_that_of_both_laws():
    both = Chain(FIRST, SECOND).predict(AT)
    first = Chain(
        FIRST, known(ERROR, fits.of_prior(ERROR, SECOND.runs), dict(ERROR.published[0].at))
    ).predict(AT)
    second = Chain(
        known(LOSS, fits.of_prior(LOSS, FIRST.runs), dict(LOSS.published[0].at)), SECOND
    ).predict(AT)
    assert (both.table["sd"] > first.table["sd"]).all()
    assert (both.table["sd"] > second.table["sd"]).all()
    parts = [of_law[0] for of_law in (OF_CHAIN["first"], OF_CHAIN["second"])]  # of parameters
    assert (first.table[parts[1]] < 1e-9).all()
    assert (second.table[parts[0]] < 1e-9).all()
    assert (first.table[parts[0]] > 0.1).all()
    assert (second.table[parts[1]] > 0.1).all()
    assert both.draws.sizes == {"chain": 2, "draw": 300, "point": 2}


def test_a_chain_is_drawn_over_the_inputs_of_the_first_law(tmp_path):
    found = Chain(FIRST, SECOND).predict({"C": np.geomspace(1e20, 1e23, 8), "M": 20})
    figure = found.plot()
    [panel] = figure.axes
    assert panel.get_ylabel() == f"{ERROR.response.name} [{ERROR.response.unit}]"
    assert panel.get_xlabel() == "C [FLOP]"
    line = panel.lines[0]
    np.testing.assert_allclose(line.get_ydata(), found.table["median"])
    np.testing.assert_allclose(panel.lines[1].get_xdata(), FIRST.runs.largest["C"])
    assert figure.get_suptitle().count("\n") == 1  # too long for one line
    figure.savefig(tmp_path / "chain.png")
    assert (tmp_path / "chain.png").stat().st_size > 5000


def test_a_chain_says_how_far_it_looks_and_which_law_is_uncertain():
    told = repr(Chain(FIRST, SECOND).predict(AT, prob=0.9))
    head = "Prediction of error [fraction] by overtraining_loss_then_overtraining_error at 2 points"
    assert told.startswith(head)
    why, last = told.splitlines()[-2:]
    row = Chain(FIRST, SECOND).predict(AT).table.iloc[1]
    share = row["share_first_parameters"]
    assert f"; the variance there comes from parameters of the first law ({share:.0%}), " in why
    assert f" of the second law ({row['share_second_noise']:.0%})." in why
    assert last == "Nobody has measured how often such intervals hold at this distance."


def powered(xp, L, *, a, b):
    """Another loss, as a power of the first."""
    return a * xp.exp(b * xp.log(L))


CHINCHILLA = lawbook.load_law("chinchilla")
OTHER = lawbook.Law(
    name="powered",
    formula=powered,
    inputs=[lawbook.Input("L", unit="nats/token", seen=(1.9, 4.0))],
    response=lawbook.Response("L_1", unit="nats/token", noise=lawbook.StudentT()),
    params=[
        lawbook.Param("a", LogNormal(1.2, 0.2), pool="partial"),
        lawbook.Param("b", LogNormal(0.9, 0.2)),
    ],
)
OF_LOSS, OF_OTHER = dict(CHINCHILLA.published[1].at), {"a": 1.2, "b": 0.9}
POINTS = {"N": [1e9, 1.001e9, 1e11], "D": [1e11, 1.001e11, 1e13]}  # two side by side, one far away
THROUGH = CHINCHILLA.formula(np, np.array(POINTS["N"]), np.array(POINTS["D"]), **OF_LOSS)


def departing(law, at, **sds):
    """A fit whose draws have the same values, and a process of these sds and length."""
    runs = lawbook.simulate(law, at, n=12, noise=0.001, seed=3)
    noise = Discrepancy(length=LogNormal(sds["length"], 1e-6))
    law = replace(law, response=replace(law.response, noise=noise))
    fit = known(law, fits.of_prior(law, runs, draws=4000), at)
    posterior = fit.posterior["posterior"].dataset
    fit.posterior["posterior"] = posterior.assign({n: posterior[n] * 0 + v for n, v in sds.items()})
    return fit


@pytest.fixture(scope="module")
def first():
    return departing(CHINCHILLA, OF_LOSS, amplitude=0.03, sigma=0.002, length=2.0)


@pytest.fixture(scope="module")
def second():
    return departing(OTHER, OF_OTHER, amplitude=0.05, sigma=0.05, length=0.2)


@pytest.fixture(scope="module")
def exact():
    """The first law without an error."""
    return departing(CHINCHILLA, OF_LOSS, amplitude=1e-9, sigma=1e-9, length=2.0)


def logs(prediction):
    return np.log(prediction.draws.to_numpy()).reshape(-1, len(prediction.table))


@pytest.mark.parametrize("kind", ["mean", "run"])
def test_the_second_law_adds_its_own_discrepancy(exact, second, kind):
    """Of a first response that is known, the chain is the second law's own prediction."""
    expected = second.predict({"L": THROUGH}, prob=0.9, kind=kind).table
    found = Chain(exact, second).predict(POINTS, prob=0.9, kind=kind).table
    for end in ("eti90_lower", "median", "eti90_upper"):
        np.testing.assert_allclose(np.log(found[end]), np.log(expected[end]), atol=0.01)
    np.testing.assert_allclose(found["sd"], expected["sd"], rtol=0.07)
    of_second = [f"share_second_{part}" for part in ("discrepancy", "noise")]
    shares = expected[["share_discrepancy", "share_noise"]]
    np.testing.assert_allclose(found[of_second], shares, atol=0.02)


def test_the_second_discrepancy_is_one_function_in_each_draw(exact, second):
    near, beside, far = logs(Chain(exact, second).predict(POINTS)).T
    assert near.std() > 0.005
    assert np.corrcoef(near, beside)[0, 1] > 0.99
    assert abs(np.corrcoef(near, far)[0, 1]) < 0.1


def test_the_first_law_hands_on_its_discrepancy(first):
    """Through a second law that is known draws of the first go one by one."""
    plain = known(OTHER, fits.of_prior(OTHER, lawbook.simulate(OTHER, n=20, seed=1)), OF_OTHER)
    found = Chain(first, plain).predict(POINTS)
    between = first.predict(POINTS).draws.to_numpy()
    np.testing.assert_allclose(found.draws, OTHER.formula(np, between, **OF_OTHER), rtol=1e-12)
    assert np.log(between[..., 2]).std() > 0.02
    assert "the law's value with model discrepancy" in repr(found)


def test_the_variance_says_which_discrepancy_it_comes_from(first, exact, second):
    both = Chain(first, second).predict(POINTS)
    parts = both.table[[*OF_CHAIN["first"], *OF_CHAIN["second"]]]
    np.testing.assert_allclose(parts.sum(axis=1), 1.0)
    alone = logs(Chain(exact, second).predict(POINTS)).var(axis=0)[2]
    share = 1 - alone / logs(both).var(axis=0)[2]
    of_first, of_second = parts.iloc[2][["share_first_discrepancy", "share_second_discrepancy"]]
    assert of_first / (of_first + of_second) == pytest.approx(share, abs=0.1)
    assert of_first > 0.05
    assert "model discrepancy of the first law (" in repr(both)


def with_process(fit, targets, rng):
    """Runs of a fit's law with a process of its draws, and the true response at targets."""
    law, runs, posterior = fit.law, fit.runs, fit.posterior["posterior"]
    names, noise = list(law.input_names), law.response.noise
    at = pd.concat([runs.frame[names], targets], ignore_index=True)
    sds = {name: float(posterior[name].to_numpy().ravel()[0]) for name in noise.priors}
    log = np.log(at.to_numpy())
    apart = np.sqrt(np.sum((log[:, None] - log[None]) ** 2, axis=-1)) / sds["length"]
    root = np.linalg.cholesky(correlation(np, noise.kernel, apart) + 1e-9 * np.eye(len(at)))
    process = sds["amplitude"] * root @ rng.standard_normal(len(at))
    params = OF_LOSS if law.name == "chinchilla" else OF_OTHER
    curve = law.formula(np, *(at[name].to_numpy() for name in names), **params) * np.exp(process)
    scattered = curve * np.exp(sds["sigma"] * rng.standard_normal(len(at)))
    frame = at[: len(runs)].assign(**{law.response.name: scattered[: len(runs)]})
    read = lawbook.read_runs(frame, law, allow=["sizes", "units"])
    return replace(fit, runs=read), curve[len(runs) :]


def test_intervals_of_a_chain_hold_as_often_as_they_say():
    """Of simulated truths with a process in both laws; without the second's they hold too few."""
    sds = {"amplitude": 0.03, "sigma": 0.002, "length": 2.0}
    first = departing(CHINCHILLA, OF_LOSS, **sds)
    second = departing(OTHER, OF_OTHER, **{**sds, "amplitude": 0.04, "length": 0.3})
    alone = departing(OTHER, OF_OTHER, **{**sds, "amplitude": 1e-9})
    targets, rng = pd.DataFrame(POINTS).iloc[[0, 2]], np.random.default_rng(20261129)
    held = {"both": [], "first": []}
    for _ in range(60):
        of_loss, loss = with_process(first, targets, rng)
        of_other, truth = with_process(second, pd.DataFrame({"L": loss}), rng)
        for name, other in {"both": of_other, "first": replace(alone, runs=of_other.runs)}.items():
            found = Chain(of_loss, other).predict(targets, prob=0.9).table
            held[name] += list((found["eti90_lower"] < truth) & (truth < found["eti90_upper"]))
    # three standard errors of 120 that are inside nine times in ten
    assert 0.9 - 0.082 < np.mean(held["both"]) <= 0.9 + 0.082
    assert np.mean(held["first"]) < 0.8


def test_groups_of_the_second_law_have_their_own_discrepancies():
    tests = ["arc", "piqa"]
    law = replace(OTHER, response=replace(OTHER.response, noise=Discrepancy()))
    runs = lawbook.simulate(OTHER, n=15, noise=0.01, seed=2, groups=tests)
    second = fits.of_prior(law, runs, draws=150)
    table = lawbook.simulate(CHINCHILLA, n=15, noise=0.01, seed=2, groups=tests)
    found = Chain(fits.of_prior(CHINCHILLA, table), second).predict({"N": 1e9, "D": 2e10}).draws
    assert np.isfinite(found).all()
    assert found.sizes == {"chain": 2, "draw": 100, "point": 2}


def test_a_second_law_whose_noise_needs_more_is_refused():
    law = replace(OTHER, response=replace(OTHER.response, noise=lawbook.Binomial(trials="n")))
    second = replace(SECOND, law=law)
    with pytest.raises(FitError, match=r"the noise of law 'powered' needs 'n' beside the fir"):
        Chain(FIRST, second)


def test_laws_that_do_not_meet_are_refused():
    with pytest.raises(FitError, match=r"takes C .FLOP., M .tokens/parameter.; expected one input"):
        Chain(SECOND, FIRST)


@pytest.mark.slow
def test_errors_of_larger_models_are_foretold_on_public_runs(data):
    table = pd.read_csv(data / "overtraining_models.csv")
    table = table[table.dataset == "rpj"]
    table = table.assign(C=table.flops, M=table.tokens / table.params, loss=table.loss_c4_val)
    table = table.assign(L=table.loss, error=table.avg_error_17)
    small = table[(table.params < 1e9) & (table.M > 9)]
    fitted = [
        lawbook.fit(
            law,
            lawbook.read_runs(small, law, allow=["sizes", "duplicates"]),
            seed=1,
            discrepancy="none",
        )
        for law in (LOSS, ERROR)
    ]
    larger = table[table.params > 1e9]
    found = Chain(*fitted).predict(larger[["C", "M"]], kind="run").table
    np.testing.assert_allclose(found["median"], larger.error, rtol=0.05)
    assert found["eti95_lower"].lt(larger.error.to_numpy()).all()
    assert found["eti95_upper"].gt(larger.error.to_numpy()).all()
