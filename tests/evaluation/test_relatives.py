"""Backtests whose curves borrow from relatives that were trained further."""

import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook import FitError
from lawbook.evaluation.curve_forecasts import Forecast
from lawbook.evaluation.relatives import BORROWING, borrowed, errors_at, learned_shares

LAW = lawbook.load_law("compute")
LONG, SHORT = ("a", "b", "c", "d", "e"), ("v", "w", "x")


def bent(seed=1, noise=0.004):
    """Curves of two tasks: above 1e20 those of one task fall faster than their law, the others
    slower, alike for all models. Half of the scales of a short curve end where that begins."""
    rng, rows = np.random.default_rng(seed), []
    for task, sign in (("code", -1), ("prose", 1)):
        for model in (*LONG, *SHORT):
            C = np.geomspace(1e18, 1e22 if model in SHORT else 1e26, 24)
            level = rng.uniform(1.5, 2.5)
            loss = level * (0.6 + 0.4 * (C / 1e18) ** -0.12)
            loss *= np.exp(sign * 0.05 * np.log(np.maximum(C / 1e20, 1)) / np.log(100))
            loss *= np.exp(rng.normal(0, noise, len(C)))
            rows.append(pd.DataFrame({"C": C, "loss": loss, "model": model, "task": task}))
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def test():
    return lawbook.backtest(LAW, bent(), by=("model", "task"), cuts=[0.5], relatives=["task"])


def errors_of(test, law, models):
    points = test.points[(test.points.law == law) & test.points.model.isin(models)]
    return np.sqrt((points.log_error**2).mean()), points


def test_curves_learn_from_relatives_that_were_trained_further(test):
    alone, _ = errors_of(test, "compute", SHORT)
    together, points = errors_of(test, "compute with relatives", SHORT)
    assert together < 0.8 * alone
    width = errors_of(test, "compute", SHORT)[1]["width_90"].mean()
    assert points["width_90"].mean() < width


def test_curves_without_a_longer_relative_keep_their_forecast(test):
    _, before = errors_of(test, "compute", LONG)
    _, after = errors_of(test, "compute with relatives", LONG)
    pd.testing.assert_series_equal(
        before["log_score"], after["log_score"], check_index=False, rtol=1e-9
    )


def test_hidden_runs_of_relatives_are_never_seen(test):
    table = bent()
    beyond = table.groupby(["model", "task"])["C"].transform("median") < table["C"]
    table.loc[beyond, "loss"] *= 1.3
    moved = lawbook.backtest(LAW, table, by=("model", "task"), cuts=[0.5], relatives=["task"])
    np.testing.assert_allclose(moved.points["median"], test.points["median"], rtol=1e-9)


def plain(points):
    shape = (3, points)
    return Forecast(np.zeros(shape), np.full(shape, 0.1), np.full(shape, np.inf), 0.1)


def test_a_relative_is_cut_where_the_curve_ends():
    scales = np.geomspace(1, 100, 13)
    x, y = [scales[:7], scales, scales[:3]], [np.ones(7), np.exp(np.full(13, 0.2)), np.ones(3)]
    wanted, asked = [scales[7:10]] * 3, []

    def forecasts(pairs):
        asked.extend(pairs)
        return [plain(int((x[i] > last).sum())) for i, last in pairs]

    kinship = np.ones((1, 3, 3), bool)
    found = borrowed(x, y, wanted, kinship, forecasts)
    # the third has too few runs to be cut, and ends before the others
    assert asked == [(1, scales[6]), (0, scales[2]), (1, scales[2])][:1]
    errors, kin = found[0]
    expected = errors_at(plain(6), np.log(scales[7:]), np.full(6, 0.2), np.log(wanted[0]))
    np.testing.assert_allclose(errors, [expected])
    assert kin.shape == (1, 2, 2)
    assert [len(e) for e, _ in found] == [1, 0, 0]


def test_shares_are_found_from_errors_that_are_alike():
    rng = np.random.default_rng(4)
    kin = np.ones((2, 5, 5))
    kin[1, 3:, :3], kin[1, :3, 3:] = 0, 0  # two families of the second kind
    correlation = 0.3 * kin[0] + 0.4 * kin[1]
    np.fill_diagonal(correlation, 1)
    root = np.linalg.cholesky(correlation)[1:]
    found = [((root @ rng.normal(size=(5, 1))).repeat(2, axis=1), kin) for _ in range(3000)]
    np.testing.assert_allclose(learned_shares(found), [0.3, 0.4], atol=0.05)
    few = found[: BORROWING.fewest_pairs // 12]  # of six pairs at two scales
    np.testing.assert_array_equal(learned_shares(few), [0, 0])


def test_columns_that_make_no_relatives_are_refused():
    with pytest.raises(FitError, match="'family' do not group the runs, which are grouped by 'mod"):
        lawbook.backtest(LAW, bent(), by=("model", "task"), relatives=["task", "family"])
    runs = lawbook.simulate(lawbook.load_law("chinchilla"), n=20, seed=1)
    with pytest.raises(
        FitError,
        match="these laws have several inputs, or noise that is not on the log; expected laws in "
        "one input",
    ):
        lawbook.backtest("chinchilla", runs, relatives=["recipe"])
