import json
import time

import numpy as np
import pandas as pd
import pytest
from arviz_stats.base.array import array_stats
from fits import TRUSTED, by_hand, grouped_runs, of_prior
from scipy import stats

import lawbook
from lawbook import ComparisonError, FitError, RunsError

CHINCHILLA = lawbook.load_law("chinchilla")
RNG = np.random.default_rng(0)
DRAWS = RNG.normal([1.0, 1.2, 1.1], 0.1, (4, 500, 3))
LABELS = ["gru", "lstm", "mamba"]
X = {"x": 2.0}


def rows(comparison):
    return comparison.table.set_index(comparison.between)


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_probabilities_gaps_and_regret_are_those_of_the_draws(better):
    table = rows(by_hand(DRAWS, LABELS, better=better).compare(X, reference="lstm"))
    sign = 1 if better == "lower" else -1
    best = (sign * DRAWS).min(axis=2)
    for i, label in enumerate(LABELS):
        row, here = table.loc[label], DRAWS[..., i]
        ahead = sign * here < sign * DRAWS[..., 1]
        gap = here - DRAWS[..., 1]
        assert row["p_best"] == np.mean(sign * here == best)
        assert row["expected_regret"] == pytest.approx(np.mean(sign * here - best))
        assert row["gap"] == pytest.approx(gap.mean())
        assert row["gap_eti90_lower"] == pytest.approx(np.quantile(gap, 0.05))
        assert row["gap_eti90_upper"] == pytest.approx(np.quantile(gap, 0.95))
        assert row["mean"] == pytest.approx(here.mean())
        if label != "lstm":
            p = ahead.mean()
            assert row["p_better"] == p
            assert row["odds"] == pytest.approx(p / (1 - p))
            assert row["odds_kind"] == "estimate"
            error = np.sqrt(p * (1 - p) / array_stats.ess(ahead.astype(float), method="mean"))
            assert row["p_better_mcse"] == pytest.approx(error, rel=1e-3)
    assert table["p_best"].sum() == pytest.approx(1)
    assert table.loc["lstm", ["p_better", "p_better_mcse", "odds", "odds_kind"]].isna().all()


def test_two_normal_groups_have_the_probability_of_the_textbook():
    draws = np.random.default_rng(1).normal([0.0, 0.1], 0.1, (4, 25_000, 2))
    table = rows(by_hand(draws, ["a", "b"]).compare(X, reference="b"))
    exact = stats.norm.cdf(0.1 / (0.1 * np.sqrt(2)))
    row = table.loc["a"]
    assert row["p_better_mcse"] == pytest.approx(np.sqrt(exact * (1 - exact) / 1e5), rel=0.05)
    assert abs(row["p_better"] - exact) < 4 * row["p_better_mcse"]


def test_certainty_is_reported_as_a_bound():
    draws = DRAWS + np.array([0.0, 0.0, 9.0])
    fit = by_hand(draws, LABELS)
    table = rows(fit.compare(X, reference="gru"))
    row = table.loc["mamba"]
    assert (row["p_better"], row["odds_kind"]) == (0, "at most")
    total = draws[..., 0].size
    assert 0 < 1 / (row["odds"] * (total / 3)) < 2  # three exceptions in n at most
    assert 0 < row["p_better_mcse"] < 0.01
    other = rows(fit.compare(X, reference="mamba")).loc["gru"]
    assert (other["p_better"], other["odds_kind"]) == (1, "at least")
    assert other["odds"] == pytest.approx(1 / row["odds"], rel=0.05)
    assert np.isfinite(table["odds"].dropna()).all()


def test_bounds_count_effective_draws():
    steps = np.random.default_rng(0).normal(size=(4, 500))
    slow = np.empty_like(steps)
    slow[:, 0] = steps[:, 0]
    for i in range(1, 500):
        slow[:, i] = 0.95 * slow[:, i - 1] + np.sqrt(1 - 0.95**2) * steps[:, i]
    both = [np.stack([0 * x, 9 + x], axis=2) for x in (slow, steps)]
    slow_odds, odds = (
        rows(by_hand(draws, ["a", "b"]).compare(X, reference="b")).loc["a", "odds"]
        for draws in both
    )
    assert slow_odds < odds / 5


