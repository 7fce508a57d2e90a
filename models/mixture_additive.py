"""Mixtures at any scale: loss by size, tokens and the shares of domains, which add up.

    mixture_additive   L = E + A / N**alpha + B / D**beta
                           + 1 / (C_web k(h_web)**gamma_web + C_code k(h_code)**gamma_code
                                  + C_books k(h_books)**gamma_books)
                       k(h) = max(h, 1e-6)

N       parameters
D       training tokens
h_j     share of domain j in the tokens; shares sum to 1
L       held-out cross-entropy on one domain, nats per token
C_j     how much domain j helps there; gamma_j, how soon more of it ceases to help

As shares have a term of their own, the best mixture is the same at every scale: mixture_joint has
it move. `over` makes the law for other domains. Each held-out domain is a law of its own: group by
it, or fit one at a time. A share that varied little in the runs leaves C and gamma to the prior;
E trades with the levels C.

Source: Shukor et al. (2025), arXiv:2507.09404, by public notes; no published estimate is
included. The domains here are an example.
"""

from collections.abc import Mapping

from lawbook import Law, Namespace, Param
from lawbook.laws.signatures import takes
from lawbook.models import _mixtures as shared  # pyright: ignore
from lawbook.models._mixtures import helped, inputs, of_shares  # pyright: ignore
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops, power


def over(largest: Mapping[str, float]) -> Law:
    """Return the law for some domains, by the largest share of each that was trained on."""
    params = of_shares(largest)

    @takes("N", "D", *(f"h_{j}" for j in largest), params=[p.name for p in params])
    def loss(xp: Namespace, *x, E, A, alpha, B, beta, **at):
        """Add the terms of size, of data and of the mixture to the floor."""
        N, D, *shares = x
        sized = A * power(xp, N, -alpha) + B * power(xp, D, -beta)
        return E + sized + 1 / helped(xp, shares, at, largest)

    return Law(
        name="mixture_additive",
        domain="data",
        formula=loss,
        inputs=inputs(largest),
        response=shared.LOSS,
        params=[
            shared.FLOOR,
            Param("A", TermSize(LogNormal(0.35, 0.6), {"N": 3e8}, decay="alpha"), pool="partial"),
            shared.ALPHA,
            Param("B", TermSize(LogNormal(0.3, 0.6), {"D": 1e10}, decay="beta"), pool="partial"),
            shared.BETA,
            *params,
        ],
        cost=flops,
    )


LAW = over(dict(web=1.0, code=0.5, books=0.5))
