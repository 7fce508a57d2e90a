"""Overoptimization of win rates: comparisons won, as a policy is optimised directly (proposed).

    reward_overoptimization_win_rate   logit W(d) = w_0 + beta d (1 + log(p / d))

d       square root of the KL divergence from the start policy, in nats
W       share of comparisons won; w_0 is the logit of the start policy's share
p       distance at which W peaks

The papers put the law of reward_overoptimization_rl on the share itself, without w_0; this form,
proposed here, stays between 0 and 1. Where no runs lie past the peak, it is the prior's.

Source: Rafailov et al. (2024), arXiv:2406.02900, for direct alignment, which prints no values,
after Gao, Schulman & Hilton (2022), arXiv:2210.10760.
"""

from lawbook import Binomial, Derived, Law, Namespace, Param, Response
from lawbook.models._overoptimization import break_even  # pyright: ignore
from lawbook.models.reward_overoptimization_rl import LEARNED, PEAK, D, reinforced  # pyright: ignore
from lawbook.priors import Normal as NormalPrior
from lawbook.terms import logistic


def win_rate(xp: Namespace, d, *, w_0, p, beta):
    """Share of comparisons won."""
    return logistic(xp, w_0 + reinforced(xp, d, p=p, beta=beta))


LAW = Law(
    name="reward_overoptimization_win_rate",
    domain="alignment",
    status="proposed",
    formula=win_rate,
    inputs=[D],
    response=Response("win_rate", unit="share", noise=Binomial("trials"), better="higher"),
    params=[Param("w_0", NormalPrior(-0.5, 0.7), pool="partial"), *LEARNED],
    derived=[PEAK, Derived("break_even", break_even, unit="sqrt(nat)")],
)
