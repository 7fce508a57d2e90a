"""Observational: benchmark scores of model families by size and tokens, through one skill.

    m = c + (1 - c) / (1 + exp(-(a + b_s log s + b_t log t + b_st log s log t)))**w

s      parameters, in billions
t      training tokens, in trillions
m      score in a benchmark, as a share; c, that of guessing
a      of a family: how well it turns compute into skill, at s = t = 1; the slopes are shared
w      how slowly scores leave guessing beside how soon they near 1; a logistic link has 1

This is Sloth with one latent skill, so that the loading is part of a and of the slopes, and with a
link that may be lopsided, in place of theirs that is learned. Group by family, and fit a benchmark
at a time: what benchmarks have in common is not used. In the authors' tests families with slopes of
their own predict worse than those with an intercept only.

Source: Polo et al. (2024), arXiv:2412.06540, after Ruan et al. (2024), arXiv:2405.10938. Neither
prints coefficients.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Normal
from lawbook.terms import logistic, logit, power


def score(xp: Namespace, s, t, *, c, a, b_s, b_t, b_st, w):
    """Score by the skill."""
    log_s, log_t = xp.log(s), xp.log(t)
    skill = a + b_s * log_s + b_t * log_t + b_st * log_s * log_t
    return c + (1 - c) * power(xp, logistic(xp, skill), w)


def size_for(xp: Namespace, score, t, *, c, a, b_s, b_t, b_st, w):
    """Parameters that reach a score after t trillion tokens; none do below chance."""
    skill = logit(xp, power(xp, (score - c) / (1 - c), 1 / w))
    return xp.exp((skill - a - b_t * xp.log(t)) / (b_s + b_st * xp.log(t)))


LAW = Law(
    name="observational",
    domain="downstream",
    formula=score,
    inputs=[
        Input("s", unit="billion parameters", seen=(0.07, 180)),
        Input("t", unit="trillion tokens", seen=(0.1, 15)),
    ],
    response=Response("m", "share", StudentT("logit", LogNormal(0.1, 0.7)), better="higher"),
    params=[
        Param("c", LogitNormal(median=0.2, logit_sd=0.5)),
        Param("a", Normal(mean=-1.5, sd=1.0), pool="partial"),
        Param("b_s", LogNormal(median=0.5, log_sd=0.5)),
        Param("b_t", LogNormal(median=0.4, log_sd=0.5)),
        Param("b_st", Normal(mean=0.0, sd=0.05)),
        Param("w", LogNormal(median=1.0, log_sd=0.7)),
    ],
    derived=[Derived("size_for", size_for, unit="billion parameters")],
)
