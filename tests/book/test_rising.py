"""Laws of metrics that rise: the numbers they must give, and intervals of use on held-out runs."""

import numpy as np
import pandas as pd
import pytest

import lawbook

ELO, ACCURACY, REWARD = map(lawbook.load_law, ("elo", "accuracy", "reward"))


def test_twice_the_compute_wins_two_games_of_three_at_hex():
    # Jones (2021): a decade is 500 points, and twice the compute beats a rival 2/3 of the time
    assert ELO.quantity("win_rate").formula(np, 2.0, s=500.0) == pytest.approx(0.7040, abs=5e-5)
    assert ELO.quantity("win_rate").formula(np, 1.0, s=500.0) == 0.5
    assert ELO.formula(np, 1e22, r_ref=1000.0, s=500.0) == pytest.approx(1500)
    assert ELO.quantity("compute_for").formula(np, 1500.0, r_ref=1000.0, s=500.0) == (
        pytest.approx(1e22)
    )
    # playing strength grows by 10**(s / 400) a decade
    assert ELO.quantity("strength_exponent").formula(np, s=500.0) == 1.25


def test_accuracy_rises_from_chance_to_a_ceiling():
    at = {"c": 0.25, "h": 0.8, "C_mid": 1e21, "B": 0.5}
    score = ACCURACY.formula(np, np.array([1.0, 1e21, 1e60]), **at)
    np.testing.assert_allclose(score, [0.25, 0.25 + 0.75 * 0.8 / 2, 0.85], atol=1e-10)
    assert ACCURACY.quantity("ceiling").formula(np, c=0.25, h=0.8) == pytest.approx(0.85)
    compute_for = ACCURACY.quantity("compute_for").formula
    assert compute_for(np, 0.55, **at) == pytest.approx(1e21)
    with np.errstate(invalid="ignore"):
        assert np.isnan(compute_for(np, np.array([0.2, 0.9]), **at)).all()
    slope = ACCURACY.quantity("steepest").formula(np, c=0.25, h=0.8, B=0.5)
    near = ACCURACY.formula(np, 1e21 * 10 ** np.array([-0.005, 0.005]), **at)
    assert slope == pytest.approx((near[1] - near[0]) / 0.01, rel=1e-4)


def test_reward_is_the_papers_sigmoid():
    # Khatri et al. (2025), eq. 1: R_C - R_0 = (A - R_0) / (1 + (C_mid / C)**B), with A = R_0 + G
    C, R_0, A, C_mid, B = np.array([500.0, 4e3, 1e5]), 0.2, 0.61, 3000.0, 1.9
    expected = R_0 + (A - R_0) / (1 + (C_mid / C) ** B)
    at = {"R_0": R_0, "G": A - R_0, "C_mid": C_mid, "B": B}
    np.testing.assert_allclose(REWARD.formula(np, C, **at), expected, rtol=1e-12)
    np.testing.assert_allclose(REWARD.quantity("compute_for").formula(np, expected, **at), C)
    assert REWARD.quantity("ceiling").formula(np, R_0=R_0, G=A - R_0) == pytest.approx(A)


def on_held_out_runs(law, runs):
    """Coverage of 90% intervals of one new run, and their width, beyond half of the scales."""
    found = lawbook.backtest(law, runs, cuts=[0.5])
    assert found.points[f"extrapolation_{found.order}"].max() > np.e
    return found.points["covered_90"].mean(), found.points["width_90"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("law", "truth", "noise", "widest"),
    [
        # 20 points of noise are 66 between the ends of a 90% interval that knows the law
        (ELO, {"r_ref": 1200.0, "s": 180.0}, 20.0, 3 * 66),
        (REWARD, {"R_0": 0.2, "G": 0.4, "C_mid": 3000.0, "B": 1.3}, 0.01, 0.2),
    ],
    ids=["elo", "reward"],
)
def test_intervals_hold_larger_runs_and_are_of_use_where_the_law_is_true(law, truth, noise, widest):
    runs = lawbook.simulate(law, truth, n=40, noise=noise, seed=3)
    covered, width = on_held_out_runs(law, runs)
    assert covered >= 0.8
    assert width.max() < widest


def ladder(data, task):
    """Final runs of the public ladder on a task, 190M to 3.2B parameters, as runs of accuracy."""
    table = pd.read_csv(data / "ladder_tasks.csv.gz")
    chosen = table[table["is_final"] & (table["task"] == f"{task}_rc_5shot")]
    chosen = chosen.rename(columns={"flops": "C"})[["C", "accuracy"]]
    return lawbook.read_runs(chosen, ACCURACY, allow="duplicates")


@pytest.mark.slow
def test_intervals_hold_larger_public_models_and_are_of_use(data):
    # a hundred times the compute: from 1e20 FLOP to 1.5e22
    covered, width = on_held_out_runs(ACCURACY, ladder(data, "arc_easy_test"))
    assert covered >= 0.8
    assert width.max() < np.log(1.5)


@pytest.mark.slow
def test_intervals_of_five_public_tasks_hold_larger_models_on_average(data):
    # with a second cut: 46% on csqa, whose rise slows more than a sigmoid's, 89 to 100% on others
    tasks = ("arc_easy_test", "csqa_val", "hellaswag_val", "piqa_val", "socialiqa_val")
    found = [on_held_out_runs(ACCURACY, ladder(data, task)) for task in tasks]
    assert np.mean([covered for covered, _ in found]) >= 0.8
    assert max(width.max() for _, width in found) < np.log(1.6)
