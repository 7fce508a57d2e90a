"""Porian's rule for the batch: best batch sizes grow with the size of a model.

    porian_batch   B = c N**b

N   parameters, as the paper counts them for its sweeps
B   sequences of 2048 tokens per step, of runs with Chinchilla's tokens

In such runs tokens grow with parameters, so that N stands for both: see batch_size.

Source: Porian et al. (2024), arXiv:2406.19146; values by a public digest.
"""

from lawbook import Namespace
from lawbook.models._powers import rule  # pyright: ignore
from lawbook.models.porian_rate import N  # pyright: ignore
from lawbook.terms import power


def batch(xp: Namespace, N, *, c, b):
    """Best batch size."""
    return c * power(xp, N, b)


LAW = rule(
    *("porian_batch", batch, N, ("B", "sequences")),
    level=90,
    slope=0.6,
    published={"key": "porian2024", "c": 0.00037, "b": 0.703},
)
