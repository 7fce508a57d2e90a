"""Synthetic text (synthetic_text): the error after training on made-up data, from what is known.

    L(D) = B / (D_l + D**beta) + E

D      synthetic training tokens, which may be none
L      error rate on MATH, per cent
D_l    what the base model knows already, in tokens**beta: B / D_l + E is its error before
E      error that no amount of such data removes

Where only points far beyond D_l are seen, D_l is the prior's; a measured score of the base model
pins it down. The three base models have beta and E of their own.

Source: Qin et al. (2025), arXiv:2503.19551. The paper prints beta of its smallest model, B / D_l
of its largest and predicted errors, no full set of values, so no estimate is included.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def error(xp: Namespace, D, *, B, D_l, beta, E):
    """Fall from the error of the base model to the floor."""
    return B / (D_l + power(xp, D, beta)) + E


def data_for(xp: Namespace, error, *, B, D_l, beta, E):
    """Synthetic tokens that bring the error down to a goal; there are none below the floor."""
    return power(xp, B / (error - E) - D_l, 1 / beta)


def to_gain(xp: Namespace, D, *, B, D_l, beta):
    """Error still to be gained by more of the data, in points."""
    return B / (D_l + power(xp, D, beta))


LAW = Law(
    name="synthetic_text",
    domain="data",
    formula=error,
    inputs=[Input("D", unit="tokens", seen=(6e7, 4.5e9))],
    response=Response("error", unit="per cent", noise=StudentT("log", LogNormal(0.02, 0.7))),
    params=[
        Param("B", TermSize(LogNormal(60, 0.5), at={"D": 1e9}, decay="beta"), pool="partial"),
        Param("D_l", TermSize(LogNormal(1.0, 0.8), at={"D": 1e9}, decay="beta"), pool="partial"),
        Param("beta", LogNormal(median=0.45, log_sd=0.35), pool="partial"),
        Param("E", LogNormal(median=15.0, log_sd=0.4), pool="partial", unit="per cent"),
    ],
    derived=[
        Derived("data_for", data_for, unit="tokens"),
        Derived("to_gain", to_gain, unit="points"),
    ],
)
