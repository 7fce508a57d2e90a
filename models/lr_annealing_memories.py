"""Learning-rate annealing with memories: the loss from areas of its schedule (proposed).

    lr_annealing_memories  L = L0 + A (S1 + S_W)**-alpha
                               - C_short S2_short - C_mid S2_mid - C_long S2_long

S1   area under the schedule after the warm-up, which is worth an area of S_W
S2   annealing areas, as lr_annealing has them, of the memories 0.99, 0.999 and 0.9999
L    loss, nats per token, of any step after the warm-up

lr_annealing fixes the warm-up's worth and the memory; here both are left to the runs. The C need
schedules that fall at several paces. Points along a curve are alike: take tens of them, not
thousands. Keep to peaks near those of the runs.

Source: Tissue, Wang & Wang (2024), arXiv:2408.11029, whose law this widens.
"""

import math

from lawbook import Input, Law, Namespace, Normal, Param, Response
from lawbook.priors import LogNormal
from lawbook.terms import power


def with_memories(
    xp: Namespace, S1, S2_short, S2_mid, S2_long, *, L0, A, alpha, S_W, C_short, C_mid, C_long
):
    """Fall along a power law from the warm-up on, and by annealing areas of three memories."""
    annealed = C_short * S2_short + C_mid * S2_mid + C_long * S2_long
    return L0 + A * power(xp, S1 + S_W, -alpha) - annealed


def annealed(name: str, most: float) -> Input:
    """Annealing area, which a rate that rises makes negative."""
    return Input(name, unit="rate x steps", seen=(0, most), support=(-math.inf, math.inf))


def effect(name: str, median: float) -> Param:
    """Prior on what an annealing area takes away."""
    return Param(name, LogNormal(median, log_sd=0.6), pool="partial", unit="nats/(rate x step)")


BASE = [
    Param("L0", LogNormal(median=2.7, log_sd=0.15), pool="partial", unit="nats/token"),
    Param("A", LogNormal(median=0.6, log_sd=0.5), pool="partial", unit="nats/token"),
    Param("alpha", LogNormal(median=0.6, log_sd=0.35), pool="partial"),
]

LAW = Law(
    name="lr_annealing_memories",
    domain="optimisation",
    status="proposed",
    formula=with_memories,
    inputs=[
        Input("S1", "rate x steps", seen=(0, 21)),
        annealed("S2_short", 0.03),
        annealed("S2_mid", 0.3),
        annealed("S2_long", 3.0),
    ],
    # no point of a smooth curve is stray: with heavy tails fits followed one part or the other
    response=Response("loss", unit="nats/token", noise=Normal("log", LogNormal(0.002, 0.7))),
    params=[
        *BASE,
        # between a third and all of 2,000 steps at 3e-4
        Param("S_W", LogNormal(median=0.35, log_sd=0.3), unit="rate x steps"),
        # a third of C for each memory
        effect("C_short", 1.3),
        effect("C_mid", 0.13),
        effect("C_long", 0.013),
    ],
)
