"""Retrieval over context length, for models converted to linear attention (proposed).

    lawcat   acc(l) = c + (A - c) / (1 + (l / (r l_T))**s)

l      context length in the test, tokens
l_T    context length in training, tokens
acc    share of correct retrievals
A, c   ceiling, and chance, alike in all groups: near 0 for a needle in free text
r      length at which half of the range is lost, over the length in training

Where all lengths are solved, r is bounded below only, and its prior decides. r and s are told
apart by two cells or more between the ends. lawcat_forgetting is the form of a state that decays.

Source: Liu et al. (2025), arXiv:2509.18467, which reports accuracies by length (over 90% up to
22,000 tokens after training on 1,000) and no formula; this one is proposed here.
"""

from math import log

from lawbook import Binomial, Derived, Input, Law, Namespace, Param, Response
from lawbook.priors import LogitNormal, LogNormal, Share
from lawbook.terms import log_logistic, power


def retrieval(xp: Namespace, length, trained, *, A, c, r, s):
    """Fall from the ceiling to chance around a half-length."""
    return c + (A - c) * log_logistic(xp, length, r * trained, s)


def effective_context(xp: Namespace, accuracy, trained, *, A, c, r, s):
    """Length up to which an accuracy is kept; none above the ceiling or below chance."""
    return r * trained * power(xp, (A - accuracy) / (accuracy - c), 1 / s)


def lost_per_doubling(xp: Namespace, *, s):
    """Loss on the logit scale when the length doubles."""
    return s * log(2)


LENGTHS = [
    Input("length", unit="tokens", seen=(1_000, 22_000)),
    Input("trained", unit="tokens", seen=(1_000, 4_000)),
]
ACCURACY = Response("accuracy", unit="share", noise=Binomial("trials"), better="higher")
ENDS = [
    Param("A", LogitNormal(median=0.98, logit_sd=1.0), pool="partial"),
    Param("c", Share(LogitNormal(median=0.02, logit_sd=1.0), of="A")),
]

LAW = Law(
    name="lawcat",
    domain="inference",
    status="proposed",
    formula=retrieval,
    inputs=LENGTHS,
    response=ACCURACY,
    params=[
        *ENDS,
        Param("r", LogNormal(median=10.0, log_sd=1.6), pool="partial"),
        Param("s", LogNormal(median=3.0, log_sd=0.5), pool="partial"),
    ],
    derived=[
        Derived("effective_context", effective_context, unit="tokens"),
        Derived("lost_per_doubling", lost_per_doubling),
    ],
)