def test_ties_are_shared():
    table = rows(by_hand(np.ones((4, 50, 3)), LABELS).compare(X))
    np.testing.assert_allclose(table["p_best"], 1 / 3)
    np.testing.assert_allclose(table["p_better"].dropna(), 0.5)
    assert table["odds"].dropna().tolist() == [1, 1]
    np.testing.assert_array_equal(table["expected_regret"], 0)


def test_the_reference_is_the_best_expected_at_the_last_point():
    assert by_hand(DRAWS, LABELS).compare(X).reference == "gru"
    assert by_hand(DRAWS, LABELS, better="higher").compare(X).reference == "lstm"


@pytest.fixture(scope="module")
def fit():
    return of_prior(CHINCHILLA, grouped_runs(("recipe",)))


def test_draws_are_those_of_predict(fit):
    at = {"N": [1e9, 1e11], "D": 2e10}
    found, predicted = fit.compare(at), fit.predict(at)
    assert found.draws.dims == ("chain", "draw", "point", "recipe")
    for label in fit.runs.levels("recipe"):
        mine = predicted.table["recipe"] == label
        np.testing.assert_array_equal(
            found.draws.sel(recipe=label), predicted.draws[..., mine.to_numpy()]
        )
    columns = [name for name in predicted.table if name in found.table]
    assert columns == [name for name in predicted.table if not name.startswith("share_")]
    by_point = predicted.table[columns].sort_values(["N", "recipe"], ignore_index=True)
    pd.testing.assert_frame_equal(found.table[columns], by_point)


def test_single_runs_are_compared_with_their_noise():
    fit = by_hand(np.tile([0.0, 0.1], (4, 2500, 1)), ["a", "b"], sigma=0.1)
    assert rows(fit.compare(X, reference="b")).loc["a", "p_better"] == 1
    row = rows(fit.compare(X, reference="b", kind="run")).loc["a"]
    exact = stats.norm.cdf(1 / np.sqrt(2))
    assert abs(row["p_better"] - exact) < 4 * row["p_better_mcse"]


def test_other_columns_are_given_or_new():
    crossed = of_prior(CHINCHILLA, grouped_runs(("recipe", "corpus")), draws=20)
    at = {"N": 1e9, "D": 2e10}
    table = crossed.compare({**at, "corpus": "pile"}, between="recipe").table
    assert list(table["recipe"]) == ["gru", "lstm", "transformer"]
    assert set(table["corpus"]) == {"pile"}
    with pytest.raises(ComparisonError, match="grouped by 'recipe', 'corpus'; expected the one"):
        crossed.compare(at)
    with pytest.raises(
        RunsError, match=r"column 'corpus': it is not given, .* expected one of 'c4' and"
    ):
        crossed.compare(at, between="recipe")
    with pytest.raises(RunsError, match=r"no run has 'web' .* new_groups=True predicts it"):
        crossed.compare({**at, "corpus": "web"}, between="recipe")
    web = crossed.compare({**at, "corpus": "web"}, between="recipe", new_groups=True)
    assert ", corpus web" in web.sentence()
    nested = of_prior(CHINCHILLA, grouped_runs(("recipe", "recipe/seed")), draws=20)
    found = nested.compare(at, between="recipe")
    assert list(found.table["recipe/seed"]) == ["gru/(new)", "lstm/(new)", "transformer/(new)"]
    assert list(nested.compare({**at, "seed": 1}, between="recipe").table["recipe/seed"]) == [
        "gru/1",
        "lstm/1",
        "transformer/1",
    ]
    seeds = nested.compare(at, between="recipe/seed")
    assert list(seeds.table["recipe"])[:4] == ["gru", "gru", "gru", "lstm"]
    assert seeds.draws.dims[-1] == "recipe:seed"


def test_what_cannot_be_compared_is_said(fit):
    at = {"N": 1e9, "D": 2e10}
    with pytest.raises(ComparisonError, match=r"law 'chinchilla': its runs are not grouped; expec"):
        of_prior(CHINCHILLA, lawbook.simulate(CHINCHILLA, n=9), draws=9).compare(at)
    with pytest.raises(ComparisonError, match=r"column 'recipe': all runs have 'a'; expected two"):
        by_hand(DRAWS[..., :1], ["a"]).compare(X)
    with pytest.raises(ComparisonError, match=r"between='recpe': .* expected one of 'recipe'"):
        fit.compare(at, between="recpe")
    with pytest.raises(ComparisonError, match=r"reference='lst': .* expected one of 'lstm', 'tr"):
        fit.compare(at, reference="lst")
    with pytest.raises(RunsError, match="column 'recipe': it is what is compared, so that all"):
        fit.compare({**at, "recipe": "gru"})
    with pytest.raises(FitError, match="kind='median': there is none"):
        fit.compare(at, kind="median")


