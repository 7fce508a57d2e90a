"""Elo: rating by training compute, a power law of playing strength (proposed).

    elo   r(C) = r_ref + s log10(C / 1e21)

C    training compute, FLOP
r    rating in Elo points, which have a zero and opponents of their own

Strength S wins against S' with chance S / (S + S'), and is S = 10**(r / 400): strength that grows
as C**alpha is a rating that grows by s = 400 alpha a decade, at Hex by 500 points. It has no
ceiling here, so it holds until perfect play, or the best answer that raters can tell, comes near.
The zero is a convention, so noise is added in points, and games or recipes share r_ref and s by a
common prior only.

Source: Neumann & Gros (2022), arXiv:2210.00849, power laws of strength for AlphaZero at two games;
Jones (2021), arXiv:2104.03113, ratings at Hex. Reference, range and priors are proposed here.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import log10, power10


def rating(xp: Namespace, C, *, r_ref, s):
    """Rating after so much compute."""
    return r_ref + s * log10(xp, C / 1e21)


def compute_for(xp: Namespace, elo, *, r_ref, s):
    """Training FLOPs that reach a rating."""
    return 1e21 * power10(xp, (elo - r_ref) / s)


def strength_exponent(xp: Namespace, *, s):
    """Exponent of strength in compute."""
    return s / 400


def win_rate(xp: Namespace, ratio, *, s):
    """Chance to win against a rival that was trained with so many times less compute."""
    return 1 / (1 + power10(xp, -s * log10(xp, ratio) / 400))


def flops(C):
    """Training FLOPs: the input itself."""
    return C


LAW = Law(
    name="elo",
    domain="downstream",
    status="proposed",
    formula=rating,
    inputs=[Input("C", unit="FLOP", seen=(1e18, 5e24))],
    response=Response("elo", "Elo points", StudentT("identity", LogNormal(20, 0.8)), "higher"),
    params=[
        Param("r_ref", Normal(mean=1000, sd=800), pool="partial", unit="Elo points"),
        Param("s", LogNormal(median=150, log_sd=0.7), pool="partial", unit="Elo points/decade"),
    ],
    cost=flops,
    derived=[
        Derived("compute_for", compute_for, unit="FLOP"),
        Derived("strength_exponent", strength_exponent),
        Derived("win_rate", win_rate, unit="share"),
    ],
)
