"""Mixture: loss on one domain by the shares of the domains that a model is trained on.

    L = c + exp(t_academic r_academic + t_prose r_prose + t_dialogue r_dialogue
                + t_symbolic r_symbolic + t_internet r_internet)

r_j   share of domain j in the training tokens; shares sum to 1
t_j   log of the loss above c after training on domain j alone, which may be far from the runs
L     held-out cross-entropy on one domain, nats per token, for one size and number of steps
c     what no mixture takes away

The paper writes k exp(sum t_j r_j); as shares sum to 1, its k is part of every t_j here. `over`
makes the law for other domains. Each held-out domain has a law of its own: group by it, or fit one
at a time. A share that was small in all runs leaves its t_j to the prior.

Source: Ye et al. (2024), arXiv:2403.16952; its notebook: Pile, 70e6 parameters, 30,000 steps.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from lawbook import Estimate, Input, Law, Namespace, Param, Response
from lawbook.laws.signatures import takes
from lawbook.priors import LogNormal, Normal


def over(largest: Mapping[str, float]) -> Law:
    """Return the law for some domains, by the largest share of each that was trained on."""

    @takes(*(f"r_{j}" for j in largest), params=[f"t_{j}" for j in largest])
    def loss(xp: Namespace, *shares, c, **t):
        """Add an exponential of the weighted shares to the floor."""
        return c + xp.exp(sum(t[f"t_{j}"] * r for j, r in zip(largest, shares, strict=True)))

    return Law(
        name="mixture",
        domain="data",
        formula=loss,
        inputs=[Input(f"r_{j}", "share", (0, most), (0, 1)) for j, most in largest.items()],
        response=Response("loss", unit="nats/token"),
        limits=["Fits of three simulated groups are slow, and one in three is not to be trusted."],
        params=[
            Param("c", LogNormal(median=2.5, log_sd=0.5), pool="partial", unit="nats/token"),
            *(
                Param(f"t_{j}", Normal(round(-1 / most, 1), round(2 / most, 1)), pool="partial")
                for j, most in largest.items()
            ),
        ],
    )


LARGEST = dict(academic=0.5, prose=0.1875, dialogue=0.09375, symbolic=0.25, internet=0.75)


def released(label: str, log_c: float, log_k: float, *t: float) -> Estimate:
    """Return the notebook's values as this law has them, k within each t_j."""
    at = {f"t_{j}": log_k + slope for j, slope in zip(LARGEST, t, strict=True)}
    return Estimate("ye2024", label, c=math.exp(log_c), **at)


LAW = replace(
    over(LARGEST),
    published=[
        released("academic", 0.9750, -2.1391, -10.0864, 2.7140, 2.7106, 2.6083, 1.5866),
        released("prose", 1.2624, -2.1656, 1.3930, -4.6811, 0.7855, 1.8719, 0.5734),
        released("dialogue", 1.1375, -7.1017, 6.7135, 6.2643, -31.8621, 6.6423, 6.2053),
        released("symbolic", 0.4750, -3.6546, 3.3289, 3.6705, 3.1127, -16.4217, 3.1591),
        released("internet", 1.2402, -1.9510, 1.1897, 0.8697, -0.5184, 1.7122, -3.0870),
    ],
)
