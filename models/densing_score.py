"""Densing score: the score in a task by the loss on its right answers.

    densing_score   S(L) = (S_max - d) / (1 + exp(-gamma (L - l_0))) + d

L     loss on the right answer, nats per token, as densing_loss has it
S     score, as a share; it falls with L, so gamma is below zero, from S_max to chance d
l_0   loss at half of the way, the paper's l

S_max is the paper's c + d, and may exceed 1 by a little. Join it to densing_loss with
`lawbook.Chain`. A model's density is the size of the reference model with its score over its own,
which takes the values of densing_loss as well.

Source: Xiao et al. (2024), arXiv:2412.04315, and its journal version, whose drawn curves give the
values: for MMLU, BBH, MATH and the average.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Normal, Param, Response
from lawbook.models.densing_loss import size_for  # pyright: ignore
from lawbook.priors import LogitNormal, LogNormal, Negative
from lawbook.terms import logistic, logit


def score(xp: Namespace, L, *, S_max, gamma, l_0, d):
    """Fall from the best score to chance."""
    return (S_max - d) * logistic(xp, gamma * (L - l_0)) + d


def loss_for(xp: Namespace, score, *, S_max, gamma, l_0, d):
    """Loss that goes with a score."""
    return l_0 + logit(xp, (score - d) / (S_max - d)) / gamma


def density(xp: Namespace, score, N, D, a, b, alpha, beta, *, S_max, gamma, l_0, d):
    """Size of the reference model with a score after D tokens, by densing_loss, over N."""
    loss = loss_for(xp, score, S_max=S_max, gamma=gamma, l_0=l_0, d=d)
    return size_for(xp, loss, D, a=a, b=b, alpha=alpha, beta=beta) / N


def _published(label: str, c: float, gamma: float, l_0: float, d: float) -> Estimate:
    return Estimate("xiao2024", label, S_max=c + d, gamma=gamma, l_0=l_0, d=d)


LAW = Law(
    name="densing_score",
    domain="downstream",
    formula=score,
    inputs=[Input("L", unit="nats/token", seen=(0.05, 0.6))],
    response=Response("score", "share", Normal("identity", LogNormal(0.02, 0.7)), better="higher"),
    params=[
        Param("S_max", LogNormal(median=1.0, log_sd=0.02), pool="partial"),
        Param("gamma", Negative(LogNormal(median=28, log_sd=0.4)), pool="partial"),
        Param("l_0", LogNormal(median=0.16, log_sd=0.5), pool="partial", unit="nats/token"),
        Param("d", LogitNormal(median=0.1, logit_sd=1.5), pool="partial"),
    ],
    published=[
        _published("MMLU", c=0.792791, gamma=-24.9247, l_0=0.20398, d=0.206601),
        _published("BBH", c=0.773901, gamma=-40.1303, l_0=0.08798, d=0.248514),
        _published("MATH", c=1.013977, gamma=-22.5494, l_0=0.17642, d=0.004378),
        _published("average", c=0.907678, gamma=-24.4108, l_0=0.16287, d=0.107831),
    ],
    derived=[
        Derived("loss_for", loss_for, unit="nats/token"),
        Derived("density", density, unit="ratio"),
    ],
)
