"""Autoregressive models of pairs: what a model learns of a text from its image, by size.

    autoregressive_information   I(N) = g + lam log(N / 1e8)

N     parameters without embeddings
I     mutual information between image and text that the model has found, as a share of the loss on
      the text alone (Infogain); less than 1
g     I of 1e8 parameters
lam   what each e-fold of parameters adds

The paper writes lambda log(N / N_c), N_c the size that finds nothing: an extrapolation by decades,
which is derived. The line must end before I = 1. A picture would be worth all its words where the
line reaches a share, at size_for; the two directions, text to image and back, are groups.

Source: Henighan et al. (2020), arXiv:2010.14701, eq. 4.1. Its coefficients are in a figure only;
the values are those of two sizes in its text, 0.10 at 1e9 and 0.20 at 3e12 parameters.
"""

from math import log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal


def infogain(xp: Namespace, N, *, g, lam):
    """Share of the text that its image explains."""
    return g + lam * xp.log(N / 1e8)


def size_for(xp: Namespace, share, *, g, lam):
    """Parameters that find a share."""
    return 1e8 * xp.exp((share - g) / lam)


def N_c(xp: Namespace, *, g, lam):
    """Size at which the line begins: the paper's N_c."""
    return 1e8 * xp.exp(-g / lam)


LAM = 0.1 / log(3e12 / 1e9)

LAW = Law(
    name="autoregressive_information",
    domain="pre-training",
    formula=infogain,
    inputs=[Input("N", unit="non-embedding parameters", seen=(1e6, 1e9))],
    response=Response("I", "share", StudentT("identity", LogNormal(0.005, 0.7)), better="higher"),
    params=[
        Param("g", Normal(mean=0.07, sd=0.03), pool="partial", unit="share"),
        Param("lam", LogNormal(median=0.0125, log_sd=0.4), pool="partial"),
    ],
    published=[Estimate("henighan2020", g=0.1 - LAM * log(10), lam=LAM)],
    derived=[
        Derived("size_for", size_for, unit="non-embedding parameters"),
        Derived("N_c", N_c, unit="non-embedding parameters"),
    ],
)
