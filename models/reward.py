"""Reward: mean reward of reinforcement learning by compute, from the start policy to a ceiling.

    reward   R(C) = R_0 + G / (1 + (C_mid / C)**B)

C       compute of reinforcement learning, GPU-hours
R       mean reward of held-out prompts, such as the pass rate
R_0     reward of the start policy
G       gain there is to have; the paper's ceiling is A = R_0 + G
C_mid   compute that brings half of it

The paper leaves out the first 1.5k GPU-hours. Priors expect rewards of order one: give others in
standard deviations under the start policy. Runs below C_mid do not tell G, which is then as
uncertain as its prior. A reward model that is optimised too hard ends differently: see
reward_overoptimization_rl.

Source: Khatri et al. (2025), arXiv:2510.13786, eq. 1; no published estimate is included.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import log_logistic, logit


def mean_reward(xp: Namespace, C, *, R_0, G, C_mid, B):
    """Reward after so much compute."""
    return R_0 + G * log_logistic(xp, C, C_mid, -B)


def ceiling(xp: Namespace, *, R_0, G):
    """Reward that no compute exceeds: the paper's A."""
    return R_0 + G


def compute_for(xp: Namespace, reward, *, R_0, G, C_mid, B):
    """GPU-hours that reach a reward; there are none for one beyond the ceiling."""
    return C_mid * xp.exp(logit(xp, (reward - R_0) / G) / B)


LAW = Law(
    name="reward",
    domain="alignment",
    formula=mean_reward,
    inputs=[Input("C", unit="GPU-hours", seen=(1500, 1e5))],
    response=Response("reward", "reward", StudentT("identity", LogNormal(0.01, 1.0)), "higher"),
    params=[
        Param("R_0", Normal(mean=0, sd=0.8), pool="partial", unit="reward"),
        Param("G", LogNormal(median=0.7, log_sd=0.8), pool="partial", unit="reward"),
        Param("C_mid", LogNormal(median=3000, log_sd=1.0), pool="partial", unit="GPU-hours"),
        Param("B", LogNormal(median=1.2, log_sd=0.5), pool="partial"),
    ],
    derived=[
        Derived("ceiling", ceiling, unit="reward"),
        Derived("compute_for", compute_for, unit="GPU-hours"),
    ],
)
