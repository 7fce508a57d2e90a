"""Data filtering: error after repeated passes over a filtered pool, whose samples wear out.

    data_filtering   y = (a x_1 / z)**b_0 prod_j (x_j / x_(j-1))**b_(j-1) + d

s     samples seen; n, unique samples of the pool; x_j = min(j n, s) after epoch j; z = 1e5
y     zero-shot error
b     utility of the pool, below zero; b_k = b 2**(-k / tau) in epoch k, counted from 0
tau   half-life of the utility, in epochs
y_1   error above the floor after 1.28e7 samples, each seen once: (128 a)**b = exp(b g)
g     log(128 a), of which b = log(y_1) / g; runs tell y_1 and g apart, but hardly a and b
g, d  shared by all pools of a task

The epochs after the 64th count as one. `lawbook.decisions.unions.compare_unions` tells how many
pools are best together for a budget. Of the union of m, fitted one by one, b_k is the mean, and a
half-life is m times as many epochs, since a sample comes up m times less often.

Source: Goyal et al. (2024), arXiv:2404.07177; the released values are of data_filtering_released.
"""

from lawbook import Law, Namespace
from lawbook.models._pools import ERROR, INPUTS, OF_POOLS, PARAMS, first, utility  # pyright: ignore
from lawbook.terms import worn


def error(xp: Namespace, s, n, *, y_1, g, tau, d):
    """Let the pool's utility wear off, above a floor that stays."""
    b = utility(xp, y_1=y_1, g=g)
    return first(xp, s, n, y_1=y_1, g=g) * xp.exp(b * worn(xp, s / n, tau)) + d


def union(xp: Namespace, s, n, *, y_1, g, tau, d):
    """Error on m pools of n samples together, whose y_1 and tau lie along the first axis."""
    m = len(y_1)
    each = error(xp, s, m * n, y_1=y_1, g=g, tau=m * tau, d=0)
    return xp.exp(xp.sum(xp.log(each), axis=0) / m) + d


LAW = Law(
    name="data_filtering",
    domain="data",
    formula=error,
    inputs=INPUTS,
    response=ERROR,
    params=PARAMS,
    union=union,
    derived=OF_POOLS,
    limits=["Fits are slow, minutes for a hundred runs: each step sums over up to 64 epochs."],
)
