"""Does what is known of a shape foretell models of other shapes? Gemstones, width over depth.

Shapes (models of one width and depth) are left out, a quarter at a time; the size term of
Chinchilla's law is one a shape, drawn from a population, with and without the log of width over
depth to explain it. Eight checkpoints of each shape, evenly spaced in log tokens, constant recipe.

    python benchmarks/predictors.py
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

import lawbook
from lawbook.engine.tree import numpy_of

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
LAW = lawbook.load_law("chinchilla")
POOL = {"E": "full", "A": "partial", "B": "full"}
ASPECT = "log_aspect"
FOLDS, CHECKPOINTS, WARM = 4, 8, 5e9  # from so many tokens on


def shapes() -> pd.DataFrame:
    """Return model, N, D, loss and log of width over depth."""
    table = pd.read_csv(DATA / "gemstones.csv")
    table = table[(table.recipe == "constant") & (table.tokens > WARM)]
    table = table.rename(columns={"params": "N", "tokens": "D"})
    table[ASPECT] = np.log(table.width / table.depth)
    kept = []
    for _, one in table.groupby("model"):
        grid = np.geomspace(one.D.min(), one.D.max(), CHECKPOINTS)
        kept.append(one.iloc[np.unique([np.abs(np.log(one.D / d)).argmin() for d in grid])])
    return pd.concat(kept)[["model", "N", "D", "loss", ASPECT]].reset_index(drop=True)


def foretold(fitted: pd.DataFrame, hidden: pd.DataFrame, explained: bool) -> dict[str, float]:
    """Fit some shapes and return the scores of the runs of others."""
    law = LAW.with_predictors(A=[ASPECT]) if explained else LAW
    runs = lawbook.read_runs(fitted, law, by="model", allow=("sizes", "duplicates"))
    fit = lawbook.fit(law, runs, pool=POOL, seed=1, draws=500, max_draws=1000, discrepancy="none")
    at = hidden.drop(columns="loss" if explained else ["loss", ASPECT])
    drawn = fit.predict(at, kind="run", new_groups=True).draws
    logs = np.log(drawn.transpose("chain", "draw", ...).to_numpy().reshape(-1, len(hidden)))
    y = np.log(hidden.loss.to_numpy())
    low, high = np.quantile(logs, [0.05, 0.95], axis=0)
    density = [stats.gaussian_kde(own)(true)[0] for own, true in zip(logs.T, y, strict=True)]
    found = {
        "log score": np.mean(np.log(density) - y),
        "RMSLE": np.sqrt(np.mean((np.median(logs, axis=0) - y) ** 2)),
        "90% hold": np.mean((low < y) & (y < high)),
        "width, %": 100 * np.mean(np.expm1(high - low)),
        "trusted": fit.diagnostics.trusted,
    }
    if explained:
        effect = numpy_of(fit.posterior, "A_size_effect")
        found |= {"effect": effect.mean(), "sd": effect.std()}
    return found


def main() -> None:
    """Print the scores of every fold, and their means."""
    table = shapes()
    models = np.array(sorted(table.model.unique()))
    fold = pd.Series(np.random.default_rng(0).permutation(len(models)) % FOLDS, index=models)
    rows = []
    for explained in (False, True):
        for k in range(FOLDS):
            hidden = table.model.map(fold) == k
            scores = foretold(table[~hidden], table[hidden], explained)
            rows.append({"explained": explained, "fold": k, **scores})
    found = pd.DataFrame(rows)
    print(found.round(4).to_string(index=False), end="\n\n")
    print(found.groupby("explained").mean(numeric_only=True).drop(columns="fold").round(4))


if __name__ == "__main__":
    main()
