"""Retrieval over context length, for models converted to linear attention (proposed).

    lawcat   acc(l) = c + (A - c) / (1 + (l / l_50)**s)

l      context length in the test, tokens
acc    share of correct retrievals
A, c   ceiling, and chance: near 0 for a needle in free text
l_50   length at which half of the range is lost

Where all lengths are solved, l_50 is bounded below only, and its prior decides. l_50 and s are
told apart by two cells or more between the ends. lawcat_forgetting is the form of a state that
decays.

Source: Liu et al. (2025), arXiv:2509.18467, which reports accuracies by length (over 90% up to
22,000 tokens after training on 1,000) and no formula; this one is proposed here.
"""

from math import log

from lawbook import Binomial, Derived, Input, Law, Namespace, Param, Response
from lawbook.priors import LogitNormal, LogNormal
from lawbook.terms import log_logistic, power


def retrieval(xp: Namespace, length, *, A, c, l_50, s):
    """Fall from the ceiling to chance around a half-length."""
    return c + (A - c) * log_logistic(xp, length, l_50, s)


def effective_context(xp: Namespace, accuracy, *, A, c, l_50, s):
    """Length up to which an accuracy is kept; none above the ceiling or below chance."""
    return l_50 * power(xp, (A - accuracy) / (accuracy - c), 1 / s)


def lost_per_doubling(xp: Namespace, *, s):
    """Loss on the logit scale when the length doubles."""
    return s * log(2)


LENGTH = Input("length", unit="tokens", seen=(1_000, 22_000))
ACCURACY = Response("accuracy", unit="share", noise=Binomial("trials"), better="higher")
ENDS = [
    Param("A", LogitNormal(median=0.98, logit_sd=1.0), pool="partial"),
    Param("c", LogitNormal(median=0.02, logit_sd=1.0), pool="partial"),
]

LAW = Law(
    name="lawcat",
    domain="inference",
    status="proposed",
    formula=retrieval,
    inputs=[LENGTH],
    response=ACCURACY,
    params=[
        *ENDS,
        Param("l_50", LogNormal(median=4_000, log_sd=0.8), pool="partial", unit="tokens"),
        Param("s", LogNormal(median=3.0, log_sd=0.5), pool="partial"),
    ],
    derived=[
        Derived("effective_context", effective_context, unit="tokens"),
        Derived("lost_per_doubling", lost_per_doubling),
    ],
)
