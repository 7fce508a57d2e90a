"""Reward overoptimization, best of n: true reward rises, then falls, with samples to choose from.

    reward_overoptimization_bon   R(d) = d (alpha - beta d)

d       square root of the KL divergence from the start policy, in nats; best of n reaches
        KL = log n - (n - 1) / n
R       gold reward, in standard deviations under the start policy, which has R = 0

alpha and beta are correlated at 0.9 unless runs lie past the peak; then the peak is the prior's.
Both are about linear in the log of the proxy's parameters.

Source: Gao, Schulman & Hilton (2022), arXiv:2210.10760; values read off its figure 3 for proxies
of 3M, 300M and 3B parameters; and those of an open reproduction.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Normal, Param, Response
from lawbook.models._reproduced_rewards import REPRODUCED  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.terms import root


def best_of_n(xp: Namespace, d, *, alpha, beta):
    """Reward of the best of n samples."""
    return d * (alpha - beta * d)


def peak_of_n(xp: Namespace, *, alpha, beta):
    """Distance at which the best of n is best."""
    return alpha / (2 * beta)


def best_n(xp: Namespace, *, alpha, beta):
    """How many samples are best: the n of the peak."""
    kl = peak_of_n(xp, alpha=alpha, beta=beta) ** 2
    return xp.exp(root(xp, lambda log_n: log_n - 1 + xp.exp(-log_n) - kl, kl, kl + 1))


def peak_reward_of_n(xp: Namespace, *, alpha, beta):
    """Reward at the peak."""
    return alpha**2 / (4 * beta)


REWARD = Response("reward", "gold sd", Normal("identity", LogNormal(0.03, 0.7)), better="higher")

LAW = Law(
    name="reward_overoptimization_bon",
    domain="alignment",
    formula=best_of_n,
    inputs=[Input("d", unit="sqrt(nat)", seen=(0, 3.17))],
    response=REWARD,
    params=[
        Param("alpha", LogNormal(median=0.5, log_sd=0.5), pool="partial"),
        Param("beta", LogNormal(median=0.12, log_sd=0.5), pool="partial"),
    ],
    published=[
        Estimate("gao2022", "proxy of 3M", alpha=0.4910, beta=0.1198),
        Estimate("gao2022", "proxy of 300M", alpha=0.6331, beta=0.0995),
        Estimate("gao2022", "proxy of 3B", alpha=0.6625, beta=0.0901),
        *REPRODUCED,
    ],
    derived=[
        Derived("peak", peak_of_n, unit="sqrt(nat)"),
        Derived("best_n", best_n, unit="samples"),
        Derived("peak_reward", peak_reward_of_n, unit="gold sd"),
    ],
)
