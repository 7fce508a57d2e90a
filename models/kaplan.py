"""Kaplan: pure power laws in size, data, compute and steps, without a floor.

    kaplan_size      L(N)        = (N_c / N)**alpha_N                    trained to convergence
    kaplan_data      L(D)        = (D_c / D)**alpha_D                    large model, stopped early
    kaplan_compute   L(C_min)    = (C_c / C_min)**alpha_C                best size for the compute
    kaplan           L(N, D)     = [(N_c / N)**(alpha_N / alpha_D) + D_c / D]**alpha_D
    kaplan_steps     L(N, S_min) = (N_c / N)**alpha_N + (S_c / S_min)**alpha_S

N       parameters without embeddings
D       tokens of the data set, seen as often as early stopping allows: 6 N D is not the cost
C_min   compute at a small batch, in PF-days of 8.64e19 FLOP
S_min   steps at a large batch
L       test cross-entropy, nats per token

One symbol takes different values in different equations. N_c and its kin are extrapolations by
many decades and degenerate with their exponents, so the priors sit on each term's size at a
reference point. Where no floor is subtracted exponents are small: do not compare them with
Chinchilla's. alpha_D and D_c are told apart by data-limited runs only.

Source: Kaplan et al. (2020), arXiv:2001.08361, eqs. 1.1 to 1.6, tables 2, 3 and 5.
Refit:  shehper's nanoGPT runs on OpenWebText, notebook in github.com/avdravid/gpt_scaling_laws;
        its steps equation keeps alpha_N and N_c of its size equation.
"""

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import PF_DAY, power


def of_size(xp: Namespace, N, *, N_c, alpha_N):
    """Loss of a converged model."""
    return power(xp, N_c / N, alpha_N)


def of_data(xp: Namespace, D, *, D_c, alpha_D):
    """Loss of a model that is large for its data."""
    return power(xp, D_c / D, alpha_D)


def of_compute(xp: Namespace, C_min, *, C_c, alpha_C):
    """Loss at the best size for the compute."""
    return power(xp, C_c / C_min, alpha_C)


def of_size_and_data(xp: Namespace, N, D, *, N_c, D_c, alpha_N, alpha_D):
    """Loss limited by size and data; the sum of large ratios is taken on the log scale."""
    size_limited = alpha_N / alpha_D * (xp.log(N_c) - xp.log(N))
    data_limited = xp.log(D_c) - xp.log(D)
    return xp.exp(alpha_D * xp.logaddexp(size_limited, data_limited))


def of_size_and_steps(xp: Namespace, N, S_min, *, N_c, S_c, alpha_N, alpha_S):
    """Loss of a model that is still learning."""
    return power(xp, N_c / N, alpha_N) + power(xp, S_c / S_min, alpha_S)


def flops_of_pf_days(C_min):
    """Training FLOPs."""
    return PF_DAY * C_min


N = Input("N", unit="non-embedding parameters", seen=(768, 1.5e9))
D = Input("D", unit="tokens", seen=(2.2e7, 2.3e10))
C_MIN = Input("C_min", unit="PF-days", seen=(1e-8, 10))
S_MIN = Input("S_min", unit="steps", seen=(3e3, 2.5e5))

LOSS = Response("loss", unit="nats/token", noise=StudentT(on="log"))

N_C = Param("N_c", RatioSize(LogNormal(2.9, 0.14), at={"N": 1e8}, exponent="alpha_N"), "partial")
D_C = Param("D_c", RatioSize(LogNormal(2.8, 0.14), at={"D": 1e9}, exponent="alpha_D"), "partial")
C_C = Param("C_c", RatioSize(LogNormal(2.7, 0.15), at={"C_min": 1}, exponent="alpha_C"), "partial")
S_C = Param("S_c", RatioSize(LogNormal(0.3, 0.5), at={"S_min": 1e4}, exponent="alpha_S"), "partial")
ALPHA_N = Param("alpha_N", LogNormal(median=0.076, log_sd=0.25))
ALPHA_D = Param("alpha_D", LogNormal(median=0.098, log_sd=0.25))
ALPHA_C = Param("alpha_C", LogNormal(median=0.052, log_sd=0.25))
ALPHA_S = Param("alpha_S", LogNormal(median=0.75, log_sd=0.2))

LAWS = (
    Law(
        name="kaplan",
        domain="pre-training",
        formula=of_size_and_data,
        inputs=[N, D],
        response=LOSS,
        params=[N_C, D_C, ALPHA_N, ALPHA_D],
        published=[
            Estimate("kaplan2020", N_c=6.4e13, D_c=1.8e13, alpha_N=0.076, alpha_D=0.103),
            Estimate("owt_scaling", N_c=1.32e14, D_c=1.22e12, alpha_N=0.0763, alpha_D=0.1224),
        ],
    ),
    Law(
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
    ),
    Law(
        name="kaplan_data",
        domain="pre-training",
        formula=of_data,
        inputs=[D],
        response=LOSS,
        params=[D_C, ALPHA_D],
        published=[Estimate("kaplan2020", D_c=5.4e13, alpha_D=0.095)],
    ),
    Law(
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
        cost=flops_of_pf_days,
    ),
    Law(
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
    ),
)
