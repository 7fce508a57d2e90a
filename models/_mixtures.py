"""What laws of mixtures at any scale share: shares of domains, how they help, floor and noise."""

from collections.abc import Mapping

from lawbook import Input, Param, Response, StudentT
from lawbook.laws.namespace import Namespace
from lawbook.laws.terms import power
from lawbook.priors import LogNormal

LEAST = 1e-6  # share: one of zero has no logarithm

LOSS = Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.005, 0.7)))
FLOOR = Param("E", LogNormal(median=1.2, log_sd=0.5), pool="partial", unit="nats/token")
ALPHA = Param("alpha", LogNormal(median=0.3, log_sd=0.4))
BETA = Param("beta", LogNormal(median=0.4, log_sd=0.4))


def helped(xp: Namespace, shares, at, domains):
    """How much a mixture helps: the sum below the line."""
    return sum(
        at[f"C_{j}"] * power(xp, xp.maximum(h, LEAST), at[f"gamma_{j}"])
        for j, h in zip(domains, shares, strict=True)
    )


def inputs(largest: Mapping[str, float]) -> list[Input]:
    """Size, tokens and the shares, by the largest of each that was trained on."""
    return [
        Input("N", unit="parameters", seen=(1e8, 7e9)),
        Input("D", unit="tokens", seen=(2e9, 1e11)),
        *(Input(f"h_{j}", "share", (0, most), (0, 1)) for j, most in largest.items()),
    ]


def of_shares(domains: Mapping[str, float]) -> list[Param]:
    """Parameters of the sum below the line."""
    levels = [Param(f"C_{j}", LogNormal(1.0, 0.9), pool="partial") for j in domains]
    return [*levels, *(Param(f"gamma_{j}", LogNormal(0.5, 0.6), pool="partial") for j in domains)]
