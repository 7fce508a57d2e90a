"""Patchification: error at patches of one pixel, foretold from coarser ones.

Wang et al. (2025), arXiv:2502.03738, print accuracies by the side of the patch and no coefficients.
Their headline is that gains persist down to one pixel. The curve of the book is fitted to patches
of two pixels and more, all models and tasks of tables 1 to 4 in one fit, and asked for the runs at
one.
"""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from findings import fitted, headline, table

import lawbook

POINTS = """\
row,64,32,16,8,4,2,1
"DeiT-B, 64",,,68.2,76.9,80.1,80.8,81.3
"DeiT-B, 128",,,78.1,81.0,82.3,82.9,
"Adventurer-B, 64",,,69.2,77.2,80.0,80.5,80.9
"Adventurer-B, 128",,,79.0,81.5,81.8,82.2,82.4
"Adventurer-B, 224",,,82.6,83.9,84.3,84.5,84.6
"Adventurer-T, 128",,,72.6,78.5,80.4,80.6,80.7
"Adventurer-S, 128",,,77.6,80.5,80.9,81.2,81.4
"ADE20k, Adventurer-T",,,40.0,41.6,42.1,42.5,
"ADE20k, Adventurer-B",,,44.0,45.5,46.3,46.8,
"COCO box, Adventurer-T",,44.7,46.5,48.0,48.5,48.7,
"COCO mask, Adventurer-T",,38.4,40.3,41.7,42.2,42.4,
"COCO box, Adventurer-B",44.1,46.4,48.4,49.5,50.3,,
"COCO mask, Adventurer-B",38.3,40.6,42.0,42.9,43.4,,
"""
SOURCE = "Wang et al. (2025), tables 1 to 4"
FINER = "the error at one pixel lies outside what coarser patches foretell"


def points() -> pd.DataFrame:
    """Return the printed points: row, p and error."""
    long = pd.read_csv(StringIO(POINTS)).melt("row", var_name="p", value_name="percent").dropna()
    return long.assign(p=long["p"].astype(float), error=1 - long["percent"] / 100)


def replicate(folder: Path) -> pd.DataFrame:
    """Hide the runs at one pixel; the tables in the folder are not needed."""
    law, seen = lawbook.load_law("patchification"), points()
    hidden = seen[seen["p"] == 1]
    shown = seen.loc[seen["p"] > 1, ["row", "p", "error"]]
    fit = fitted(law, lawbook.read_runs(shown, law, by="row"))
    rows = []
    for row, actual in zip(hidden["row"], hidden["error"], strict=True):
        run = fit.predict({"p": 1.0, "row": row}, kind="run", seed=1)
        draws = run.draws.to_numpy().ravel()
        inside = np.quantile(draws, 0.05) <= actual <= np.quantile(draws, 0.95)
        rows.append(
            headline(f"error at one pixel, {row}", actual, SOURCE, draws, bool(inside), FINER)
        )
    return table("patchification", rows)
