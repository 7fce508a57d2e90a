"""Loss to loss: what a model loses on one text by what it loses on another, whatever its size.

    loss_to_loss   L_1 = K max(L_0 - E_0, 0.01)**kappa + E_1
                   K = M e (1 - E_0 / 2.5) / (kappa (2.5 - E_0)**kappa)
                   E_1 = M (1 - e (1 - E_0 / 2.5) / kappa)

L_0     loss of a model on one text, nats per token, such as that it was trained on
L_1     loss of the same model on another text, or of a model with as much compute for another text
E_0     floor of the first text and E_1 of the second, which no model beats
kappa   1 where both excesses shrink alike
M, e    L_1 where L_0 is 2.5 nats, and its elasticity there

M and e are what runs tell; E_0 and kappa are the curvature together, so that floors stay near
their priors. Group by the text that models were trained on: each has a curve on each test.

Source: Brandfonbrener et al. (2024), arXiv:2411.12925; no published estimate is included.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal
from lawbook.terms import power

REFERENCE, LEAST = 2.5, 0.01  # nats; nearer its floor the other loss would have an endless slope


def above(*, e, E_0, kappa):
    """Share of M that lies above the second floor."""
    return e * (1 - E_0 / REFERENCE) / kappa


def K(xp: Namespace, *, M, e, E_0, kappa):
    """Excess over the second floor where that over the first is 1 nat."""
    return M * above(e=e, E_0=E_0, kappa=kappa) * power(xp, REFERENCE - E_0, -kappa)


def E_1(xp: Namespace, *, M, e, E_0, kappa):
    """Floor of the second text."""
    return M * (1 - above(e=e, E_0=E_0, kappa=kappa))


def other_loss(xp: Namespace, L_0, *, M, e, E_0, kappa):
    """Translate the excess over one floor to that over the other."""
    ratio = xp.maximum(L_0 - E_0, LEAST) / (REFERENCE - E_0)
    return M * (1 + above(e=e, E_0=E_0, kappa=kappa) * xp.expm1(kappa * xp.log(ratio)))


def needed(xp: Namespace, L_1, *, M, e, E_0, kappa):
    """Loss on the first text that goes with a loss on the second; NaN below the latter's floor."""
    at = {"M": M, "e": e, "E_0": E_0, "kappa": kappa}
    return E_0 + power(xp, (L_1 - E_1(xp, **at)) / K(xp, **at), 1 / kappa)


LAW = Law(
    name="loss_to_loss",
    domain="downstream",
    formula=other_loss,
    inputs=[Input("L_0", unit="nats/token", seen=(0.95, 4.0))],
    response=Response("L_1", unit="nats/token", noise=StudentT("log", LogNormal(0.005, 0.7))),
    params=[
        Param("M", LogNormal(median=2.8, log_sd=0.3), pool="partial", unit="nats/token"),
        Param("e", LogNormal(median=0.8, log_sd=0.3), pool="partial"),
        Param("E_0", LogNormal(median=0.7, log_sd=0.3), pool="partial", unit="nats/token"),
        Param("kappa", LogNormal(median=0.95, log_sd=0.25), pool="partial"),
    ],
    derived=[Derived(f.__name__, f, unit="nats/token") for f in (K, E_1, needed)],
    limits=[
        "Fits of three simulated groups take many minutes, and not all are to be trusted: runs "
        "hardly tell E_0, which ends where it meets their least losses.",
    ],
)
