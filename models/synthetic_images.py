"""Synthetic images: loss of image models by the images they are trained on.

    synthetic_images          L(D) = c D**-k
    synthetic_images_floored  L(D) = E + c D**-k     proposed

D   training images, real or generated
L   validation cross-entropy
k   scaling ability of a source of images; larger is better

The paper fits straight lines on log-log axes over the range where they are straight. Synthetic
curves bend beyond it: the floor, proposed here, has a prior that lets it be small. k of a line is
below that of a curve with a floor.

Source: Fan et al. (2023), arXiv:2312.04567. Only the k of one figure can be read, no c, so no
estimate is included.
"""

from math import log

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import HalfNormal, LogNormal, TermSize
from lawbook.terms import power


def line(xp: Namespace, D, *, c, k):
    """Fall along a power law."""
    return c * power(xp, D, -k)


def floored(xp: Namespace, D, *, E, c, k):
    """Fall along a power law to the floor."""
    return E + line(xp, D, c=c, k=k)


def per_doubling(xp: Namespace, *, k):
    """Reducible loss after twice the images, as a share of that before."""
    return xp.exp(-log(2) * k)


def images_for(xp: Namespace, loss, *, c, k):
    """Images that reach a loss."""
    return power(xp, loss / c, -1 / k)


def images_above_floor(xp: Namespace, loss, *, E, c, k):
    """Images that reach a loss; none do below the floor."""
    return images_for(xp, loss - E, c=c, k=k)


D = Input("D", unit="images", seen=(1.25e5, 6.4e7))
LOSS = Response("loss", unit="nats/image", noise=StudentT("log", LogNormal(0.02, 0.7)))
K = Param("k", LogNormal(median=0.25, log_sd=0.35), pool="partial")


def c_worth(median: float) -> Param:
    """Return the scale, whose prior is on what a million images leave."""
    return Param("c", TermSize(LogNormal(median, 0.5), at={"D": 1e6}, decay="k"), pool="partial")


LAWS = (
    Law(
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
    ),
    Law(
        name="synthetic_images_floored",
        domain="vision",
        formula=floored,
        inputs=[D],
        response=LOSS,
        params=[Param("E", HalfNormal(1.0), pool="partial", unit="nats/image"), c_worth(3.0), K],
        derived=[
            Derived("per_doubling", per_doubling),
            Derived("images_for", images_above_floor, unit="images"),
        ],
        status="proposed",
    ),
)
