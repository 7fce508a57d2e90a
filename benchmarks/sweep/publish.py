"""Turn the finished runs into the data set ``tiny_lm`` and report on it.

    python benchmarks/sweep/publish.py

The four runs of each recipe with the largest compute are marked as held out. Rows are sorted;
nothing is dropped.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
TABLE = HERE.parent.parent / "src" / "lawbook" / "datasets" / "tiny_lm.csv"
COLUMNS = "recipe seed N D flops loss learning_rate batch width depth seconds held_out".split()
HELD_OUT_RUNS = 4


def published(runs):
    """Mark the held-out runs, round and sort.

    Parameters
    ----------
    runs : pandas.DataFrame
        The table that the sweep writes.

    Returns
    -------
    pandas.DataFrame
        The columns of the data set, one row per run.
    """
    rank = runs.groupby("recipe")["flops"].rank(method="first", ascending=False)
    runs = runs.assign(
        held_out=rank <= HELD_OUT_RUNS,
        loss=runs["loss"].round(6),
        seconds=runs["seconds"].round(2),
    )
    return runs.sort_values(["recipe", "N", "D", "seed"], ignore_index=True)[COLUMNS]


def seed_noise(runs):
    """Pooled standard deviation of log loss between seeds of the same cell."""
    logs = runs.assign(log_loss=np.log(runs["loss"]))
    cells = logs.groupby(["recipe", "N", "D"])["log_loss"].agg(["var", "count"])
    cells = cells[cells["count"] > 1]
    freedom = cells["count"] - 1
    pooled = (cells["var"] * freedom).groupby("recipe").sum() / freedom.groupby("recipe").sum()
    return np.sqrt(pooled)


def main():
    """Write the data set and print what its page reports."""
    runs = published(pd.read_csv(HERE / "runs.csv"))
    runs.to_csv(TABLE, index=False, lineterminator="\n")
    for recipe, rows in runs.groupby("recipe"):
        kept, held = rows[~rows["held_out"]], rows[rows["held_out"]]
        print(
            f"{recipe}: {len(rows)} runs, loss {rows['loss'].min():.4f} to "
            f"{rows['loss'].max():.4f}, {rows['seconds'].sum():.0f} s, flops of the fitted at "
            f"most {kept['flops'].max():.3g}, of the held out at least {held['flops'].min():.3g}"
        )
        print(rows[rows["seed"] == 0].pivot(index="N", columns="D", values="loss").round(4))
    print(f"{len(runs)} runs, {runs['seconds'].sum():.0f} s")
    print("sd of log loss between seeds:", seed_noise(runs).round(5).to_dict())


if __name__ == "__main__":
    main()
