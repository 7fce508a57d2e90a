"""Lawma by compute: accuracy of legal annotation by compute of pre-training (proposed).

    lawma_compute   logit acc(C) = a + b log10(C / 1e21)

C      pre-training compute 6 N D, FLOP
acc    share of the test cases that are right

The line is crude, with residuals of 0.4 on the logit scale, since families differ by more than
compute. A task has a ceiling, the agreement of the people who labelled it, which this form
ignores: do not extrapolate towards 1.

Source: Dominguez-Olmedo et al. (2024), arXiv:2407.16615, which plots it and fits no formula; this
one is proposed here.
"""

from math import log

from lawbook import Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import logistic


def by_compute(xp: Namespace, C, *, a, b):
    """Accuracy by compute of pre-training."""
    return logistic(xp, a + b * xp.log(C / 1e21) / log(10))


LAW = Law(
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
)
