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

from math import exp, log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.laws.signatures import takes
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import flops, root

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
NAMES = [param.name for param in PARAMS]


def terms(xp: Namespace, log_N, log_D, *, E_1, e, gamma, B_1, r, b, beta_1, s, a):
    """Floor and data term, then the slope of each in log N, where 6 N D stays as it is."""
    x, q = log_N - log(1e9), r - s * beta_1 * log(2e10)
    beta = beta_1 * xp.exp(-s * xp.expm1(a * x) / a)
    floor = E_1 * xp.exp(-e * xp.expm1(gamma * x) / gamma)
    data = B_1 * xp.exp(q * xp.expm1(b * x) / b - beta * log_D)
    grows = q * xp.exp(b * x) + beta * (1 + s * xp.exp(a * x) * log_D)
    return floor, data, -floor * e * xp.exp(gamma * x), data * grows


@takes(params=NAMES)
def loss(xp: Namespace, N, D, **at):
    """Add what too few tokens cost to the floor of this size."""
    floor, data, *_ = terms(xp, xp.log(N), xp.log(D), **at)
    return floor + data


@takes(params=NAMES)
def best(xp: Namespace, C, **at):
    """Size and tokens of least loss for C FLOPs."""

    def slope(log_N):
        *_, floor, data = terms(xp, log_N, xp.log(C / 6) - log_N, **at)
        return floor + data

    even = xp.log(C / 6) / 2  # of as many tokens as parameters
    N = xp.exp(root(xp, slope, even - 5, even + 2))
    return N, C / 6 / N


@takes(params=NAMES)
def optimal_size(xp: Namespace, C, **at):
    """Parameters that C FLOPs of training serve best."""
    return best(xp, C, **at)[0]


@takes(params=NAMES)
def tokens_per_parameter(xp: Namespace, C, **at):
    """Tokens that each parameter of the best size sees, which grow with compute."""
    N, D = best(xp, C, **at)
    return D / N


def of_paper(a1, a, b1, a2, b, b2, a3, gamma, b3) -> dict[str, float]:
    """Return the law's values of the paper's."""
    beta_1, s = exp(a1 + b1), -a1 * a
    floor = {"E_1": exp(a3 + b3), "e": -a3 * gamma, "gamma": gamma}
    data = {"B_1": exp(a2 + b2), "r": a2 * b + s * beta_1 * log(2e10), "b": b}
    return floor | data | {"beta_1": beta_1, "s": s, "a": a}


REFIT = of_paper(
    *(-3.64018052694574, 0.0422715813809716, 2.42676716940491),
    *(6.52106753752601, -0.125776669793966, -1.85380537937077),
    *(-2.08231637271307, 0.0530759857398346, 1.27701431675575),
)

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
        Derived("optimal_size", optimal_size, unit="non-embedding parameters"),
        Derived("tokens_per_parameter", tokens_per_parameter, unit="tokens/parameter"),
    ],
    optimum=best,
)
