"""Vocabulary for a budget: parameters of the vocabulary whose loss is least.

    vocabulary_isoflop   N_v = k F**a

F       training FLOP
N_v     parameters of the best vocabulary, its size V times the width d, in millions

N_v is that of the least loss among the vocabularies tried at a budget. See vocabulary for the loss
itself.

Source: Tao et al. (2024), arXiv:2407.13623, approach 1; values from its released code.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def isoflop(xp: Namespace, F, *, k, a):
    """Vocabulary parameters at the least loss of a budget."""
    return k * power(xp, F, a)


def optimal_at(xp: Namespace, F, d, *, k, a):
    """Vocabulary size V for a budget and a width."""
    return 1e6 * isoflop(xp, F, k=k, a=a) / d


BEST = Response("N_v", unit="million parameters", noise=StudentT("log", LogNormal(0.1, 0.7)))

LAW = Law(
    name="vocabulary_isoflop",
    domain="pre-training",
    formula=isoflop,
    inputs=[Input("F", unit="FLOP", seen=(1.27e16, 4.36e20))],
    response=BEST,
    params=[
        Param("k", TermSize(LogNormal(20, 0.7), at={"F": 1e19}, growth="a"), pool="partial"),
        Param("a", LogNormal(median=0.42, log_sd=0.15)),
    ],
    published=[Estimate("tao2024", k=2.0412333e-7, a=0.4163622634135234)],
    derived=[Derived("optimal_vocabulary", optimal_at, unit="entries")],
)
