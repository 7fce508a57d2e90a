"""Does sharing help to extrapolate? Partial, no and full pooling on public isoFLOP experiments.

Every data set gives up its largest runs by compute; the rest is fitted in one hierarchy over data
sets, and the log density of the hidden runs is what counts. Chinchilla and Misfitting come from
isoflops.csv, the two Marin data sets from marin_runs.csv, which has their largest runs as well.
Llama 3 is left out: its loss is not in nats per token, so its floor means another thing.

The law is pooled as the book declares it (floor and terms partial, exponents full), all partial,
not at all or fully. With a discrepancy, no pooling means that each data set is fitted alone, and
full pooling that all runs are those of one table, process and noise included.

    python benchmarks/pooling.py               10 to 70% hidden, the law alone
    python benchmarks/pooling.py discrepancy   the same, with the discrepancy
    python benchmarks/pooling.py small         8 and 12 runs of each data set, 20% hidden
"""

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

import lawbook
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.responses import blocks

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
LAW = lawbook.load_law("chinchilla")
POOLINGS = ("declared", "partial", "none", "full")
DEAR = ("declared", "none", "full")  # poolings that are tried with the discrepancy
HIDDEN = (0.1, 0.2, 0.3, 0.5, 0.7)  # largest share of each data set's runs that is hidden
SMALL, OF_SMALL, REPLAYS = (8, 12), 0.2, 5  # runs of each data set, hidden share, random choices


def experiments() -> pd.DataFrame:
    """Return dataset, N, D, flops and loss of four isoFLOP experiments."""
    isoflops = pd.read_csv(DATA / "isoflops.csv")
    isoflops = isoflops[
        ~isoflops.outlier & isoflops.source.isin(["epochai_chinchilla", "misfitting"])
    ]
    marin = pd.read_csv(DATA / "marin_runs.csv").rename(columns={"reported_flops": "flops"})
    table = pd.concat([isoflops, marin]).rename(columns={"params": "N", "tokens": "D"})
    return table[["dataset", "N", "D", "flops", "loss"]].reset_index(drop=True)


def split(share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the runs to fit and those that are hidden."""
    table = experiments()
    rank = table.groupby("dataset").flops.rank(pct=True, method="average")
    return table[rank <= 1 - share], table[rank > 1 - share]


def law_alone(fitted: pd.DataFrame, hidden: pd.DataFrame, pool: str) -> tuple[np.ndarray, str]:
    """Log predictive density of each hidden run in nats, and what is wrong with the fit."""
    runs = lawbook.read_runs(fitted, LAW, by="dataset", allow=("duplicates", "sizes"))
    fit = lawbook.fit(
        LAW, runs, pool=None if pool == "declared" else pool, seed=1, discrepancy="none"
    )
    law = fit.law
    found = parameters_at(fit, hidden[["dataset"]], np.random.default_rng(0))
    values = {name: found[name] for name in law.param_names}
    centre = np.log(law.formula(np, *(hidden[n].to_numpy() for n in law.input_names), **values))
    log_y = np.log(hidden.loss.to_numpy())
    each = stats.t(found["nu"], centre, found["sigma"]).logpdf(log_y) - log_y
    return mean_of(each.reshape(-1, len(hidden))), "; ".join(fit.diagnostics.problems)


def with_discrepancy(
    fitted: pd.DataFrame, hidden: pd.DataFrame, pool: str
) -> tuple[np.ndarray, str]:
    """Do the same with a process that takes up what the law leaves out."""
    if pool == "none":
        parts = {name: part for name, part in fitted.groupby("dataset")}
        found, problems = pd.Series(index=hidden.index, dtype=float), []
        for name, part in hidden.groupby("dataset"):
            found[part.index], said = with_discrepancy(parts[name], part, "alone")
            problems += [said] if said else []
        return found.to_numpy(), "; ".join(problems)
    by = () if pool in ("full", "alone") else "dataset"
    runs = lawbook.read_runs(fitted, LAW, by=by, allow=("duplicates", "sizes"))
    fit = lawbook.fit(LAW, runs, discrepancy="auto", draws=400, seed=1)
    points = hidden.reset_index(drop=True)
    log_y, density = np.log(points.loss.to_numpy()), np.empty(len(points))
    for block in blocks(fit, points[["N", "D", *runs.by]], "run", 0):
        away = block.departure
        assert away is not None
        # of one run: the process given the data set's runs, and noise
        centre, sd = np.log(block.value) + away.mean, np.sqrt(away.process + away.noise)
        each = stats.norm(centre, sd).logpdf(log_y[block.rows, None]) - log_y[block.rows, None]
        density[block.rows] = mean_of(each.T)
    return density, "; ".join(fit.diagnostics.problems)


def mean_of(log_densities: np.ndarray) -> np.ndarray:
    """Return the log of the mean density over draws, which are the first axis."""
    return np.logaddexp.reduce(log_densities, axis=0) - np.log(len(log_densities))


def scored(fitted: pd.DataFrame, hidden: pd.DataFrame, method) -> pd.DataFrame:
    """Return the log density of each hidden run under each pooling."""
    found = {"dataset": hidden.dataset.to_numpy()}
    for pool in POOLINGS if method is law_alone else DEAR:
        found[pool], problems = method(fitted, hidden, pool)
        print(f"{pool}: {found[pool].mean():.3f} {problems}", file=sys.stderr, flush=True)
    return pd.DataFrame(found)


def by_share(method) -> pd.DataFrame:
    """Score the poolings with more and more of the largest runs hidden."""
    parts = [scored(*split(share), method).assign(hidden=f"{share:.0%}") for share in HIDDEN]
    return pd.concat(parts)


def of_small() -> pd.DataFrame:
    """Score the poolings on data sets of a few runs each, several random choices of them."""
    fitted, hidden = split(OF_SMALL)
    parts = []
    for method in (law_alone, with_discrepancy):
        for runs in SMALL:
            for replay in range(REPLAYS):
                some = fitted.groupby("dataset").sample(runs, random_state=replay)
                label = f"{method.__name__}, {runs} runs"
                parts.append(scored(some, hidden, method).assign(hidden=label, replay=replay))
    return pd.concat(parts)


def report(each: pd.DataFrame) -> pd.DataFrame:
    """Mean log density a run, and what the declared pooling gains over the others."""
    rows, tried = [], [pool for pool in POOLINGS if pool in each]
    for label, part in each.groupby("hidden", sort=False):
        row = {"hidden": label, "runs": len(part)} | part[tried].mean().to_dict()
        for other in tried[1:]:
            gain = part.declared - part[other]
            row[f"gain on {other}"] = f"{gain.sum():.1f} ± {gain.std() * np.sqrt(len(part)):.1f}"
        rows.append(row)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    method = with_discrepancy if sys.argv[1:] == ["discrepancy"] else law_alone
    each = of_small() if sys.argv[1:] == ["small"] else by_share(method)
    print(report(each).to_string(index=False, float_format="%.3f"))
    keys = ["hidden", "replay" if "replay" in each else "dataset"]
    means = each.groupby(keys, sort=False).mean(numeric_only=True)
    print(means.to_string(float_format="%.3f"))
