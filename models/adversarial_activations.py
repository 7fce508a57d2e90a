"""Adversarial activations: how many tokens an attacker of a few activations can force.

    adversarial_activations   t_max = kappa f a / n,   kappa = d p / (chi log2 V)

a       attacked tokens, whose activations are controlled; f the share of their dimensions
n       attacks that one perturbation carries at once
d, V    width and vocabulary; p = 16 bits per activation
t_max   tokens of which half come out as wanted
chi     bits of input per bit of output: the paper's claim is that it is alike in all models, and
        the spread of chi over models is the test of it

d, p and V enter as a product: one model tells of kappa alone. A search for attacks that stops
early gives a lower bound of t_max. adversarial_success is the share of tokens that succeed.

Source: Fort (2023), arXiv:2312.02780, eq. 10 and table 1: Pythia of 70M, 160M, 410M, 1.4B
and 2.8B, Phi-1, Phi-1.5 and TinyStories-33M.
"""

from math import log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal

BITS = 16


def slope(xp: Namespace, d, V, *, chi):
    """Tokens forced per token attacked, kappa."""
    return d * BITS * log(2) / (chi * xp.log(V))


def forced(xp: Namespace, a, f, n, d, V, *, chi):
    """Tokens of which half are forced."""
    return slope(xp, d, V, chi=chi) * f * a / n


def needed(xp: Namespace, t, d, V, *, chi):
    """Tokens to attack, not rounded, so that half of t are forced."""
    return t / slope(xp, d, V, chi=chi)


LAW = Law(
    name="adversarial_activations",
    domain="behaviour",
    formula=forced,
    inputs=[
        Input("a", unit="tokens", seen=(1, 16)),
        Input("f", unit="share", seen=(0.1, 1), support=(0, 1)),
        Input("n", unit="attacks", seen=(1, 8)),
        Input("d", unit="dimensions", seen=(512, 2560)),
        Input("V", unit="entries", seen=(50_120, 50_304), support=(1, float("inf"))),
    ],
    response=Response("t_max", "tokens", StudentT("log", LogNormal(0.15, 0.5)), "higher"),
    params=[Param("chi", LogNormal(median=22.0, log_sd=0.35), pool="partial")],
    published=[
        Estimate("fort2023", "Pythia-70M", chi=21.7),
        Estimate("fort2023", "Pythia-160M", chi=21.7),
        Estimate("fort2023", "Pythia-410M", chi=15.0),
        Estimate("fort2023", "Pythia-1.4B", chi=16.3),
        Estimate("fort2023", "Pythia-2.8B", chi=25.0),
        Estimate("fort2023", "Phi-1", chi=49.0),
        Estimate("fort2023", "Phi-1.5", chi=26.8),
        Estimate("fort2023", "TinyStories-33M", chi=28.9),
    ],
    derived=[
        Derived("kappa", slope, unit="tokens/token"),
        Derived("activations_needed", needed, unit="tokens"),
    ],
)
