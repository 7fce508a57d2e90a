"""Repeated data: how a small share of the data, seen many times, damages a model.

    repeated_data_edge   E = k N**alpha                   edges of the band where it hurts
    repeated_data        log rho = -A_1 (f / 0.1)**b exp(-(log E - mu)**2 / (2 s**2))   (proposed)
                         mu = (log E_l + log E_r) / 2,  s = log(E_r / E_l) / (2 sqrt(2 log 2))

N     parameters
E     epochs on the repeated part; E_l = k_l N**alpha_l and E_r = k_r N**alpha_r are the edges
f     share of the training tokens that are repeats, of 1e11 in all
rho   size of the model without repeats that has the same loss, over N

Left of the band repeats are as good as new data, right of it the few repeated tokens are learned
by heart at little cost. The paper calls its edges noisy, and gives no uncertainty.

Source: Hernandez et al. (2022), arXiv:2205.10487, figure 4 for f = 0.1: left edge, then right.
"""

from math import log, sqrt

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


def edge(xp: Namespace, N, *, k, alpha):
    """Epochs at an edge of the band."""
    return k * power(xp, N, alpha)


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


def harmful_size(xp: Namespace, E, *, k, alpha):
    """Parameters for which so many epochs lie at the edge."""
    return power(xp, E / k, 1 / alpha)


N = Input("N", unit="parameters", seen=(1.57e6, 8.05e8))


def level(name: str, epochs: float, exponent: str, log_sd: float) -> Param:
    """Prior on an edge for a hundred million parameters."""
    return Param(name, TermSize(LogNormal(epochs, log_sd), {"N": 1e8}, growth=exponent), "partial")


LAWS = (
    Law(
        name="repeated_data_edge",
        domain="data",
        formula=edge,
        inputs=[N],
        response=Response("E", unit="epochs", noise=StudentT("log", LogNormal(0.3, 0.5))),
        params=[level("k", 800, "alpha", 1.0), Param("alpha", Normal(mean=-0.53, sd=0.1))],
        published=[
            Estimate("hernandez2022", k=4.2e6, alpha=-0.56),
            Estimate("hernandez2022", k=5.1e7, alpha=-0.50),
        ],
        derived=[Derived("harmful_size", harmful_size, unit="parameters")],
    ),
    Law(
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
    ),
)
