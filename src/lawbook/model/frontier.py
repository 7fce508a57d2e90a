r"""Densities of a frontier: symmetric noise plus an exponential excess, which only ever hurts.

A residual is r = eps + u with u ~ Exponential(mean excess). With z = r / sigma, k = sigma / excess:

- Gaussian eps, in closed form with the normal tail Q:
  :math:`p(r) = \exp(k^2/2 - k z) \, Q(k - z) / \mathrm{excess}`;
- Student-t eps, where y / sigma = sqrt(nu) sinh(s) makes of the convolution
  :math:`p(r) \propto \int_{-\infty}^{s_z} \cosh(s)^{-\nu}
  \exp(-k \sqrt\nu (\sinh s_z - \sinh s)) \, ds`, whose integrand has its bulk at 0, at the upper
  end s_z, or at both. Gauss-Legendre panels grow from each of the two, measured in the width that
  the integrand has there.

Against mpmath, log densities of the second agree to 1e-6 relative for nu from 0.5 to 300, excess
from sigma/1000 to 1000 sigma, and residuals to 10,000 sigma on either side.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor

from lawbook.model.normal_tail import TAIL, far_fraction, parted

pt: Any = pytensor.tensor  # which declares of many functions that they return None


@dataclass(frozen=True)
class Panels:
    """How the convolution is integrated; log densities measured against mpmath.

    Attributes
    ----------
    outward
        Edges of the panels that leave the bulk, in widths; exp(-16) of it and less is left out.
    inward
        Edges of those between bulk and end, in widths, then to where the other end's begin.
    room
        The panels of one end never pass the middle: a width is at most this part of it.
    widest, farthest
        Width in s, and gap: beyond, exp would leave double precision.
    outward_order, inward_order
        Nodes of a panel.
    """

    outward: tuple[float, ...] = (0.0, 2.0, 6.0, 16.0)
    inward: tuple[float, ...] = (0.0, 2.0, 7.0, 20.0)
    room: float = 30.0
    widest: float = 20.0
    farthest: float = 600.0
    outward_order: int = 11
    inward_order: int = 7


PANELS = Panels()


def normal_frontier(residual, sigma, excess):
    """Return the log density of Gaussian noise plus an exponential excess.

    Parameters
    ----------
    residual
        Distance from the frontier towards the worse, on the noise's own scale.
    sigma, excess
        Standard deviation of the noise and mean of the excess, on that scale.
    """
    z, k = residual / sigma, sigma / excess
    x = k - z
    near, far = parted(x)
    log_near = k * (k / 2 - z) + pt.log(pt.erfc(near / math.sqrt(2)) / 2)
    log_far = -(z**2) / 2 - pt.log(far_fraction(far)) - math.log(2 * math.pi) / 2
    return pt.where(x < TAIL.start, log_near, log_far) - pt.log(excess)


def student_t_frontier(residual, sigma, nu, excess):
    """Return the log density of Student-t noise plus an exponential excess.

    Parameters
    ----------
    residual
        Distance from the frontier towards the worse, on the noise's own scale.
    sigma, nu, excess
        Scale and degrees of freedom of the noise and mean of the excess, on that scale.
    """
    # two more axes, last, for panels and the nodes in them; the others broadcast
    residual, sigma, nu, excess = (
        pt.as_tensor(x)[..., None, None] for x in (residual, sigma, nu, excess)
    )
    root = pt.sqrt(nu)
    pull = root * sigma / excess
    end = pt.arcsinh(residual / (sigma * root))
    bulk = pt.minimum(end, 0.0)
    half = (end - bulk) / 2
    at_end = pt.exp(end)

    def log_integrand(gap):
        """At s = end - gap, by exp(s) alone."""
        near = pt.minimum(gap, PANELS.farthest)
        up = at_end * pt.exp(-near)
        down = 1 / up
        # expm1: a steep end has gaps so small that 1 - exp(-gap) would be rounding error
        fallen = -pt.expm1(-near)
        return -nu * pt.log((up + down) / 2) - pull / 2 * fallen * (at_end + down)

    # outward from the bulk minus the log integrand is convex: slope and curvature give a width
    slope = pull * pt.cosh(bulk) - nu * pt.tanh(bulk)
    curvature = nu / pt.cosh(bulk) ** 2 - pull * pt.sinh(bulk)
    width = pt.minimum(2 / (slope + pt.sqrt(slope**2 + 2 * curvature)), PANELS.widest)
    out, out_weight = _panels(width * np.array([PANELS.outward]).T, order=PANELS.outward_order)
    inner, inner_weight = _panels(_edges(half, pt.sqrt(nu / 2)), order=PANELS.inward_order)
    steepness = pt.maximum(pull * pt.cosh(end) - nu * pt.tanh(end), 0.0)
    outer, outer_weight = _panels(_edges(half, steepness), order=PANELS.inward_order)

    top = pt.maximum(log_integrand(2 * half), log_integrand(0 * end))
    pieces = [(2 * half + out, out_weight), (2 * half - inner, inner_weight), (outer, outer_weight)]
    mass = sum(
        pt.sum(weight * pt.exp(log_integrand(gap) - top), axis=(-2, -1)) for gap, weight in pieces
    )
    scale = pt.gammaln((nu + 1) / 2) - pt.gammaln(nu / 2) - math.log(math.pi) / 2 - pt.log(excess)
    return (scale + top)[..., 0, 0] + pt.log(mass)


def _edges(half, steepness):
    """Return the edges of panels from one end to the middle, growing from ``1 / steepness``."""
    width = half / (half * steepness + PANELS.room)
    from_end, from_middle = [*PANELS.inward, 0.0], [0.0] * len(PANELS.inward) + [1.0]
    return width * np.array([from_end]).T + half * np.array([from_middle]).T


def _panels(edges, order: int):
    """Return Gauss-Legendre nodes and weights, with the panels and their nodes as last axes."""
    node, weight = np.polynomial.legendre.leggauss(order)
    start = edges[..., :-1, :]
    lengths = edges[..., 1:, :] - start
    return start + lengths * ((node + 1) / 2), lengths * (weight / 2)
