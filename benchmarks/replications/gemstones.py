"""Gemstones: whether shape, learning rate and cooldown move the loss that a law expects.

McLeish et al. (2025), arXiv:2502.06857, train models of 11 widths and 18 depths with a constant
learning rate, with half of it and with a cooldown, and claim that what a law prescribes is
sensitive to such choices. Each is a recipe here: Chinchilla with a floor and terms of its own for
each, exponents shared. The claim holds of a choice where the loss that it leads to at 1e9
parameters and 1e11 tokens differs from its alternative's in 95% of draws. Coefficients of these
checkpoints are not printed, so none is compared.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from findings import fitted, headline, table

import lawbook

PAPER = "McLeish et al. (2025)"
LEVEL = "at equal size and tokens the two are level within the scatter of the models"
AT = {"N": 1e9, "D": 1e11}


def replicate(folder: Path) -> pd.DataFrame:
    """Compare recipes, then shapes; see `findings` for the columns."""
    runs = pd.read_csv(folder / "gemstones.csv")
    in_all = runs[runs.recipe == "cooldown"].model.unique()
    every_10b = (runs.recipe == "cooldown") | runs.every_10b & (runs.recipe != "cooldown_start")
    recipes = losses(runs[every_10b & runs.model.isin(in_all) & (runs.tokens < 1.11e11)])
    steady = runs[(runs.recipe == "constant") & runs.every_10b]
    wide = steady.width / steady.depth > (steady.width / steady.depth).median()
    shapes = losses(steady.assign(recipe=np.where(wide, "wide", "deep")))
    rows = [
        headline(f"loss: {name}, nats", 0.0, PAPER, gap, bool(differs(gap)), LEVEL)
        for name, gap in (
            ("half the learning rate", recipes["constant_half_lr"] - recipes["constant"]),
            ("cooldown", recipes["cooldown"] - recipes["constant"]),
            ("wide less deep", shapes["wide"] - shapes["deep"]),
        )
    ]
    return table("chinchilla", rows)


def losses(runs: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return draws of each recipe's loss at one size and number of tokens."""
    columns = {"N": "params", "D": "tokens"}
    read = lawbook.read_runs(runs, "chinchilla", by="recipe", columns=columns, allow="units")
    found = fitted("chinchilla", read, draws=500).predict(AT)
    draws = found.draws.transpose("point", "chain", "draw").values.reshape(len(found.table), -1)
    return dict(zip(found.table.recipe, draws, strict=True))


def differs(gap: np.ndarray) -> bool:
    """Whether 95% of draws lie on one side of zero."""
    return max(np.mean(gap > 0), np.mean(gap < 0)) > 0.95
