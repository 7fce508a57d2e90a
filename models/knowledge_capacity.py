"""Knowledge capacity (knowledge_capacity): how many bits of fact a parameter holds (proposed).

    S = (m**-k + (R_max / kappa)**k)**(-1/k),   R_max = N (log2(N_0 / N) + log2 S_0) / P
    kappa = kappa_1000 (min(E, 1000) / 1000)**s

N        people whose attributes are taught, of N_0 = 1.6e8 names; log2 S_0 = 47.5916 bits each
P, E     parameters, without unused rows of embeddings; exposures to every fact
S        share of the bits taught that a model provably stores: the paper's R / R_max, where R and
         R_max are bits per parameter, stored and taught
m        share that an underfull model stores
kappa    bits per parameter that an overfull model stores
k        sharpness of the knee between all that was taught and all that fits

No model stores more than it was taught, so a share is what scatters. The paper states ceilings of
2 bits per parameter after 1000 exposures and 1 after 100; the smooth form is proposed here, with m
and k as expected. Only overfull models, where R_max is above kappa, tell of kappa.

Source: Allen-Zhu & Li (2024), arXiv:2404.05405, results 1 and 4.
"""

from math import log10

from lawbook import Beta, Derived, Estimate, Input, Law, Namespace, Param, Response
from lawbook.models._biographies import (  # pyright: ignore
    ceiling,
    exposures_for,
    people_for,
    size_for,
    taught,
)
from lawbook.priors import LogitNormal, LogNormal, Normal
from lawbook.terms import soft_minimum


def stored(xp: Namespace, N, P, E, *, m, kappa_1000, s, k):
    """Share of what was taught: nearly all of it, or as much as fits."""
    fits = ceiling(xp, E, kappa_1000=kappa_1000, s=s) / (taught(xp, N) / P)
    return xp.exp(soft_minimum(xp, xp.log(m), xp.log(fits), k))


def bits(xp: Namespace, N, P, E, *, m, kappa_1000, s, k):
    """Bits per parameter that a model stores, the paper's R."""
    return stored(xp, N, P, E, m=m, kappa_1000=kappa_1000, s=s, k=k) * taught(xp, N) / P


PEOPLE = Input("N", unit="people", seen=(1e4, 2e7), support=(0, 1.6e8))
MODEL = Input("P", "parameters", (1e6, 5e8)), Input("E", "exposures", (100, 1000))

LAW = Law(
    name="knowledge_capacity",
    domain="behaviour",
    status="proposed",
    formula=stored,
    inputs=[PEOPLE, *MODEL],
    response=Response("stored", "share", Beta(LogNormal(2000, 1.0)), better="higher"),
    params=[
        Param("kappa_1000", LogNormal(median=2.0, log_sd=0.2), "partial", unit="bits/parameter"),
        Param("s", Normal(mean=0.3, sd=0.1), pool="partial"),
        Param("m", LogitNormal(median=0.98, logit_sd=0.7)),
        Param("k", LogNormal(median=8.0, log_sd=0.4)),
    ],
    published=[Estimate("allenzhu2024", kappa_1000=2, s=log10(2), m=0.98, k=8)],
    derived=[
        Derived("bits", bits, unit="bits/parameter"),
        Derived("ceiling", ceiling, unit="bits/parameter"),
        Derived("size_for", size_for, unit="parameters"),
        Derived("people", people_for, unit="people"),
        Derived("exposures_for", exposures_for, unit="exposures"),
    ],
)
