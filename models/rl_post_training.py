"""Errors after reinforcement learning, by its resource and by the size of the model.

    rl_post_training   L(N, X) = L_ref (X / 1e20)**(-K_max / (1 + N_0 / N))

N       parameters
X       compute of reinforcement learning, FLOP; the paper has the same law for examples
L       share of the test questions that are missed, 1 - Pass@1
K_max   exponent of endlessly large models, which learn most from as much
N_0     parameters at which the exponent is half of that
L_ref   errors at 1e20 FLOP, of each model its own

The paper writes log L = -k(N) log X + E(N), k(N) = K_max / (1 + N_0 / N), and has no form for E:
group by model, so that each has an L_ref. Fit the stretch before errors level off.

Source: Tan et al. (2025), arXiv:2509.25300, as the authors' README states it, for Qwen2.5 of 0.5e9
to 7.2e10 parameters. It prints no coefficients; the range of X is inferred.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal
from lawbook.terms import power


def exponent(xp: Namespace, N, *, K_max, N_0):
    """Exponent of the resource for models of a size: the paper's k."""
    return K_max / (1 + N_0 / N)


def errors(xp: Namespace, N, X, *, L_ref, K_max, N_0):
    """Fall along a power law of the resource, more steeply for larger models."""
    return L_ref * power(xp, X / 1e20, -exponent(xp, N, K_max=K_max, N_0=N_0))


LAW = Law(
    name="rl_post_training",
    domain="alignment",
    formula=errors,
    inputs=[
        Input("N", unit="parameters", seen=(5e8, 7.2e10)),
        Input("X", unit="FLOP", seen=(3e18, 1e21)),
    ],
    response=Response("L", unit="share", noise=StudentT("log", LogNormal(0.02, 0.7))),
    params=[
        Param("L_ref", LogitNormal(0.35, 0.7), pool="partial", unit="share"),
        Param("K_max", LogNormal(median=0.1, log_sd=0.6)),
        Param("N_0", LogNormal(median=5e9, log_sd=1.2), unit="parameters"),
    ],
    derived=[Derived("exponent", exponent)],
)
