"""Repeated data: how a small share of the data, seen many times, damages a model (proposed).

    repeated_data   log rho = -A_1 (f / 0.1)**b exp(-(log E - mu)**2 / (2 s**2))
                    mu = (log E_l + log E_r) / 2,  s = log(E_r / E_l) / (2 sqrt(2 log 2))

N     parameters
E     epochs on the repeated part; E_l = k_l N**alpha_l and E_r = k_r N**alpha_r are the edges of
      the band where it hurts, the law repeated_data_edge
f     share of the training tokens that are repeats, of 1e11 in all
rho   size of the model without repeats that has the same loss, over N

Left of the band repeats are as good as new data, right of it the few repeated tokens are learned
by heart at little cost.

Source: Hernandez et al. (2022), arXiv:2205.10487, whose edges are power laws; the harm between them
is proposed here.
"""

from math import log, sqrt

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models.repeated_data_edge import N, edge, level  # pyright: ignore
from lawbook.priors import LogNormal, Normal
from lawbook.terms import power


def worst_epochs(xp: Namespace, N, *, k_l, alpha_l, k_r, alpha_r):
    """Epochs that do the most damage."""
    both = edge(xp, N, k=k_l, alpha=alpha_l) * edge(xp, N, k=k_r, alpha=alpha_r)
    return xp.sqrt(both)


def remaining(xp: Namespace, N, E, f, *, k_l, alpha_l, k_r, alpha_r, A_1, b):
    """Share of the size that is left."""
    worst = worst_epochs(xp, N, k_l=k_l, alpha_l=alpha_l, k_r=k_r, alpha_r=alpha_r)
    left = edge(xp, N, k=k_l, alpha=alpha_l)
    half_width = xp.log(worst / left) / sqrt(2 * log(2))
    away = xp.log(E / worst) / half_width
    return xp.exp(-A_1 * power(xp, f / 0.1, b) * xp.exp(-(away**2) / 2))


LAW = Law(
    name="repeated_data",
    domain="data",
    status="proposed",
    formula=remaining,
    inputs=[
        N,
        Input("E", unit="epochs", seen=(1, 1e4)),
        Input("f", unit="share", seen=(0.03, 0.9), support=(0, 1)),
    ],
    response=Response("rho", "share", StudentT("log", LogNormal(0.05, 0.7)), "higher"),
    params=[
        level("k_l", 140, "alpha_l", 0.4),
        level("k_r", 5100, "alpha_r", 0.4),
        Param("alpha_l", Normal(mean=-0.56, sd=0.1)),
        Param("alpha_r", Normal(mean=-0.50, sd=0.1)),
        Param("A_1", LogNormal(median=0.8, log_sd=0.5), pool="partial"),
        Param("b", Normal(mean=0.8, sd=0.3)),
    ],
    derived=[Derived("worst_epochs", worst_epochs, unit="epochs")],
)
