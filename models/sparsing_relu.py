"""Sparsing of ReLU models: the share of activations that matter, over the data a model has seen.

    sparsing_relu   A(D) = exp(-c D**alpha + b) + A_0

D     training tokens, in billions
A     activation ratio, 1 - sparsity, at the smallest set that raises perplexity by 1%
A_0   its limit with endless data, to which it falls

Each model size has its own curve; A_0 hardly depends on size, alpha and c do. Checkpoints of one
run share what is wrong with the curve, so intervals from one run are too narrow.
Runs hardly tell b, c and alpha apart: the values reported for the smallest model, whose curve would
begin above 1, lie outside the 90% intervals of runs simulated from them.

Source: Luo et al. (2024), arXiv:2411.02335, table 2: for models of 0.1B to 2.4B parameters.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Normal, Param, Response
from lawbook.priors import LogitNormal, LogNormal, TermSize
from lawbook.priors import Normal as NormalPrior
from lawbook.terms import power


def relu(xp: Namespace, D, *, A_0, b, c, alpha):
    """Fall to the limit, exponentially in a power of the data."""
    return xp.exp(b - c * power(xp, D, alpha)) + A_0


def relu_data(xp: Namespace, share, *, A_0, b, c, alpha):
    """Tokens after which the excess over the limit is a share of the limit."""
    return power(xp, (b - xp.log(share * A_0)) / c, 1 / alpha)


def limit_sparsity(xp: Namespace, *, A_0):
    """Sparsity with endless data."""
    return 1 - A_0


LIMIT = Derived("limit_sparsity", limit_sparsity)
RATIO = "activation_ratio"

LAW = Law(
    name="sparsing_relu",
    domain="inference",
    formula=relu,
    inputs=[Input("D", unit="billion tokens", seen=(5, 800))],
    response=Response(RATIO, unit="fraction", noise=Normal("log", LogNormal(0.01, 1.0))),
    params=[
        Param("A_0", LogitNormal(median=0.07, logit_sd=0.3), pool="partial"),
        Param("b", NormalPrior(mean=-3.0, sd=1.6), pool="partial"),
        Param("c", TermSize(LogNormal(1, 1), at={"D": 100}, growth="alpha"), pool="partial"),
        Param("alpha", LogNormal(median=0.6, log_sd=0.9), pool="partial"),
    ],
    published=[
        Estimate("luo2024", "0.1B", alpha=0.101, b=-0.0151, c=3.20, A_0=0.0614),
        Estimate("luo2024", "0.2B", alpha=0.449, b=-3.05, c=0.286, A_0=0.0674),
        Estimate("luo2024", "0.4B", alpha=0.683, b=-3.46, c=0.0790, A_0=0.0690),
        Estimate("luo2024", "0.8B", alpha=1.01, b=-3.49, c=7.97e-3, A_0=0.0721),
        Estimate("luo2024", "1.2B", alpha=1.33, b=-3.89, c=9.03e-4, A_0=0.0782),
        Estimate("luo2024", "2.4B", alpha=1.53, b=-3.46, c=1.56e-4, A_0=0.0648),
    ],
    derived=[LIMIT, Derived("data_to_limit", relu_data, unit="billion tokens")],
)
