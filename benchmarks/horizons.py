"""How often intervals hold far beyond the fitted runs: the constants of `lawbook.learned`.

Every public table of runs with N, D and loss is cut along compute, along N and along D so that its
largest runs lie 2, 10 and 100 times beyond the fitted ones, where it spans so much. Chinchilla's
law is fitted to what is left, with the usual model discrepancy and without one, and scored on the
held-out runs by their distance. Tables count the same within their source, and sources the same.

    python benchmarks/horizons.py                     all tables; scores, then the constants
    python benchmarks/horizons.py farseer marin       tables whose name begins so
    python benchmarks/horizons.py --only-scores       of what is there

Each backtest is kept as a file in `KEPT` and not made again: empty that folder after a change of
the model. Tables come source by source, the first of each first, so that what is there after some
time speaks for all sources.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd

import lawbook
from lawbook.evaluation.backtest_files import read_backtest

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
KEPT = Path(os.environ.get("LAWBOOK_KEPT", Path(tempfile.gettempdir()) / "lawbook-horizons"))
LAW = lawbook.load_law("chinchilla")
HORIZONS = (2, 10, 100)
ORDERS = {"cost": "compute", "N": "input", "D": "input"}
DISCREPANCIES = {"auto": "COVERAGE", "none": "COVERAGE_ALONE"}
MOST = 120  # runs of a table; of more, so many by chance
LEVELS = [f"covered_{level}" for level in (50, 80, 90, 95)]
SCORES = [*LEVELS, "rmsle", "bias", "log_score", "width_90"]
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


def made(name: str, runs: lawbook.Runs, order: str, discrepancy: str) -> Path | None:
    """Return the file of a backtest, made unless it is there; None if no horizon is in reach."""
    path = KEPT / f"{name}.{order}.{discrepancy}.csv".replace("/", "-")
    if path.exists() or "--only-scores" in sys.argv:
        return path if path.exists() else None
    begun = time.perf_counter()
    options = {"order": order, "horizons": HORIZONS, "discrepancy": discrepancy}
    try:
        found = lawbook.backtest(LAW, runs, **options)
    except lawbook.RunsError as error:
        print(f"{name} along {order}: {error}", file=sys.stderr, flush=True)
        return None
    found.export(path)
    seconds = time.perf_counter() - begun
    print(f"{path.name}: {seconds:.0f} s", *found.notes, sep="\n  ", file=sys.stderr, flush=True)
    return path


def scores(chosen: list[str]) -> pd.DataFrame:
    """Return a row for each table, discrepancy, order and distance."""
    rows = []
    for source, name, runs in tables():
        if chosen and not any(map(name.startswith, chosen)):
            continue
        for discrepancy in DISCREPANCIES:
            for order in ORDERS:
                if (path := made(name, runs, order, discrepancy)) is None:
                    continue
                found = read_backtest(path).by_horizon(HORIZONS)
                for far, row in found.xs(("chinchilla", order), level=("law", "along")).iterrows():
                    told = {"source": source, "table": name, "along": order, "above": far.left}
                    told |= {"upto": far.right, "discrepancy": discrepancy, "runs": row["points"]}
                    rows.append(told | row[SCORES].to_dict())
    return pd.DataFrame(rows)


def means(table: pd.DataFrame) -> pd.DataFrame:
    """Average within tables, then within sources, then over them."""
    keys = ["discrepancy", "along", "above", "upto"]
    table = table.assign(along=table["along"].map(ORDERS))
    each = table.groupby([*keys, "source", "table"])[SCORES].mean()
    found = each.groupby([*keys, "source"]).mean().groupby(keys)
    counts = each.groupby(keys).size()
    return found.mean().assign(tables=counts, sources=found.size())


def constants(found: pd.DataFrame) -> str:
    """Return the text of the constants in `lawbook.laws.public_tables`."""
    lines = []
    for discrepancy, name in DISCREPANCIES.items():
        lines.append(f"{name}:")
        for along in dict.fromkeys(ORDERS.values()):
            lines.append(f'    "{along}": (')
            for (said, where, above, upto), row in found.iterrows():
                if (said, where) == (discrepancy, along):
                    end = "math.inf" if np.isinf(upto) else f"{upto:g}"
                    held, count = f"{row['covered_90']:.2f}", f"{row['tables']:.0f}"
                    lines.append(f"        Held({above:g}, {end}, {held}, {count}),")
            lines.append("    ),")
    return "\n".join(lines)


if __name__ == "__main__":
    KEPT.mkdir(parents=True, exist_ok=True)
    each = scores([word for word in sys.argv[1:] if not word.startswith("--")])
    print(each.to_string(index=False, float_format="%.4f"))
    mean = means(each)
    print(mean.to_string(float_format="%.4f"))
    print(constants(mean))
