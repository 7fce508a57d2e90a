"""Inference-aware: Chinchilla's law, asked which model costs least with all tokens that it serves.

    inference_aware   L(N, D) = E + A / N**alpha + B / D**beta

N   parameters
D   training tokens
L   held-out cross-entropy, nats per token

Training takes 6 N D FLOPs, and to serve `served` tokens 2 N times these. For the same loss, the
more a model will serve, the smaller and the longer trained it should be: at its best, alpha A /
N**alpha is (1 + served / (3 D)) beta B / D**beta. Chinchilla's split has nothing to serve.

Source: Sardana et al. (2023), arXiv:2401.00448, with values of Chinchilla's page.
"""

from lawbook import Derived, Input, Law, Namespace, Response, StudentT
from lawbook.models import chinchilla  # pyright: ignore
from lawbook.terms import flops, power, root


def loss(xp: Namespace, N, D, *, E, A, B, alpha, beta):
    """Sum the floor and the two terms: Chinchilla's law."""
    return chinchilla.loss(xp, N, D, E=E, A=A, B=B, alpha=alpha, beta=beta)


def optimal_data(xp: Namespace, goal, served, *, E, A, B, alpha, beta):
    """Training tokens of the model of a loss that costs least together with what it serves."""
    least = xp.log(B / (goal - E)) / beta  # log of the tokens with which no size would do

    def slope(
        log_more,
    ):  # of the log cost, in the tokens beyond these, up to a factor that is positive
        log_D = least + xp.exp(log_more)
        data, D = B * xp.exp(-beta * log_D), xp.exp(log_D)
        return alpha * (goal - E - data) * 3 * D - beta * data * (3 * D + served)

    return xp.exp(least + xp.exp(root(xp, slope, -12.0, 4.0)))


def optimal_size(xp: Namespace, goal, served, *, E, A, B, alpha, beta):
    """Parameters of the model of a loss that costs least together with what it serves."""
    D = optimal_data(xp, goal, served, E=E, A=A, B=B, alpha=alpha, beta=beta)
    return power(xp, (goal - E - B * power(xp, D, -beta)) / A, -1 / alpha)


def total_cost(xp: Namespace, goal, served, *, E, A, B, alpha, beta):
    """FLOPs of training and serving the model that costs least."""
    at = {"E": E, "A": A, "B": B, "alpha": alpha, "beta": beta}
    N = optimal_size(xp, goal, served, **at)
    return N * (6 * optimal_data(xp, goal, served, **at) + 2 * served)


LAW = Law(
    name="inference_aware",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("N", unit="parameters", seen=(1.5e8, 1.3e10)),
        Input("D", unit="tokens", seen=(1.5e9, 1e12)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT(on="log")),
    params=chinchilla.LAW.params,
    published=chinchilla.LAW.published,
    cost=flops,
    derived=[
        Derived("optimal_size", optimal_size, unit="parameters"),
        Derived("optimal_data", optimal_data, unit="tokens"),
        Derived("total_cost", total_cost, unit="FLOP"),
    ],
)
