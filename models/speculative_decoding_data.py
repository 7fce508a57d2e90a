"""Speculative decoding by data: tokens that a draft model gets accepted, by its training.

    speculative_decoding_data   A(T) = a + b log(T)

T   pre-training tokens of the draft model, in billions
A   tokens accepted per verification step, with the one that comes for free

The log is natural. Notes on the paper print log10, but the paper measured 5.13 at 1 and 5.43 at 100
billion tokens, of which the printed line gives 5.05 and 5.42 with natural logs and 5.05 and 5.21
with log10. The line must break, since A cannot pass the tokens drafted plus one;
speculative_decoding_chain does.

Source: Yan et al. (2025), arXiv:2505.07858, theorem 1.1; values from public notes on it.
"""

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal


def by_data(xp: Namespace, T, *, a, b):
    """Tokens accepted, by data of the draft model."""
    return a + b * xp.log(T)


ACCEPTED = Response("A", "tokens", StudentT("log", LogNormal(0.02, 0.7)), better="higher")
T = Input("T", unit="billion tokens", seen=(1, 100))

LAW = Law(
    name="speculative_decoding_data",
    domain="inference",
    formula=by_data,
    inputs=[T],
    response=ACCEPTED,
    params=[
        Param("a", LogNormal(median=4.6, log_sd=0.2), pool="partial", unit="tokens"),
        Param("b", LogNormal(median=0.06, log_sd=0.7), pool="partial"),
    ],
    published=[Estimate("yan2025", a=5.05, b=0.08)],
)
