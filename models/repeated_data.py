"""Repeated data: how a small share of the data, seen many times, damages a model (proposed).

    repeated_data   L = L_inf + A (rho N)**-alpha + B D**-beta
                    rho = exp(-A_1 (f / 0.1)**b exp(-(log E - mu)**2 / (2 s**2)))
                    mu = (log E_l + log E_r) / 2,  s = log(E_r / E_l) / (2 sqrt(2 log 2))

N, D  parameters, and tokens trained on so far
E     epochs on the repeated part so far; E_l = k_l N**alpha_l and E_r = k_r N**alpha_r are the
      edges of the band where it hurts, the law repeated_data_edge
f     share of the training tokens that are repeats
rho   size of the model without repeats that has the same loss, over N
L     loss on fresh text, nats per token

Left of the band repeats are as good as new data, right of it the few repeated tokens are learned
by heart at little cost. In one run E grows with D, so that the loss rises and falls again on its
way down: double descent in time. The band's edges are those at the 1e11 tokens of the paper.

Source: Hernandez et al. (2022), arXiv:2205.10487, whose edges are power laws; the harm between them
is proposed here, and so is the loss without repeats, whose level is the paper's.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.laws.signatures import takes
from lawbook.models._repeats import remaining, worst_epochs  # pyright: ignore
from lawbook.models.repeated_data_edge import N, level  # pyright: ignore
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


@takes(params=("k_l", "alpha_l", "k_r", "alpha_r", "A_1", "b"))
def loss(xp: Namespace, N, D, E, f, *, L_inf, A, alpha, B, beta, **harm):
    """Sum the floor, the term of what is left of the size, and the term of data."""
    rho = remaining(xp, N, E, f, **harm)
    return L_inf + A * power(xp, rho * N, -alpha) + B * power(xp, D, -beta)


LAW = Law(
    name="repeated_data",
    domain="data",
    status="proposed",
    formula=loss,
    inputs=[
        N,
        Input("D", unit="tokens", seen=(1e9, 1e11)),
        Input("E", unit="epochs", seen=(1, 1e4)),
        Input("f", unit="share", seen=(0.03, 0.9), support=(0, 1)),
    ],
    response=Response("loss", "nats/token", StudentT("log", LogNormal(0.005, 0.7))),
    params=[
        Param("L_inf", LogNormal(median=1.2, log_sd=0.25), pool="partial", unit="nats/token"),
        Param("A", TermSize(LogNormal(1.5, 0.4), {"N": 1e8}, decay="alpha")),
        Param("alpha", LogNormal(median=0.3, log_sd=0.3)),
        Param("B", TermSize(LogNormal(0.2, 0.6), {"D": 1e10}, decay="beta")),
        Param("beta", LogNormal(median=0.3, log_sd=0.3)),
        level("k_l", 140, "alpha_l", 0.4),
        level("k_r", 5100, "alpha_r", 0.4),
        Param("alpha_l", Normal(mean=-0.56, sd=0.1)),
        Param("alpha_r", Normal(mean=-0.50, sd=0.1)),
        Param("A_1", LogNormal(median=0.8, log_sd=0.5), pool="partial"),
        Param("b", Normal(mean=0.8, sd=0.3)),
    ],
    derived=[
        Derived("worst_epochs", worst_epochs, unit="epochs"),
        Derived("remaining", remaining),
    ],
)
