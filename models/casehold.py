"""CaseHOLD: what legal pre-training gains on a task, by how legal the task is (proposed).

    casehold   logit F = logit F_0 + a + b DS

F_0   F1 of the general model on the task; F, that of the domain model
DS    domain specificity: loss of the general model on the task's text less that of the domain
      model, nats; positive where the text is legal
a, b  of a domain model: gain at DS = 0, and per nat; that b is above zero is the finding, and is
      not assumed

Three tasks make no line: a residual per task belongs to the model, so group by task and pool a.

Source: Zheng et al. (2021), arXiv:2104.08671, which defines DS, shows that gains are in its order
and fits no curve; this form is proposed here.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import logistic, logit


def gained(xp: Namespace, F_0, DS, *, a, b):
    """F1 of the domain model."""
    return logistic(xp, logit(xp, F_0) + a + b * DS)


def break_even(xp: Namespace, *, a, b):
    """Domain specificity at which the domain model is no better."""
    return -a / b


LAW = Law(
    name="casehold",
    domain="legal",
    status="proposed",
    formula=gained,
    inputs=[
        Input("F_0", unit="F1", seen=(0.4, 0.975), support=(0, 1)),
        Input("DS", unit="nats", seen=(-0.085, 0.084), support=(float("-inf"), float("inf"))),
    ],
    response=Response("F1", "F1", StudentT("logit", LogNormal(0.1, 0.7)), better="higher"),
    params=[
        Param("a", Normal(mean=0.15, sd=0.25), pool="partial"),
        Param("b", Normal(mean=1.0, sd=1.5), pool="partial", unit="1/nats"),
    ],
    derived=[Derived("break_even", break_even, unit="nats")],
)
