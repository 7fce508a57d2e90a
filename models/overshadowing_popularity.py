"""Overshadowing by popularity: how often a popular fact displaces a rare one in a model's answers.

    overshadowing_popularity   R(P) = alpha log(P / P_c)

P   samples of the popular fact for each of the rare one
R   relative hallucination rate: rare prompts answered with the popular fact, over popular prompts
    answered with it

Logs are natural; the paper does not say. P_c is where R would be zero, far outside the runs, so the
prior sits on R inside them. The line leaves the range from 0 to 1; overshadowing does not.

Source: Zhang et al. (2025), arXiv:2502.16143, which prints no values: those given are of the
lines of its figure 2, read off, for Llama-2 7B, Phi 2.8B and Pythia 160M.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Normal, Param, Response
from lawbook.priors import LogNormal, RatioSize


def by_popularity(xp: Namespace, P, *, alpha, P_c):
    """Rate by relative popularity."""
    return alpha * xp.log(P / P_c)


def popularity_for(xp: Namespace, rate, *, alpha, P_c):
    """Relative popularity at which a rate is reached."""
    return P_c * xp.exp(rate / alpha)


P = Input("P", unit="ratio", seen=(2, 100))
RATE = Response("R", unit="share", noise=Normal("identity", LogNormal(0.03, 0.7)))


def slope(name: str) -> Param:
    """Prior of a slope per e-fold."""
    return Param(name, LogNormal(median=0.06, log_sd=0.5), pool="partial")


def zero(name: str, at: dict[str, float], exponent: str) -> Param:
    """Prior of a zero from that of the rate inside the runs, 0.35 give or take 0.15."""
    return Param(name, RatioSize(LogNormal(0.7, 0.15), at, exponent), pool="partial")


LAW = Law(
    name="overshadowing_popularity",
    domain="behaviour",
    formula=by_popularity,
    inputs=[P],
    response=RATE,
    params=[slope("alpha"), zero("P_c", {"P": 10}, "alpha")],
    published=[
        Estimate("zhang2025", "Llama-2 7B", alpha=0.060098, P_c=0.00401).with_errors(alpha=0.006),
        Estimate("zhang2025", "Phi 2.8B", alpha=0.072275, P_c=0.0657),
        Estimate("zhang2025", "Pythia 160M", alpha=0.0386, P_c=0.0154),
    ],
    derived=[Derived("popularity_for", popularity_for)],
)
