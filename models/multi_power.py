"""Multi-power law: the loss along a run, from all that its learning rate fell by.

    multi_power   L = L0 + A S1**-alpha - B sum_k fall_k G(rate_k**-gamma area_k)
                  G(x) = 1 - (1 + C x)**-beta

S1       area under the schedule up to now, the warm-up included
fall_k   what the rate fell by at step k after the warm-up
rate_k   the rate after that
area_k   area under the schedule since that step
L        loss, nats per token, of any step after the warm-up

The sum has a term for every step; here it has three, each for a third of the whole fall, at the
geometric means of rate and area over it: `thirds` makes them. That is exact where the rate falls
once, and within 0.0011 of the whole sum for the cosine, linear and exponential decays of the
paper, by a tenth at most, with the values below: far less than the law itself errs by.

B, C, beta and gamma need falls of several depths. The published values are of a sum that also
holds the warm-up, over which the rate rises; L0 is lower for that, by about 0.13.

Source: Luo et al. (2025), arXiv:2503.12811, and the values in its released code.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from lawbook.models.lr_annealing import warmed

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.errors import RunsError
from lawbook.priors import LogNormal
from lawbook.terms import power

PARTS = 3


def thirds(schedule, steps, *, warmup: int = 0) -> pd.DataFrame:
    """Return the inputs of the law at some steps of a schedule.

    Parameters
    ----------
    schedule
        Learning rate of each step, shape ``(steps,)``.
    steps
        Positions in it, from 0, at which the loss was taken.
    warmup
        How many steps at the beginning rise to the peak: their area counts, their rise does not.

    Returns
    -------
    DataFrame
        ``step`` and the law's inputs, one row a step. Where the rate has not fallen yet, falls
        and areas are 0.

    Raises
    ------
    RunsError
        If the schedule is no row of finite positive rates, rises after the warm-up, or lacks a
        step.
    """
    steps, rates = np.asarray(steps), warmed(schedule, warmup)
    falls = -np.diff(rates, prepend=rates[0])
    if rates.min() <= 0 or falls.min() < 0:
        raise RunsError(
            f"schedule: it is zero or rises at step {np.argmax((rates <= 0) | (falls < 0))}; "
            "expected positive rates that do not rise after the warm-up; give warmup=, or take "
            "the law lr_annealing, which knows rises"
        )
    if steps.dtype.kind not in "iu" or not np.all((steps >= 0) & (steps < len(rates))):
        raise RunsError(
            f"steps from {steps.min()} to {steps.max()}: expected whole numbers from 0 to "
            f"{len(rates) - 1}, positions in the schedule; take the others out"
        )
    area = np.cumsum(np.asarray(schedule, dtype="float64"))
    found = [_parts(rates[: step + 1], falls[: step + 1], area[: step + 1]) for step in steps]
    names = [f"{what}{part + 1}" for part in range(PARTS) for what in ("fall", "rate", "area")]
    return pd.DataFrame({"step": steps, "S1": area[steps]}).join(pd.DataFrame(found, columns=names))


def _parts(rates, falls, area) -> list[float]:
    """Return size, mean rate and mean area since then of each part of the whole fall."""
    fallen = np.concatenate([[0.0], np.cumsum(falls)])
    ends = np.linspace(0, fallen[-1], PARTS + 1)
    log_rate, log_area = np.log(rates), np.log(area[-1] - np.concatenate([[0.0], area[:-1]]))
    found = []
    for low, high in pairwise(ends):
        weight = np.diff(np.clip(fallen, low, high))
        if not (total := weight.sum()):
            found += [0.0, rates[-1], 0.0]
            continue
        found += [total, *(np.exp(weight @ x / total) for x in (log_rate, log_area))]
    return found


def loss(
    xp: Namespace,
    S1,
    fall1,
    rate1,
    area1,
    fall2,
    rate2,
    area2,
    fall3,
    rate3,
    area3,
    *,
    L0,
    A,
    alpha,
    B,
    C,
    beta,
    gamma,
):
    """Fall along a power law, and with each part of the decay along another."""

    def gain(fall, rate, area):
        acted = C * area * power(xp, rate, -gamma)
        return -B * fall * xp.expm1(-beta * xp.log1p(acted))

    decay = gain(fall1, rate1, area1) + gain(fall2, rate2, area2) + gain(fall3, rate3, area3)
    return L0 + A * power(xp, S1, -alpha) - decay


def _part(number: int) -> list[Input]:
    return [
        Input(f"fall{number}", unit="learning rate", seen=(0, 9e-5)),
        Input(f"rate{number}", unit="learning rate", seen=(3e-5, 3e-4)),
        Input(f"area{number}", unit="rate x steps", seen=(0, 12)),
    ]


LAW = Law(
    name="multi_power",
    domain="optimisation",
    formula=loss,
    inputs=[
        Input("S1", unit="rate x steps", seen=(0.3, 22)),
        *(x for number in (1, 2, 3) for x in _part(number)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.002, 0.7))),
    params=[
        Param("L0", LogNormal(median=2.7, log_sd=0.15), pool="partial", unit="nats/token"),
        Param("A", LogNormal(median=0.6, log_sd=0.5), pool="partial", unit="nats/token"),
        Param("alpha", LogNormal(median=0.5, log_sd=0.35), pool="partial"),
        # 0.13 nats for a fall by 3e-4
        Param("B", LogNormal(median=430, log_sd=0.5), pool="partial", unit="nats/learning rate"),
        Param("C", LogNormal(median=2.0, log_sd=0.5), pool="partial"),
        Param("beta", LogNormal(median=0.6, log_sd=0.3)),
        Param("gamma", LogNormal(median=0.6, log_sd=0.3)),
    ],
    published=[
        Estimate(
            "luo2025",
            L0=3.04045406,
            A=0.52468604,
            alpha=0.50786857,
            B=363.78751622,
            C=2.06560812,
            beta=0.58279013,
            gamma=0.64142257,
        ),
        Estimate(
            "luo2025",
            L0=2.6514477,
            A=0.60115152,
            alpha=0.45295811,
            B=437.9464276,
            C=2.13245612,
            beta=0.59785199,
            gamma=0.65523644,
        ),
        Estimate(
            "luo2025",
            L0=2.37474466,
            A=0.65421216,
            alpha=0.42878731,
            B=523.42464371,
            C=2.02462735,
            beta=0.59350493,
            gamma=0.63472457,
        ),
    ],
)
