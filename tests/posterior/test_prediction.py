import math

import numpy as np
import pandas as pd
import polars
import pytest
import xarray as xr
from fits import by_hand, flat_law, grouped_runs, of_prior
from scipy import stats

import lawbook
from lawbook import FitError, RunsError
from lawbook.posterior import responses, summaries
from lawbook.posterior.responses import scattered

CHINCHILLA = lawbook.load_law("chinchilla")
AT = {"N": np.array([1e9, 1e11]), "D": 2e10}


@pytest.fixture(scope="module")
def fit():
    return of_prior(CHINCHILLA, grouped_runs(("recipe",)))


@pytest.fixture(scope="module")
def crossed():
    return of_prior(CHINCHILLA, grouped_runs(("recipe", "corpus")), draws=20)


@pytest.fixture(scope="module")
def nested():
    return of_prior(CHINCHILLA, grouped_runs(("recipe", "recipe/seed")), draws=20)


def test_draws_are_the_formula_at_the_posterior(fit):
    found = fit.predict(AT)
    draws = fit.posterior["posterior"].dataset
    assert found.draws.dims == ("chain", "draw", "point")
    assert list(found.table["recipe"]) == [r for r in ("gru", "lstm", "transformer") for _ in "ab"]
    for point, row in found.table.iterrows():
        at = {name: draws[name] for name in ("E", "A", "B", "alpha", "beta")}
        at = {n: v.sel(recipe=row.recipe) if "recipe" in v.dims else v for n, v in at.items()}
        expected = at["E"] + at["A"] * row.N ** -at["alpha"] + at["B"] * row.D ** -at["beta"]
        here = found.draws.sel(point=point)
        np.testing.assert_allclose(here, expected, rtol=1e-12)
        assert (here["N"], here["D"], here["recipe"]) == (row.N, row.D, row.recipe)


def test_table_summarises_the_draws(fit):
    found = fit.predict(AT, prob=(0.5, 0.9, 0.975))
    flat = found.draws.stack(sample=("chain", "draw")).transpose("sample", "point").to_numpy()
    table = found.table
    assert list(table)[3:12] == [
        *("mean", "sd", "median", "eti50_lower", "eti50_upper"),
        *("eti90_lower", "eti90_upper", "eti97.5_lower", "eti97.5_upper"),
    ]
    np.testing.assert_allclose(table["mean"], flat.mean(axis=0))
    np.testing.assert_allclose(table["sd"], flat.std(axis=0, ddof=1))
    np.testing.assert_allclose(table["median"], np.median(flat, axis=0))
    np.testing.assert_allclose(table["eti90_lower"], np.quantile(flat, 0.05, axis=0))
    np.testing.assert_allclose(table["eti97.5_upper"], np.quantile(flat, 0.9875, axis=0))


def test_beyond_says_how_far_points_lie_from_what_is_known(fit):
    largest = fit.runs.largest
    found = fit.predict({"N": [7e6, 1e9, 1.6e12], "D": [5e11, 2e10, 2e10], "recipe": "gru"}).table
    np.testing.assert_allclose(found["extrapolation_N"], found["N"] / largest["N"])
    np.testing.assert_allclose(
        found["extrapolation_cost"], 6 * found["N"] * found["D"] / largest["cost"]
    )
    np.testing.assert_allclose(found["extrapolation_paper"], [10, 1, 100])


def test_work_in_blocks_changes_nothing(fit, monkeypatch):
    at = {"N": np.geomspace(1e8, 1e11, 7), "D": 2e10}
    whole = fit.predict(at)
    monkeypatch.setattr(summaries, "WORKED_ON", 450)
    monkeypatch.setattr(responses, "WORKED_ON", 450)
    parts = fit.predict(at)
    pd.testing.assert_frame_equal(whole.table, parts.table)
    xr.testing.assert_identical(whole.draws, parts.draws)


def test_points_come_as_mapping_or_any_table(fit):
    frame = pd.DataFrame({"recipe": ["lstm", "gru"], "D": [2e10, 3e10], "N": [1e9, 2e9]})
    columns = {name: list(frame[name]) for name in frame}
    first = fit.predict(frame)
    assert list(first.table["recipe"]) == ["lstm", "gru"]
    for at in (columns, polars.DataFrame(columns), frame.set_axis([7, 7])):
        pd.testing.assert_frame_equal(fit.predict(at).table, first.table)
    grid = fit.predict({"N": [[1e9], [2e9]], "D": [1e10, 2e10, 3e10], "recipe": "gru"})
    assert list(grid.table["N"]) == [1e9] * 3 + [2e9] * 3
    assert list(frame) == ["recipe", "D", "N"]


def test_group_columns_left_out_take_observed_groups(crossed):
    groups = crossed.runs.groups
    everywhere = crossed.predict({"N": 1e9, "D": 2e10}).table
    pd.testing.assert_frame_equal(everywhere[["recipe", "corpus"]], groups, check_dtype=False)
    table = crossed.predict({"N": 1e9, "D": 2e10, "recipe": ["lstm", "gru"]}).table
    assert list(zip(table["recipe"], table["corpus"], strict=True)) == [
        ("lstm", "c4"),
        ("gru", "c4"),
        ("gru", "pile"),
    ]


