"""How far a prediction goes, what makes it uncertain, and what backtests say of its distance."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from fits import by_hand, flat_law, grouped_runs, of_prior

import lawbook
from lawbook import learned as shipped
from lawbook.cli.terminal import show_prediction
from lawbook.columns import farthest
from lawbook.decisions.verdicts import outlook
from lawbook.laws import public_tables as learned
from lawbook.laws.public_tables import Held
from lawbook.posterior.inference import with_discrepancy
from lawbook.posterior.responses import Drawn, scattered
from lawbook.posterior.uncertainty import PARTS, shares

CHINCHILLA, COMPUTE = lawbook.load_law("chinchilla"), lawbook.load_law("compute")
SIZE = 200_000


@pytest.fixture(scope="module")
def wide():
    """Draws from the prior of the compute law with a discrepancy, for sixteen runs."""
    law = with_discrepancy(COMPUTE.with_pooling("full"), "auto")
    return of_prior(law, lawbook.simulate(COMPUTE, n=16, noise=0.01, seed=1))


def risk(found):
    return found.table[list(PARTS)].to_numpy()


def test_parameters_and_noise_share_the_variance():
    rng = np.random.default_rng(3)
    level = rng.normal(3.0, 0.3, (4, 50, 2))
    found = by_hand(level, ["a", "b"], sigma=0.2).predict({"x": 2.0})
    for i, row in enumerate(risk(found)):
        spread = level[..., i].var()
        expected = np.array([spread, 0.0, 0.04]) / (spread + 0.04)
        np.testing.assert_allclose(row, expected)


def test_shares_are_of_one_new_run_whatever_was_asked_for():
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe",)))
    at = {"N": [1e9, 1e12], "D": 2e10, "recipe": "gru"}
    mean, run = fit.predict(at), fit.predict(at, kind="run")
    np.testing.assert_array_equal(risk(mean), risk(run))
    np.testing.assert_allclose(risk(run).sum(axis=1), 1)
    draws = fit.posterior["posterior"].dataset
    sigma, nu = draws["sigma"].sel(recipe="gru"), draws["nu"]
    of_noise = np.median((sigma**2 * nu / (nu - 2)).where(nu > 2, np.inf))
    of_law = np.log(mean.draws).var(("chain", "draw")).to_numpy()
    np.testing.assert_allclose(risk(mean)[:, 0], of_law / (of_law + of_noise))
    np.testing.assert_allclose(risk(mean)[:, 2], of_noise / (of_law + of_noise))


def test_far_from_the_runs_the_process_is_as_uncertain_as_its_amplitude(wide):
    far = {"C": 1e100}
    found = wide.predict(far)
    draws = wide.posterior["posterior"].dataset
    value = COMPUTE.formula(np, 1e100, **{p: draws[p] for p in COMPUTE.param_names})
    parts = np.array(
        [
            np.log(value).var(),
            (draws["amplitude"] ** 2).mean(),
            np.median(draws["sigma"] ** 2 + draws["checkpoint"] ** 2),
        ]
    )
    np.testing.assert_allclose(risk(found)[0], parts / parts.sum(), rtol=1e-6)
    np.testing.assert_allclose(risk(wide.predict(far, kind="run"))[0], risk(found)[0], rtol=1e-6)


def test_the_process_is_better_known_where_there_are_runs(wide):
    at = float(np.median(wide.runs.inputs["C"]))
    here, far = risk(wide.predict({"C": [at, 1e40]}))
    assert here[1] / here[2] < 0.5 * far[1] / far[2]  # the noise is the same


NOISES = [
    (lawbook.Normal(on="log"), {"sigma": 0.05}, 2.0, np.log),
    (lawbook.StudentT(on="log"), {"sigma": 0.05, "nu": 9.0}, 2.0, np.log),
    (lawbook.StudentT(on="identity"), {"sigma": 0.05, "nu": 9.0}, 2.0, np.asarray),
    (lawbook.Normal(on="logit"), {"sigma": 0.05}, 0.3, lambda p: np.log(p / (1 - p))),
    (
        lawbook.Frontier(lawbook.StudentT()),
        {"sigma": 0.02, "nu": 9.0, "excess": 0.06},
        2.0,
        np.log,
    ),
    (lawbook.Beta(), {"concentration": 50.0}, 0.3, np.asarray),
    (lawbook.Binomial(trials="n"), {}, 0.3, np.asarray),
    (lawbook.NegativeBinomial(), {"shape": 3.0}, 7.0, np.asarray),
]


@pytest.mark.parametrize(
    ("noise", "params", "value", "forward"), NOISES, ids=[type(n[0]).__name__ for n in NOISES]
)
def test_the_noise_has_the_variance_that_its_runs_have(noise, params, value, forward):
    """The law's value takes two values, so its variance is known; runs scatter around one."""
    law = flat_law()
    object.__setattr__(law, "response", lawbook.Response("loss", "nats", noise=noise))
    around = {name: np.full((1, SIZE), entry) for name, entry in params.items()}
    at = {"n": np.array([[40.0]])}
    values = np.tile([value, value * 1.02], SIZE // 2)[None]
    fit = SimpleNamespace(law=law, runs=SimpleNamespace(trials=np.full(9, 40.0)))
    rng = np.random.default_rng(0)
    run = forward(scattered(law, np.full((1, SIZE), value), around, at, rng))
    [found] = shares(fit, Drawn(np.zeros(1), values, values, around, at, None))
    # the noise of fractions and counts hangs on the value, whose median it is taken at
    of_law, of_noise = forward(values).var(), run.var()
    assert found[1] == 0
    assert found[0] == pytest.approx(of_law / (of_law + of_noise), rel=0.05)
    assert found.sum() == pytest.approx(1)
    if isinstance(noise, lawbook.Binomial):  # without trials of its own it has those of the runs
        [again] = shares(fit, Drawn(np.zeros(1), values, values, around, {}, None))
        np.testing.assert_allclose(again, found)


def test_an_excess_that_is_not_known_is_part_of_what_the_parameters_leave_open():
    law = flat_law()
    noise = lawbook.Frontier(lawbook.Normal())
    object.__setattr__(law, "response", lawbook.Response("loss", "nats", noise=noise))
    params = {"sigma": np.full((1, 4), 0.01), "excess": np.array([[0.02, 0.04, 0.02, 0.04]])}
    fit, value = SimpleNamespace(law=law), np.full((1, 4), 2.0)
    [found] = shares(fit, Drawn(np.zeros(1), value, value, params, {}, None))
    of_noise = np.median(params["excess"] ** 2) + 1e-4
    np.testing.assert_allclose(found[[0, 2]], np.array([1e-4, of_noise]) / (1e-4 + of_noise))


@pytest.mark.parametrize(("low", "share"), [(0.4, "finite"), (0.6, "all")])
def test_tails_without_a_variance_count_once_they_are_the_rule(low, share):
    """Where most draws have nu below 2, noise is all there is; a few such draws change nothing."""
    law = flat_law()
    response = lawbook.Response("loss", "nats", noise=lawbook.StudentT())
    object.__setattr__(law, "response", response)
    nu = np.where(np.arange(100) < 100 * low, 1.5, 4.0)[None]
    value = np.geomspace(2.0, 2.2, 100)[None]
    block = Drawn(np.zeros(1), value, value, {"sigma": np.full((1, 100), 0.01), "nu": nu}, {}, None)
    [found] = shares(SimpleNamespace(law=law), block)
    if share == "all":
        np.testing.assert_array_equal(found, [0, 0, 1])
    else:
        of_law = np.log(value).var()
        np.testing.assert_allclose(found[2], 2e-4 / (2e-4 + of_law))


def last_line(found):
    return repr(found).splitlines()[-1]


def distance_line(found):
    """The note before the last, which is of backtests."""
    return repr(found).splitlines()[-2]


MEASURED = {
    "compute": (Held(1, 2, 0.9, 20), Held(2, 10, 0.79, 18)),
    "input": (Held(1, 2, 0.88, 21), Held(2, np.inf, 0.35, 9)),
    "curve": (Held(1, 1.5, 0.9, 400), Held(1.5, 20, 0.881, 1412)),
}
UNKNOWN = "Nobody has measured how often such intervals hold at this distance."


@pytest.fixture
def measured(monkeypatch):
    monkeypatch.setattr(learned, "COVERAGE", MEASURED)
    alone = {name: MEASURED[name][:1] for name in ("compute", "input")}
    monkeypatch.setattr(learned, "COVERAGE_ALONE", alone)


def test_the_statement_is_of_the_farthest_point(wide, measured):
    largest = wide.runs.largest["C"]
    found = wide.predict({"C": [largest / 5, 8 * largest, 2 * largest]})
    parts = risk(found)[1]
    assert repr(found).splitlines()[-2:] == [
        "The farthest point has an extrapolation factor of 8 in compute; the variance there "
        f"comes from parameters ({parts[0]:.0%}), model discrepancy ({parts[1]:.0%}) and noise "
        f"({parts[2]:.0%}).",
        "In backtests at 1.5 to 20 times the largest fitted compute, 90% intervals held 88% of new "
        "runs of 1,412 public curves.",
    ]
    near = last_line(wide.predict({"C": 1.4 * largest}))
    assert near.endswith(
        "at 1 to 1.5 times the largest fitted compute, 90% intervals held 90% of "
        "new runs of 400 public curves."
    )


def test_a_point_at_the_end_of_a_bin_is_in_it_whatever_rounding_adds(wide, measured):
    found = wide.predict({"C": 1.5 * (1 + 1e-12) * wide.runs.largest["C"]})
    assert "at 1 to 1.5 times the largest fitted compute" in last_line(found)


@pytest.fixture(scope="module")
def honest():
    """Draws from the prior of the Chinchilla law with a discrepancy."""
    law = with_discrepancy(CHINCHILLA, "auto")
    return of_prior(law, lawbook.simulate(CHINCHILLA, n=20, seed=1), draws=20)


def at(fit, sizes, tokens):
    """Return a point at multiples of the largest N and D."""
    return {"N": sizes * fit.runs.largest["N"], "D": tokens * fit.runs.largest["D"]}


def costs(fit):
    """Return the compute of the largest N and D, as a multiple of the largest run's."""
    largest = fit.runs.largest
    return 6 * largest["N"] * largest["D"] / largest["cost"]


def test_laws_in_several_inputs_have_the_coverage_at_their_distance(honest, measured, capsys):
    most = costs(honest)
    near = honest.predict(at(honest, 1.0, 1.5 / most))
    assert last_line(near) == (
        "In backtests at 1 to 2 times the largest fitted compute, 90% intervals held 90% of new "
        "runs of 20 public tables."
    )
    # far fewer than they promise: a warning, in the terminal too
    far = honest.predict(at(honest, 1.0, 9.0 / most))
    warning = (
        "Take these intervals for too narrow: in backtests at 2 to 10 times the largest fitted "
        "compute, 90% intervals held 79% of new runs of 18 public tables."
    )
    assert last_line(far) == warning
    show_prediction(far)
    assert warning in " ".join(capsys.readouterr().out.split())
    # one input lies farther than compute
    of_input = honest.predict(at(honest, 5.0, 0.1 / most))
    assert last_line(of_input) == (
        "Take these intervals for too narrow: in backtests at over 2 times the largest fitted N, "
        "90% intervals held 35% of new runs of 9 public tables."
    )


def test_beyond_what_backtests_reach_it_is_said_where_they_end(honest, measured):
    beyond = honest.predict(at(honest, 1.0, 10.5 / costs(honest)))
    assert last_line(beyond) == (
        "Nobody has measured how often intervals hold at this distance: backtests end at 10 times "
        "the largest fitted compute. Take them for too narrow."
    )


def test_a_law_alone_has_the_coverage_of_laws_alone(in_two, measured):
    near = in_two.predict(at(in_two, 1.0, 1.5 / costs(in_two)))
    assert last_line(near).startswith("In backtests at 1 to 2 times the largest fitted compute, ")
    assert " 2 times the largest fitted compute. Take" in last_line(
        in_two.predict(at(in_two, 1.0, 3.0 / costs(in_two)))
    )
    both = lawbook.average({"a": in_two, "b": in_two}, [0.5, 0.5]).predict(at(in_two, 1.0, 1.0))
    assert last_line(both) == UNKNOWN  # of a mixture nothing was measured


def test_what_was_not_measured_is_said(wide, measured, monkeypatch):
    largest = wide.runs.largest["C"]
    assert last_line(wide.predict({"C": 20.1 * largest})).startswith("Nobody has measured how ")
    plain = of_prior(COMPUTE.with_pooling("full"), wide.runs, draws=20)
    assert last_line(plain.predict({"C": 8 * largest})) == UNKNOWN  # one input, no discrepancy
    assert "model discrepancy" not in repr(plain.predict({"C": 8 * largest}))
    monkeypatch.setattr(learned, "COVERAGE", {"curve": ()})
    assert last_line(wide.predict({"C": 8 * largest})) == UNKNOWN


def test_what_was_measured_follows_without_a_gap():
    for table in (shipped.COVERAGE, shipped.COVERAGE_ALONE):
        for name, distances in table.items():
            assert distances, name
            assert distances[0].above == 1
            for one, next_ in pairwise(distances):
                assert one.upto == next_.above, name
            for held in distances:
                assert 0 <= held.share <= 1
                assert held.number >= 1
    assert set(shipped.COVERAGE) == {"compute", "input", "curve"}
    assert set(shipped.COVERAGE_ALONE) == {"compute", "input"}


def test_within_the_runs_there_is_no_distance(wide):
    text = last_line(wide.predict({"C": wide.runs.largest["C"] / 3}))
    assert text.startswith(
        "No point goes beyond the largest of the runs; the variance there comes from "
    )
    assert "backtests" not in text


@pytest.fixture(scope="module")
def in_two():
    """Draws from the prior of the Chinchilla law, for runs without groups."""
    return of_prior(CHINCHILLA, lawbook.simulate(CHINCHILLA, n=20, seed=1), draws=20)


def with_less_compute(fit):
    """Return a point of 1.74 times the largest N, whose D is so small that its compute is less."""
    largest = fit.runs.largest
    size = 1.74 * largest["N"]
    return {"N": size, "D": 0.174 * largest["cost"] / (6 * size)}


def test_the_worst_of_inputs_and_compute_is_told(in_two, capsys):
    largest, at = in_two.runs.largest, with_less_compute(in_two)
    found = in_two.predict(at)
    assert found.table["extrapolation_cost"].iloc[0] == pytest.approx(0.174)
    assert distance_line(found).startswith(
        "The farthest point has an extrapolation factor of 1.74 in N; the variance there comes "
    )
    assert outlook(found).startswith("The expected loss at 1.74x the runs' largest N is ")
    show_prediction(found)
    shown = capsys.readouterr().out
    assert "1.74 x (N)" in shown
    assert "factor is the largest of those of the inputs and of compute" in " ".join(shown.split())
    # compute, where an input is as far but for rounding
    alone = in_two.predict({"N": 3 * largest["N"], "D": largest["cost"] / 6 / largest["N"]})
    assert " factor of 3 in compute; " in distance_line(alone)
    assert outlook(alone).startswith("The expected loss at 3x the largest run's compute is ")


def test_the_farthest_of_several_points_is_that_of_its_worst_input(in_two):
    at, largest = with_less_compute(in_two), in_two.runs.largest
    both = {name: [at[name], largest[name] / 9] for name in at}
    both["D"][1] = 1.5 * largest["D"]
    assert " factor of 1.74 in N; " in distance_line(in_two.predict(both))


@pytest.mark.parametrize(
    ("factors", "expected"),
    [
        ({"N": 1.74, "cost": 0.174, "paper": 40.0}, ("N", 1.74)),
        ({"N": 1.74, "cost": 1.74 * (1 - 1e-12)}, ("compute", 1.74)),
        ({"N": 2.0, "D": 3.0}, ("D", 3.0)),
        ({"N": 0.5, "epsilon": np.inf, "cost": 0.4}, ("epsilon", np.inf)),
        ({"N": 0.5, "epsilon": np.nan, "cost": 0.4}, ("N", 0.5)),
    ],
)
def test_one_number_stands_for_how_far_a_point_lies(factors, expected):
    row = {f"extrapolation_{name}": factor for name, factor in factors.items()}
    what, factor = farthest({"N": 1e9, "median": 2.0} | row)
    assert (what, factor) == (expected[0], pytest.approx(expected[1]))
