"""Speculative decoding of a chain: tokens accepted, by data and layers of the drafter (proposed).

    speculative_decoding_chain   A = (1 - q**(g + 1)) / (1 - q),
                                 logit q = a + b_T log(T) + b_n log(n)

T   pre-training tokens of the draft model, in billions
n   its layers
g   tokens that are drafted per step, as a chain
A   tokens accepted per verification step, with the one that comes for free

Each token is accepted with probability q, so that A levels off at g + 1, which the lines of
speculative_decoding_data and speculative_decoding_capacity pass.

Source: Yan et al. (2025), arXiv:2505.07858, whose lines this joins; the form is proposed here.
"""

from lawbook import Input, Law, Namespace, Param
from lawbook.models.speculative_decoding_capacity import LAYERS  # pyright: ignore
from lawbook.models.speculative_decoding_data import ACCEPTED, T  # pyright: ignore
from lawbook.priors import Normal


def chain(xp: Namespace, T, n, g, *, a, b_T, b_n):
    """Tokens accepted of a chain."""
    logit = a + b_T * xp.log(T) + b_n * xp.log(n)
    log_q = -xp.logaddexp(0.0, -logit)
    return xp.expm1((g + 1) * log_q) / xp.expm1(log_q)


LAW = Law(
    name="speculative_decoding_chain",
    domain="inference",
    status="proposed",
    formula=chain,
    inputs=[T, LAYERS, Input("g", unit="tokens", seen=(3, 9))],
    response=ACCEPTED,
    params=[
        Param("a", Normal(mean=0.8, sd=0.7), pool="partial"),
        Param("b_T", Normal(mean=0.2, sd=0.15)),
        Param("b_n", Normal(mean=0.2, sd=0.15)),
    ],
)