def test_pairs_that_never_met_are_predicted(crossed):
    table = crossed.predict({"N": 1e9, "D": 2e10, "recipe": "lstm", "corpus": "pile"}).table
    assert len(table) == 1


def test_a_nested_column_may_be_given_by_its_parts(nested):
    whole = nested.predict({**AT, "recipe": "gru", "recipe/seed": "gru/1"})
    for seed in (1, 1.0, "1"):
        parts = nested.predict({**AT, "recipe": "gru", "seed": seed})
        pd.testing.assert_frame_equal(parts.table, whole.table)
    assert list(whole.draws.coords)[-1] == "recipe:seed"
    assert len(nested.predict({"N": 1e9, "D": 2e10, "recipe": "gru"}).table) == 3


def test_new_groups_are_predicted_from_the_population(fit):
    at = {"N": 1e9, "D": [2e10, 2e10, 2e10], "recipe": ["mamba", "mamba", "rwkv"]}
    found = fit.predict(at, new_groups=True).draws
    np.testing.assert_array_equal(found[..., 0], found[..., 1])
    assert not np.array_equal(found[..., 0], found[..., 2])
    xr.testing.assert_identical(found, fit.predict(at, new_groups=True).draws)


def test_runs_scatter_around_the_mean(fit):
    mean, run = fit.predict(AT).draws, fit.predict(AT, kind="run").draws
    assert not np.array_equal(mean, run)
    xr.testing.assert_identical(run, fit.predict(AT, kind="run").draws)
    assert not np.array_equal(run, fit.predict(AT, kind="run", seed=1).draws)
    xr.testing.assert_identical(mean, fit.predict(AT, seed=1).draws)


def test_a_run_of_normal_noise_has_its_sd():
    fit = by_hand(np.full((4, 2500, 2), 3.0), ["a", "b"], sigma=0.2)
    found = fit.predict({"x": 2.0, "recipe": "a"}, kind="run").table.iloc[0]
    assert found["sd"] == pytest.approx(0.2, rel=0.05)
    assert found["mean"] == pytest.approx(3.0, abs=4 * 0.2 / 100)
    assert found["eti95_upper"] == pytest.approx(3.0 + 1.96 * 0.2, abs=0.02)


NOISES = [
    (lawbook.StudentT(), {"sigma": 0.1, "nu": 5.0}, 2.0, lambda y: np.log(y / 2.0) / 0.1, "t"),
    (lawbook.StudentT(on="logit"), {"sigma": 0.1, "nu": 5.0}, 0.3, None, "t"),
    (lawbook.Normal(on="identity"), {"sigma": 0.1}, 2.0, lambda y: (y - 2.0) / 0.1, "norm"),
    (lawbook.Normal(on="log"), {"sigma": 0.1}, 2.0, lambda y: np.log(y / 2.0) / 0.1, "norm"),
    (lawbook.Beta(), {"concentration": 50.0}, 0.3, lambda y: y, "beta"),
    (lawbook.Binomial(trials="n"), {}, 0.3, lambda y: y * 40, "binom"),
    (lawbook.NegativeBinomial(), {"shape": 3.0}, 7.0, lambda y: y, "nbinom"),
]


@pytest.mark.parametrize(
    ("noise", "params", "value", "standard", "name"),
    NOISES,
    ids=[f"{type(n[0]).__name__}-{n[0].on}" for n in NOISES],
)
def test_each_noise_scatters_as_its_distribution(noise, params, value, standard, name):
    law = flat_law()
    object.__setattr__(law, "response", lawbook.Response("loss", "nats", noise=noise))
    rng, size = np.random.default_rng(0), 200_000
    at = {"n": np.array([[40.0]])}
    params = {key: np.full((1, size), entry) for key, entry in params.items()}
    drawn = scattered(law, np.full((1, size), value), params, at, rng)[0]
    if standard is None:
        drawn = (np.log(drawn / (1 - drawn)) - math.log(value / (1 - value))) / 0.1
        standard = np.asarray
    expected = {
        "t": stats.t(5),
        "norm": stats.norm(),
        "beta": stats.beta(15, 35),
        "binom": stats.binom(40, 0.3),
        "nbinom": stats.nbinom(3, 0.3),
    }[name]
    for probability in (0.05, 0.5, 0.95):
        at_quantile = expected.ppf(probability)
        below = np.mean(np.round(standard(drawn), 9) <= at_quantile)
        assert below == pytest.approx(expected.cdf(at_quantile), abs=0.005)


