"""Synthetic images: loss of image models by the images they are trained on.

    synthetic_images   L(D) = c D**-k

D   training images, real or generated
L   validation cross-entropy
k   scaling ability of a source of images; larger is better

The paper fits straight lines on log-log axes over the range where they are straight. Synthetic
curves bend beyond it, as synthetic_images_floored does.

Source: Fan et al. (2023), arXiv:2312.04567. Only the k of one figure can be read, no c, so no
estimate is included.
"""

from math import log

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def line(xp: Namespace, D, *, c, k):
    """Fall along a power law."""
    return c * power(xp, D, -k)


def per_doubling(xp: Namespace, *, k):
    """Reducible loss after twice the images, as a share of that before."""
    return xp.exp(-log(2) * k)


def images_for(xp: Namespace, loss, *, c, k):
    """Images that reach a loss."""
    return power(xp, loss / c, -1 / k)


D = Input("D", unit="images", seen=(1.25e5, 6.4e7))
LOSS = Response("loss", unit="nats/image", noise=StudentT("log", LogNormal(0.02, 0.7)))
K = Param("k", LogNormal(median=0.25, log_sd=0.35), pool="partial")


def c_worth(median: float) -> Param:
    """Return the scale, whose prior is on what a million images leave."""
    return Param("c", TermSize(LogNormal(median, 0.5), at={"D": 1e6}, decay="k"), pool="partial")


LAW = Law(
    name="synthetic_images",
    domain="vision",
    formula=line,
    inputs=[D],
    response=LOSS,
    params=[c_worth(3.5), K],
    derived=[
        Derived("per_doubling", per_doubling),
        Derived("images_for", images_for, unit="images"),
    ],
)
