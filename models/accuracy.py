"""Accuracy: a benchmark's score by training compute, from chance to a ceiling (proposed).

    accuracy   a(C) = c + (1 - c) h / (1 + (C_mid / C)**B)

C       training compute, FLOP
a       share of the answers that are right
c       chance level: what guessing scores
h       ceiling, as a share of what lies above chance; 1 - h is wrong or ambiguous questions
C_mid   compute that is half way, where a decade is worth most

Runs below C_mid do not tell h, and those above do not tell c: there intervals are as wide as the
priors. Where c is known, as 1/4 of four choices, say law.with_priors(c=LogitNormal(0.25, 0.05)).

Source: Owen (2024), arXiv:2401.04757, sigmoids of benchmarks in compute; chance level, ceiling,
range and priors are proposed here.
"""

from math import log

from lawbook import Beta, Derived, Input, Law, Namespace, Param, Response
from lawbook.priors import LogitNormal, LogNormal
from lawbook.terms import log_logistic, logit


def score(xp: Namespace, C, *, c, h, C_mid, B):
    """Score after so much compute."""
    return c + (1 - c) * h * log_logistic(xp, C, C_mid, -B)


def compute_for(xp: Namespace, accuracy, *, c, h, C_mid, B):
    """Training FLOPs that reach a score; there are none for one outside chance and ceiling."""
    return C_mid * xp.exp(logit(xp, (accuracy - c) / (1 - c) / h) / B)


def ceiling(xp: Namespace, *, c, h):
    """Score that no compute exceeds."""
    return c + (1 - c) * h


def steepest(xp: Namespace, *, c, h, B):
    """Gain of a decade of compute at its steepest."""
    return (1 - c) * h * B * log(10) / 4


def flops(C):
    """Training FLOPs: the input itself."""
    return C


LAW = Law(
    name="accuracy",
    domain="downstream",
    status="proposed",
    formula=score,
    inputs=[Input("C", unit="FLOP", seen=(1e18, 1e23))],
    response=Response("accuracy", unit="share", noise=Beta(), better="higher"),
    params=[
        Param("c", LogitNormal(0.25, 0.7), pool="partial", unit="share"),
        Param("h", LogitNormal(0.65, 1.3), pool="partial", unit="share"),
        Param("C_mid", LogNormal(median=3e20, log_sd=2.0), pool="partial", unit="FLOP"),
        Param("B", LogNormal(median=0.45, log_sd=0.5), pool="partial"),
    ],
    cost=flops,
    derived=[
        Derived("compute_for", compute_for, unit="FLOP"),
        Derived("ceiling", ceiling, unit="share"),
        Derived("steepest", steepest, unit="share/decade"),
    ],
)
