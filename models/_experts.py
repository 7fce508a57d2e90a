"""Chinchilla's coefficients of mixtures of experts, by how many there are: see `moe_joint`."""

from lawbook.laws.namespace import Namespace
from lawbook.models.routing import counted  # pyright: ignore

NAMES = ("a", "b", "alpha", "beta", "gamma", "delta", "omega", "zeta", "E_start", "E_max")


def of_experts(xp: Namespace, E, *, a, b, alpha, beta, gamma, delta, omega, zeta, E_start, E_max):
    """Chinchilla's coefficients for a number of experts."""
    log_H = xp.log(counted(E, E_start=E_start, E_max=E_max))
    return {
        "A": a * xp.exp(delta * log_H),
        "B": b * xp.exp(omega * log_H),
        "alpha": -alpha - gamma * log_H,
        "beta": -beta - zeta * log_H,
    }
