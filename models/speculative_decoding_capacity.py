"""Speculative decoding by capacity: tokens that a draft model gets accepted, by its layers.

    speculative_decoding_capacity   A(n) = a + b log(n)

n   layers of the draft model
A   tokens accepted per verification step, with the one that comes for free

The log is natural, as in speculative_decoding_data, where measured points tell; here none do. The
line must break, since A cannot pass the tokens drafted plus one; speculative_decoding_chain
does.

Source: Yan et al. (2025), arXiv:2505.07858, theorem 1.2; values from public notes on it.
"""

from lawbook import Estimate, Input, Law, Namespace, Param
from lawbook.models.speculative_decoding_data import ACCEPTED  # pyright: ignore
from lawbook.priors import LogNormal


def by_capacity(xp: Namespace, n, *, a, b):
    """Tokens accepted, by layers of the draft model."""
    return a + b * xp.log(n)


LAYERS = Input("n", unit="layers", seen=(1, 5))

LAW = Law(
    name="speculative_decoding_capacity",
    domain="inference",
    formula=by_capacity,
    inputs=[LAYERS],
    response=ACCEPTED,
    params=[
        Param("a", LogNormal(median=4.6, log_sd=0.2), pool="partial", unit="tokens"),
        Param("b", LogNormal(median=0.7, log_sd=0.5), pool="partial"),
    ],
    published=[Estimate("yan2025", a=4.61, b=0.74)],
)
