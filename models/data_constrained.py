"""data_constrained: Chinchilla where repeated tokens and excess parameters are worth less.

    L(N, D, U_D) = E + A / N_eff**alpha + B / D_eff**beta
    D_eff = U_D + U_D R_D* (1 - exp(-R_D / R_D*)),   R_D = max(D / U_D - 1, 0)
    N_eff = U_N + U_N R_N* (1 - exp(-R_N / R_N*)),   R_N = max(N / U_N - 1, 0)
    U_N = min(N, N_opt(U_D)),   N_opt(U) = (U G)**(beta/alpha) G

N     parameters
D     tokens trained on, repeats included; up to U_D no token is repeated, and U_D counts as D
U_D   unique tokens at hand
G     (alpha A / (beta B))**(1 / (alpha + beta))
L     held-out cross-entropy, nats per token

R_D* is told by runs with about as many repeats, R_N* by models larger than N_opt(U_D). Runs with
very many epochs get worse again, which this law cannot say: leave them out, or let the heavy
tail take them. The paper fits A to beta first and holds them; here all are fitted together.

Source: Muennighoff et al. (2023), arXiv:2305.16264, and its utils/parametric_fit.ipynb.
"""

from math import exp

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models._epochs import kept_value, last_epoch, worth  # pyright: ignore
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import flops


def loss(xp: Namespace, N, D, U_D, *, E, A, B, alpha, beta, R_D_star, R_N_star):
    """Sum the floor and the two terms, of effective parameters and of effective data."""
    log_G = (xp.log(alpha) + xp.log(A) - xp.log(beta) - xp.log(B)) / (alpha + beta)
    log_U = xp.log(xp.minimum(D, U_D))
    log_U_N = xp.minimum(xp.log(N), beta / alpha * (log_U + log_G) + log_G)
    log_D_eff = log_U + worth(xp, xp.log(D) - log_U, R_D_star)
    log_N_eff = log_U_N + worth(xp, xp.log(N) - log_U_N, R_N_star)
    return E + A * xp.exp(-alpha * log_N_eff) + B * xp.exp(-beta * log_D_eff)


LEVELS = {"E": exp(0.6254804), "A": exp(6.255414), "B": exp(7.3049974)}
TIED = {"alpha": 0.3526596, "beta": 0.3526596}

LAW = Law(
    name="data_constrained",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="parameters", seen=(7e6, 8.7e9)),
        Input("D", unit="tokens", seen=(1e8, 9e11)),
        Input("U_D", unit="tokens", seen=(1e8, 1.8e11)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=1.85, log_sd=0.2), pool="partial", unit="nats/token"),
        Param("A", TermSize(LogNormal(0.38, 0.5), at={"N": 8e8}, decay="alpha"), pool="partial"),
        Param("B", TermSize(LogNormal(0.38, 0.5), at={"D": 1.7e10}, decay="beta"), pool="partial"),
        Param("alpha", LogNormal(median=0.35, log_sd=0.2)),
        Param("beta", LogNormal(median=0.35, log_sd=0.2)),
        Param("R_D_star", LogNormal(median=10, log_sd=0.8)),
        Param("R_N_star", LogNormal(median=5, log_sd=0.8)),
    ],
    published=[
        Estimate("muennighoff2023", **LEVELS, **TIED, R_D_star=15.387756, R_N_star=5.309743),
    ],
    cost=flops,
    derived=[Derived("kept_value", kept_value), Derived("last_epoch", last_epoch)],
)
