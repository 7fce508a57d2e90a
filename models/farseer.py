"""Farseer: floor, data term and its exponent all change with the size of the model.

    L(N, D) = E_1 exp(-e g(gamma)) + B_1 exp(q g(b)) / D**(beta_1 exp(-s g(a)))
    g(x) = ((N / 1e9)**x - 1) / x,   q = r - s beta_1 log(2e10)

N             parameters without embeddings
D             training tokens, each seen once
L             held-out loss, bits per character
E_1, e        floor with endless data at N = 1e9; the exponent with which it falls in N there
beta_1, s     exponent of data at N = 1e9; the exponent with which that falls in N there
B_1, r        scale of the data term; the exponent with which it grows in N at 2e10 tokens
gamma, b, a   bends of the three in log N, near 0, where g is log(N / 1e9)

The paper writes exp(a3 N**gamma + b3), exp(a2 N**b + b2) and exp(a1 N**a + b1), with N in 1e9,
where a pair such as a1, b1 runs away together; levels and slopes at 1e9 are the same law. As a
larger model needs more data to come as near to its floor, the best tokens per parameter grow with
compute; Chinchilla has them nearly constant, and its losses beyond the runs too high.

Source: Li et al. (2025), arXiv:2506.10972, eq. 3, as public code states it.
Refit:  Okar (2026), to the released runs; on all 411 it errs by 0.18%.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.laws.signatures import takes
from lawbook.models import _farseer  # pyright: ignore
from lawbook.models._farseer import NAMES, REFIT, terms  # pyright: ignore
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import flops

PARAMS = [
    Param("E_1", LogNormal(median=0.5, log_sd=0.4), pool="partial", unit="bits/character"),
    Param("e", LogNormal(median=0.1, log_sd=0.5)),
    Param("gamma", Normal(mean=0.05, sd=0.1)),
    Param("B_1", TermSize(LogNormal(0.1, 0.6), at={"D": 2e10}, decay="beta_1"), pool="partial"),
    Param("r", Normal(mean=0.2, sd=0.15)),
    Param("b", Normal(mean=-0.05, sd=0.1)),
    Param("beta_1", LogNormal(median=0.33, log_sd=0.25)),
    Param("s", LogNormal(median=0.1, log_sd=0.5)),
    Param("a", Normal(mean=0.05, sd=0.1)),
]


@takes(params=NAMES)
def loss(xp: Namespace, N, D, **at):
    """Add what too few tokens cost to the floor of this size."""
    floor, data, *_ = terms(xp, xp.log(N), xp.log(D), **at)
    return floor + data


LAW = Law(
    name="farseer",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="non-embedding parameters", seen=(1e8, 2.51e10)),
        Input("D", unit="tokens", seen=(1e9, 5.12e11)),
    ],
    response=Response("loss", "bits/character", StudentT("log", LogNormal(0.003, 0.7))),
    params=PARAMS,
    published=[Estimate("okar2026", **REFIT)],
    cost=flops,
    derived=[
        Derived("optimal_size", _farseer.optimal_size, unit="non-embedding parameters"),
        Derived("tokens_per_parameter", _farseer.tokens_per_parameter, unit="tokens/parameter"),
    ],
    optimum=_farseer.best,
)
