"""What there is to know of made-up people, in bits: the texts of the law `knowledge_capacity`.

A person has one of 1.6e8 names, and attributes that can take so many values in all, after
Allen-Zhu & Li (2024).
"""

from math import log

from lawbook.laws.namespace import Namespace
from lawbook.laws.terms import power, root

NAMES = 400 * 400 * 1000

VALUES = 2 * (12 * 28 * 200) * 200 * 300 * 100 * 263  # of all attributes of one person


def taught(xp: Namespace, N):
    """Bits in what N people's attributes say."""
    return N * (log(NAMES) + log(VALUES) - xp.log(N)) / log(2)


def people(xp: Namespace, bits):
    """People in whose attributes there are so many bits; NaN where there are more than names."""
    return xp.exp(root(xp, lambda log_N: taught(xp, xp.exp(log_N)) - bits, 0.0, log(NAMES)))


def ceiling(xp: Namespace, E, *, kappa_1000, s):
    """Bits per parameter that an overfull model stores after E exposures."""
    return kappa_1000 * power(xp, xp.minimum(E, 1000) / 1000, s)


def size_for(xp: Namespace, bits, E, *, kappa_1000, s):
    """Parameters whose ceiling is a number of bits."""
    return bits / ceiling(xp, E, kappa_1000=kappa_1000, s=s)


def people_for(xp: Namespace, P, E, *, kappa_1000, s):
    """People whose attributes fill a model."""
    return people(xp, P * ceiling(xp, E, kappa_1000=kappa_1000, s=s))


def exposures_for(xp: Namespace, kappa, *, kappa_1000, s):
    """Exposures after which the ceiling is kappa; it rises up to 1000 of them."""
    found = 1000 * power(xp, kappa / kappa_1000, 1 / s)
    return xp.where(found <= 1000, found, float("nan"))
