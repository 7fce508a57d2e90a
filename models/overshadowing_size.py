"""Overshadowing by size: how often a popular fact displaces a rare one in larger models.

    overshadowing_size   R(S) = gamma log(S / S_c)

S   parameters
R   relative hallucination rate: rare prompts answered with the popular fact, over popular prompts
    answered with it

Logs are natural; the paper does not say. S_c is where R would be zero, far outside the runs, so the
prior sits on R inside them. The line leaves the range from 0 to 1; overshadowing does not.

Source: Zhang et al. (2025), arXiv:2502.16143, which prints no values: those given are of the
line of its figure 2, read off, for ten models.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace
from lawbook.models.overshadowing_popularity import RATE, slope, zero  # pyright: ignore


def by_size(xp: Namespace, S, *, gamma, S_c):
    """Rate by size."""
    return gamma * xp.log(S / S_c)


def size_for(xp: Namespace, rate, *, gamma, S_c):
    """Parameters at which a rate is reached."""
    return S_c * xp.exp(rate / gamma)


S = Input("S", unit="parameters", seen=(1.6e8, 1.3e10))

LAW = Law(
    name="overshadowing_size",
    domain="behaviour",
    formula=by_size,
    inputs=[S],
    response=RATE,
    params=[slope("gamma"), zero("S_c", {"S": 1e9}, "gamma")],
    published=[Estimate("zhang2025", gamma=0.050260, S_c=3.6294e6)],
    derived=[Derived("size_for", size_for, unit="parameters")],
)
