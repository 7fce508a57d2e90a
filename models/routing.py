"""Routing: loss of mixtures of experts, by the size that a token sees and the number of experts.

    log10(L) = a log10(N) + b log10(H) + c log10(N) log10(H) + d
    H = 1 / (1 / (E - 1 + 1 / (1 / E_start - 1 / E_max)) + 1 / E_max)

N, E   parameters that a token sees; experts in every other block (one a token), 1 of a dense model
H      experts as they count: E_start for a dense model, E_max for very many
L      held-out cross-entropy, nats per token, of training on 1.3e11 tokens
a, b   slopes in size and in experts, below zero; c, by how much experts gain less in large models

Group by the way to route. E_start is told by few experts, E_max by many; a, b trade with c, d.

Source: Clark et al. (2022), arXiv:2202.01169, eq. 1, table 3 (S-BASE, RL-R, HASH), by public notes.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import log10, power, power10


def counted(E, *, E_start, E_max):
    """Experts as they count, between E_start for one and E_max for very many."""
    return 1 / (1 / (E - 1 + 1 / (1 / E_start - 1 / E_max)) + 1 / E_max)


def loss(xp: Namespace, N, E, *, a, b, c, d, E_start, E_max):
    """Fall along a power law in size and one in experts, whose exponents depend on each other."""
    size, experts = log10(xp, N), log10(xp, counted(E, E_start=E_start, E_max=E_max))
    return power10(xp, a * size + b * experts + c * size * experts + d)


def effective_size(xp: Namespace, N, E, *, a, b, c, E_start, E_max):
    """Parameters of the dense model with the same loss."""
    experts = counted(E, E_start=E_start, E_max=E_max)
    slope, dense = a + c * log10(xp, experts), a + c * log10(xp, E_start)
    return power(xp, N, slope / dense) * power(xp, experts / E_start, b / dense)


def cutoff(xp: Namespace, *, b, c):
    """Size beyond which experts gain nothing."""
    return power10(xp, -b / c)


NOTES = {"key": "clark2022", "recalled": True}  # they are not the paper
NAMES = ("a", "b", "c", "d", "E_start", "E_max")
ROWS = (
    ("S-BASE", -0.082, -0.108, 0.009, 1.104, 1.847, 314.478),
    ("RL-R", -0.083, -0.126, 0.012, 1.111, 1.880, 469.982),
    ("HASH", -0.087, -0.136, 0.012, 1.157, 4.175, 477.741),
)
EXPERTS = Input("E", unit="experts", seen=(1, 512), support=(1, float("inf")))

LAW = Law(
    name="routing",
    domain="pre-training",
    formula=loss,
    inputs=[Input("N", unit="parameters", seen=(1.6e7, 1.31e9)), EXPERTS],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.01, 0.7))),
    params=[
        Param("a", Normal(mean=-0.08, sd=0.03), pool="partial"),
        Param("b", Normal(mean=-0.12, sd=0.06), pool="partial"),
        Param("c", LogNormal(median=0.01, log_sd=0.6), pool="partial"),
        Param("d", Normal(mean=1.1, sd=0.2), pool="partial"),
        Param("E_start", LogNormal(median=2.0, log_sd=0.6), pool="partial", unit="experts"),
        Param("E_max", LogNormal(median=400, log_sd=0.8), pool="partial", unit="experts"),
    ],
    published=[Estimate(label=n, **NOTES, **dict(zip(NAMES, at, strict=True))) for n, *at in ROWS],
    derived=[Derived(f.__name__, f, unit="parameters") for f in (effective_size, cutoff)],
)
