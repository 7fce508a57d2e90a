"""Reward overoptimization: true reward rises, then falls, as a policy is optimised by a proxy.

    reward_overoptimization_rl   R(d) = beta d (1 + log(p / d))

d       square root of the KL divergence from the start policy, in nats
R       gold reward, in standard deviations under the start policy, which has R = 0
p       distance at which R peaks, where it is beta p

The paper writes d (alpha - beta log d): alpha = beta (1 + log p). alpha and beta are correlated at
0.9 unless runs lie past the peak, and priors on them say nothing of it, so p stands for alpha.
Where no runs lie past the peak, it is the prior's. The law has no slope at d = 0 and is not meant
to hold there. After k rounds with a new proxy beta log d becomes beta log(d / k).

Source: Gao, Schulman & Hilton (2022), arXiv:2210.10760; read off its curves for 3M and 12M proxies.
"""

import math

from lawbook import Derived, Estimate, Input, Law, Namespace, Param
from lawbook.models._overoptimization import (  # pyright: ignore
    after_rounds,
    break_even,
    peak,
    peak_reward,
)
from lawbook.models.reward_overoptimization_bon import REWARD  # pyright: ignore
from lawbook.priors import LogNormal


def reinforced(xp: Namespace, d, *, p, beta):
    """Reward after reinforcement learning."""
    return beta * d * (1 + xp.log(p / d))


def gao2022(label: str, alpha: float, beta: float) -> Estimate:
    """Values that the paper's own symbols have."""
    return Estimate("gao2022", label, p=math.exp(alpha / beta - 1), beta=beta)


D = Input("d", unit="sqrt(nat)", seen=(0.3, 10))
LEARNED = [
    Param("p", LogNormal(median=4.0, log_sd=0.5), pool="partial", unit="sqrt(nat)"),
    Param("beta", LogNormal(median=0.14, log_sd=0.4), pool="partial"),
]
PEAK = Derived("peak", peak, unit="sqrt(nat)")

LAW = Law(
    name="reward_overoptimization_rl",
    domain="alignment",
    formula=reinforced,
    inputs=[D],
    response=REWARD,
    params=LEARNED,
    published=[
        gao2022("proxy of 3M", alpha=0.347, beta=0.152),
        gao2022("proxy of 12M", alpha=0.345, beta=0.141),
    ],
    derived=[
        PEAK,
        Derived("peak_reward", peak_reward, unit="gold sd"),
        Derived("break_even", break_even, unit="sqrt(nat)"),
        Derived("after_rounds", after_rounds, unit="gold sd"),
    ],
)
