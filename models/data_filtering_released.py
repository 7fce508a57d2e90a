"""Data filtering as released: error on a filtered pool, with a floor that wears off, too.

    data_filtering_released   y = ((a x_1 / z)**b_0 + d) prod_j (x_j / x_(j-1))**b_(j-1)

s     samples seen; n, unique samples of the pool; x_j = min(j n, s) after epoch j; z = 1e5
y     zero-shot error
b     utility of the pool, below zero; b_k = b 2**(-k / tau) in epoch k, counted from 0
tau   half-life of the utility, in epochs
y_1   error above the floor after 1.28e7 samples, each seen once: (128 a)**b = exp(b g)
g     log(128 a), of which b = log(y_1) / g; runs tell y_1 and g apart, but hardly a and b
g, d  shared by all pools of a task

The paper's formula, data_filtering, adds d at the end; the released code adds it to the first
epoch's error, and the released values go with the code. The epochs after the 64th count as one.

Source: Goyal et al. (2024), arXiv:2404.07177; values of its repository, best tenth of the pool
first, then the next three tenths.
"""

from lawbook import Law, Namespace
from lawbook.models._pools import (  # pyright: ignore
    ERROR,
    INPUTS,
    OF_POOLS,
    PARAMS,
    first,
    goyal2024,
    utility,
)
from lawbook.terms import worn


def released(xp: Namespace, s, n, *, y_1, g, tau, d):
    """Let the pool's utility wear off, and the floor fall with the error."""
    b = utility(xp, y_1=y_1, g=g)
    return (first(xp, s, n, y_1=y_1, g=g) + d) * xp.exp(b * worn(xp, s / n, tau))


def union(xp: Namespace, s, n, *, y_1, g, tau, d):
    """Error on m pools of n samples together, whose y_1 and tau lie along the first axis."""
    m, b = len(y_1), utility(xp, y_1=y_1, g=g)
    start = xp.sum(xp.log(first(xp, s, m * n, y_1=y_1, g=g)), axis=0) / m
    return (xp.exp(start) + d) * xp.exp(xp.sum(b * worn(xp, s / (m * n), m * tau), axis=0) / m)


LAW = Law(
    name="data_filtering_released",
    domain="data",
    formula=released,
    inputs=INPUTS,
    response=ERROR,
    params=PARAMS,
    union=union,
    published=[
        goyal2024("ImageNet, best tenth", a=0.025, b=-0.160, tau=6.7273, d=0.1),
        goyal2024("second tenth", a=0.025, b=-0.125, tau=8.5455, d=0.1),
        goyal2024("third tenth", a=0.025, b=-0.100, tau=5.2727, d=0.1),
        goyal2024("fourth tenth", a=0.025, b=-0.085, tau=2.2727, d=0.1),
    ],
    derived=OF_POOLS,
    limits=["Fits are slow, minutes for a hundred runs: each step sums over up to 64 epochs."],
)