def test_the_verdict_is_a_headline_and_what_follows():
    fit = by_hand(DRAWS, LABELS)
    found = fit.compare({"x": [2.0, 40.0]}, reference="mamba")
    row = found.table.iloc[3]
    assert found.headline == (
        f"gru is best at 10x the largest run's compute, with probability {row['p_best']:.2f} ± "
        f"0.01 (odds {row['odds']:.3g} to 1 over mamba)"
    )
    assert found.sentence() == (
        f"{found.headline}. Best is the lowest expected loss: gru has 1.00 nats (90% credible "
        f"interval {row['eti90_lower']:.2f} to {row['eti90_upper']:.2f}) at x = 40 tokens, under "
        "flat. "
        "gru matches mamba's expected loss there even at the least compute searched."
    )
    assert found.sentence(0).startswith("gru is best at x = 2 tokens, with probability ")
    assert repr(found).startswith(found.headline + "\n")
    assert found.notes[-1].endswith("are against mamba.")
    with pytest.raises(IndexError):
        found.sentence(2)


def test_the_verdict_names_the_closest_where_the_leader_is_the_reference():
    found = by_hand(DRAWS, LABELS).compare(X)
    odds = 1 / rows(found).loc["mamba", "odds"]
    assert f"(odds {odds:.3g} to 1 over mamba)" in found.sentence()


def test_the_verdict_is_careful():
    even = by_hand(DRAWS - DRAWS.mean(axis=(0, 1)), LABELS).compare(X)
    assert even.sentence().startswith("No recipe stands out at x = 2 tokens: ")
    sure = by_hand(DRAWS + np.array([0, 9, 9]), LABELS).compare(X)
    assert "with a probability that 2,000 draws cannot tell from 1 (odds at least" in (
        sure.sentence()
    )
    high = by_hand(DRAWS, LABELS, better="higher").compare(X, kind="run")
    assert high.sentence().startswith("one run of lstm is best at x = 2 tokens, with")
    assert "Best is the highest expected loss of one run: lstm has " in high.sentence()
    bad = type(TRUSTED)(1.2, 9.0, 9.0, "E", 3, 1.0, ("E: the chains disagree",))
    doubtful = by_hand(DRAWS, LABELS, trusted=bad).compare(X)
    assert doubtful.sentence().endswith(
        " But the draws must not be trusted: E: the chains disagree."
    )


@pytest.mark.slow
def test_a_real_fit_finds_the_better_recipe_beyond_its_runs():
    truth = {"E": [1.7, 1.75, 1.8], "A": 400, "B": 1500, "alpha": 0.34, "beta": 0.35}
    runs = lawbook.simulate(CHINCHILLA, truth, n=25, noise=0.005, seed=1, groups=LABELS)
    fit = lawbook.fit(CHINCHILLA, runs, draws=300, discrepancy="none")
    found = fit.compare({"N": 1e11, "D": 2e12})
    assert list(rows(found)["mean"].rank()) == [1, 2, 3]
    expected = np.array([1.7, 1.75, 1.8]) + 400 * 1e11**-0.34 + 1500 * 2e12**-0.35
    # a fault of the engine or the prediction would be many times this wide
    sd = rows(found)["sd"].to_numpy()
    assert np.all(np.abs(rows(found)["mean"].to_numpy() - expected) < 4 * sd)


def test_equivalents_at_the_end_of_a_path_lie_beyond_it():
    law = lawbook.load_law("kaplan_compute")
    fit = of_prior(law, lawbook.simulate(law, n=20, groups=["a", "b"], seed=0))
    last = fit.compare(along=lawbook.OneInput("C_min")).table.tail(2)
    assert np.isfinite(last["equivalent_median"]).all()
    assert last["equivalent_median"].max() > 1


