"""Which runs to train next, against the linear-Gaussian answer and on runs that tell little."""

from dataclasses import replace
from itertools import combinations

import fits
import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook import FitError
from lawbook.decisions.greedy import Greedy
from lawbook.posterior.inference import with_discrepancy
from lawbook.wording import short

CHINCHILLA = lawbook.load_law("chinchilla")
FIT = fits.of_prior(CHINCHILLA, lawbook.simulate(CHINCHILLA, n=30, noise=0.01, seed=1), draws=250)
AT = {"N": 7e10, "D": 1e12}


def line(xp, x, *, a, b):
    return a + b * x


LINE = lawbook.Law(
    name="line",
    formula=line,
    inputs=[lawbook.Input("x", unit="tokens", seen=(1.0, 10.0))],
    response=lawbook.Response(
        "loss", "nats", noise=lawbook.Normal("identity", lawbook.priors.LogNormal(0.5, 0.001))
    ),
    params=[
        lawbook.Param("a", lawbook.priors.Normal(0, 1)),
        lawbook.Param("b", lawbook.priors.Normal(0, 1)),
    ],
    cost=lambda x: x,
)


@pytest.fixture(scope="module")
def straight():
    table = pd.DataFrame({"x": [1.0, 2.0, 4.0], "loss": [0.0, 1.0, 2.0]})
    return fits.of_prior(LINE, lawbook.read_runs(table, LINE, allow="sizes"), draws=4000)


def test_widths_are_those_of_exact_regression(straight):
    """A line has a Gaussian posterior, so nothing is approximate but the draws."""
    found = straight.plan(target={"x": 10.0}, candidates={"x": [1.0, 2.0, 8.0]}, n=3)
    precision, t = np.eye(2), np.array([1.0, 10.0])
    expected = []
    for x in found.table["x"]:
        precision = precision + np.outer([1, x], [1, x]) / 0.25
        expected.append(np.sqrt(t @ np.linalg.inv(precision) @ t))
    assert found.table["x"][0] == 8.0
    np.testing.assert_allclose(found.table["target_sd"], expected, rtol=0.05)


def test_a_budget_is_kept_and_candidates_are_chosen_once(straight):
    found = straight.plan(target="b", candidates={"x": [1.0, 2.0, 3.0, 4.0]}, budget=6.0)
    assert found.table["cost"].sum() <= 6
    assert found.table["x"].is_unique
    assert found.table["relative_sd"].is_monotonic_decreasing
    with pytest.raises(FitError, match=r"no candidate is within it"):
        straight.plan(target="b", candidates={"x": [2.0]}, budget=1.0)


@pytest.mark.parametrize(
    ("x", "budget", "best"),
    [
        ([7.4, 0.9, 7.1, 8.7, 0.8, 2.7], 8.0, [7.1, 0.8]),  # 7.4 tells more, and takes all
        ([4.0, 0.6], 4.6, [4.0, 0.6]),  # 4.6 - 4.0 is less than 0.6 by rounding
    ],
)
def test_a_budget_goes_to_the_best_of_all_batches(straight, x, budget, best):
    def sd(batch):
        precision = np.eye(2) + sum(np.outer([1, one], [1, one]) / 0.25 for one in batch)
        return np.sqrt(np.linalg.inv(precision)[1, 1])

    sizes = range(1, len(x) + 1)
    batches = [batch for size in sizes for batch in combinations(x, size)]
    within = [batch for batch in batches if sum(batch) <= budget + 1e-9]
    assert sorted(min(within, key=sd)) == sorted(best)
    found = straight.plan(target="b", candidates={"x": x}, budget=budget)
    assert sorted(found.table["x"]) == sorted(best)


def test_the_choice_between_recipes_is_sharpened_where_it_is_open():
    fit = fits.of_prior(CHINCHILLA, fits.grouped_runs("recipe"), draws=250)
    found = fit.plan(target=AT, candidates={"N": [1e8, 1e10], "D": [1e10]}, n=3, between="recipe")
    assert (found.table["regret_reduction"] > 0).all()
    assert "the best recipe at N = 7e10" in found.sentence()
    assert found.sentence().startswith(
        "To know the best recipe at N = 7e10, D = 1e12 better, train "
    )
    right = found.plot().axes[1]
    assert right.get_ylabel() == "expected reduction of regret [log loss]"
    np.testing.assert_allclose(right.lines[0].get_ydata()[1:], found.table["regret_reduction"])


