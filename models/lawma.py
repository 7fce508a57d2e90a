"""Lawma: accuracy of legal annotation by examples and by compute of pre-training (proposed).

    lawma           logit acc(n) = a + b log(n / 100)
    lawma_compute   logit acc(C) = a + b log10(C / 1e21)

n      examples of one task to tune on
C      pre-training compute 6 N D, FLOP
acc    share of the test cases that are right

A task has a ceiling, the agreement of the people who labelled it, which this form ignores: do not
extrapolate towards 1. The line in compute is crude, with residuals of 0.4 on the logit scale,
since families differ by more than compute.

Source: Dominguez-Olmedo et al. (2024), arXiv:2407.16615, which plots both and fits no formula;
both formulas are proposed here.
"""

from math import log

from lawbook import Beta, Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import logistic, logit


def by_examples(xp: Namespace, n, *, a, b):
    """Accuracy after tuning on n examples."""
    return logistic(xp, a + b * xp.log(n / 100))


def by_compute(xp: Namespace, C, *, a, b):
    """Accuracy by compute of pre-training."""
    return logistic(xp, a + b * xp.log(C / 1e21) / log(10))


def examples_for(xp: Namespace, accuracy, *, a, b):
    """How many examples reach an accuracy."""
    return 100 * xp.exp((logit(xp, accuracy) - a) / b)


def gain_per_decade(xp: Namespace, *, b):
    """Gain on the logit scale from ten times the examples."""
    return b * log(10)


LAWS = (
    Law(
        name="lawma",
        domain="legal",
        status="proposed",
        formula=by_examples,
        inputs=[Input("n", unit="examples", seen=(10, 1000))],
        response=Response("accuracy", unit="share", noise=Beta(), better="higher"),
        params=[
            Param("a", Normal(mean=0.9, sd=0.8), pool="partial"),
            Param("b", LogNormal(median=0.12, log_sd=0.5), pool="partial"),
        ],
        derived=[
            Derived("examples_for", examples_for, unit="examples"),
            Derived("gain_per_decade", gain_per_decade),
        ],
    ),
    Law(
        name="lawma_compute",
        domain="legal",
        status="proposed",
        formula=by_compute,
        inputs=[Input("C", unit="FLOP", seen=(1.26e20, 7.2e23))],
        response=Response(
            "accuracy",
            unit="share",
            noise=StudentT(on="logit", sigma=LogNormal(0.3, 0.5)),
            better="higher",
        ),
        params=[
            Param("a", Normal(mean=0.2, sd=0.7), pool="partial"),
            Param("b", LogNormal(median=0.5, log_sd=0.5), pool="partial"),
        ],
    ),
)
