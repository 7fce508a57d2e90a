"""Kaplan's law of size: the loss of models trained to convergence, without a floor.

    kaplan_size   L(N) = (N_c / N)**alpha_N

N       parameters without embeddings
L       test cross-entropy, nats per token

N_c is an extrapolation by many decades and degenerate with alpha_N, so the prior sits on the loss
at a reference size. Where no floor is subtracted exponents are small: do not compare them with
Chinchilla's.

Source: Kaplan et al. (2020), arXiv:2001.08361, eq. 1.1 and table 5.
Refit:  shehper's nanoGPT runs on OpenWebText, notebook in github.com/avdravid/gpt_scaling_laws.
"""

from lawbook import Derived, Estimate, Law, Namespace
from lawbook.models.kaplan import ALPHA_N, LOSS, N_C, N  # pyright: ignore
from lawbook.terms import power


def of_size(xp: Namespace, N, *, N_c, alpha_N):
    """Loss of a converged model."""
    return power(xp, N_c / N, alpha_N)


def per_doubling(xp: Namespace, *, alpha_N):
    """Loss after twice the size, as a share of that before."""
    return power(xp, 2, -alpha_N)


LAW = Law(
    name="kaplan_size",
    domain="pre-training",
    formula=of_size,
    inputs=[N],
    response=LOSS,
    params=[N_C, ALPHA_N],
    published=[
        Estimate("kaplan2020", N_c=8.8e13, alpha_N=0.076),
        Estimate("owt_scaling", N_c=3.81e13, alpha_N=0.0823),
    ],
    derived=[Derived("per_doubling", per_doubling)],
)