def test_a_choice_that_is_settled_needs_no_runs():
    rows = np.random.default_rng(0).normal([1.0, 9.0], 0.1, (2, 100, 2))
    fit = fits.by_hand(rows, ["a", "b"])
    with pytest.raises(FitError, match=r"between='recipe': the choice is settled, no candidate"):
        fit.plan(target={"x": 8.0}, candidates={"x": [1.0, 4.0]}, n=2, between="recipe")


def test_many_runs_are_named_by_place():
    table = fits.grouped_runs("recipe").frame
    fit = fits.of_prior(CHINCHILLA, lawbook.read_runs(table, CHINCHILLA, by="recipe"), draws=250)
    found = fit.plan(target=AT, grid={"N": [1e8, 1e9], "D": [1e10]}, n=6)
    assert "in 3 groups better" in found.sentence()
    left, right = found.plot().axes
    labels = sorted(text.get_text() for text in left.texts)
    assert len(labels) == found.table[["N", "D"]].drop_duplicates().shape[0]
    assert right.get_ylabel() == "expected sd, relative to today's"


def test_a_plan_shows_itself(tmp_path):
    found = FIT.plan(target=AT, grid={"N": [1e9, 1e10], "D": [1e10, 1e11]}, n=2)
    assert len(found.plot().axes) == 2
    found.export(tmp_path / "plan.csv")
    assert len(pd.read_csv(tmp_path / "plan.csv", comment="#")) == 2
    assert "train 2 runs for" in repr(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "gama"}, "'gama': law 'chinchilla' has no such parameter; expected a point"),
        ({"target": AT, "n": 0}, "n=0: expected a whole number"),
        ({"target": AT, "budget": -1}, "expected a positive number of FLOPs"),
        ({"target": AT, "between": "recipe"}, "the runs are not grouped by it"),
        ({"target": AT, "grid": {}, "candidates": AT}, "expected one of them"),
    ],
)
def test_plans_that_make_no_sense_are_refused(options, message):
    with pytest.raises(FitError, match=message):
        FIT.plan(**options)


@pytest.mark.slow
def test_twelve_runs_do_not_identify_the_exponents_and_two_runs_are_named(tmp_path):
    N, D = np.geomspace(1e8, 4e8, 12), np.tile(np.geomspace(5e9, 1e10, 4), 3)
    truth = dict(CHINCHILLA.published[2].at)
    loss = CHINCHILLA.formula(np, N, D, **truth)
    loss = loss * np.exp(0.01 * np.random.default_rng(1).standard_normal(12))
    pd.DataFrame({"N": N, "D": D, "loss": loss}).to_csv(tmp_path / "runs.csv", index=False)
    found = lawbook.fit(
        CHINCHILLA, tmp_path / "runs.csv", draws=500, discrepancy="none"
    ).identified()
    assert not found.table.loc[["alpha", "beta"], "identified"].any()
    assert len(found.next_runs.table) == 2
    assert found.next_runs.table["cost"].max() <= 10 * (6 * N * D).max() * (1 + 1e-9)
    assert found.headline.startswith("Not identified by the runs: beta (contraction ")


def test_parameters_that_keep_their_prior_are_not_identified():
    found = FIT.identified()
    assert not found.table["identified"].any()
    ratio = found.table["posterior_sd"] / found.table["prior_sd"]
    np.testing.assert_allclose(ratio, 1, rtol=0.15)
    np.testing.assert_allclose(found.table["contraction"], 1 - ratio**2)


def test_a_target_is_as_uncertain_as_its_prediction_with_the_discrepancy():
    """Of a law that is known, the process is all that a run can sharpen."""
    law = with_discrepancy(CHINCHILLA, lawbook.Discrepancy())
    runs = lawbook.simulate(CHINCHILLA, n=30, noise=0.002, seed=1)
    fit = fits.of_prior(law, runs, draws=2000)
    posterior = fit.posterior["posterior"].dataset
    names = [name for name in posterior if name not in ("amplitude", "length")]
    known = {name: posterior[name] * 0 + posterior[name].median() for name in names}
    fit.posterior["posterior"] = posterior.assign(
        known | {"amplitude": 0 * posterior.length + 0.03}
    )
    target = {"N": 2e11, "D": 4e12}
    near, far = {"N": 1e11, "D": 2e12}, {"N": 7e7, "D": 5e9}
    log_sd = float(np.log(fit.predict(target).draws).std())
    assert log_sd > 0.02
    table = fit.plan(target=target, candidates=pd.DataFrame([near, far]), n=1).table
    assert table["N"][0] == near["N"]
    assert table["target_sd"][0] / table["relative_sd"][0] == pytest.approx(log_sd, rel=0.05)
    assert table["relative_sd"][0] < 0.7


