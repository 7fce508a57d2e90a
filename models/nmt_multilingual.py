"""Multilingual NMT (nmt_multilingual): loss of a task by its weight among the tasks of a model.

    L = beta_1 (f(p) N)**-alpha + L_inf,   f(p) = p + c_1 p**c_2 (1 - p)**c_3

N        parameters without embeddings
p        sampling weight of the task
L        test cross-entropy of the task, nats per token
beta_1   scale of a model for this task alone, p = 1
f        share of the parameters that a task is served by; f(p) = p where tasks neither help nor
         hinder each other, above it where the other task helps

alpha and L_inf do not depend on p, which is the paper's finding. c_2 and c_3 can be told from
several weights only. f is kept above p / 100.

Source: Fernandes et al. (2023), arXiv:2302.09650, eqs. 7 and 10 to 12. Values are plotted, not
printed: out of English f(p) is about p, into English above it.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


def effective_share(xp: Namespace, p, *, c_1, c_2, c_3):
    """Share of the parameters that serves a task of weight p."""
    rest = xp.maximum(1 - p, 1e-12)
    return xp.maximum(p + c_1 * power(xp, p, c_2) * power(xp, rest, c_3), p / 100)


def loss(xp: Namespace, N, p, *, beta_1, alpha, L_inf, c_1, c_2, c_3):
    """Loss of the task."""
    serving = N * effective_share(xp, p, c_1=c_1, c_2=c_2, c_3=c_3)
    return beta_1 * power(xp, serving, -alpha) + L_inf


def synergy(xp: Namespace, p, *, c_1, c_2, c_3):
    """Gain of two tasks of one kind over models of their own, as a share of the parameters."""
    shares = [effective_share(xp, q, c_1=c_1, c_2=c_2, c_3=c_3) for q in (p, 1 - p)]
    return shares[0] + shares[1] - 1


LAW = Law(
    name="nmt_multilingual",
    domain="translation",
    formula=loss,
    inputs=[
        Input("N", unit="non-embedding parameters", seen=(2e7, 1e9)),
        Input("p", unit="share", seen=(0.05, 1), support=(0, 1)),
    ],
    response=Response("loss", "nats/token", StudentT("log", LogNormal(0.003, 0.7))),
    params=[
        Param("beta_1", TermSize(LogNormal(0.3, 0.7), {"N": 1e8}, decay="alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.3, log_sd=0.5), pool="partial"),
        Param("L_inf", LogNormal(median=1.0, log_sd=0.4), pool="partial", unit="nats/token"),
        Param("c_1", Normal(mean=0.0, sd=0.3), pool="partial"),
        Param("c_2", LogNormal(median=0.7, log_sd=0.4)),
        Param("c_3", LogNormal(median=1.0, log_sd=0.4)),
    ],
    derived=[Derived("effective_share", effective_share), Derived("synergy", synergy)],
)
