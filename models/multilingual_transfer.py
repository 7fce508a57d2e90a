"""Transfer between languages: loss on one by tokens in it, in chosen helpers and in the others.

    multilingual_transfer   L = E + A / N**alpha + B / (D_l + tau_t D_t + tau_o D_o)**beta

N       parameters
D_l     tokens of the language itself, none repeated
D_t     tokens of languages that are chosen to help
D_o     tokens of all other languages
tau_t   what a token of the helpers is worth in tokens of the language; tau_o, one of the others
L       held-out loss on the language, nats per token

Group by language. Each language's repeats are counted down in the paper, as `data_constrained`
does; here every token is seen once. A table in which D_t grows with D_l does not tell tau_t. Where
languages disturb each other, tau would be below zero, which is not in this law's reach.

Source: Longpre et al. (2025), arXiv:2510.22037 (ATLAS), structure by public notes, which give no
coefficients. `multilingual_languages` is its law in the number of languages.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, TermSize
from lawbook.terms import power


def effective_tokens(xp: Namespace, D_l, D_t, D_o, *, tau_t, tau_o):
    """Tokens of the language alone that are worth as much as all together."""
    return D_l + tau_t * D_t + tau_o * D_o


def loss(xp: Namespace, N, D_l, D_t, D_o, *, E, A, alpha, B, beta, tau_t, tau_o):
    """Add the terms of size and of effective tokens to the floor."""
    tokens = effective_tokens(xp, D_l, D_t, D_o, tau_t=tau_t, tau_o=tau_o)
    return E + A * power(xp, N, -alpha) + B * power(xp, tokens, -beta)


LAW = Law(
    name="multilingual_transfer",
    domain="data",
    formula=loss,
    inputs=[
        Input("N", unit="parameters", seen=(1e7, 8e9)),
        Input("D_l", unit="tokens", seen=(1e9, 2e11)),
        Input("D_t", unit="tokens", seen=(0, 2e11)),
        Input("D_o", unit="tokens", seen=(0, 5e11)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=1.5, log_sd=0.4), pool="partial", unit="nats/token"),
        Param("A", TermSize(LogNormal(0.4, 0.6), {"N": 5e8}, decay="alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.35, log_sd=0.35)),
        Param("B", TermSize(LogNormal(0.4, 0.6), {"D_l": 2e10}, decay="beta"), pool="partial"),
        Param("beta", LogNormal(median=0.3, log_sd=0.4)),
        Param("tau_t", LogitNormal(median=0.3, logit_sd=1.0), pool="partial"),
        Param("tau_o", LogitNormal(median=0.1, logit_sd=1.0), pool="partial"),
    ],
    derived=[Derived("effective_tokens", effective_tokens, unit="tokens")],
)
