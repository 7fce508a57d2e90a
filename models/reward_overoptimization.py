"""Reward overoptimization: true reward rises, then falls, as a policy is optimised by a proxy.

    reward_overoptimization_bon       R(d) = d (alpha - beta d)          best of n
    reward_overoptimization_rl        R(d) = d (alpha - beta log d)      reinforcement learning
    reward_overoptimization_win_rate  logit W(d) = w_0 + d (alpha - beta log d)     (proposed)

d       square root of the KL divergence from the start policy, in nats; best of n reaches
        KL = log n - (n - 1) / n
R       gold reward, in standard deviations under the start policy, which has R = 0
W       share of comparisons won, as direct alignment is judged; w_0 is the logit of the start
        policy's share. The papers put the same law on the share itself, without w_0

alpha and beta are correlated at 0.9 unless runs lie past the peak; then the peak is the prior's.
Fitted to best of n, alpha and beta are about linear in the log of the proxy's parameters. The
second form has no slope at d = 0 and is not meant to hold there. After k rounds with a new proxy
beta log d becomes beta log(d / k).

Source: Gao, Schulman & Hilton (2022), arXiv:2210.10760; values read off its figure 3 for proxies
of 3M, 300M and 3B parameters, and off the curves drawn for 3M and 12M. Rafailov et al. (2024),
arXiv:2406.02900, for direct alignment, which prints no values.
"""

from lawbook import Binomial, Derived, Estimate, Input, Law, Namespace, Normal, Param, Response
from lawbook.priors import LogNormal
from lawbook.priors import Normal as NormalPrior
from lawbook.terms import logistic, root


def best_of_n(xp: Namespace, d, *, alpha, beta):
    """Reward of the best of n samples."""
    return d * (alpha - beta * d)


def reinforced(xp: Namespace, d, *, alpha, beta):
    """Reward after reinforcement learning."""
    return d * (alpha - beta * xp.log(d))


def win_rate(xp: Namespace, d, *, w_0, alpha, beta):
    """Share of comparisons won."""
    return logistic(xp, w_0 + reinforced(xp, d, alpha=alpha, beta=beta))


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
REWARD = Response("reward", "gold sd", Normal("identity", LogNormal(0.03, 0.7)), better="higher")
LEARNED = [  # alpha is about the same for all proxies
    Param("alpha", LogNormal(median=0.4, log_sd=0.4), pool="partial"),
    Param("beta", LogNormal(median=0.14, log_sd=0.4), pool="partial"),
]
PEAK = Derived("peak", peak, unit="sqrt(nat)")

LAWS = (
    Law(
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
            Estimate("gao2022", alpha=0.4910, beta=0.1198),
            Estimate("gao2022", alpha=0.6331, beta=0.0995),
            Estimate("gao2022", alpha=0.6625, beta=0.0901),
        ],
        derived=[
            Derived("peak", peak_of_n, unit="sqrt(nat)"),
            Derived("best_n", best_n, unit="samples"),
            Derived("peak_reward", peak_reward_of_n, unit="gold sd"),
        ],
    ),
    Law(
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
    ),
    Law(
        name="reward_overoptimization_win_rate",
        domain="alignment",
        status="proposed",
        formula=win_rate,
        inputs=[D],
        response=Response("win_rate", unit="share", noise=Binomial("trials"), better="higher"),
        params=[Param("w_0", NormalPrior(-0.5, 0.7), pool="partial"), *LEARNED],
        derived=[PEAK, Derived("break_even", break_even, unit="sqrt(nat)")],
    ),
)
