"""Densing: how much capability a parameter holds, and how fast that grows.

    densing_loss    L(N, D) = a N**-alpha + b D**-beta
    densing_score   S(L) = c / (1 + exp(-gamma (L - l_0))) + d
    densing_trend   rho(t) = exp(A t + B)

N, D   parameters and training tokens of a reference model
L      loss on the right answer to a task, nats per token; there is no floor
S      score, as a share; it falls with L, so gamma is below zero, from c + d to chance d
t      days since the release of the first LLaMA
rho    density of the best model of its day: parameters of a reference model (at 5e12 tokens) with
       the same score, over its own; l_0 is the paper's l

A score's size follows by inverting the second law, then the first. Developers release models in
families, so the trend's runs are fewer than they look; those below the frontier do not belong.

Source: Xiao et al. (2024), arXiv:2412.04315, and its journal version, whose drawn curves give the
values: for MMLU, BBH, MATH, MBPP, HumanEval and their average.
"""

from math import log

from lawbook import Derived, Estimate, Input, Law, Namespace, Normal, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Negative, TermSize
from lawbook.priors import Normal as NormalPrior
from lawbook.terms import logistic, logit, power


def loss(xp: Namespace, N, D, *, a, b, alpha, beta):
    """Sum the terms of size and data."""
    return a * power(xp, N, -alpha) + b * power(xp, D, -beta)


def score(xp: Namespace, L, *, c, gamma, l_0, d):
    """Fall from the best score to chance."""
    return c * logistic(xp, gamma * (L - l_0)) + d


def trend(xp: Namespace, t, *, A, B):
    """Density of the best model of a day."""
    return xp.exp(A * t + B)


def size_for(xp: Namespace, loss, D, *, a, b, alpha, beta):
    """Parameters of the reference model that has a loss after D tokens."""
    return power(xp, (loss - b * power(xp, D, -beta)) / a, -1 / alpha)


def loss_for(xp: Namespace, score, *, c, gamma, l_0, d):
    """Loss that goes with a score."""
    return l_0 + logit(xp, (score - d) / c) / gamma


def doubling(xp: Namespace, *, A):
    """Days in which the density doubles."""
    return log(2) / A


def shrinking(xp: Namespace, days, *, A):
    """Share of the parameters that does after some days what all of them did before."""
    return xp.exp(-A * days)


LAWS = (
    Law(
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
            Estimate("xiao2024", a=1.5831, alpha=0.10344, b=38.879, beta=0.23649),
            Estimate("xiao2024", a=3.0240, alpha=0.15671, b=187.62, beta=0.32176),
            Estimate("xiao2024", a=1.3295, alpha=0.08442, b=69.041, beta=0.25760),
            Estimate("xiao2024", a=3.4735, alpha=0.14060, b=139.59, beta=0.27644),
            Estimate("xiao2024", a=1.7656, alpha=0.11834, b=4246.9, beta=0.49537),
            Estimate("xiao2024", a=2.0316, alpha=0.11533, b=100.17, beta=0.27699),
        ],
        derived=[Derived("size_for", size_for, unit="parameters")],
    ),
    Law(
        name="densing_score",
        domain="downstream",
        formula=score,
        inputs=[Input("L", unit="nats/token", seen=(0.05, 0.6))],
        response=Response(
            "score", "share", Normal("identity", LogNormal(0.02, 0.7)), better="higher"
        ),
        params=[
            Param("c", LogNormal(median=0.85, log_sd=0.12), pool="partial"),
            Param("gamma", Negative(LogNormal(median=28, log_sd=0.4)), pool="partial"),
            Param("l_0", LogNormal(median=0.16, log_sd=0.5), pool="partial", unit="nats/token"),
            Param("d", LogitNormal(median=0.1, logit_sd=1.5), pool="partial"),
        ],
        published=[
            Estimate("xiao2024", c=0.792791, gamma=-24.9247, l_0=0.20398, d=0.206601),
            Estimate("xiao2024", c=0.773901, gamma=-40.1303, l_0=0.08798, d=0.248514),
            Estimate("xiao2024", c=1.013977, gamma=-22.5494, l_0=0.17642, d=0.004378),
            Estimate("xiao2024", c=0.907678, gamma=-24.4108, l_0=0.16287, d=0.107831),
        ],
        derived=[Derived("loss_for", loss_for, unit="nats/token")],
    ),
    Law(
        name="densing_trend",
        domain="inference",
        formula=trend,
        inputs=[Input("t", unit="days", seen=(0, 800))],
        response=Response("density", "ratio", StudentT("log", LogNormal(0.4, 0.4)), "higher"),
        params=[
            Param("A", NormalPrior(mean=0.0065, sd=0.002), unit="1/day"),
            Param("B", NormalPrior(mean=-2.6, sd=0.5)),
        ],
        published=[Estimate("xiao2024", A=0.0065291, B=-2.6112)],
        derived=[
            Derived("doubling", doubling, unit="days"),
            Derived("shrinking", shrinking),
        ],
    ),
)
