"""Reward overoptimization: true reward rises, then falls, as a policy is optimised by a proxy.

    reward_overoptimization_rl   R(d) = d (alpha - beta log d)

d       square root of the KL divergence from the start policy, in nats
R       gold reward, in standard deviations under the start policy, which has R = 0

alpha and beta are correlated at 0.9 unless runs lie past the peak; then the peak is the prior's.
The law has no slope at d = 0 and is not meant to hold there. After k rounds with a new proxy
beta log d becomes beta log(d / k).

Source: Gao, Schulman & Hilton (2022), arXiv:2210.10760; read off its curves for 3M and 12M proxies.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param
from lawbook.models.reward_overoptimization_bon import REWARD  # pyright: ignore
from lawbook.priors import LogNormal


def reinforced(xp: Namespace, d, *, alpha, beta):
    """Reward after reinforcement learning."""
    return d * (alpha - beta * xp.log(d))


def peak(xp: Namespace, *, alpha, beta):
    """Distance at which the policy is best."""
    return xp.exp(alpha / beta - 1)


def peak_reward(xp: Namespace, *, alpha, beta):
    """Reward at the peak."""
    return beta * peak(xp, alpha=alpha, beta=beta)


def break_even(xp: Namespace, *, alpha, beta):
    """Distance beyond which the policy is worse than at the start."""
    return xp.exp(alpha / beta)


def after_rounds(xp: Namespace, d, rounds, *, alpha, beta):
    """Reward at distance d after several rounds with a new proxy."""
    return d * (alpha - beta * xp.log(d / rounds))


D = Input("d", unit="sqrt(nat)", seen=(0.3, 10))
LEARNED = [  # alpha is about the same for all proxies
    Param("alpha", LogNormal(median=0.4, log_sd=0.4), pool="partial"),
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
        Estimate("gao2022", alpha=0.347, beta=0.152),
        Estimate("gao2022", alpha=0.345, beta=0.141),
    ],
    derived=[
        PEAK,
        Derived("peak_reward", peak_reward, unit="gold sd"),
        Derived("break_even", break_even, unit="sqrt(nat)"),
        Derived("after_rounds", after_rounds, unit="gold sd"),
    ],
)
