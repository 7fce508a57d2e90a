"""Sparsing by shape: how many activations matter in the limit, by a model's width over its depth.

    sparsing_width   A_0(r) = A_flat (1 - q max(1 - r / r_b, 0))

r        width over depth: hidden dimension over number of layers
A_0      limit of the activation ratio with endless data, as sparsing_relu has it
r_b      bottleneck: below it the ratio is a line in r, beyond it flat
A_flat   ratio there
q        share of it that the line would fall by from r_b to zero

Deeper models are sparser, up to where training suffers: the paper's loss is least for r between 74
and 282, so 74 is what it recommends. Each r takes a run of its own, at one size; those below r_b
alone tell the line.

Source: Luo et al. (2024), arXiv:2411.02335: nine ReLU models of 0.1B, r_b about 114 and
A_flat about 0.08; the slope is in a figure only, so no estimate is included.
"""

from lawbook import Derived, Input, Law, Namespace, Normal, Param, Response
from lawbook.priors import LogitNormal, LogNormal


def limit(xp: Namespace, r, *, A_flat, q, r_b):
    """Rise along a line up to the bottleneck."""
    return A_flat * (1 - q * xp.maximum(1 - r / r_b, 0))


def slope(xp: Namespace, *, A_flat, q, r_b):
    """Slope of the line below the bottleneck."""
    return A_flat * q / r_b


LAW = Law(
    name="sparsing_width",
    domain="inference",
    formula=limit,
    inputs=[Input("r", unit="width/depth", seen=(10, 600))],
    response=Response("A_0", unit="fraction", noise=Normal("log", LogNormal(0.03, 0.7))),
    params=[
        Param("A_flat", LogitNormal(median=0.08, logit_sd=0.4), pool="partial"),
        Param("q", LogitNormal(median=0.4, logit_sd=0.9), pool="partial"),
        Param("r_b", LogNormal(median=110, log_sd=0.4), pool="partial", unit="width/depth"),
    ],
    derived=[Derived("slope", slope)],
)
