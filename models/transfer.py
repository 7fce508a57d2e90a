"""Transfer: tokens of fine-tuning that pre-training is worth, by tokens and size.

    transfer   D_T = k D_F**alpha N**beta

D_F   characters to fine-tune on
N     parameters without embeddings
D_T   effective data transferred: more characters that a model from scratch needs for the same loss

alpha tells how near the two texts are, and beta how general the model is: the nearer, the smaller
alpha and the larger k. It holds where D_F is little, 10% or less of what a model from scratch would
have; beyond that pre-training may harm.

Source: Hernandez et al. (2021), arXiv:2102.01293, from text to Python; values by a public
digest.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, TermSize
from lawbook.terms import power


def transferred(xp: Namespace, D_F, N, *, k, alpha, beta):
    """Multiply the powers of data and size."""
    return k * power(xp, D_F, alpha) * power(xp, N, beta)


def multiplier(xp: Namespace, D_F, N, *, k, alpha, beta):
    """Factor by which pre-training multiplies the data that there is."""
    return 1 + transferred(xp, D_F, N, k=k, alpha=alpha, beta=beta) / D_F


LAW = Law(
    name="transfer",
    domain="data",
    formula=transferred,
    inputs=[
        Input("D_F", unit="characters", seen=(1e5, 1e9)),
        Input("N", unit="non-embedding parameters", seen=(1e6, 1e9)),
    ],
    response=Response("D_T", "characters", StudentT("log", LogNormal(0.2, 0.6)), better="higher"),
    params=[
        Param(
            "k",
            TermSize(
                *(LogNormal(4e8, 1.0), {"D_F": 1e7, "N": 3e7}),
                growth={"D_F": "alpha", "N": "beta"},
            ),
            pool="partial",
        ),
        Param("alpha", LogitNormal(median=0.2, logit_sd=0.6), pool="partial"),
        Param("beta", LogNormal(median=0.4, log_sd=0.3)),
    ],
    published=[Estimate("hernandez2021", k=1.9e4, alpha=0.18, beta=0.38, recalled=True)],
    derived=[Derived("multiplier", multiplier)],
)
