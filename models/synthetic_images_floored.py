"""Synthetic images with a floor: loss of image models by the images they are trained on (proposed).

    synthetic_images_floored   L(D) = E + c D**-k

D   training images, real or generated
L   validation cross-entropy
k   scaling ability of a source of images; larger is better

The paper fits straight lines, the law synthetic_images, over the range where curves are straight;
synthetic ones bend beyond it. The floor, proposed here, has a prior that lets it be small. k of a
line is below that of a curve with a floor.

Source: Fan et al. (2023), arXiv:2312.04567.
"""

from lawbook import Derived, Law, Namespace, Param
from lawbook.models.synthetic_images import LOSS, D, K, c_worth, images_for, line, per_doubling  # pyright: ignore
from lawbook.priors import HalfNormal


def floored(xp: Namespace, D, *, E, c, k):
    """Fall along a power law to the floor."""
    return E + line(xp, D, c=c, k=k)


def images_above_floor(xp: Namespace, loss, *, E, c, k):
    """Images that reach a loss; none do below the floor."""
    return images_for(xp, loss - E, c=c, k=k)


LAW = Law(
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
)
