"""Multi-power law: losses worked out elsewhere, and its three parts against the whole sum."""

import numpy as np
import pytest
from book_laws import printed, published

import lawbook
from lawbook.models._schedules import thirds

LAW = lawbook.load_law("multi_power")
PEAK, LAST, WARMUP, STABLE = 3e-4, 3e-5, 2160, 20000


def warmed_up(rates):
    return np.concatenate([np.linspace(0, PEAK, WARMUP), rates[WARMUP:]])


def cosine(steps):
    along = np.clip((np.arange(steps) - WARMUP) / (steps - WARMUP), 0, 1)
    return warmed_up(LAST + (PEAK - LAST) / 2 * (1 + np.cos(np.pi * along)))


def linear(steps):
    along = np.clip((np.arange(steps) - STABLE) / (steps - STABLE), 0, 1)
    return warmed_up(PEAK + (LAST - PEAK) * along)


def exponential(steps):
    along = np.clip((np.arange(steps) - STABLE) / (steps - STABLE), 0, 1)
    return warmed_up(PEAK * (LAST / PEAK) ** along)


def two_stage(steps):
    return warmed_up(np.where(np.arange(steps) < 8000, PEAK, LAST))


def at(schedule, steps):
    return [column.to_numpy() for _, column in thirds(schedule, steps, warmup=WARMUP).items()][1:]


def decay(schedule, steps, params):
    """The law's part by which the rate's falls lower the loss."""
    S1, *parts = at(schedule, steps)
    whole = LAW.formula(np, S1, *parts, **params)
    return whole - params["L0"] - params["A"] * S1 ** -params["alpha"]


def every_fall(schedule, step, params):
    """The same by the sum over all steps."""
    area = np.cumsum(schedule)
    k = np.arange(WARMUP + 1, step + 1)
    x = schedule[k] ** -params["gamma"] * (area[step] - area[k - 1])
    G = 1 - (1 + params["C"] * x) ** -params["beta"]
    return -params["B"] * np.sum((schedule[k - 1] - schedule[k]) * G)


def test_the_whole_sum_is_the_one_worked_out():
    params, schedule = published(LAW, 1), cosine(24000)
    [S1] = thirds(schedule, [13040], warmup=WARMUP)["S1"]
    fallen = every_fall(schedule, 13040, params)
    assert S1 == printed("3.057922")
    assert fallen == printed("-0.056191")
    loss = params["L0"] + params["A"] * S1 ** -params["alpha"] + fallen
    assert loss + 0.130066 == pytest.approx(3.087655, abs=2e-6)  # what the warm-up's rise adds


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize(
    ("schedule", "within"),
    [
        (two_stage(16000), 1e-12),
        (cosine(24000), 6e-4),
        (cosine(72000), 4e-4),
        (exponential(24000), 8e-4),
        (linear(24000), 1.1e-3),
    ],
)
def test_three_parts_come_near_the_whole_sum(number, schedule, within):
    params = published(LAW, number)
    steps = np.arange(WARMUP, len(schedule), 1280)
    whole = [every_fall(schedule, step, params) for step in steps]
    np.testing.assert_allclose(decay(schedule, steps, params), whole, rtol=0, atol=within)


def test_before_the_first_fall_there_is_none():
    found = thirds(linear(24000), [8000], warmup=WARMUP)
    assert found.filter(regex="fall|area").to_numpy().sum() == 0
    assert found["rate1"][0] == PEAK


@pytest.mark.parametrize(
    ("schedule", "steps", "said"),
    [
        ([3e-4, 1e-4, 2e-4], [2], "it is zero or rises at step 2; expected positive rates"),
        ([3e-4, 0.0], [1], "it is zero or rises at step 1"),
        ([3e-4, 1e-4], [2], "steps from 2 to 2: expected whole numbers from 0 to 1"),
        ([3e-4, 1e-4], [0.5], "expected whole numbers from 0 to 1"),
    ],
)
def test_what_the_law_cannot_take_is_refused(schedule, steps, said):
    with pytest.raises(lawbook.RunsError, match=said):
        thirds(schedule, steps)
