"""A policy that is reinforced by a proxy: what the laws of reward overoptimization share.

After Gao, Schulman & Hilton (2022), whose alpha is beta (1 + log p).
"""

from math import e

from lawbook.laws.namespace import Namespace


def peak(xp: Namespace, *, p):
    """Distance at which the policy is best."""
    return p


def peak_reward(xp: Namespace, *, p, beta):
    """Reward at the peak."""
    return beta * p


def break_even(xp: Namespace, *, p):
    """Distance beyond which the policy is worse than at the start."""
    return e * p


def after_rounds(xp: Namespace, d, rounds, *, p, beta):
    """Reward at distance d after several rounds with a new proxy."""
    return beta * d * (1 + xp.log(rounds * p / d))
