"""Public tables of runs with N, D and loss, source by source.

Of a large table some runs are taken by chance. Tables come the first of every source first, so
that what is there after some time speaks for all sources.
"""

import os
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pandas as pd

import lawbook

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
LAW = lawbook.load_law("chinchilla")
MOST = 120  # runs of a table; of more, so many by chance
ACCEPTED = ("duplicates", "units", "sizes", "single")
SIZES = {"130m": 1.3e8, "300m": 3e8, "520m": 5.2e8, "1.2b": 1.2e9}  # of optimizers.csv
MIXTURE = ["arxiv", "book", "c4", "github", "commoncrawl", "stackexchange", "wikipedia"]


def read(name: str) -> pd.DataFrame:
    """Return a public table with the columns N, D and, where it has one, loss."""
    return pd.read_csv(DATA / f"{name}.csv").rename(columns={"params": "N", "tokens": "D"})


def groups(source: str, table: pd.DataFrame, by: str | list[str]) -> dict[str, pd.DataFrame]:
    """Return a table of each group, named after its source and labels."""
    found = {}
    for labels, group in table.groupby(by):
        words = [labels] if isinstance(labels, str) else labels
        found["-".join(map(str, [source, *words]))] = group
    return found


def isoflops() -> Iterator[tuple[str, dict[str, pd.DataFrame]]]:
    table = read("isoflops")
    table = table[~table["outlier"] & ~table["source"].isin(["llama_3", "epochai_chinchilla"])]
    for source, group in table.groupby("source"):
        name = str(source).partition("_")[0]
        yield name, groups(name, group, "dataset")


def sources() -> Iterator[tuple[str, dict[str, pd.DataFrame]]]:
    """Yield each source with its tables by name."""
    chinchilla = read("chinchilla")
    yield "chinchilla", {"chinchilla": chinchilla[~chinchilla["replication_outlier"]]}
    yield from isoflops()
    yield "farseer", {"farseer": read("farseer").rename(columns={"loss_train_nats": "loss"})}
    own = read("loss_to_loss").rename(columns={"val_loss_own": "loss"})
    yield "loss_to_loss", groups("loss_to_loss", own, "recipe")
    gemstones = read("gemstones")
    yield "gemstones", {"gemstones": gemstones[gemstones["recipe"] == "cooldown"]}
    overtraining = read("overtraining_models").rename(columns={"loss_c4_val": "loss"})
    yield "overtraining", groups("overtraining", overtraining, "dataset")
    repeated = read("data_constrained")
    once = repeated[(repeated["epochs"] <= 1) & ~repeated["shape_variant"]]
    yield "data_constrained", {"data_constrained": once[~once["deduplicated_data"]]}
    variants = read("discrepancies_isoflop").query("loss_split == 'val'")
    by = ["dataset", "hparams", "warmup", "decay", "param_count"]
    yield "discrepancies", groups("discrepancies", variants, by)
    steps = read("step_law_dense").rename(columns={"loss": "last", "smooth_loss": "loss"})
    yield "step_law", {"step_law": steps.groupby(["N", "D"], as_index=False)["loss"].min()}
    tuned = read("optimizers")
    tuned = tuned.assign(N=tuned["size_label"].map(SIZES))
    tuned = tuned.assign(D=20 * tuned["chinchilla_multiplier"] * tuned["N"])
    wide = tuned.groupby("optimizer")["N"].transform("nunique") == len(SIZES)
    yield "optimizers", groups("optimizers", tuned[wide], "optimizer")
    mixed = read("mixture_slimpajama").rename(columns={"model_size": "N", "n_tokens": "D"})
    weights = [f"weight_{domain}" for domain in MIXTURE]
    mixed = mixed.assign(
        loss=mixed[[f"{domain}_loss" for domain in MIXTURE]].mean(axis=1),
        mixture=mixed.groupby(weights).ngroup().astype(str),
    )
    most = mixed["mixture"].value_counts().nlargest(3).index
    yield "slimpajama", groups("slimpajama", mixed[mixed["mixture"].isin(most)], "mixture")


def tables() -> Iterator[tuple[str, str, lawbook.Runs]]:
    """Yield source, name and runs of each table, the first of every source first."""
    each = [[(source, *item) for item in found.items()] for source, found in sources()]
    for row in zip_longest(*each):
        for source, name, table in filter(None, row):
            some = table[["N", "D", "loss"]].dropna().drop_duplicates()
            some = some.sample(min(MOST, len(some)), random_state=0).sort_index()
            yield source, name, lawbook.read_runs(some, LAW, allow=ACCEPTED)
