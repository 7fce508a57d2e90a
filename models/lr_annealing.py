"""Learning-rate annealing: the loss along a run, from two areas of its schedule.

    lr_annealing           L = L0 + A S1**-alpha - C S2
    lr_annealing_memories  L = L0 + A (S1 + S_W)**-alpha
                               - C_short S2_short - C_mid S2_mid - C_long S2_long

S1   area under the schedule: learning rate summed over steps
S2   annealing area: m summed over steps, where m = lambda m + (what the rate fell by this step)
L    loss, nats per token, of any step after the warm-up

`areas` makes both of any schedule. In the first law the warm-up counts at the peak's rate, and
lambda is 0.999, not fitted: a fall of the rate acts over about 1 / (1 - lambda) steps. The second
law, proposed here, leaves both to the runs: S1 begins after the warm-up, which is worth an area of
S_W, and there is an annealing area for each of the memories 0.99, 0.999 and 0.9999.

C needs a schedule that falls; L0 and alpha trade off unless runs are long. Points along a curve
are alike: take tens of them, not thousands. Steps at a rate of zero still lower the loss here, and
a larger peak always helps: keep to peaks near those of the runs.

Source: Tissue, Wang & Wang (2024), arXiv:2408.11029; its coefficients were not found as numbers.
"""

import math

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.terms import power


def areas(schedule, **options):
    """Return S1 and S2 at each step of a schedule; see `lawbook.schedules.areas`."""
    from lawbook.schedules import areas  # with pandas, which a law can do without

    return areas(schedule, **options)


def loss(xp: Namespace, S1, S2, *, L0, A, alpha, C):
    """Fall along a power law of one area, and by the other."""
    return L0 + A * power(xp, S1, -alpha) - C * S2


def with_memories(
    xp: Namespace, S1, S2_short, S2_mid, S2_long, *, L0, A, alpha, S_W, C_short, C_mid, C_long
):
    """Fall along a power law from the warm-up on, and by annealing areas of three memories."""
    annealed = C_short * S2_short + C_mid * S2_mid + C_long * S2_long
    return L0 + A * power(xp, S1 + S_W, -alpha) - annealed


def gain(xp: Namespace, fall, memory, *, C):
    """Loss that a fall of the rate takes away once it has acted in full."""
    return C * fall / (1 - memory)


def constant_area(xp: Namespace, loss, *, L0, A, alpha):
    """Area at which a constant rate reaches a loss; none does below L0."""
    return power(xp, (loss - L0) / A, -1 / alpha)


def _annealed(name: str, most: float) -> Input:
    return Input(name, unit="rate x steps", seen=(0, most), support=(-math.inf, math.inf))


def _effect(name: str, median: float) -> Param:
    return Param(name, LogNormal(median, log_sd=0.6), pool="partial", unit="nats/(rate x step)")


LOSS = Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.002, 0.7)))
BASE = [
    Param("L0", LogNormal(median=2.7, log_sd=0.15), pool="partial", unit="nats/token"),
    Param("A", LogNormal(median=0.6, log_sd=0.5), pool="partial", unit="nats/token"),
    Param("alpha", LogNormal(median=0.6, log_sd=0.35), pool="partial"),
]

LAWS = (
    Law(
        name="lr_annealing",
        domain="optimisation",
        formula=loss,
        inputs=[Input("S1", "rate x steps", seen=(0.6, 22)), _annealed("S2", 0.3)],
        response=LOSS,
        params=[*BASE, _effect("C", 0.4)],  # 0.12 nats for a fall by 3e-4
        derived=[
            Derived("gain", gain, unit="nats/token"),
            Derived("constant_area", constant_area, unit="rate x steps"),
        ],
    ),
    Law(
        name="lr_annealing_memories",
        domain="optimisation",
        status="proposed",
        formula=with_memories,
        inputs=[
            Input("S1", "rate x steps", seen=(0, 21)),
            _annealed("S2_short", 0.03),
            _annealed("S2_mid", 0.3),
            _annealed("S2_long", 3.0),
        ],
        response=LOSS,
        params=[
            *BASE,
            # between a third and all of 2,000 steps at 3e-4
            Param("S_W", LogNormal(median=0.35, log_sd=0.3), unit="rate x steps"),
            # a third of C for each memory
            _effect("C_short", 1.3),
            _effect("C_mid", 0.13),
            _effect("C_long", 0.013),
        ],
    ),
)
