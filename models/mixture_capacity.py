"""Mixtures by capacity: domains compete for a model's parameters, and each needs its own tokens.

    mixture_capacity   L = E + c / (1e-8 N x)**b + A / (1e-10 D k(h_own))**a
                       x = k(h_own)**v / (k(h_own)**v + w_web k(h_web)**v + w_books k(h_books)**v)
                       k(h) = max(h, 1e-6),   v = 1 / (1 + b)

N       parameters, of which a domain gets the share x
D       training tokens
h_j     share of domain j in the tokens, h_own that of the domain whose loss it is; they sum to 1
L       held-out cross-entropy on that domain, nats per token
w_j     how much of a model domain j takes with as large a share, beside the domain itself
c, A    what too little of a model of 1e8 parameters, or of 1e10 tokens, costs; b, a its exponents

Here domains share no skill, so that one that is alike comes out as one that takes little. The paper
shares out the parameters above a common head by a convex program, with an exponent for each domain;
with one for all and no head it has this closed form. The best mixture leans to hard domains.

Source: Dai & Zheng (2026), arXiv:2606.08167, theorem 4.1, by its released code and public notes; no
published estimate is included. The domains here are an example.
"""

from collections.abc import Mapping

from lawbook import Input, Law, Namespace, Param, Response, StudentT
from lawbook.laws.signatures import takes
from lawbook.models._mixtures import FLOOR, LEAST  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.terms import flops, power


def over(largest: Mapping[str, float]) -> Law:
    """Return the law for the domain ``own`` beside some others, by their largest shares."""
    demands = [Param(f"w_{j}", LogNormal(1.0, 0.8), pool="partial") for j in largest]

    @takes("N", "D", "h_own", *(f"h_{j}" for j in largest), params=[p.name for p in demands])
    def loss(xp: Namespace, *x, E, c, b, A, a, **at):
        """Add what too little capacity and too few tokens cost to the floor."""
        N, D, own, *others = x
        own = xp.maximum(own, LEAST)
        takes_up = [
            at[f"w_{j}"] * power(xp, xp.maximum(h, LEAST) / own, 1 / (1 + b))
            for j, h in zip(largest, others, strict=True)
        ]
        capacity, tokens = 1e-8 * N / (1 + sum(takes_up)), 1e-10 * D * own
        return E + c * power(xp, capacity, -b) + A * power(xp, tokens, -a)

    return Law(
        name="mixture_capacity",
        domain="data",
        formula=loss,
        inputs=[
            Input("N", unit="parameters", seen=(9e7, 1.3e9)),
            Input("D", unit="tokens", seen=(3e9, 4e10)),
            Input("h_own", "share", (0.02, 0.7), (0, 1)),
            *(Input(f"h_{j}", "share", (0, most), (0, 1)) for j, most in largest.items()),
        ],
        response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.01, 0.7))),
        params=[
            FLOOR,
            Param("c", LogNormal(median=0.5, log_sd=0.6), pool="partial", unit="nats/token"),
            Param("b", LogNormal(median=0.3, log_sd=0.4), pool="partial"),
            Param("A", LogNormal(median=0.15, log_sd=0.6), pool="partial", unit="nats/token"),
            Param("a", LogNormal(median=0.4, log_sd=0.4), pool="partial"),
            *demands,
        ],
        cost=flops,
    )


LAW = over(dict(web=1.0, books=0.5))
