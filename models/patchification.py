"""Patchification: error of image models by the side of the patches they see (proposed).

    y(p) = E + A (p / 16)**alpha

p       side of a patch, pixels; an image of side R has (R / p)**2 tokens, down to one a pixel
y       error, 1 - accuracy (or 1 - mIoU, 1 - AP)
A       what patches of 16 pixels cost over endlessly fine ones

With four or five sides a row, E and alpha trade off, and the finest patch carries most of what is
known of E. Resolution, model and task are groups: A shrinks as the resolution grows.

Source: Wang et al. (2025), arXiv:2502.03738, which shows straight falls on log-log axes and
prints no coefficients; this form is proposed here.
"""

from math import log

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal
from lawbook.terms import power


def error(xp: Namespace, p, *, E, A, alpha):
    """Add the cost of the patch to the floor."""
    return E + A * power(xp, p / 16, alpha)


def side_for(xp: Namespace, error, *, E, A, alpha):
    """Patch side that reaches an error, pixels; there is none below the floor."""
    return 16 * power(xp, (error - E) / A, 1 / alpha)


def gain_of_halving(xp: Namespace, p, *, A, alpha):
    """Error that half the side, and so four times the tokens, takes away."""
    return A * power(xp, p / 16, alpha) * (1 - xp.exp(-log(2) * alpha))


LAW = Law(
    name="patchification",
    domain="vision",
    status="proposed",
    formula=error,
    inputs=[Input("p", unit="pixels", seen=(1, 64))],
    response=Response("error", unit="fraction", noise=StudentT("log", LogNormal(0.007, 0.7))),
    params=[
        Param("E", LogitNormal(median=0.25, logit_sd=0.8), pool="partial"),
        Param("A", LogNormal(median=0.05, log_sd=0.8), pool="partial"),
        Param("alpha", LogNormal(median=1.1, log_sd=0.45), pool="partial"),
    ],
    derived=[
        Derived("side_for", side_for, unit="pixels"),
        Derived("gain_of_halving", gain_of_halving),
    ],
)
