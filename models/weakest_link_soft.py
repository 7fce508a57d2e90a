"""Weakest link, softened: two capabilities together, as the soft minimum of each alone (proposed).

    weakest_link_soft   g(c) = -log((exp(-t g(s_1)) + exp(-t g(s_2))) / 2) / t - delta

s_1, s_2   scores of a model in the two capabilities, as shares of the scale, see weakest_link
c          its score in tasks that need both, likewise
g          logit
t          to infinity the minimum, to zero the average, below zero leaning to the maximum
delta      what the combination costs, per pair of capabilities

t and delta trade off where the two scores move together. The lower of two noisy scores is biased
down, which fakes scores above the minimum.

Source: Zhong et al. (2024), arXiv:2409.19951, which states that cross scores lie at or below the
weaker capability and gives no formula; this one is proposed here.
"""

from math import log

from lawbook import Law, Namespace, Param
from lawbook.models.weakest_link import DELTA, SCORE, SCORES  # pyright: ignore
from lawbook.priors import Normal
from lawbook.terms import logistic, logit, soft_minimum


def soft(xp: Namespace, s_1, s_2, *, t, delta):
    """Take the soft minimum, whose limit at t = 0 is the average."""
    t = xp.where(t**2 < 1e-6, 1e-3, t)
    return logistic(xp, soft_minimum(xp, logit(xp, s_1), logit(xp, s_2), t) + LOG_2 / t - delta)


LOG_2 = log(2)

LAW = Law(
    name="weakest_link_soft",
    domain="behaviour",
    status="proposed",
    formula=soft,
    inputs=SCORES,
    response=SCORE,
    params=[Param("t", Normal(mean=0.0, sd=3.0)), DELTA],
)