def test_a_path_is_walked_within_one_level_of_another_column():
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe", "corpus")))
    path, options = lawbook.FixedRatio("D", "N", 20), {"between": "recipe", "upto": 1e24}
    with pytest.raises(
        RunsError, match=r"'corpus': it is not given, so that levels of 'recipe' would"
    ):
        fit.compare(along=path, **options)
    found = fit.compare(along=path, within={"corpus": "pile"}, **options)
    assert set(found.table["corpus"]) == {"pile"}
    last = found.table.tail(3)
    at = {name: [last[name].iloc[0]] for name in ("N", "D")}
    same = fit.compare(at | {"corpus": "pile"}, between="recipe")
    np.testing.assert_allclose(last["mean"], same.table["mean"], rtol=1e-12)
    assert "corpus pile" in found.sentence()
    assert json.loads(found.provenance["within"]) == {"corpus": "pile"}
    crossed = fit.crossover("gru", "lstm", along=path, within={"corpus": "pile"}, **options)
    assert crossed.along == "D/N = 20, corpus pile"
    ahead = same.draws.sel(recipe="gru") < same.draws.sel(recipe="lstm")
    assert crossed.table["p_first_after"].iloc[0] == pytest.approx(float(ahead.mean()))


def test_labels_of_a_path_have_to_fit():
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe", "corpus")))
    path, options = lawbook.FixedRatio("D", "N", 20), {"between": "recipe"}
    with pytest.raises(RunsError, match=r"grouping column 'corpus': no run has 'wiki'"):
        fit.compare(along=path, within={"corpus": "wiki"}, **options)
    with pytest.raises(RunsError, match=r"within: 'N' is an input, not a grouping column; expect"):
        fit.compare(along=path, within={"N": 1e9}, **options)
    with pytest.raises(RunsError, match=r"grouping column 'recipe': it is what is compared"):
        fit.compare(along=path, within={"recipe": "gru", "corpus": "c4"}, **options)
    with pytest.raises(FitError, match=r"within=\{'corpus': 'c4'\}: it is for a path; expected"):
        fit.compare({"N": 1e9, "D": 2e10}, within={"corpus": "c4"}, **options)
    with pytest.raises(RunsError, match=r"within: 'N' is an input, not a grouping column; expect"):
        fit.compare(within={"N": 1e9}, **options)


def test_some_levels_are_compared_as_they_are_among_all():
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe",)))
    at = {"N": [1e9, 1e10], "D": 2e11}
    everything, some = (fit.compare(at, reference="gru", among=a) for a in (None, ["lstm", "gru"]))
    assert list(some.table["recipe"]) == ["gru", "lstm"] * 2
    both = everything.table[everything.table["recipe"] != "transformer"].reset_index(drop=True)
    alike = ["mean", "p_better", "gap", "odds", "bayes_factor"]
    pd.testing.assert_frame_equal(some.table[alike], both[alike])
    assert some.table["p_best"].to_numpy().reshape(2, 2).sum(axis=1) == pytest.approx(1)
    along = fit.compare(along=lawbook.FixedRatio("D", "N", 20), among=["gru", "lstm"])
    assert along.draws.sizes["recipe"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"among": ["gru", "lsmt"]},
            "no run has the recipe 'lsmt'; expected some of 'lstm'",
        ),
        ({"among": "gru"}, r"among=\['gru'\]: expected two levels of 'recipe' or more to compare"),
        (
            {"among": ["gru", "lstm"], "reference": "transformer"},
            "reference='transformer': no recipe of this name is compared; expected one of",
        ),
    ],
)
def test_levels_to_compare_have_to_be_some(options, message):
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe",)))
    with pytest.raises(ComparisonError, match=message):
        fit.compare({"N": 1e9, "D": 2e11}, **options)


@pytest.mark.slow
def test_fifteen_recipes_at_two_hundred_scales_take_the_time_of_a_few_sorts():
    labels = [f"r{i}" for i in range(15)]
    law = lawbook.load_law("compute")
    runs = lawbook.simulate(law, n=6, groups=labels, seed=1)
    fit = of_prior(law, runs, chains=4, draws=1000)
    at = {"C": np.geomspace(1e20, 1e24, 200)}

    def seconds(call):
        begin = time.process_time()
        call()
        return time.process_time() - begin

    values = fit.compare(at).draws.to_numpy().reshape(4000, 3000).T.copy()
    sorting = min(seconds(lambda: np.sort(values, axis=1)) for _ in range(3))
    assert min(seconds(lambda: fit.compare(at)) for _ in range(3)) < 20 * sorting
