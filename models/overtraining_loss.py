"""Over-training: a loss law with equal exponents, by compute and tokens per parameter.

    overtraining_loss    L(C, M) = E + (a M**eta + b M**-eta) C**-eta

C       training compute, 6 N D FLOP
M       tokens per parameter, D / N
L       validation cross-entropy, nats per token

It is Chinchilla with alpha = beta = 2 eta: at fixed M a power law in C, and more M moves its level
alone. Runs at M = 5 lie off it. overtraining_error turns the loss into the error on tasks.

Source: Gadre et al. (2024), arXiv:2403.08540, and its released fitting code, refitted to the
losses on C4 of models trained on C4, RedPajama and RefinedWeb.
"""

from lawbook import Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize


def loss(xp: Namespace, C, M, *, E, a, b, eta):
    """Sum the floor and the two terms, the first in size and the second in data."""
    log_C, log_M = xp.log(C), xp.log(M)
    return E + a * xp.exp(eta * (log_M - log_C)) + b * xp.exp(-eta * (log_M + log_C))


def compute(C):
    """Training FLOPs, which are an input."""
    return C


def best_multiplier(xp: Namespace, C, *, E, a, b, eta):
    """M = (b / a)**(1 / (2 eta)), whatever the compute."""
    M = xp.exp((xp.log(b) - xp.log(a)) / (2 * eta))
    return C + 0 * M, M + 0 * C


def _term(**powers: dict[str, str]) -> TermSize:
    return TermSize(LogNormal(median=0.5, log_sd=0.4), at={"C": 1e20, "M": 20}, **powers)


LAW = Law(
    name="overtraining_loss",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("C", unit="FLOP", seen=(3.3e15, 5.8e21)),
        Input("M", unit="tokens/parameter", seen=(5, 640)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=1.7, log_sd=0.2), pool="partial", unit="nats/token"),
        Param("a", _term(growth={"M": "eta"}, decay={"C": "eta"}), pool="partial"),
        Param("b", _term(decay={"M": "eta", "C": "eta"}), pool="partial"),
        Param("eta", LogNormal(median=0.13, log_sd=0.15)),
    ],
    published=[
        Estimate("gadre2024", "C4", E=1.50826, a=141.277, b=189.516, eta=0.121236),
        Estimate("gadre2024", "RedPajama", E=1.83665, a=212.236, b=366.687, eta=0.136425),
        Estimate("gadre2024", "RefinedWeb", E=1.73446, a=157.116, b=246.207, eta=0.127197),
    ],
    cost=compute,
    optimum=best_multiplier,
)
