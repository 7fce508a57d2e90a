"""Upcycling: losses of the two largest mixtures of experts, foretold from smaller models.

Liew et al. (2025), arXiv:2502.03009, release 479 runs: dense models of 15e6 to 1e9 parameters,
turned to mixtures of 4 to 32 experts after some tokens and trained on. All are fitted but those of
eight experts of 0.5e9 and 1e9 parameters, which are asked. They are held against what a product law
without the interaction misses there by least squares. That the interaction c is above zero is the
paper's claim, of models of one size: it is asked of eight experts, two of them active, grouped by
size.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from findings import draws_of, fitted, foretold, headline, table

import lawbook

COLUMNS = {"params_active": "N", "tokens_dense": "P", "tokens_upcycled": "U"}
PLAIN = "a product law without interaction, on the same split"
SIZES = (
    "each size was trained on tokens of its own range, so that one law for all confounds the two"
)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit the smaller models; see `findings` for the columns."""
    runs = pd.read_csv(folder / "moe_upcycling.csv").rename(columns=COLUMNS)
    held = runs.model.isin(["8x_0.5b", "8x_1b"])
    one = fit(runs[~held])
    eight = runs.model.str.startswith("8x") & (runs.N > 1.7 * runs.params_dense)
    eight &= runs.N < 2 * runs.params_dense
    quantity = "error (RMSLE) of eight experts of 0.5e9 and 1e9, fitted up to 0.2e9"
    rows = [foretold(quantity, 0.019, PLAIN, one, runs[held])]
    for of, found in (("one law for all", one), ("of each size", fit(runs[eight], by="model"))):
        drawn = draws_of(found, "c")
        quantity = f"interaction c above 0 in 95% of draws, {of}"
        holds = np.mean(drawn > 0) > 0.95
        rows.append(headline(quantity, 0, "Liew et al. (2025), abstract", drawn, holds, SIZES))
    return table("moe_upcycling", rows)


def fit(runs: pd.DataFrame, by: str = "") -> lawbook.Fit:
    """Fit the law alone, to sizes that share exponents where there are groups of them."""
    law = lawbook.load_law("moe_upcycling")
    law = law.with_pooling(E="full") if by else law.with_pooling("full")
    read = lawbook.read_runs(runs, law, by=by or (), allow=("duplicates", "sizes"))
    more = {"draws": 6000, "target_accept": 0.98} if by else {"draws": 500}
    return fitted(law, read, **more)
