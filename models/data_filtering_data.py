"""Data filtering by effective data: error on a filtered pool, whose samples wear out.

    data_filtering_data       y = (sum_k a (x_(k+1) - x_k) / z 2**(-k / tau))**b + d

s     samples seen; n, unique samples of the pool; x_k = min(k n, s) before epoch k; z = 1e5
y     zero-shot error
b     utility of the pool, below zero
tau   half-life of a sample's worth, in epochs
a, d  shared by all pools of a task: a and b are degenerate within one

The paper's alternative to data_filtering: samples wear out, not what they teach. In the union of
pools b is, in each epoch, the mean of theirs, weighted by what is left of their samples; its
epochs after the 64th count as one.

Source: Goyal et al. (2024), arXiv:2404.07177, and its released code.
"""

from math import log

from lawbook import Law, Namespace
from lawbook.models.data_filtering import ERROR, INPUTS, PARAMS  # pyright: ignore
from lawbook.terms import EPOCHS, halved, power


def data(xp: Namespace, s, n, *, a, b, tau, d):
    """Let samples wear off: full epochs are a geometric series, the last one counts in part."""
    whole = xp.floor(s / n)
    left = halved(xp, whole, tau)
    series = xp.expm1(-log(2) * whole / tau) / xp.expm1(-log(2) / tau)
    return power(xp, a * n / 1e5 * (series + (s / n - whole) * left), b) + d


def union(xp: Namespace, s, n, *, a, b, tau, d):
    """Error on m pools of n samples together, whose b and tau lie along the first axis."""
    m = len(b)
    log_error, before = 0.0, 1e5 / (a * m * n)  # in epochs
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
