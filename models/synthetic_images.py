"""Synthetic images (synthetic_images): loss of image models by the images they are trained on.

    L(D) = E + c D**-k

D   training images, real or generated
L   validation cross-entropy
k   scaling ability of a source of images; larger is better

The paper fits straight lines on log-log axes, E = 0, over the range where they are straight, and
synthetic curves bend beyond: so E is kept, with a prior that lets it be small. k of a line is
below that of a curve with a floor.

Source: Fan et al. (2023), arXiv:2312.04567. Only the k of one figure can be read, no c, so no
estimate is included.
"""

from math import log

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import HalfNormal, LogNormal, TermSize
from lawbook.terms import power


def loss(xp: Namespace, D, *, E, c, k):
    """Fall along a power law to the floor."""
    return E + c * power(xp, D, -k)


def per_doubling(xp: Namespace, *, k):
    """Reducible loss after twice the images, as a share of that before."""
    return xp.exp(-log(2) * k)


def images_for(xp: Namespace, loss, *, E, c, k):
    """Images that reach a loss; none do below the floor."""
    return power(xp, (loss - E) / c, -1 / k)


LAW = Law(
    name="synthetic_images",
    domain="vision",
    formula=loss,
    inputs=[Input("D", unit="images", seen=(1.25e5, 6.4e7))],
    response=Response("loss", unit="nats/image", noise=StudentT("log", LogNormal(0.02, 0.7))),
    params=[
        Param("E", HalfNormal(1.0), pool="partial", unit="nats/image"),
        Param("c", TermSize(LogNormal(3.0, 0.5), at={"D": 1e6}, decay="k"), pool="partial"),
        Param("k", LogNormal(median=0.25, log_sd=0.35), pool="partial"),
    ],
    derived=[
        Derived("per_doubling", per_doubling),
        Derived("images_for", images_for, unit="images"),
    ],
)
