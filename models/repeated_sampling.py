"""Repeated sampling: the share of problems that one of several answers solves.

    repeated_sampling   c(k) = exp(a k**b)

k   answers drawn for each problem
c   coverage: share of the problems that at least one of them solves
a   log coverage of one answer, below zero
b   exponent of k, below zero: log coverage falls towards 0 along a power law

A benchmark and a model have a curve of their own. Coverage is what a perfect judge would keep; to
vote or to rank answers levels off long before. Problems without any chance would be a ceiling below
1, which this law has not.

Source: Brown et al. (2024), arXiv:2407.21787; no published estimate is included.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Negative
from lawbook.terms import power


def coverage(xp: Namespace, k, *, a, b):
    """Share of the problems that k answers solve."""
    return xp.exp(a * power(xp, k, b))


def answers_for(xp: Namespace, share, *, a, b):
    """Answers that reach a coverage."""
    return power(xp, xp.log(share) / a, 1 / b)


LAW = Law(
    name="repeated_sampling",
    domain="inference",
    formula=coverage,
    inputs=[Input("k", unit="answers", seen=(1, 1e4), support=(1, float("inf")))],
    response=Response("c", "share", StudentT("logit", LogNormal(0.05, 0.7)), better="higher"),
    params=[
        Param("a", Negative(LogNormal(median=1.5, log_sd=0.6)), pool="partial"),
        Param("b", Negative(LogNormal(median=0.35, log_sd=0.4)), pool="partial"),
    ],
    derived=[Derived("answers_for", answers_for, unit="answers")],
)
