"""Autoregressive models of text by size: the loss of text, without a floor that runs tell.

    autoregressive_text   L(N) = (N_0 / N)**alpha

N       parameters without embeddings, trained to convergence
L       test cross-entropy, nats per token

Each kind of text has its own values; autoregressive_size is the law of other domains, which have a
floor. N_0 is an extrapolation by many decades, so its prior sits on the loss at a point inside the
runs.

Source: Henighan et al. (2020), arXiv:2010.14701, table 1: language, text before its image, text
after its image.
"""

from lawbook import Estimate, Input, Law, Namespace, Param
from lawbook.models.autoregressive_size import LOSS  # pyright: ignore
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import power


def of_size(xp: Namespace, N, *, N_0, alpha):
    """Loss of a converged model."""
    return power(xp, N_0 / N, alpha)


LAW = Law(
    name="autoregressive_text",
    domain="pre-training",
    formula=of_size,
    inputs=[Input("N", unit="non-embedding parameters", seen=(1e5, 1e11))],
    response=LOSS,
    params=[
        Param("N_0", RatioSize(LogNormal(2.0, 0.7), {"N": 1e8}, "alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.05, log_sd=0.4), pool="partial"),
    ],
    published=[
        Estimate("henighan2020", "language", N_0=1.47e14, alpha=0.070),
        Estimate("henighan2020", "text before its image", N_0=5.6e8, alpha=0.037),
        Estimate("henighan2020", "text after its image", N_0=7.0e8, alpha=0.039),
    ],
)
