"""Summaries of judgments (clsum): quality by the number of training pairs (proposed).

    Q(n) = Q_inf - (Q_inf - Q_0) (1 + n / n_0)**-g

n       pairs of judgment and summary to train on, which may be none
Q       quality between 0 and 1, such as ROUGE
Q_0     quality without any; Q_inf that with endless ones
n_0, g  examples before learning bends, and the exponent beyond; three or four sizes do not tell
        them apart, so jurisdictions share them

Synthetic pairs count as rho n of them, with a rho that this law does not fit: scale n.

Source: Liu et al. (2024), arXiv:2403.04454, with comparisons between no, few and all examples in
four jurisdictions; no law is fitted there, and this form is proposed here.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Share
from lawbook.terms import power


def quality(xp: Namespace, n, *, Q_inf, Q_0, n_0, g):
    """Rise from the quality without examples to the plateau."""
    return Q_inf - (Q_inf - Q_0) * power(xp, 1 + n / n_0, -g)


def pairs_for(xp: Namespace, quality, *, Q_inf, Q_0, n_0, g):
    """Pairs that reach a quality; none do above the plateau."""
    return n_0 * (power(xp, (Q_inf - Q_0) / (Q_inf - quality), 1 / g) - 1)


LAW = Law(
    name="clsum",
    domain="legal",
    status="proposed",
    formula=quality,
    inputs=[Input("n", unit="pairs", seen=(0, 1000))],
    response=Response("Q", "share", StudentT("logit", LogNormal(0.03, 0.7)), better="higher"),
    params=[
        Param("Q_inf", LogitNormal(median=0.45, logit_sd=0.5), pool="partial"),
        Param("Q_0", Share(LogitNormal(median=0.7, logit_sd=0.7), of="Q_inf"), pool="partial"),
        Param("n_0", LogNormal(median=30, log_sd=0.8), unit="pairs"),
        Param("g", LogNormal(median=0.5, log_sd=0.4)),
    ],
    derived=[Derived("pairs_for", pairs_for, unit="pairs")],
)
