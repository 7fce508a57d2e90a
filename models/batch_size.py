"""Batch sizes by tokens: the best one, and the critical one beyond which steps are not saved.

    batch_size   B = B_0 D**beta

D   training tokens
B   sequences of 2048 tokens per step

Group by which of the two it is. At as many tokens neither depends on the size of the model. What is
called critical depends on the extra tokens that one allows, so that levels of different papers
differ where exponents agree; the level in the middle of the runs has the prior. In tokens per step
the best batch is step_law_batch.

Source: Bergsma et al. (2025), arXiv:2505.13738 (Power Lines): B_opt and B_crit. Public notes agree
on the exponents to 0.01, 0.38 and 0.46 to 0.47; the prefactors were not read.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


def batch(xp: Namespace, D, *, B_0, beta):
    """Sequences per step."""
    return B_0 * power(xp, D, beta)


def steps(xp: Namespace, D, *, B_0, beta):
    """How many steps a run takes with this batch size."""
    return D / (2048 * batch(xp, D, B_0=B_0, beta=beta))


LAW = Law(
    name="batch_size",
    domain="optimisation",
    formula=batch,
    inputs=[Input("D", unit="tokens", seen=(1e9, 3e11))],
    response=Response("B", "sequences", StudentT("log", LogNormal(0.15, 0.6))),
    params=[
        Param("B_0", TermSize(LogNormal(700, 1.2), {"D": 2e10}, growth="beta"), pool="partial"),
        Param("beta", Normal(mean=0.43, sd=0.1), pool="partial"),
    ],
    published=[
        Estimate("bergsma2025", "best", B_0=0.0306, beta=0.383, recalled=True),
        Estimate("bergsma2025", "critical", B_0=0.0471, beta=0.462, recalled=True),
    ],
    derived=[Derived("steps", steps, unit="steps")],
)
