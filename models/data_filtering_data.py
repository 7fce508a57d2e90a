"""Data filtering by effective data: error on a filtered pool, whose samples wear out.

    data_filtering_data       y = (sum_k a (x_(k+1) - x_k) / z 2**(-k / tau))**b + d

s     samples seen; n, unique samples of the pool; x_k = min(k n, s) before epoch k; z = 1e5
y     zero-shot error
b     utility of the pool, below zero
tau   half-life of a sample's worth, in epochs
y_1   error above the floor after 1.28e7 samples, each seen once: (128 a)**b = exp(b g)
g     log(128 a), of which b = log(y_1) / g; runs tell y_1 and g apart, but hardly a and b
g, d  shared by all pools of a task

The paper's alternative to data_filtering: samples wear out, not what they teach. In the union of
pools b is, in each epoch, the mean of theirs, weighted by what is left of their samples; its
epochs after the 64th count as one.

Source: Goyal et al. (2024), arXiv:2404.07177, and its released code.
"""

from math import log

from lawbook import Law, Namespace
from lawbook.models._pools import ERROR, INPUTS, ONE, PARAMS, utility  # pyright: ignore
from lawbook.terms import EPOCHS, halved, power


def data(xp: Namespace, s, n, *, y_1, g, tau, d):
    """Let samples wear off: full epochs are a geometric series, the last one counts in part."""
    whole = xp.floor(s / n)
    left = halved(xp, whole, tau)
    series = xp.expm1(-log(2) * whole / tau) / xp.expm1(-log(2) / tau)
    b = utility(xp, y_1=y_1, g=g)
    return y_1 * power(xp, n / ONE * (series + (s / n - whole) * left), b) + d


def union(xp: Namespace, s, n, *, y_1, g, tau, d):
    """Error on m pools of n samples together, whose y_1 and tau lie along the first axis."""
    m, b = len(y_1), utility(xp, y_1=y_1, g=g)
    log_error, before = 0.0, ONE / (xp.exp(g) * m * n)  # in epochs
    for k in range(EPOCHS):
        left = halved(xp, k, m * tau)
        weights = xp.sum(left, axis=0)
        seen = xp.clip(s / (m * n) - k, 0, 1 if k < EPOCHS - 1 else float("inf"))
        after = seen * weights / m if k == 0 else before + seen * weights / m
        log_error = log_error + xp.sum(b * left, axis=0) / weights * xp.log(after / before)
        before = after
    return xp.exp(log_error) + d


LAW = Law(
    name="data_filtering_data",
    domain="data",
    formula=data,
    inputs=INPUTS,
    response=ERROR,
    params=PARAMS,
    union=union,
)
