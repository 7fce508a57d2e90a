"""Learning-rate annealing: areas and losses worked out elsewhere, and curves of real schedules."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from book_laws import printed, published

import lawbook
from lawbook.models.lr_annealing import areas

FILE = Path(__file__).parents[2] / "benchmarks" / "replications" / "lr_annealing.py"
SPEC = importlib.util.spec_from_file_location("replication", FILE)
REPLICATION = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(REPLICATION)

LAW = lawbook.load_law("lr_annealing")
SMALLEST = "mean relative error, lr_annealing_memories, 25M"
PEAK, LAST, WARMUP = 3e-4, 3e-5, 2160
REFITTED = {
    "100M": {"L0": 2.90711, "A": 0.59295, "alpha": 0.75862, "C": 0.46865},
    "400M": {"L0": 2.67140, "A": 0.62743, "alpha": 0.72834, "C": 0.56109},
}


def cosine(steps):
    along = np.maximum(np.arange(steps) - WARMUP, 0) / (steps - WARMUP)
    return LAST + (PEAK - LAST) / 2 * (1 + np.cos(np.pi * along))


@pytest.mark.parametrize(
    ("since", "S2"), [(0, "0.00027"), (100, "0.0259504"), (1000, "0.170822"), (8000, "0.269910")]
)
def test_one_fall_acts_for_a_thousand_steps(since, S2):
    schedule = np.repeat([3e-4, 3e-5], [100, 8001])
    assert areas(schedule)["S2"][100 + since] == printed(S2)


def test_areas_are_the_sums_they_stand_for():
    schedule = np.random.default_rng(3).uniform(0, PEAK, 40)
    falls = np.concatenate([[0.0], schedule[:-1] - schedule[1:]])
    S2 = sum(falls[k] * 0.9 ** (i - k) for i in range(40) for k in range(i + 1))
    last = areas(schedule, memory=0.9).iloc[-1]
    assert last["S1"] == pytest.approx(schedule.sum(), rel=1e-12)
    assert last["S2"] == pytest.approx(S2, rel=1e-9)


@pytest.mark.parametrize(
    ("schedule", "step", "S1", "S2"),
    [
        (np.full(24000, PEAK), 23936, "7.18110", "0.00000"),
        (cosine(24000), 23920, "4.24936", "0.26704"),
    ],
)
def test_areas_of_real_schedules_are_those_worked_out(schedule, step, S1, S2):
    at = areas(schedule).loc[step]
    assert at["S1"] == printed(S1)
    assert at["S2"] == printed(S2)


@pytest.mark.parametrize(
    ("model", "S1", "S2", "loss"),
    [
        ("100M", 7.18110, 0.0, 3.04000),
        ("100M", 4.24936, 0.26704, 2.97982),
        ("400M", 6.46624, 0.23353, 2.70148),
    ],
)
def test_losses_are_those_worked_out(model, S1, S2, loss):
    # the coefficients are rounded to five digits
    assert LAW.formula(np, S1, S2, **REFITTED[model]) == pytest.approx(loss, abs=2e-5)


def test_the_warmup_counts_at_the_rate_that_follows_it():
    rising = np.concatenate([np.linspace(0, PEAK, 10, endpoint=False), np.full(20, PEAK)])
    pd.testing.assert_frame_equal(areas(rising, warmup=10), areas(np.full(30, PEAK)))


@pytest.mark.parametrize(
    ("schedule", "options", "said"),
    [
        ([[3e-4]], {}, "it is no row of learning rates; expected one finite number"),
        ([3e-4, -1e-4], {}, "it is no row of learning rates"),
        ([3e-4, np.nan], {}, "it is no row of learning rates"),
        ([], {}, "it is no row of learning rates"),
        ([3e-4, 1e-4], {"memory": 1.0}, "memory=1.0: expected a share between 0 and 1"),
        ([3e-4, 1e-4], {"warmup": 2}, "warmup=2: expected from 0 to 1 of the 2 steps"),
    ],
)
def test_what_is_no_schedule_is_refused(schedule, options, said):
    with pytest.raises(lawbook.RunsError, match=said):
        areas(schedule, **options)


def test_what_it_derives_undoes_the_law():
    at = REFITTED["100M"]
    area = LAW.quantity("constant_area").formula(
        np, 3.04, **{k: at[k] for k in ("L0", "A", "alpha")}
    )
    assert LAW.formula(np, area, 0.0, **at) == pytest.approx(3.04, rel=1e-12)
    gain = LAW.quantity("gain").formula(np, 2.7e-4, 0.999, C=at["C"])
    assert gain == pytest.approx(
        at["C"] * areas(np.repeat([3e-4, 3e-5], [9, 40000]))["S2"].iloc[-1]
    )


def test_schedules_of_the_public_curves_are_known(data):
    found = REPLICATION.curves(data)  # which checks the rates that they were trained at
    assert found.groupby(["model", "split"]).schedule.nunique().tolist() == [6, 3] * 3


@pytest.mark.slow
def test_published_coefficients_err_as_published_on_unseen_schedules(data):
    found = REPLICATION.curves(data).query("split == 'test'")
    law = lawbook.load_law("multi_power")
    for number, (model, published_error) in enumerate(REPLICATION.PUBLISHED.items()):
        errors = [
            np.mean(
                np.abs(whole_sum(schedule, curve.step, published(law, number)) / curve.loss - 1)
            )
            for schedule, curve in found[found.model == model].groupby("schedule")
        ]
        assert np.mean(errors) == pytest.approx(published_error, abs=1e-5)


@pytest.fixture(scope="module")
def found(data):
    return REPLICATION.replicate(data).set_index("quantity")


@pytest.mark.slow
def test_unseen_schedules_are_foretold_about_as_well_as_was_published(found):
    error = found["median"] / found["published"]
    assert len(found) == 9
    assert (error.filter(like=", lr_annealing,") < 2).all()
    # fitted memories: below the published error on one model, within a quarter of it on two
    memories = error.filter(like="memories")
    assert (memories.drop(SMALLEST) < 1.25).all()
    assert found["holds"].filter(like="memories").sum() >= 1
    assert memories.mean() < error.filter(like="multi_power").mean()
    assert (found["lower"] < found["upper"]).all()


@pytest.mark.slow
@pytest.mark.xfail(raises=AssertionError, reason="0.00148; 0.00110 was published")
def test_schedules_of_the_smallest_model_are_foretold_within_a_quarter_of_it_too(found):
    assert found["median"][SMALLEST] < 1.25 * found["published"][SMALLEST]


def whole_sum(schedule, steps, at):
    """The multi-power law as its code was run: the rise of the warm-up counts, too."""
    rates = REPLICATION.rates(schedule)
    area = np.cumsum(rates)
    reach = rates[1:] ** -at["gamma"]

    def loss(step):
        since = area[step] - area[:step]
        G = 1 - (1 + at["C"] * reach[:step] * since) ** -at["beta"]
        fallen = -np.diff(rates[: step + 1]) @ G
        return at["L0"] + at["A"] * area[step] ** -at["alpha"] - at["B"] * fallen

    return np.array([loss(step) for step in steps])
