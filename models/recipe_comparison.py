"""recipe_comparison: error against compute, flat at random guessing and at a floor.

    error(C) = A (C + B)**-alpha + E

C      training compute, GFLOP: forward GFLOP of one sample times samples seen, without
       the backward pass, as the paper counts; multiply FLOP by 1e-9
error  1 - accuracy (or recall, or mean IoU) of a task, fraction
B      compute below which a model guesses, GFLOP; the paper prints ln b
E      error that no compute takes away

The law is one of frontiers: the best run at each compute. A and alpha lie along a ridge (A is
the error's excess eleven decades below the data), alpha and E another: fits to little compute
take a floor too high and an exponent too steep. The floor's prior is what other models reach.

Source: Nezhurina et al. (2025), arXiv:2506.04598; the code's a, b, c, d are A, B, -alpha, E.
"""

from math import exp

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, TermSize


def error(xp: Namespace, C, *, A, B, alpha, E):
    """Fall from the plateau of guessing along a power law to the floor."""
    return A * xp.exp(-alpha * xp.logaddexp(xp.log(C), xp.log(B))) + E


def flops(C):
    """Training FLOPs: three forward passes."""
    return 3e9 * C


def _published(A: float, log_b: float, alpha: float, E: float) -> Estimate:
    return Estimate("nezhurina2025", A=A, B=exp(log_b), alpha=alpha, E=E)


LAW = Law(
    name="recipe_comparison",
    domain="vision",
    formula=error,
    inputs=[Input("C", unit="GFLOP", seen=(7e6, 1.4e12))],
    response=Response("error", unit="fraction", noise=StudentT(on="log")),
    params=[
        Param("A", TermSize(LogNormal(0.35, 0.5), at={"C": 1e10}, decay="alpha"), pool="partial"),
        Param("B", LogNormal(median=1e8, log_sd=1.5), pool="partial", unit="GFLOP"),
        Param("alpha", LogNormal(median=0.2, log_sd=0.4), pool="partial"),
        Param("E", LogitNormal(median=0.1, logit_sd=0.7), pool="partial", unit="fraction"),
    ],
    published=[
        _published(57.862083, 18.391321, 0.226604, 0.111169),  # CLIP, ImageNet-1k
        _published(125.356572, 19.289384, 0.255670, 0.101112),  # MaMMUT, ImageNet-1k
    ],
    cost=flops,
)
