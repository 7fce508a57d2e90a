"""ParScale: losses of the largest models, with up to eight streams, foretold from smaller ones.

Chen et al. (2025), arXiv:2505.10475, fit their law to 24 models of each of two corpora. The
coefficients, of a refit to their released points, are held against a fit to each. Then models of up
to 1.6e9 parameters are fitted and those of 2.8e9 and 4.4e9 asked, beside what least squares of the
same form on each corpus miss.
"""

from pathlib import Path

import pandas as pd
from findings import coefficients, fitted, foretold, table

import lawbook

LAW = lawbook.load_law("parscale").with_pooling("full")
CORPORA = {"stack_v2_python": ("Stack v2 Python", 0.0093), "pile": ("Pile", 0.0050)}
POINTS = "Chen et al. (2025), least squares on the released points"
NOISE = (
    "a Student-t fits 24 points otherwise than least squares do, along a ridge of E, A and alpha"
)
FLOOR = "16 runs hardly tell the floor from what size still takes away"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit all models, then the small ones; see `findings` for the columns."""
    runs = pd.read_csv(folder / "parscale.csv")
    runs = runs.rename(columns={"params_nonemb": "N", "streams": "P"})
    rows = []
    for (corpus, (name, error)), estimate in zip(CORPORA.items(), LAW.published, strict=True):
        own, published = runs[runs.corpus == corpus], dict(estimate.at)
        why = dict.fromkeys(published, NOISE)
        rows += coefficients(fit(own), published, POINTS, of=name, why=why)
        small, large = own[own.N < 2e9], own[own.N > 2e9]
        quantity = f"error (RMSLE) of 2.8e9 parameters and more, fitted up to 1.6e9, {name}"
        rows.append(foretold(quantity, error, POINTS, fit(small), large, FLOOR))
    return table("parscale", rows)


def fit(runs: pd.DataFrame) -> lawbook.Fit:
    """Fit the law alone; models with streams are of nearly the same six sizes."""
    read = lawbook.read_runs(runs, LAW, allow="sizes")
    return fitted(LAW, read, draws=500)
