"""Sparse autoencoders: the error of the widest, foretold from those of up to 65,536 latents.

Gao et al. (2024), arXiv:2406.04093, fit autoencoders of GPT-4; the coefficients are recalled. The
points of their figure, as digitised, are split as a public benchmark splits them: 30 of at most
65,536 latents are fitted, 15 of up to 524,288 asked. The recalled law, which has seen all, misses
these 15 by 0.7%, and least squares of the form on the 30 by 2.6%.
"""

from pathlib import Path

import pandas as pd
from findings import RECALLED, coefficients, fitted, foretold, table

import lawbook

LAW = lawbook.load_law("sparse_autoencoders").with_pooling("full")
LEAST_SQUARES = "least squares of this form on the same split"
PAPER = f"Gao et al. (2024), for GPT-4, {RECALLED}"
ROUNDED = "printed to two digits, which at these sizes is 1 to 2% of the error"
TOLD = "30 narrow autoencoders hardly tell the floor: draws miss the 15 by 1.3 to 4.7%"
AHEAD = "the paper has fitted these points"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit all points, then the narrow ones; see `findings` for the columns."""
    points = pd.read_csv(folder / "sae.csv")
    points = points.rename(columns={"latents": "n", "active_latents": "k", "normalized_mse": "L"})
    seen, held = (points[points.split == split] for split in ("train", "test"))
    narrow = fit(seen)
    quantity = "error (RMSLE) of 131,072 latents and more, fitted up to 65,536"
    published = dict(LAW.published[0].at)
    why = dict.fromkeys(published, ROUNDED)
    return table(
        "sparse_autoencoders",
        [
            foretold(quantity, 0.0261, LEAST_SQUARES, narrow, held, TOLD),
            foretold(f"{quantity}, the paper up to 524,288", 0.0069, PAPER, narrow, held, AHEAD),
            *coefficients(fit(points), published, PAPER, why=why),
        ],
    )


def fit(points: pd.DataFrame) -> lawbook.Fit:
    """Fit the law alone; there are five k."""
    read = lawbook.read_runs(points, LAW, allow="sizes")
    return fitted(LAW, read, draws=500)
