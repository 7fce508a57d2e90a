"""Multi-power law: the loss along a run, from all that its learning rate fell by.

    multi_power   L = L0 + A S1**-alpha - B sum_k fall_k G(rate_k**-gamma area_k)
                  G(x) = 1 - (1 + C x)**-beta

S1       area under the schedule up to now, the warm-up included
fall_k   what the rate fell by at step k after the warm-up
rate_k   the rate after that
area_k   area under the schedule since that step
L        loss, nats per token, of any step after the warm-up

The sum has a term for every step; here it has three, each for a third of the whole fall, at the
geometric means of rate and area over it (`lawbook.models._schedules.thirds`): exact where the rate
falls once, and within 0.0011 of the whole sum for the paper's cosine, linear and exponential
decays. B, C, beta and gamma need falls of several depths. The published values are of a sum that
also holds the warm-up, over which the rate rises; L0 is lower for that, by about 0.13.

Source: Luo et al. (2025), arXiv:2503.12811, and the values in its released code.
"""

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.laws.signatures import takes
from lawbook.priors import LogNormal
from lawbook.terms import power

PARTS = [
    Input(f"{name}{k}", unit=unit, seen=seen)
    for k in (1, 2, 3)
    for name, unit, seen in (
        ("fall", "learning rate", (0, 9e-5)),
        ("rate", "learning rate", (3e-5, 3e-4)),
        ("area", "rate x steps", (0, 12)),
    )
]


@takes(*(part.name for part in PARTS))
def loss(xp: Namespace, S1, *parts, L0, A, alpha, B, C, beta, gamma):
    """Fall along a power law, and with each part of the decay along another."""
    decay = 0
    for fall, rate, area in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        acted = C * area * power(xp, rate, -gamma)
        decay = decay - B * fall * xp.expm1(-beta * xp.log1p(acted))
    return L0 + A * power(xp, S1, -alpha) - decay


NAMES = ("L0", "A", "alpha", "B", "C", "beta", "gamma")
RELEASED = (
    ("25M", 3.04045406, 0.52468604, 0.50786857, 363.78751622, 2.06560812, 0.58279013, 0.64142257),
    ("100M", 2.6514477, 0.60115152, 0.45295811, 437.9464276, 2.13245612, 0.59785199, 0.65523644),
    ("400M", 2.37474466, 0.65421216, 0.42878731, 523.42464371, 2.02462735, 0.59350493, 0.63472457),
)

LAW = Law(
    name="multi_power",
    domain="optimisation",
    formula=loss,
    inputs=[Input("S1", unit="rate x steps", seen=(0.3, 22)), *PARTS],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.002, 0.7))),
    params=[  # by the prior of B, 0.13 nats for a fall by 3e-4
        Param("L0", LogNormal(median=2.7, log_sd=0.15), pool="partial", unit="nats/token"),
        Param("A", LogNormal(median=0.6, log_sd=0.5), pool="partial", unit="nats/token"),
        Param("alpha", LogNormal(median=0.5, log_sd=0.35), pool="partial"),
        Param("B", LogNormal(median=430, log_sd=0.5), pool="partial", unit="nats/learning rate"),
        Param("C", LogNormal(median=2.0, log_sd=0.5), pool="partial"),
        Param("beta", LogNormal(median=0.6, log_sd=0.3)),
        Param("gamma", LogNormal(median=0.6, log_sd=0.3)),
    ],
    published=[Estimate("luo2025", N, **dict(zip(NAMES, at, strict=True))) for N, *at in RELEASED],
)
