"""Post-training precision: the loss that quantising a trained model adds.

    precision_ptq   delta = C_T D**gamma_D / N**gamma_N exp(-P_post / gamma_post)

N, D     parameters without embeddings, tokens
P_post   bits of the weights after training
delta    what quantising adds to the loss, nats per token

The paper has an offset b in the second exponent, which C_T takes up here. Its text leaves the sign
open. That b is added to -P_post / gamma_post, so that exp(b) is in C_T, is inferred: only so the
values reach the harm that the paper draws, 0.59 nats for 3e7 parameters, 2.6e10 tokens and 3 bits;
the other sign leaves 0.06. Constants do not carry over to another set-up.

Source: Kumar et al. (2024), arXiv:2411.04330, table 2 in appendix K.
"""

from math import exp

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models.precision import D, N  # pyright: ignore
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def added(xp: Namespace, N, D, P_post, *, C_T, gamma_D, gamma_N, gamma_post):
    """Loss that quantising after training adds."""
    per_bit = xp.exp(-P_post / gamma_post)
    return C_T * power(xp, D, gamma_D) * power(xp, N, -gamma_N) * per_bit


ADDED_AT_FOUR = TermSize(  # at no bits; at four exp(-4 / gamma_post) of it, 0.03 nats
    LogNormal(5.0, 0.8),
    at={"N": 1e8, "D": 1e10},
    decay={"N": "gamma_N"},
    growth={"D": "gamma_D"},
)

LAW = Law(
    name="precision_ptq",
    domain="compression",
    formula=added,
    inputs=[N, D, Input("P_post", unit="bits", seen=(3, 6))],
    response=Response("delta", "nats/token", StudentT("log", LogNormal(0.1, 0.7))),
    params=[
        Param("C_T", ADDED_AT_FOUR, pool="partial"),
        Param("gamma_D", LogNormal(median=0.4, log_sd=0.4)),
        Param("gamma_N", LogNormal(median=0.35, log_sd=0.4)),
        Param("gamma_post", LogNormal(median=0.8, log_sd=0.25), pool="partial"),
    ],
    published=[
        Estimate(
            "kumar2024", C_T=0.0598 * exp(1.1277), gamma_D=0.5068, gamma_N=0.3439, gamma_post=0.5907
        )
    ],
)
