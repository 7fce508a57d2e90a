"""Mixtures at any scale, jointly: the terms of size and data depend on the shares of domains too.

    mixture_joint   L = E + 1 / (C_web k(h_web)**gamma_web + C_code k(h_code)**gamma_code)
                        + (a_web h_web + a_code h_code) / N**alpha
                        + (b_web h_web + b_code h_code) / D**beta
                    k(h) = max(h, 1e-6)

N          parameters
D          training tokens
h_j        share of domain j in the tokens; shares sum to 1
L          held-out cross-entropy on one domain, nats per token
C_j        how much domain j helps there; gamma_j, how soon more of it ceases to help
a_j, b_j   scales of the terms of size and data after training on domain j alone

The best mixture moves with scale, towards domains with small a and b for small budgets. The paper
raises both sums to a power, A**h = (sum_j a_j h_j)**gamma_A, which runs do not tell from a_j; here
it is 1. `over` makes the law for other domains. Group by the held-out domain, or fit one at a time.

Source: Shukor et al. (2025), arXiv:2507.09404, recalled in its terms; no published estimate
is included. The domains here are an example.
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
    sized = [
        Param(f"a_{j}", TermSize(LogNormal(0.35, 0.6), {"N": 3e8}, decay="alpha"), pool="partial")
        for j in largest
    ]
    fed = [
        Param(f"b_{j}", TermSize(LogNormal(0.3, 0.6), {"D": 1e10}, decay="beta"), pool="partial")
        for j in largest
    ]
    params = [*sized, *fed, *of_shares(largest)]

    @takes("N", "D", *(f"h_{j}" for j in largest), params=[p.name for p in params])
    def loss(xp: Namespace, *x, E, alpha, beta, **at):
        """Add the terms of size and of data after this mixture, and its own, to the floor."""
        N, D, *shares = x
        A = sum(at[f"a_{j}"] * h for j, h in zip(largest, shares, strict=True))
        B = sum(at[f"b_{j}"] * h for j, h in zip(largest, shares, strict=True))
        of_scale = A * power(xp, N, -alpha) + B * power(xp, D, -beta)
        return E + of_scale + 1 / helped(xp, shares, at, largest)

    return Law(
        name="mixture_joint",
        domain="data",
        formula=loss,
        inputs=inputs(largest),
        response=shared.LOSS,
        params=[
            shared.FLOOR,
            shared.ALPHA,
            shared.BETA,
            *params,
        ],
        cost=flops,
    )


LAW = over(dict(web=1.0, code=0.5))