def test_stray_runs_stay_numbers():
    law = CHINCHILLA
    params = {"sigma": np.full((1, 9), 1.0), "nu": np.full((1, 9), 0.01)}
    drawn = scattered(law, np.full((1, 9), 2.0), params, {}, np.random.default_rng(0))
    assert np.isfinite(drawn**2).all()


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ({"N": [1e9, 2e9], "D": [1e9, 2e9, 3e9]}, r"shapes are 'N' \(2,\), 'D' \(3,\); expected"),
        ({"N": 1e9}, "column 'D': there is no such column; expected one of 'N'; add it"),
        ({"N": 1e9, "d": 1e9}, "column 'D': there is no such column; .*; rename 'd'"),
        (
            {**AT, "loss": 2.0},
            "column 'loss': it is neither an input nor a grouping column; expected",
        ),
        ({**AT, "recpe": "gru"}, r"column 'recpe': .*; did you mean 'recipe'\?"),
        ({"N": "big", "D": 1e9}, r"'big' \(row 1\) cannot be read as numbers; .*; rewrite them$"),
        (
            {"N": [1e9, np.nan], "D": 1e9},
            "column 'N': it is blank in row 2; expected a number; fill it",
        ),
        (
            {"N": [1e9, np.inf], "D": 1e9},
            r"column 'N': inf \(row 2\) is not finite; expected finite",
        ),
        (
            {"N": [1e9, -2], "D": 1e9},
            r"column 'N': -2 \(row 2\) is out of range; expected values ab",
        ),
        (
            {**AT, "recipe": ["gru", None]},
            "column 'recipe': it is blank in row 2; expected a label",
        ),
        ({"N": [], "D": []}, "table: it holds no points; expected at least one"),
        ([1e9, 2e10], "of type list: it is neither a path nor a data frame; expected"),
        (
            {**AT, "recipe": ["gru", "lst"]},
            r"column 'recipe': no run has 'lst' \(row 2\); expected one of 'lstm', .*; correct "
            "it, or new_groups=True predicts it from the population",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_the_repair(fit, at, said):
    with pytest.raises(RunsError, match=said):
        fit.predict(at)


def test_all_findings_come_at_once(fit):
    at = {"N": [0.0, np.nan], "tokens": 1e9, "recipe": "grus"}
    with pytest.raises(RunsError, match=r"^at: 5 faults as points of 'chinchilla'") as error:
        fit.predict(at)
    assert str(error.value).count("\n  - ") == 5


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (
            {"seed": 1},
            "column 'seed': it is only a part of the grouping column 'recipe/seed'; expected",
        ),
        ({"recipe": "gru", "recipe/seed": "lstm/1"}, "column 'recipe/seed': it contradicts 're"),
        ({"recipe": "mamba"}, "there are no runs to take them from in row 1; expected a label"),
    ],
)
def test_nested_labels_that_do_not_fit_are_said(nested, groups, said):
    with pytest.raises(RunsError, match=said):
        nested.predict({"N": 1e9, "D": 2e10, **groups}, new_groups=True)


def test_trials_are_asked_for_where_runs_need_them():
    law = flat_law()
    noise = lawbook.Binomial(trials="questions")
    law = lawbook.Law(
        "quiz",
        law.formula,
        law.inputs,
        lawbook.Response("acc", "1", noise),
        [
            lawbook.Param("level", lawbook.priors.LogitNormal(0.5, 0.1)),
        ],
    )
    runs = lawbook.simulate(law, n=9)
    fit = of_prior(law, runs)
    assert "questions" not in fit.predict({"x": 2.0}).table
    found = fit.predict({"x": 2.0, "questions": 10}, kind="run")
    np.testing.assert_allclose(found.draws * 10, np.round(found.draws * 10))
    with pytest.raises(RunsError, match="column 'questions': there is no such column"):
        fit.predict({"x": 2.0}, kind="run")
    with pytest.raises(RunsError, match=r"2.5 \(row 1\) cannot be a count; expected whole"):
        fit.predict({"x": 2.0, "questions": 2.5}, kind="run")


@pytest.mark.parametrize("prob", [0, 1.0, (), (0.5, "x"), (0.5, 90)])
def test_probabilities_are_checked(fit, prob):
    with pytest.raises(FitError, match=r"prob=.*expected numbers between 0 and 1; write prob="):
        fit.predict(AT, prob=prob)


def test_kind_is_checked(fit):
    with pytest.raises(FitError, match="kind='median': there is none; expected 'mean' for"):
        fit.predict(AT, kind="median")


def test_it_can_be_read_back(fit):
    text = repr(fit.predict({"N": np.geomspace(1e8, 1e12, 5), "D": 2e10}, prob=(0.5, 0.9)))
    head, columns, first, *_ = text.splitlines()
    assert head == ("Prediction of loss [nats/token] by chinchilla at 15 points: the law's value")
    assert columns.split()[:6] == ["N", "D", "recipe", "median", "eti90_lower", "eti90_upper"]
    assert first.split()[:3] == ["1e+08", "2e+10", "gru"]
    assert "... and 3 more rows" in text


def test_it_is_frozen(fit):
    with pytest.raises(AttributeError, match="cannot assign to field 'kind'"):
        fit.predict(AT).kind = "run"
