"""recipe_comparison: error against compute, flat at random guessing and at a floor.

    error(C) = (G - E) (1 + C/B)**-alpha + E

C      training compute, GFLOP: forward GFLOP of one sample times samples seen, without
       the backward pass, as the paper counts; multiply FLOP by 1e-9
error  1 - accuracy (or recall, or mean IoU) of a task, fraction
G      error of a model that guesses, fraction: 0.999 for a thousand classes
B      compute at which a model stops guessing, GFLOP; the paper prints ln b
E      error that no compute takes away

The paper writes a (C + b)**c + d: b = B, c = -alpha, d = E, and a = (G - E) B**alpha is the
error's excess at one GFLOP, eleven decades below the data. G is near what guessing gives, 0.5 for
two classes, though a fit may overshoot it by a percent; where no run is near the plateau, give
what guessing gives as its prior. alpha and E lie along a ridge: fits to little compute take a
floor too high and an exponent too steep. The law is one of frontiers: the best run at each
compute. The floor's prior is what other models reach.

Source: Nezhurina et al. (2025), arXiv:2506.04598.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models._recipe_values import PRINTED, REFITS  # pyright: ignore
from lawbook.priors import LogitNormal, LogNormal
from lawbook.terms import power


def error(xp: Namespace, C, *, G, B, alpha, E):
    """Fall from the plateau of guessing along a power law to the floor."""
    return (G - E) * xp.exp(-alpha * xp.log1p(C / B)) + E


def compute_for(xp: Namespace, error, *, G, B, alpha, E):
    """Compute that reaches an error; there is none beyond guessing and the floor."""
    return B * (power(xp, (error - E) / (G - E), -1 / alpha) - 1)


def flops(C):
    """Training FLOPs: three forward passes."""
    return 3e9 * C


LAW = Law(
    name="recipe_comparison",
    domain="vision",
    formula=error,
    inputs=[Input("C", unit="GFLOP", seen=(7e6, 1.4e12))],
    response=Response("error", unit="fraction", noise=StudentT(on="log")),
    params=[
        Param("G", LogNormal(median=0.9, log_sd=0.3), pool="partial", unit="fraction"),
        Param("B", LogNormal(median=1e8, log_sd=1.5), pool="partial", unit="GFLOP"),
        Param("alpha", LogNormal(median=0.2, log_sd=0.4), pool="partial"),
        Param("E", LogitNormal(median=0.1, logit_sd=0.7), pool="partial", unit="fraction"),
    ],
    published=[*PRINTED, *REFITS],
    cost=flops,
    derived=[Derived("compute_for", compute_for, unit="GFLOP")],
)
