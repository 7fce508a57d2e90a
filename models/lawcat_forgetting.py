"""Retrieval from a state that decays, over context length (proposed).

    lawcat_forgetting   acc(l) = c + (A - c) exp(-(l / tau)**k)

l      context length in the test, tokens
acc    share of correct retrievals
A, c   ceiling, and chance: near 0 for a needle in free text
tau    length at which all but 1/e of the range is lost; at k = 1 the chance of losing the needle
       is constant per token

Where all lengths are solved, tau is bounded below only, and its prior decides. tau and k are told
apart by two cells or more between the ends.

Source: Liu et al. (2025), arXiv:2509.18467, which reports accuracies by length (over 90% up to
22,000 tokens after training on 1,000) and no formula; this one is proposed here.
"""

from lawbook import Law, Namespace, Param
from lawbook.models.lawcat import ACCURACY, ENDS, LENGTH  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.terms import power


def forgetting(xp: Namespace, length, *, A, c, tau, k):
    """Fall from the ceiling to chance as a state decays."""
    return c + (A - c) * xp.exp(-power(xp, length / tau, k))


LAW = Law(
    name="lawcat_forgetting",
    domain="inference",
    status="proposed",
    formula=forgetting,
    inputs=[LENGTH],
    response=ACCURACY,
    params=[
        *ENDS,
        Param("tau", LogNormal(median=5_000, log_sd=0.8), pool="partial", unit="tokens"),
        Param("k", LogNormal(median=1.5, log_sd=0.4), pool="partial"),
    ],
)
