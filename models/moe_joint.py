"""Joint law of mixtures of experts: loss by active size, tokens and number of experts.

    moe_joint   L = a H**delta N**(alpha + gamma log H) + b H**omega D**(beta + zeta log H) + c
                H = 1 / (1 / (E - 1 + 1 / (1 / E_start - 1 / E_max)) + 1 / E_max)

N, D   parameters that a token sees; training tokens
E, H   experts, 1 of a dense model; as they count, E_start for a dense model and at most E_max
L      held-out cross-entropy, nats per token

For each E this is Chinchilla's law. A budget is best spent on a smaller model and more tokens, the
more experts there are. gamma and zeta are told by tables that cross experts with size and data.

Source: Ludziejewski et al. (2025), arXiv:2502.05172, table 3.
"""

from dataclasses import replace

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.laws.signatures import takes
from lawbook.models._experts import NAMES, of_experts  # pyright: ignore
from lawbook.models.routing import EXPERTS  # pyright: ignore
from lawbook.priors import LogNormal, Negative, Normal, TermSize
from lawbook.terms import best_split, flops, power


@takes(params=NAMES)
def loss(xp: Namespace, N, D, E, *, c, **at):
    """Add the two terms of Chinchilla's law for this many experts to the floor."""
    of = of_experts(xp, E, **at)
    return c + of["A"] * power(xp, N, -of["alpha"]) + of["B"] * power(xp, D, -of["beta"])


@takes(params=NAMES)
def optimal_size(xp: Namespace, C, E, **at):
    """Parameters that a token sees in the best model for C FLOPs."""
    return best_split(xp, C, E=0.0, **of_experts(xp, E, **at))[0]


SIZE = {"a": 35.91, "alpha": -0.1889, "delta": -0.2285, "gamma": 0.0098}
DATA = {"b": 35.98, "beta": -0.1775, "omega": 0.5529, "zeta": -0.0259}

LAW = Law(
    name="moe_joint",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="active parameters", seen=(5e7, 5e9)),
        Input("D", unit="tokens", seen=(1e9, 3e11)),
        replace(EXPERTS, seen=(1, 32)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.005, 0.7))),
    params=[
        Param("a", TermSize(LogNormal(0.6, 0.5), {"N": 1e9}, growth="alpha"), pool="partial"),
        Param("b", TermSize(LogNormal(0.5, 0.5), {"D": 2e10}, growth="beta"), pool="partial"),
        Param("c", LogNormal(median=1.4, log_sd=0.3), pool="partial", unit="nats/token"),
        Param("alpha", Negative(LogNormal(median=0.2, log_sd=0.35))),
        Param("beta", Negative(LogNormal(median=0.2, log_sd=0.35))),
        Param("gamma", Normal(mean=0.01, sd=0.01)),
        Param("delta", Negative(LogNormal(median=0.2, log_sd=0.5))),
        Param("omega", Normal(mean=0.4, sd=0.3)),
        Param("zeta", Normal(mean=-0.02, sd=0.015)),
        Param("E_start", LogNormal(median=2.0, log_sd=0.5), unit="experts"),
        Param("E_max", LogNormal(median=300, log_sd=0.8), unit="experts"),
    ],
    published=[
        Estimate("ludziejewski2025", c=1.3637, E_start=2.0732, E_max=290.4521, **SIZE, **DATA),
    ],
    cost=flops,
    derived=[Derived("optimal_size", optimal_size, unit="active parameters")],
)
