"""How much a repeated part of the data harms, between the edges of the law `repeated_data_edge`.

After Hernandez et al. (2022), whose edges are power laws; the harm between them is proposed here.
"""

from math import log, sqrt

from lawbook.laws.namespace import Namespace
from lawbook.laws.terms import power
from lawbook.models.repeated_data_edge import edge  # pyright: ignore


def worst_epochs(xp: Namespace, N, *, k_l, alpha_l, k_r, alpha_r):
    """Epochs that do the most damage."""
    both = edge(xp, N, k=k_l, alpha=alpha_l) * edge(xp, N, k=k_r, alpha=alpha_r)
    return xp.sqrt(both)


def remaining(xp: Namespace, N, E, f, *, k_l, alpha_l, k_r, alpha_r, A_1, b):
    """Share of the size that is left, the paper's ratio of effective size to size."""
    worst = worst_epochs(xp, N, k_l=k_l, alpha_l=alpha_l, k_r=k_r, alpha_r=alpha_r)
    left = edge(xp, N, k=k_l, alpha=alpha_l)
    half_width = xp.log(worst / left) / sqrt(2 * log(2))
    away = xp.log(E / worst) / half_width
    return xp.exp(-A_1 * power(xp, f / 0.1, b) * xp.exp(-(away**2) / 2))
