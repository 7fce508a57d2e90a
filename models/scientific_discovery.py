"""Scientific discovery (scientific_discovery): results by scientists, human or not (proposed).

    dK/dt = A N**lambda_ K**phi

N        systems, each weighted by its capability
K        results there are already
dK/dt    results per year
lambda_  returns to numbers: below 1 where efforts are doubled
phi      returns to what is known: 0 is growth in line with effort, 1 is exponential growth, above
         1 it goes off in finite time, below 0 ideas get harder to find

The prior of phi is wide and the same for all kinds of scientist: one that assumed 1 for machines
would return the assumption. N and K grow together in most fields, which confounds the two.

Source: Zhang et al. (2025), arXiv:2503.22444, which states the hypothesis without a formula or
data; this form, the usual one of growth economics, is proposed here.
"""

from math import log

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


def flow(xp: Namespace, N, K, *, A, lambda_, phi):
    """Results per year."""
    return A * power(xp, N, lambda_) * power(xp, K, phi)


def known_after(xp: Namespace, years, N, K, *, A, lambda_, phi):
    """Results after some years at a constant effort; NaN once growth has gone off."""
    x = 1 - phi
    x = xp.where(x**2 < 1e-12, 1e-6, x)  # at 0 the power becomes an exponential
    inside = 1 + x * years * flow(xp, N, K, A=A, lambda_=lambda_, phi=phi) / K
    return xp.where(inside > 0, K * power(xp, xp.maximum(inside, 1e-12), 1 / x), float("nan"))


def doubling(xp: Namespace, N, K, *, A, lambda_, phi):
    """Years in which what is known doubles at a constant effort."""
    x = 1 - phi
    x = xp.where(x**2 < 1e-12, 1e-6, x)
    return K * xp.expm1(x * log(2)) / x / flow(xp, N, K, A=A, lambda_=lambda_, phi=phi)


AT, GROWTH = {"N": 1e3, "K": 1e4}, {"N": "lambda_", "K": "phi"}

LAW = Law(
    name="scientific_discovery",
    domain="science",
    status="proposed",
    formula=flow,
    inputs=[
        Input("N", unit="systems", seen=(10, 1e5)),
        Input("K", unit="results", seen=(1e3, 1e5)),
    ],
    response=Response("flow", "results/year", StudentT("log", LogNormal(0.2, 0.7)), "higher"),
    params=[
        Param("A", TermSize(LogNormal(1e3, 1.0), AT, growth=GROWTH), pool="partial"),
        Param("lambda_", LogNormal(median=0.7, log_sd=0.4), pool="partial"),
        Param("phi", Normal(mean=0.0, sd=1.0), pool="partial"),
    ],
    derived=[
        Derived("known_after", known_after, unit="results"),
        Derived("doubling", doubling, unit="years"),
    ],
)
