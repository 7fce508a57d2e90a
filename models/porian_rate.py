"""Porian's rule for the learning rate: best peak rates fall with the size of a model.

    porian_rate   eta = c N**b

N     parameters, as the paper counts them for its sweeps
eta   best peak learning rate of AdamW, of runs with Chinchilla's tokens

Rates are best with porian_batch beside them; beta_2 of 0.99 or more lets small batches do as well.

Source: Porian et al. (2024), arXiv:2406.19146; values by a public digest.
"""

from lawbook import Input, Namespace
from lawbook.models._powers import rule  # pyright: ignore
from lawbook.terms import power


def rate(xp: Namespace, N, *, c, b):
    """Best peak learning rate."""
    return c * power(xp, N, b)


N = Input("N", unit="parameters", seen=(5e6, 9e8))

LAW = rule(
    *("porian_rate", rate, N, ("eta", "learning rate")),
    level=6e-3,
    slope=-0.3,
    published={"key": "porian2024", "c": 3.7, "b": -0.36},
)
