"""Overshadowing: how often popular knowledge displaces rare knowledge in a model's answers.

    overshadowing   logit R = eta + alpha log(P / 10) + beta log(L / 10)
                              + gamma log(S / 1e9)                         (proposed)

P   samples of the popular fact for each of the rare one
L   length of what their prompts share, relative to what is the rare one's own
S   parameters
R   relative hallucination rate: rare prompts answered with the popular fact, over popular prompts
    answered with it

The paper's lines in one input each, overshadowing_popularity, overshadowing_length and
overshadowing_size, leave the range from 0 to 1; this form, which is proposed here, does not.

Source: Zhang et al. (2025), arXiv:2502.16143.
"""

from lawbook import Law, Namespace, Param, Response, StudentT
from lawbook.models.overshadowing_length import L  # pyright: ignore
from lawbook.models.overshadowing_popularity import P  # pyright: ignore
from lawbook.models.overshadowing_size import S  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.priors import Normal as NormalPrior
from lawbook.terms import logistic


def joint(xp: Namespace, P, L, S, *, eta, alpha, beta, gamma):
    """Rate by all three, between 0 and 1."""
    of_prompt = alpha * xp.log(P / 10) + beta * xp.log(L / 10)
    return logistic(xp, eta + of_prompt + gamma * xp.log(S / 1e9))


LAW = Law(
    name="overshadowing",
    domain="behaviour",
    status="proposed",
    formula=joint,
    inputs=[P, L, S],
    response=Response("R", unit="share", noise=StudentT("logit", LogNormal(0.1, 0.7))),
    params=[
        Param("eta", NormalPrior(mean=-0.6, sd=0.8), pool="partial"),
        Param("alpha", LogNormal(median=0.25, log_sd=0.5), pool="partial"),
        Param("beta", LogNormal(median=0.25, log_sd=0.5), pool="partial"),
        Param("gamma", LogNormal(median=0.25, log_sd=0.5), pool="partial"),
    ],
)
