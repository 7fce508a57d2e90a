"""Repeated data, edges: epochs on a small share of the data between which they damage a model.

    repeated_data_edge   E = k N**alpha

N     parameters
E     epochs on the repeated part at an edge of the band where it hurts

Left of the band repeats are as good as new data, right of it the few repeated tokens are learned
by heart at little cost; repeated_data says how much harm lies between. The paper calls its edges
noisy, and gives no uncertainty.

Source: Hernandez et al. (2022), arXiv:2205.10487, figure 4, for a tenth of 1e11 training tokens:
left edge, then right.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


def edge(xp: Namespace, N, *, k, alpha):
    """Epochs at an edge of the band."""
    return k * power(xp, N, alpha)


def harmful_size(xp: Namespace, E, *, k, alpha):
    """Parameters for which so many epochs lie at the edge."""
    return power(xp, E / k, 1 / alpha)


N = Input("N", unit="parameters", seen=(1.57e6, 8.05e8))


def level(name: str, epochs: float, exponent: str, log_sd: float) -> Param:
    """Prior on an edge for a hundred million parameters."""
    return Param(name, TermSize(LogNormal(epochs, log_sd), {"N": 1e8}, growth=exponent), "partial")


LAW = Law(
    name="repeated_data_edge",
    domain="data",
    formula=edge,
    inputs=[N],
    response=Response("E", unit="epochs", noise=StudentT("log", LogNormal(0.3, 0.5))),
    params=[level("k", 800, "alpha", 1.0), Param("alpha", Normal(mean=-0.53, sd=0.1))],
    published=[
        Estimate("hernandez2022", "left edge", k=4.2e6, alpha=-0.56),
        Estimate("hernandez2022", "right edge", k=5.1e7, alpha=-0.50),
    ],
    derived=[Derived("harmful_size", harmful_size, unit="parameters")],
)
