"""Lawma: accuracy of legal annotation by examples (proposed).

    lawma   logit acc(n) = a + b log(n / 100)

n      examples of one task to tune on
acc    share of the test cases that are right

A task has a ceiling, the agreement of the people who labelled it, which this form ignores: do not
extrapolate towards 1.

Source: Dominguez-Olmedo et al. (2024), arXiv:2407.16615, which plots it and fits no formula; this
one is proposed here.
"""

from math import log

from lawbook import Beta, Derived, Input, Law, Namespace, Param, Response
from lawbook.priors import LogNormal, Normal
from lawbook.terms import logistic, logit


def by_examples(xp: Namespace, n, *, a, b):
    """Accuracy after tuning on n examples."""
    return logistic(xp, a + b * xp.log(n / 100))


def examples_for(xp: Namespace, accuracy, *, a, b):
    """How many examples reach an accuracy."""
    return 100 * xp.exp((logit(xp, accuracy) - a) / b)


def gain_per_decade(xp: Namespace, *, b):
    """Gain on the logit scale from ten times the examples."""
    return b * log(10)


LAW = Law(
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
)
