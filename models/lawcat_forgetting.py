"""Retrieval from a state that decays, over context length (proposed).

    lawcat_forgetting   acc(l) = c + (A - c) exp(-(l / (q l_T))**k)

l      context length in the test, tokens
l_T    context length in training, tokens
acc    share of correct retrievals
A, c   ceiling, and chance, alike in all groups: near 0 for a needle in free text
q      length at which all but 1/e of the range is lost, over the length in training; at k = 1 the
       chance of losing the needle is constant per token

Where all lengths are solved, q is bounded below only, and its prior decides. q and k are told
apart by two cells or more between the ends.

Source: Liu et al. (2025), arXiv:2509.18467, which reports accuracies by length (over 90% up to
22,000 tokens after training on 1,000) and no formula; this one is proposed here.
"""

from lawbook import Law, Namespace, Param
from lawbook.models.lawcat import ACCURACY, ENDS, LENGTHS  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.terms import power


def forgetting(xp: Namespace, length, trained, *, A, c, q, k):
    """Fall from the ceiling to chance as a state decays."""
    return c + (A - c) * xp.exp(-power(xp, length / (q * trained), k))


LAW = Law(
    name="lawcat_forgetting",
    domain="inference",
    status="proposed",
    formula=forgetting,
    inputs=LENGTHS,
    response=ACCURACY,
    params=[
        *ENDS,
        Param("q", LogNormal(median=12.0, log_sd=1.6), pool="partial"),
        Param("k", LogNormal(median=1.5, log_sd=0.4), pool="partial"),
    ],
)
