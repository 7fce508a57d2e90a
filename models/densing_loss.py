"""Densing loss: the loss of reference models on the right answers to a task.

    densing_loss    L(N, D) = a N**-alpha + b D**-beta

N, D   parameters and training tokens of a reference model
L      loss on the right answer, nats per token; there is no floor

The first of three laws that say how much capability a parameter holds: densing_score turns the
loss into a score, and a model's density, whose growth densing_trend describes, is the size of the
reference model with its score over its own. That size follows by inverting both.

Source: Xiao et al. (2024), arXiv:2412.04315, and its journal version, whose drawn curves give the
values: for MMLU, BBH, MATH, MBPP, HumanEval and their average.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def loss(xp: Namespace, N, D, *, a, b, alpha, beta):
    """Sum the terms of size and data."""
    return a * power(xp, N, -alpha) + b * power(xp, D, -beta)


def size_for(xp: Namespace, loss, D, *, a, b, alpha, beta):
    """Parameters of the reference model that has a loss after D tokens."""
    return power(xp, (loss - b * power(xp, D, -beta)) / a, -1 / alpha)


LAW = Law(
    name="densing_loss",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="parameters", seen=(5.2e6, 8.3e8)),
        Input("D", unit="tokens", seen=(5.2e7, 5e10)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.02, 0.7))),
    params=[
        Param("a", TermSize(LogNormal(0.25, 0.5), {"N": 1e8}, decay="alpha"), "partial"),
        Param("b", TermSize(LogNormal(0.25, 0.6), {"D": 3e9}, decay="beta"), "partial"),
        Param("alpha", LogNormal(median=0.115, log_sd=0.3), pool="partial"),
        Param("beta", LogNormal(median=0.29, log_sd=0.35), pool="partial"),
    ],
    published=[
        Estimate("xiao2024", "MMLU", a=1.5831, alpha=0.10344, b=38.879, beta=0.23649),
        Estimate("xiao2024", "BBH", a=3.0240, alpha=0.15671, b=187.62, beta=0.32176),
        Estimate("xiao2024", "MATH", a=1.3295, alpha=0.08442, b=69.041, beta=0.25760),
        Estimate("xiao2024", "MBPP", a=3.4735, alpha=0.14060, b=139.59, beta=0.27644),
        Estimate("xiao2024", "HumanEval", a=1.7656, alpha=0.11834, b=4246.9, beta=0.49537),
        Estimate("xiao2024", "average", a=2.0316, alpha=0.11533, b=100.17, beta=0.27699),
    ],
    derived=[Derived("size_for", size_for, unit="parameters")],
    limits=[
        "Of one table, chains can stick where a and alpha trade against b and beta, though R-hat "
        'is sound: check such a fit by engine="nutpie", draws=5000.'
    ],
)
