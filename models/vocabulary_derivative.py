"""Vocabulary for a model: parameters of the vocabulary that reach a loss for the least compute.

    vocabulary_derivative   N_v = N_v0 (N_nv / 33)**gamma

N_nv    parameters outside the vocabulary, in millions
N_v     parameters of the best vocabulary, its size V times the width d, in millions
N_v0    those for 33 million others

The best V is where compute is least for a given model and text: a larger vocabulary makes fewer
tokens of the text, and each costs more. See vocabulary for the loss itself.

Source: Tao et al. (2024), arXiv:2407.13623, approach 2; values from its released code.
"""

from lawbook import Derived, Estimate, Law, Namespace, Param
from lawbook.models.vocabulary import N_NV  # pyright: ignore
from lawbook.models.vocabulary_isoflop import BEST  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.terms import power


def derivative(xp: Namespace, N_nv, *, N_v0, gamma):
    """Vocabulary parameters at the least budget for a model and a text."""
    return N_v0 * power(xp, N_nv / 33, gamma)


def optimal_for(xp: Namespace, N_nv, d, *, N_v0, gamma):
    """Vocabulary size V for a model and its width."""
    return 1e6 * derivative(xp, N_nv, N_v0=N_v0, gamma=gamma) / d


LAW = Law(
    name="vocabulary_derivative",
    domain="pre-training",
    formula=derivative,
    inputs=[N_NV],
    response=BEST,
    params=[
        Param("N_v0", LogNormal(median=3, log_sd=0.5), "partial", unit="million parameters"),
        Param("gamma", LogNormal(median=0.8, log_sd=0.15)),
    ],
    published=[Estimate("tao2024", N_v0=3.145728, gamma=0.8353974035228025)],
    derived=[Derived("optimal_vocabulary", optimal_for, unit="entries")],
)
