"""LAWCAT: accuracy of retrieval by context length, of models that it is compared with.

Liu et al. (2025), arXiv:2509.18467, state no formula and their own cells were not found; the curve
is proposed here. It is held against maximum likelihood of the same form, without chance and with
a ceiling of 1, on accuracies that papers print for Mamba2, DeltaNet and RWKV-7: needles in 1,024 to
8,192 tokens, 500 trials a cell.
"""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
from findings import coefficients, fitted, table

import lawbook
from lawbook.terms import log_logistic

BOOK = lawbook.load_law("lawcat")


def without_ends(xp, length, trained, *, r, s):
    """Fall from 1 to 0, as in the values that ours are held against."""
    return log_logistic(xp, length, r * trained, s)


LAW = replace(
    BOOK, formula=without_ends, params=[BOOK.param(name) for name in ("r", "s")], derived=()
)
CELLS = """\
model,task,1,2,4,8,l_50,s
Mamba2 1.3B,S-NIAH-1,99.2,98.8,65.4,30.4,5.63,2.86
Mamba2 1.3B,S-NIAH-2,99.4,98.8,56.2,17.0,4.68,3.47
Mamba2 1.3B,S-NIAH-3,64.4,47.6,4.6,,1.50,2.15
DeltaNet 1.3B,S-NIAH-2,98.4,45.6,18.6,14.4,2.38,2.23
DeltaNet 1.3B,S-NIAH-3,85.2,47.0,22.4,,2.08,2.13
RWKV-7 0.19B,S-NIAH-2,100,98.4,5.2,3.2,3.02,7.31
RWKV-7 0.19B,S-NIAH-3,98.4,96.8,27.6,6.6,3.48,4.19
"""
SOURCE = "binomial maximum likelihood on the same cells"
TRIALS = 500
TRAINED = 4096  # tokens, taken for all: the values that ours are held against have no such length
PRIOR_TELLS = "three or four cells, of which one is partial: the prior of the steepness has its say"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit each model and task by itself; the tables in the folder are not needed."""
    rows = []
    for cells in pd.read_csv(StringIO(CELLS)).to_dict("records"):
        shown = {length: cells[str(length)] for length in (1, 2, 4, 8)}
        points = pd.DataFrame(
            {"length": 1024 * length, "accuracy": x} for length, x in shown.items()
        )
        points = points.dropna().assign(trials=TRIALS, trained=TRAINED)
        points["accuracy"] = (points.accuracy * TRIALS / 100).round() / TRIALS
        fit = fitted(LAW, lawbook.read_runs(points, LAW), draws=500)
        published = {"r": 1024 * cells["l_50"] / TRAINED, "s": cells["s"]}
        why = dict.fromkeys(published, PRIOR_TELLS)
        of = f"{cells['model']}, {cells['task']}"
        rows += coefficients(fit, published, SOURCE, of=of, why=why)
    return table("lawcat", rows)