def test_a_discrepancy_is_planned_for_with_many_groups():
    law = with_discrepancy(CHINCHILLA, "auto")
    table = fits.grouped_runs("recipe").frame
    fit = fits.of_prior(law, lawbook.read_runs(table, law, by="recipe"), draws=600)
    found = fit.identified()
    assert len(found.next_runs.table) == 2
    assert found.next_runs.draws.sizes["draw"] < 600


def test_of_a_batch_for_a_choice_only_runs_that_matter_are_kept():
    rng = np.random.default_rng(4)
    goal = rng.standard_normal((2, 2000)) * 0.03
    # two dear candidates tell of one target each, many cheap ones next to nothing
    dear = goal + 0.005 * rng.standard_normal((2, 2000))
    cheap = 0.002 * goal[[0, 1] * 6] + 0.01 * rng.standard_normal((12, 2000))
    cost = np.array([10.0, 10.0, *[0.1] * 12])
    greedy = Greedy(np.concatenate([dear, cheap]), goal, np.full(14, 1e-5), cost, 1.0)
    passes = [greedy._pass(21.5, None, True, first) for first in range(14)]
    most = max(batch.gain[-1] for batch in passes)
    found = greedy.batch(21.5, None)
    assert sorted(found.chosen) == [0, 1]
    assert max(len(batch.chosen) for batch in passes) > 5
    assert found.gain[-1] > 0.97 * most
    assert found.sd[-1] < found.sd[0]
    assert len(found.sd) == len(found.gain) == len(found.sure) == 2
    # what is told of the kept runs is what they bring by themselves
    alone = Greedy(dear, goal, np.full(2, 1e-5), cost[:2], 1.0).batch(21.5, None)
    assert found.gain[-1] == pytest.approx(alone.gain[-1])
    # a probability that was asked for is not given up for fewer runs
    full = max(passes, key=lambda batch: batch.gain[-1])
    until = (found.sure[-1] + full.sure[-1]) / 2
    assert found.sure[-1] < until
    greedy = Greedy(np.concatenate([dear, cheap]), goal, np.full(14, 1e-5), cost, 1.0, until)
    assert greedy.batch(21.5, None).sure[-1] >= until


def test_within_a_budget_the_runs_that_matter_most_come_first():
    rng = np.random.default_rng(5)
    goal = rng.standard_normal((3, 2000)) * 0.03
    dear = goal + 0.005 * rng.standard_normal((3, 2000)) * [[1.0], [3.0], [2.0]]
    cheap = 0.002 * goal[[0, 1, 2] * 5] + 0.01 * rng.standard_normal((15, 2000))
    cost, noise = np.array([10.0, 10.0, 10.0, *[0.1] * 15]), np.full(18, 1e-5)
    greedy = Greedy(np.concatenate([dear, cheap]), goal, noise, cost, None)
    passes = [greedy._pass(31.5, None, True, first) for first in range(18)]
    best = min((batch for batch in passes if batch.sd), key=lambda batch: batch.sd[-1])
    found = greedy.batch(31.5, None)
    assert set(found.chosen[:3]) == {0, 1, 2}
    assert set(found.chosen) == set(best.chosen)
    assert found.sd[-1] == pytest.approx(best.sd[-1])
    # what stands beside each run is what it leaves after those before it
    for i, sd in enumerate(found.sd):
        left = greedy._after(found.chosen[: i + 1])
        assert sd == pytest.approx(np.sqrt(np.trace(left) / 3))
    added = np.diff(found.gain, prepend=0.0)
    assert added[:3].min() > 100 * added[3:].max()


def test_a_plan_says_after_which_run_little_is_left_to_gain():
    found = FIT.plan(target=AT, budget=2e22)
    assert not any("within 1%" in note for note in found.notes)
    # with cheap runs behind, that add nothing
    last = found.table.iloc[[-1] * len(found.table)]
    more = replace(found, table=pd.concat([found.table, last], ignore_index=True))
    sds = found.table["target_sd"].to_numpy()
    count = 1 + int(np.flatnonzero(sds <= 1.01 * sds[-1])[0])
    spent = short(found.table["cost_so_far"].iloc[count - 1], 3)
    said = f"The first {count} of them, for {spent} FLOP, bring the sd within 1% of that."
    assert more.notes[0] == said
    assert more.sentence().startswith(f"{more.headline}. {said} The runs, in order: ")
