"""Kaplan: the loss by size and data, without a floor.

    kaplan   L(N, D) = [(N_c / N)**(alpha_N / alpha_D) + D_c / D]**alpha_D

N       parameters without embeddings
D       tokens of the data set, seen as often as early stopping allows: 6 N D is not the cost
L       test cross-entropy, nats per token

One symbol takes different values in the paper's equations: kaplan_size, kaplan_data,
kaplan_compute and kaplan_steps are the others. N_c and D_c are extrapolations by many decades and
degenerate with their exponents, so the priors sit on each term's size at a reference point. Where
no floor is subtracted exponents are small: do not compare them with Chinchilla's. alpha_D and D_c
are told apart by data-limited runs only.

Source: Kaplan et al. (2020), arXiv:2001.08361, eq. 1.5 and table 2.
Refit:  shehper's nanoGPT runs on OpenWebText, notebook in github.com/avdravid/gpt_scaling_laws.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, RatioSize


def of_size_and_data(xp: Namespace, N, D, *, N_c, D_c, alpha_N, alpha_D):
    """Loss limited by size and data; the sum of large ratios is taken on the log scale."""
    size_limited = alpha_N / alpha_D * (xp.log(N_c) - xp.log(N))
    data_limited = xp.log(D_c) - xp.log(D)
    return xp.exp(alpha_D * xp.logaddexp(size_limited, data_limited))


def data_needed(xp: Namespace, N, tolerated, *, N_c, D_c, alpha_N, alpha_D):
    """Tokens with which the loss is above that of endless data by the share that is tolerated."""
    size = xp.exp(alpha_N / alpha_D * xp.log(N / N_c))
    return D_c * size / xp.expm1(xp.log1p(tolerated) / alpha_D)


N = Input("N", unit="non-embedding parameters", seen=(768, 1.5e9))
D = Input("D", unit="tokens", seen=(2.2e7, 2.3e10))
LOSS = Response("loss", unit="nats/token", noise=StudentT(on="log"))
N_C = Param("N_c", RatioSize(LogNormal(2.9, 0.14), at={"N": 1e8}, exponent="alpha_N"), "partial")
D_C = Param("D_c", RatioSize(LogNormal(2.8, 0.14), at={"D": 1e9}, exponent="alpha_D"), "partial")
ALPHA_N = Param("alpha_N", LogNormal(median=0.076, log_sd=0.25))
ALPHA_D = Param("alpha_D", LogNormal(median=0.098, log_sd=0.25))

LAW = Law(
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
    derived=[Derived("data_needed", data_needed, unit="tokens")],
)
