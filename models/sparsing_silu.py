"""Sparsing of SiLU models: the share of activations that matter, over the data a model has seen.

    sparsing_silu   A(D) = A_0 - c / D**alpha

D     training tokens, in billions
A     activation ratio, 1 - sparsity, at the smallest set that raises perplexity by 1%
A_0   its limit with endless data, to which it rises

Each model size has its own curve; A_0 hardly depends on size, alpha and c do. Checkpoints of one
run share what is wrong with the curve, so intervals from one run are too narrow.

Source: Luo et al. (2024), arXiv:2411.02335, table 2: for models of 0.1B to 1.2B parameters.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models.sparsing_relu import LIMIT, RATIO  # pyright: ignore
from lawbook.priors import LogitNormal, LogNormal, TermSize
from lawbook.terms import power


def silu(xp: Namespace, D, *, A_0, c, alpha):
    """Rise to the limit along a power law."""
    return A_0 - c * power(xp, D, -alpha)


def silu_data(xp: Namespace, share, *, A_0, c, alpha):
    """Tokens after which the shortfall from the limit is a share of the limit."""
    return power(xp, c / (share * A_0), 1 / alpha)


LAW = Law(
    name="sparsing_silu",
    domain="inference",
    formula=silu,
    inputs=[Input("D", unit="billion tokens", seen=(5, 300))],
    response=Response(RATIO, "fraction", noise=StudentT("identity", LogNormal(0.003, 1.0))),
    params=[
        Param("A_0", LogitNormal(median=0.39, logit_sd=0.3), pool="partial"),
        Param("c", TermSize(LogNormal(0.02, 0.6), at={"D": 20}, decay="alpha"), "partial"),
        Param("alpha", LogNormal(median=0.8, log_sd=0.4), pool="partial"),
    ],
    published=[
        Estimate("luo2024", "0.1B", alpha=0.479, c=0.102, A_0=0.409),
        Estimate("luo2024", "0.2B", alpha=0.844, c=0.208, A_0=0.390),
        Estimate("luo2024", "0.4B", alpha=1.03, c=0.420, A_0=0.385),
        Estimate("luo2024", "0.8B", alpha=0.995, c=0.562, A_0=0.383),
        Estimate("luo2024", "1.2B", alpha=0.967, c=0.538, A_0=0.382),
    ],
    derived=[LIMIT, Derived("data_to_limit", silu_data, unit="billion tokens")],
)
