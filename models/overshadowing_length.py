"""Overshadowing by length: a popular fact displaces a rare one that shares its prompt.

    overshadowing_length   R(L) = beta log(L / L_c)

L   length of what two prompts share, relative to what is the rare one's own
R   relative hallucination rate: rare prompts answered with the popular fact, over popular prompts
    answered with it

Logs are natural; the paper does not say. L_c is where R would be zero, far outside the runs, so the
prior sits on R inside them. The line leaves the range from 0 to 1; overshadowing does not.

Source: Zhang et al. (2025), arXiv:2502.16143, which prints no values: those given are of the
lines of its figure 2, read off, for Llama-2 7B, Phi 2.8B and Pythia 160M.
"""

from lawbook import Estimate, Input, Law, Namespace
from lawbook.models.overshadowing_popularity import RATE, slope, zero  # pyright: ignore


def by_length(xp: Namespace, L, *, beta, L_c):
    """Rate by relative length."""
    return beta * xp.log(L / L_c)


L = Input("L", unit="ratio", seen=(2, 100))

LAW = Law(
    name="overshadowing_length",
    domain="behaviour",
    formula=by_length,
    inputs=[L],
    response=RATE,
    params=[slope("beta"), zero("L_c", {"L": 10}, "beta")],
    published=[
        Estimate("zhang2025", "Llama-2 7B", beta=0.074925, L_c=0.0137),
        Estimate("zhang2025", "Phi 2.8B", beta=0.0496, L_c=0.00791),
        Estimate("zhang2025", "Pythia 160M", beta=0.0307, L_c=0.00198),
    ],
)
