"""Learn how far each law is to be believed: the constants of ``lawbook.laws.public_weights``.

    python benchmarks/law_weights.py                       prints the constants and the scores
    python benchmarks/law_weights.py farseer "marin dclm"  finds densities of these tables alone

Of each public table of N, D and loss the largest quarter of the runs is hidden, and each of the
laws that go together is fitted to the rest, with its discrepancy: the log densities of the hidden
runs are what weights are learned from. The same is done once more inside the rest, as `lawbook.fit`
does for a table at hand. Weights are those of the mixture under which the hidden runs of all tables
are most probable; runs of a table, tables of a source and sources are weighted equally.

Scores are cross-fitted by source: a table's weights beforehand come from the tables of other
sources, and its own largest runs are used for nothing else. Densities are kept in a temporary
folder, so that an interrupted run goes on where it stopped.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from kept import keep, path_of, read

import lawbook
from lawbook.data.shared import as_runs_of
from lawbook.engine.settings import Settings
from lawbook.evaluation.law_comparison import largest, log_densities
from lawbook.evaluation.law_weights import HIDING
from lawbook.evaluation.stacking import STACKING, weights
from lawbook.laws.companions import USUAL, companions
from lawbook.laws.rescaling import in_unit_of
from lawbook.model.references import at_runs
from lawbook.posterior.inference import infer_alike, with_discrepancy

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
LAWS = companions(lawbook.load_law(USUAL))
NAMES = [law.name for law in LAWS]
MOST = 96  # runs of a table, at random: all then share a program, and a fit takes seconds
FEWEST = 24
STRENGTHS = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 1e6)


class Densities(NamedTuple):
    """Log densities of hidden runs under each law, shape (runs, laws).

    Attributes
    ----------
    source, name
        Of the table.
    outer
        Of the largest runs of the table, by fits to the others.
    inner
        Of the largest of those others, by fits to what is left.
    """

    source: str
    name: str
    outer: np.ndarray
    inner: np.ndarray


def tables() -> Iterator[tuple[str, str, pd.DataFrame, str]]:
    """Return source, name, runs and the unit of the loss of each table."""

    def told(file: str, loss: str = "loss") -> pd.DataFrame:
        table = pd.read_csv(DATA / file)
        return table.rename(columns={"params": "N", "tokens": "D", loss: "loss"})

    nats = "nats/token"
    chinchilla = told("chinchilla.csv")
    yield "chinchilla", "chinchilla", chinchilla[~chinchilla.replication_outlier.astype(bool)], nats
    isoflops = told("isoflops.csv")
    isoflops = isoflops[
        ~isoflops.outlier & ~isoflops.source.isin(["llama_3", "epochai_chinchilla"])
    ]
    for name, table in isoflops.groupby("experiment"):
        source, corpus, *_ = str(name).split("__")
        yield source, f"{source.partition('_')[0]} {corpus}", table, nats
    yield "farseer", "farseer", told("farseer.csv", "loss_bpc"), "bits/character"
    for name, table in told("loss_to_loss.csv", "val_loss_own").groupby("recipe"):
        yield "loss_to_loss", f"loss_to_loss {name}", table, nats
    gemstones = told("gemstones.csv")
    yield "gemstones", "gemstones", gemstones[gemstones.recipe == "constant"], nats
    for name, table in told("overtraining_models.csv", "loss_c4_val").groupby("dataset"):
        yield "overtraining", f"overtraining {name}", table, nats
    repeated = told("data_constrained.csv")
    yield "data_constrained", "data_constrained", repeated[repeated.epochs <= 1], nats
    isoflop = told("discrepancies_isoflop.csv")
    own = (isoflop.hparams == "tuned") & (isoflop.loss_split == "val")
    for name, table in isoflop[own & (isoflop.param_count == "standard")].groupby("dataset"):
        yield "discrepancies", f"discrepancies {name}", table, nats
    dense = told("step_law_dense.csv")
    best = dense.loc[dense.groupby(["N", "D"])["loss"].idxmin()]
    yield "step_law", "step_law", best, nats


def find(table: pd.DataFrame, unit: str) -> dict[str, np.ndarray]:
    """Return log densities of hidden runs of a table, outer and inner, (runs, laws)."""
    first = in_unit_of(LAWS[0], unit)
    clean = table.loc[:, ["N", "D", "loss"]].dropna().drop_duplicates(["N", "D"])
    thinned = clean.sample(min(MOST, len(clean)), random_state=0).sort_index()
    runs = lawbook.read_runs(thinned, first, allow=("duplicates", "sizes", "units"))
    hidden = largest(runs)
    within = np.flatnonzero(~hidden)[~largest(runs.take(~hidden))]
    settings = Settings(HIDING.draws, seed=1, max_draws=HIDING.most_draws)
    found: dict[str, list[np.ndarray]] = {"outer": [], "inner": []}
    for law in LAWS:
        own = at_runs(in_unit_of(law, unit), runs.take(~hidden))
        mine = as_runs_of(with_discrepancy(own, "auto", runs), runs)
        rest = mine.take(~hidden)
        cuts = {"outer": (rest, mine.take(hidden))}
        cuts["inner"] = mine.take(within), rest.take(largest(rest))
        fits = infer_alike(mine.law, [fitted for fitted, _ in cuts.values()], settings)
        for (name, (_, held)), fit in zip(cuts.items(), fits, strict=True):
            found[name].append(log_densities(fit, held))
    return {name: np.stack(each, axis=1) for name, each in found.items()}


def all_densities(wanted: Sequence[str]) -> list[Densities]:
    """Return the densities of tables, found where they are not kept."""
    known = []
    for source, name, table, unit in tables():
        if (wanted and name not in wanted) or table["loss"].notna().sum() < FEWEST:
            continue
        kept = f"weights {name} {'-'.join(NAMES)}"
        if not path_of(kept, 0).exists():
            keep(kept, 0, find(table, unit))
        arrays = read(kept, 0)
        known.append(Densities(source, name, arrays["outer"], arrays["inner"]))
        means = ", ".join(f"{m:.3f}" for m in known[-1].outer.mean(axis=0))
        print(f"{name}: {means}", file=sys.stderr, flush=True)
    return known


def learned(found: Sequence[Densities]) -> np.ndarray:
    """Return weights of the laws, sources weighted equally, drawn towards equal ones.

    Equal weights count as one source: with a handful of sources no law is ruled out.
    """
    sources = {each.source for each in found}
    size = {s: sum(each.source == s for each in found) for s in sources}
    share = np.concatenate(
        [np.full(len(e.outer), 1 / size[e.source] / len(e.outer)) for e in found]
    )
    densities = np.concatenate([each.outer for each in found])
    equal = np.full(len(NAMES), 1 / len(NAMES))
    weight = equal
    for _ in range(STACKING.steps):
        each = weight * np.exp(densities - densities.max(axis=1, keepdims=True))
        each /= each.sum(axis=1, keepdims=True)
        weight = (share @ each + equal) / (len(sources) + 1)
    return weight


def score(table: Densities, weight: np.ndarray) -> float:
    """Return the mean log density of a table's largest runs under a mixture."""
    with np.errstate(divide="ignore"):
        return float(np.logaddexp.reduce(table.outer + np.log(weight), axis=1).mean())


def scores(found: Sequence[Densities]) -> pd.DataFrame:
    """Return a row for each table: the score of each law, of equal and of learned weights."""
    rows, equal = [], np.full(len(NAMES), 1 / len(NAMES))
    for table in found:
        others = [each for each in found if each.source != table.source]
        before = learned(others) if others else equal
        row = {"source": table.source, "table": table.name, "hidden": len(table.outer)}
        row |= dict(zip(NAMES, table.outer.mean(axis=0), strict=True))
        row |= {"equal": score(table, equal), "learned": score(table, before)}
        for strength in STRENGTHS:
            row[f"stacked, {strength:g}"] = score(table, weights(table.inner, before, strength))
        rows.append(row)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    known = all_densities(sys.argv[1:])
    table = scores(known)
    numbers = list(table.columns.difference(["source", "table", "hidden"], sort=False))
    print(table.round(3).to_string(index=False))
    sources = pd.DataFrame(table.groupby("source")[numbers].mean())
    sources.loc["mean of the sources"] = sources.mean()
    print(sources.round(3).to_markdown())
    constants = dict(zip(NAMES, learned(known).round(3).tolist(), strict=True))
    print(f"LEARNED = {constants}")
