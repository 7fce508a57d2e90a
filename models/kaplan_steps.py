"""Kaplan's law of steps: the loss by size while training goes on, without a floor.

    kaplan_steps   L(N, S_min) = (N_c / N)**alpha_N + (S_c / S_min)**alpha_S

N       parameters without embeddings
S_min   steps at a large batch
L       test cross-entropy, nats per token

N_c and S_c are extrapolations by many decades and degenerate with their exponents, so the priors
sit on each term's size at a reference point. N_c and alpha_N differ from those of kaplan_size.

Source: Kaplan et al. (2020), arXiv:2001.08361, eq. 1.6 and table 3.
Refit:  shehper's nanoGPT runs on OpenWebText, notebook in github.com/avdravid/gpt_scaling_laws;
        it keeps alpha_N and N_c of its equation of size.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param
from lawbook.models.kaplan import ALPHA_N, LOSS, N_C, N  # pyright: ignore
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import power


def of_size_and_steps(xp: Namespace, N, S_min, *, N_c, S_c, alpha_N, alpha_S):
    """Loss of a model that is still learning."""
    return power(xp, N_c / N, alpha_N) + power(xp, S_c / S_min, alpha_S)


def above_convergence(xp: Namespace, *, alpha_N, alpha_S):
    """Loss at which training is best stopped for its compute, above the converged one: a share."""
    return alpha_N / alpha_S


S_MIN = Input("S_min", unit="steps", seen=(3e3, 2.5e5))
S_C = Param("S_c", RatioSize(LogNormal(0.3, 0.5), at={"S_min": 1e4}, exponent="alpha_S"), "partial")
ALPHA_S = Param("alpha_S", LogNormal(median=0.75, log_sd=0.2))

LAW = Law(
    name="kaplan_steps",
    domain="pre-training",
    formula=of_size_and_steps,
    inputs=[N, S_MIN],
    response=LOSS,
    params=[N_C, S_C, ALPHA_N, ALPHA_S],
    published=[
        Estimate("kaplan2020", N_c=6.5e13, S_c=2.1e3, alpha_N=0.077, alpha_S=0.76),
        Estimate("owt_scaling", N_c=3.81e13, S_c=778, alpha_N=0.0823, alpha_S=0.594),
    ],
    derived=[Derived("above_convergence", above_convergence)],
)
