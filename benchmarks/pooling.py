"""Does sharing help to extrapolate? Partial, no and full pooling on public isoFLOP experiments.

Every data set gives up its largest runs by compute; the rest is fitted in one hierarchy over data
sets, and the log density of the hidden runs is what counts. Chinchilla and Misfitting come from
isoflops.csv, the two Marin data sets from marin_runs.csv, which has their largest runs as well.
Llama 3 is left out: its loss is not in nats per token, so its floor means another thing.

    python benchmarks/pooling.py
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

import lawbook
from lawbook.population import parameters_at

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
# as the book declares it (floor and terms partial, exponents full), all partial, none, full
POOLINGS = ("declared", "partial", "none", "full")
HIDDEN = (0.1, 0.2, 0.3)  # largest share of each data set's runs that is hidden


def experiments() -> pd.DataFrame:
    """Return dataset, N, D, flops and loss of four isoFLOP experiments."""
    isoflops = pd.read_csv(DATA / "isoflops.csv")
    isoflops = isoflops[
        ~isoflops.outlier & isoflops.source.isin(["epochai_chinchilla", "misfitting"])
    ]
    marin = pd.read_csv(DATA / "marin_runs.csv").rename(columns={"reported_flops": "flops"})
    table = pd.concat([isoflops, marin]).rename(columns={"params": "N", "tokens": "D"})
    return table[["dataset", "N", "D", "flops", "loss"]].reset_index(drop=True)


def log_density(fit: lawbook.Fit, hidden: pd.DataFrame) -> np.ndarray:
    """Log predictive density of each hidden run, in nats."""
    law = fit.law
    found = parameters_at(fit, hidden[list(fit.runs.by)], np.random.default_rng(0))
    values = {name: found[name] for name in law.param_names}
    centre = np.log(law.formula(np, *(hidden[n].to_numpy() for n in law.input_names), **values))
    y = hidden.loss.to_numpy()
    each = stats.t(found["nu"], centre, found["sigma"]).logpdf(np.log(y)) - np.log(y)
    return np.logaddexp.reduce(each, axis=(0, 1)) - np.log(each.shape[0] * each.shape[1])


def scores(share: float) -> pd.DataFrame:
    """Return the log density of each hidden run under each pooling."""
    table = experiments()
    rank = table.groupby("dataset").flops.rank(pct=True, method="average")
    hidden = table[rank > 1 - share]
    law = lawbook.load_law("chinchilla")
    runs = lawbook.read_runs(table[rank <= 1 - share], law, by="dataset", allow=("duplicates",))
    found = {}
    for pool in POOLINGS:
        fit = lawbook.fit(law, runs, pool=None if pool == "declared" else pool, seed=1)
        assert fit.diagnostics.trusted, fit
        found[pool] = log_density(fit, hidden)
    return pd.DataFrame(found).assign(dataset=hidden.dataset.to_numpy(), hidden=share)


def report(each: pd.DataFrame) -> pd.DataFrame:
    """Mean log density a run, and what the declared pooling gains over the others."""
    rows = []
    for share, part in each.groupby("hidden"):
        row = {"hidden": f"{share:.0%}", "runs": len(part)} | part[list(POOLINGS)].mean().to_dict()
        for other in POOLINGS[1:]:
            gain = part.declared - part[other]
            row[f"gain on {other}"] = f"{gain.sum():.1f} ± {gain.std() * np.sqrt(len(part)):.1f}"
        rows.append(row)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    each = pd.concat([scores(share) for share in HIDDEN])
    print(report(each).to_string(index=False, float_format="%.3f"))
    print(each.groupby(["hidden", "dataset"])[list(POOLINGS)].mean().to_string(float_format="%.3f"))
