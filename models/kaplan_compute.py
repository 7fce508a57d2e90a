"""Kaplan's law of compute: the loss at the best size for a budget, without a floor.

    kaplan_compute   L(C_min) = (C_c / C_min)**alpha_C

C_min   compute at a small batch, in PF-days of 8.64e19 FLOP
L       test cross-entropy, nats per token

C_c is an extrapolation by many decades and degenerate with alpha_C, so the prior sits on the loss
at a reference budget. Where no floor is subtracted exponents are small: do not compare them with
Chinchilla's.

Source: Kaplan et al. (2020), arXiv:2001.08361, eq. 1.3 and table 5.
Refit:  shehper's nanoGPT runs on OpenWebText, notebook in github.com/avdravid/gpt_scaling_laws.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param
from lawbook.models.kaplan import LOSS  # pyright: ignore
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import flops_of_pf_days, power


def of_compute(xp: Namespace, C_min, *, C_c, alpha_C):
    """Loss at the best size for the compute."""
    return power(xp, C_c / C_min, alpha_C)


def per_doubling(xp: Namespace, *, alpha_C):
    """Loss after twice the compute, as a share of that before."""
    return power(xp, 2, -alpha_C)


C_MIN = Input("C_min", unit="PF-days", seen=(1e-8, 10))
C_C = Param("C_c", RatioSize(LogNormal(2.7, 0.15), at={"C_min": 1}, exponent="alpha_C"), "partial")
ALPHA_C = Param("alpha_C", LogNormal(median=0.052, log_sd=0.25))

LAW = Law(
    name="kaplan_compute",
    domain="pre-training",
    formula=of_compute,
    inputs=[C_MIN],
    response=LOSS,
    params=[C_C, ALPHA_C],
    published=[
        Estimate("kaplan2020", C_c=3.1e8, alpha_C=0.050),
        Estimate("owt_scaling", C_c=4.23e6, alpha_C=0.0566),
    ],
    cost=lambda C_min: flops_of_pf_days(C_min),
    derived=[Derived("per_doubling", per_doubling)],
)
