"""Accuracies of larger models by a chain of two fits, with and without model discrepancies.

Two public sources have losses and scores of runs far beyond those that are fitted: six corpora of
loss_to_loss.csv (up to 5e18 FLOP, asked from 4e19 on, which is 8 to 200 times as far) and three of
overtraining_models.csv (below 1e9 parameters, asked beyond). The first law is Chinchilla's, of the
loss on C4; the second takes that to the accuracy on a task, or over 17 tasks. A chain is asked for
new runs with no discrepancy, with that of the first fit, and with those of both.

    python benchmarks/chains.py
"""

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import lawbook
from lawbook import Input, Law, Normal, Param, Response
from lawbook.priors import LogitNormal, LogNormal
from lawbook.terms import logistic

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
TASKS = ("arc_easy", "hellaswag", "piqa", "sciq")  # where accuracies rise above chance
LEVELS = (0.5, 0.8, 0.9)
VARIANTS = {"neither": (0, 0), "first": (1, 0), "both": (1, 1)}


def rise(xp, L, *, chance, reach, steepness, middle):
    """Rise from chance, at high losses, along a logistic curve."""
    return chance + (1 - chance) * reach * logistic(xp, steepness * (middle - L))


ACCURACY = Law(
    name="task_accuracy",
    formula=rise,
    inputs=[Input("L", unit="nats/token", seen=(2.0, 6.0))],
    response=Response(
        "accuracy",
        unit="fraction",
        noise=Normal(on="logit", sigma=LogNormal(0.05, 0.7)),
        better="higher",
    ),
    params=[
        Param("chance", LogitNormal(median=0.25, logit_sd=0.7), unit="fraction"),
        Param("reach", LogitNormal(median=0.7, logit_sd=0.8), unit="fraction"),
        Param("steepness", LogNormal(median=1.5, log_sd=0.6)),
        Param("middle", LogNormal(median=3.0, log_sd=0.3), unit="nats/token"),
    ],
)


def tables() -> Iterator[tuple[str, str, str, pd.DataFrame, pd.DataFrame]]:
    """Yield source, corpus, task, fitted and hidden runs: N, D, loss, accuracy."""
    table = pd.read_csv(DATA / "loss_to_loss.csv")
    table = table.assign(N=table.params, D=table.tokens, loss=table.loss_c4)
    for (corpus, part), task in product(table.groupby("recipe"), TASKS):
        some = part.assign(accuracy=part[f"task_acc_{task}"])
        small, large = some[some.flops_6nd <= 5e18], some[some.flops_6nd >= 4e19]
        yield "loss_to_loss", str(corpus), task, small, large
    table = pd.read_csv(DATA / "overtraining_models.csv")
    table = table.assign(N=table.params, D=table.tokens, loss=table.loss_c4_val)
    table = table.assign(accuracy=1 - table.avg_error_17)
    for corpus, part in table[table.token_multiplier > 9].groupby("dataset"):
        yield "overtraining", str(corpus), "17", part[part.N < 1e9], part[part.N > 1e9]


def fitted(law: Law, table: pd.DataFrame, kind: int) -> lawbook.Fit:
    """Fit a law with its usual discrepancy, or alone."""
    columns = [*law.input_names, law.response.name]
    runs = lawbook.read_runs(table[columns], law, allow=["sizes", "duplicates", "units"])
    return lawbook.fit(law, runs, seed=1, discrepancy="auto" if kind else "none")


def scored() -> pd.DataFrame:
    """Return the hidden runs with what each chain said of them."""
    loss, parts = lawbook.load_law("chinchilla"), []
    first: dict[tuple[str, str], list[lawbook.Fit]] = {}
    for source, corpus, task, small, large in tables():
        if (source, corpus) not in first:
            first[source, corpus] = [fitted(loss, small, kind) for kind in (0, 1)]
        by_loss = small.assign(L=small.loss)
        second = [fitted(ACCURACY, by_loss, kind) for kind in (0, 1)]
        for name, (a, b) in VARIANTS.items():
            chain = lawbook.Chain(first[source, corpus][a], second[b])
            said = chain.predict(large[["N", "D"]], kind="run", prob=LEVELS).table
            found = pd.DataFrame({"source": source, "corpus": corpus, "task": task}, large.index)
            found["chain"] = name
            found["error"] = 100 * np.abs(said["median"].to_numpy() - large.accuracy)
            for level in LEVELS:
                low, high = (said[f"eti{100 * level:g}_{end}"] for end in ("lower", "upper"))
                found[f"inside {level:.0%}"] = large.accuracy.between(
                    low.to_numpy(), high.to_numpy()
                )
            width = said["eti90_upper"] - said["eti90_lower"]
            found["width 90%"] = 100 * width.to_numpy()
            parts.append(found)
        done = pd.concat(parts[-len(VARIANTS) :]).groupby("chain", sort=False)["inside 90%"]
        print(source, corpus, task, len(large), done.mean().to_dict(), flush=True)
    return pd.concat(parts)


def main() -> None:
    """Print errors in points, coverage and widths: the mean over tasks of each corpus, then all."""
    table = scored()
    shown = ["error", *(f"inside {level:.0%}" for level in LEVELS), "width 90%"]
    by_task = table.groupby(["source", "corpus", "task", "chain"], sort=False)[shown].mean()
    for keys in (["source", "chain"], ["chain"]):
        print(by_task.groupby(keys, sort=False).mean().to_string(float_format="%.3f"))


if __name__ == "__main__":
    main()
