"""Loss to loss: what a model loses on one text by what it loses on another, whatever its size.

    loss_to_loss   L_1 = K (L_0 - E_0)**kappa + E_1

L_0     loss of a model on one text, nats per token, such as that it was trained on
L_1     loss of the same model on another text, or of a model with as much compute for another text
E_0     floor of the first, E_1 that of the second, which no model beats
K       excess of L_1 where that of L_0 is 1 nat

kappa is 1 where both excesses shrink alike. Group by the text that models were trained on: each has
a curve of its own on each test. Losses far above the floors tell floors and kappa only together.

Source: Brandfonbrener et al. (2024), arXiv:2411.12925; no published estimate is included.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.terms import power

LEAST = 0.01  # nats above the floor: below it the other loss would have an endless slope


def other_loss(xp: Namespace, L_0, *, K, E_0, kappa, E_1):
    """Translate the excess over one floor to that over the other."""
    return E_1 + K * power(xp, xp.maximum(L_0 - E_0, LEAST), kappa)


def needed(xp: Namespace, L_1, *, K, E_0, kappa, E_1):
    """Loss on the first text that goes with a loss on the second; NaN below the latter's floor."""
    return E_0 + power(xp, (L_1 - E_1) / K, 1 / kappa)


LAW = Law(
    name="loss_to_loss",
    domain="downstream",
    formula=other_loss,
    inputs=[Input("L_0", unit="nats/token", seen=(0.95, 4.0))],
    response=Response("L_1", unit="nats/token", noise=StudentT("log", LogNormal(0.005, 0.7))),
    params=[
        Param("K", LogNormal(median=1.1, log_sd=0.4), pool="partial", unit="nats/token"),
        Param("E_0", LogNormal(median=0.7, log_sd=0.5), pool="partial", unit="nats/token"),
        Param("kappa", LogNormal(median=1.0, log_sd=0.25), pool="partial"),
        Param("E_1", LogNormal(median=1.0, log_sd=0.5), pool="partial", unit="nats/token"),
    ],
    derived=[Derived("needed", needed, unit="nats/token")],
)
