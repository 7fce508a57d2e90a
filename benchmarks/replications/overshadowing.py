"""Overshadowing: hallucination rates by popularity, length and size, on points read off a figure.

Zhang et al. (2025), arXiv:2502.16143, draw a line for each of three models over the popularity and
the length of what displaces rare knowledge, and one over the sizes of ten models; no value is
printed, so that those of the drawn lines are held against a fit of the drawn points. They claim
that rates of models tuned on real tasks are foretold by lines from training on synthetic text, with
a mean relative error of 8%, which is not asked here: how the lines were carried over is not told.
"""

from pathlib import Path

import pandas as pd
from findings import about, coefficients, fitted, table

import lawbook

MODELS = ("Llama-2 7B", "Phi 2.8B", "Pythia 160M")
RATIOS = (2, 5, 10, 25, 50, 100)
POPULARITY = (
    (38.2, 43.6, 46.1, 49.3, 57.9, 62.1),
    (23.5, 33.3, 38.4, 40.2, 44.7, 56.1),
    (19.2, 23.5, 24.1, 27.3, 29.4, 36.3),
)
LENGTH = (
    (39.3, 43.6, 47.2, 55.2, 62.4, 67.6),
    (26.3, 33.9, 36.4, 37.2, 43.7, 47.5),
    (22.4, 24.5, 24.4, 27.5, 31.7, 34.4),
)
SIZES = (1.6e8, 4.1e8, 1e9, 1.4e9, 2.8e9, 2.8e9, 6e9, 7e9, 7e9, 1.3e10)
SIZE = (23.7, 22.2, 26.5, 25.8, 33.5, 30.4, 34.6, 43.5, 40.7, 41.3)
SOURCE = "Zhang et al. (2025), lines of figure 2, read off"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit each line by itself; the tables in the folder are not needed."""
    rows = []
    for name, ratio, rates in (("popularity", "P", POPULARITY), ("length", "L", LENGTH)):
        for number, (model, of_model) in enumerate(zip(MODELS, rates, strict=True)):
            rows += line(f"overshadowing_{name}", number, ratio, RATIOS, of_model, model)
    return table(
        "overshadowing", [*rows, *line("overshadowing_size", 0, "S", SIZES, SIZE, "ten models")]
    )


def line(name: str, number: int, symbol: str, at, rates, of: str) -> list[dict]:
    """Hold a line's slope and zero against a fit of its points."""
    law = lawbook.load_law(name)
    points = pd.DataFrame({symbol: at, "R": [rate / 100 for rate in rates]})
    fit = fitted(law, lawbook.read_runs(points, law), draws=500)
    return about(name, coefficients(fit, dict(law.published[number].at), SOURCE, of=of))
