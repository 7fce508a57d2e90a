"""Weakest link: how well two capabilities go together, from how good each is alone (proposed).

    weakest_link   g(c) = w g(weaker) + (1 - w) g(stronger) - delta

s_1, s_2   scores of a model in the two capabilities, in any order, as shares of the scale:
           (points - 1) / 99 for points from 1 to 100
c          its score in tasks that need both, likewise
g          logit; w = 1 is the weakest link, 1/2 the average, 0 the strongest link
delta      what the combination costs, per pair of capabilities

w and delta trade off where the two scores move together: only their spread tells of w. The lower
of two noisy scores is biased down, which fakes scores above the minimum.

Source: Zhong et al. (2024), arXiv:2409.19951, which states that cross scores lie at or below the
weaker capability and gives no formula; this one is proposed here.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Normal
from lawbook.terms import logistic, logit


def weighted(xp: Namespace, s_1, s_2, *, w, delta):
    """Weigh the weaker and the stronger capability."""
    weaker, stronger = logit(xp, xp.minimum(s_1, s_2)), logit(xp, xp.maximum(s_1, s_2))
    return logistic(xp, w * weaker + (1 - w) * stronger - delta)


def weaker_needed(xp: Namespace, goal, stronger, *, w, delta):
    """Weaker score that reaches a goal beside a stronger one; none, if the order turns round."""
    needed = (logit(xp, goal) + delta - (1 - w) * logit(xp, stronger)) / w
    return xp.where(logistic(xp, needed) <= stronger, logistic(xp, needed), float("nan"))


def gain_ratio(xp: Namespace, *, w):
    """Gain from the weaker capability over that from the stronger one, on the logit scale."""
    return w / (1 - w)


SCORES = [
    Input(name, unit="share of the scale", seen=(0.36, 0.83), support=(0, 1))
    for name in ("s_1", "s_2")
]
SCORE = Response(
    "c",
    unit="share of the scale",
    noise=StudentT(on="logit", sigma=LogNormal(median=0.2, log_sd=0.5)),
    better="higher",
)
DELTA = Param("delta", Normal(mean=0.2, sd=0.3), pool="partial")

LAW = Law(
    name="weakest_link",
    domain="behaviour",
    status="proposed",
    formula=weighted,
    inputs=SCORES,
    response=SCORE,
    params=[Param("w", LogitNormal(median=0.5, logit_sd=1.0)), DELTA],
    derived=[
        Derived("weaker_needed", weaker_needed, unit="share of the scale"),
        Derived("gain_ratio", gain_ratio),
    ],
)
