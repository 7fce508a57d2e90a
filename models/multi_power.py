"""Multi-power law: the loss along a run, from all that its learning rate fell by.

    multi_power   L = L0 + A S1**-alpha - B sum_k fall_k G(rate_k**-gamma area_k)
                  G(x) = 1 - (1 + C x)**-beta

S1       area under the schedule up to now, the warm-up included
fall_k   what the rate fell by at step k after the warm-up
rate_k   the rate after that
area_k   area under the schedule since that step
L        loss, nats per token, of any step after the warm-up

The sum has a term for every step; here it has three, each for a third of the whole fall, at the
geometric means of rate and area over it: `lawbook.schedules.thirds` makes them. With the values
below that is exact where the rate falls once, and within 0.0011 of the whole sum for the cosine,
linear and exponential decays of the paper.

B, C, beta and gamma need falls of several depths. The published values are of a sum that also
holds the warm-up, over which the rate rises; L0 is lower for that, by about 0.13.

Source: Luo et al. (2025), arXiv:2503.12811, and the values in its released code.
"""

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.terms import power


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
