"""CLIP or MaMMUT? Held-out error, odds and the crossover, on public ImageNet-1k runs.

The runs on DataComp that set a record in error at their compute are fitted up to a threshold, and
those above it predicted: by the law, hierarchical over procedures, and as the paper does, by least
squares on the error from a grid of starts, with a band by the delta method whose half-width is the
*log* of a t quantile times the standard error (`paper`), or that quantile (`delta`).

What the hierarchy and the discrepancy are was chosen below the lower threshold: with 2e10 fitted
and 1e11 predicted.

    python benchmarks/recipes.py
    python benchmarks/recipes.py crossed     # procedures and two data sets in one fit, above 1e11
"""

import os
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, stats

import lawbook

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
THRESHOLDS = (1e11, 2e11)  # GFLOP
LEVEL = 0.9
DATASETS = ("datacomp_1b", "relaion2b-en")
ENDS = (("lower", -1), ("upper", 1))


def frontier(datasets: Sequence[str] = DATASETS[:1]) -> pd.DataFrame:
    """Return procedure, dataset, C (GFLOP) and error of the runs that no cheaper run beats."""
    table = pd.read_csv(DATA / "clip_overview.csv").query(
        "task == 'imagenet1k' and pretrain_dataset in @datasets and lr_scheduler == 'cosine'"
        " and objective in ['clip', 'mammut']"
    )
    table = table.rename(columns={"objective": "procedure", "pretrain_dataset": "dataset"})
    table = table.assign(C=table.flops_upstream / 1e9).sort_values(["C", "error"])
    before = table.groupby(["procedure", "dataset"]).error.transform(
        lambda error: error.cummin().shift(fill_value=np.inf)
    )
    columns = ["procedure", "dataset", "C", "error"]
    return table.loc[table.error < before, columns].reset_index(drop=True)


def curve(C, log_a, log_b, c, d):
    """Return the paper's form, with logs of its scales."""
    return np.exp(log_a + c * np.logaddexp(np.log(C), log_b)) + d


def least_squares(fitted: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Return median and band of the hidden runs as the paper makes them."""
    C, error = fitted.C.to_numpy(), fitted.error.to_numpy()
    found = []
    for log_b, c, d in product((17, 18, 19, 20), (-0.2, -0.3), (0.1, 0)):
        start = [-c * log_b, log_b, c, d]
        bounds = ([-np.inf, 0, -2, 0], [np.inf, 40, 0, 1])
        best, covariance = optimize.curve_fit(
            curve, C, error, start, bounds=bounds, x_scale="jac", max_nfev=20_000
        )
        found.append((np.square(curve(C, *best) - error).sum(), best, covariance))
    squares, best, covariance = min(found, key=lambda each: each[0])
    at = hidden.C.to_numpy()
    slopes = optimize.approx_fprime(best, lambda p: curve(at, *p), 1e-7)
    freedom = len(C) - len(best)
    se = np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes) + squares / freedom)
    t = stats.t.ppf((1 + LEVEL) / 2, freedom)
    halves = {"paper": np.log(t) * se, "delta": t * se}
    median = curve(at, *best)
    ends = {f"{n}_{s}": median + sign * h for n, h in halves.items() for s, sign in ENDS}
    return pd.DataFrame({"median": median} | ends, index=hidden.index)


def bayesian(runs: pd.DataFrame, by: Sequence[str] = ("procedure",)) -> lawbook.Fit:
    """Fit the law to all groups at once."""
    law = lawbook.load_law("recipe_comparison")
    checked = lawbook.read_runs(runs[[*by, "C", "error"]], law, by=by)
    return lawbook.fit(law, checked, discrepancy="auto", seed=1)


def hierarchical(
    fitted: pd.DataFrame, hidden: pd.DataFrame, by: Sequence[str] = ("procedure",)
) -> tuple[pd.DataFrame, lawbook.Fit]:
    """Return median and interval of the hidden runs under one fit of all recipes, and the fit."""
    fit = bayesian(fitted, by)
    found = fit.predict(hidden[["C", *by]], kind="run", prob=LEVEL).table
    found = found.rename(columns={f"eti90_{side}": f"ours_{side}" for side, _ in ENDS})
    return found[["median", "ours_lower", "ours_upper"]].set_index(hidden.index), fit


def held_out(runs: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return RMSE, coverage and mean width by procedure and method."""
    fitted, hidden = runs[runs.C <= threshold], runs[runs.C > threshold]
    ours, fit = hierarchical(fitted, hidden)
    print(fit)
    rows = []
    for procedure, part in hidden.groupby("procedure"):
        theirs = least_squares(fitted[fitted.procedure == procedure], part)
        for method, found in (("ours", ours), ("paper", theirs), ("delta", theirs)):
            found, y = found.loc[part.index], part.error
            low, high = found[f"{method}_lower"], found[f"{method}_upper"]
            rows.append(
                {
                    "fit up to": f"{threshold:.0e}",
                    "procedure": procedure,
                    "method": method,
                    **scored(found["median"], low, high, y),
                }
            )
    return pd.DataFrame(rows)


def scored(median: pd.Series, low: pd.Series, high: pd.Series, truth: pd.Series) -> dict:
    """Return RMSE, how many of the runs are inside, and mean width."""
    return {
        "runs": len(truth),
        "RMSE": np.sqrt(np.square(median - truth).mean()),
        "inside": int(((low <= truth) & (truth <= high)).sum()),
        "width": (high - low).mean(),
    }


def crossed(threshold: float) -> None:
    """Print the same by one fit of procedures crossed with data sets, and how it sampled."""
    runs, by = frontier(DATASETS), ("procedure", "dataset")
    fitted, hidden = runs[runs.C <= threshold], runs[runs.C > threshold]
    found, fit = hierarchical(fitted, hidden, by)
    print(fit, fit.summary().sort_values("ess_bulk").head(8).to_string(), sep="\n")
    rows = []
    for group, part in hidden.groupby(list(by)):
        at = found.loc[part.index]
        scores = scored(at["median"], at["ours_lower"], at["ours_upper"], part.error)
        rows.append(dict(zip(by, group, strict=True)) | scores)
    print(pd.DataFrame(rows).to_string(index=False, float_format="%.4f"))


def verdict(runs: pd.DataFrame) -> None:
    """Print the odds at 1e12 GFLOP and the crossover, from all runs."""
    fit = bayesian(runs)
    print(fit)
    for kind in ("mean", "run"):
        found = fit.compare({"C": 1e12}, reference="clip", kind=kind)
        print(found.sentence(), found.table.to_string(), sep="\n")
    for C in (1e12, 1e13):  # paths of a law with a cost are measured in FLOP
        found = fit.crossover("clip", "mammut", along=lawbook.OneInput("C"), upto=fit.law.cost(C))
        within = found.draws.to_numpy()[np.isfinite(found.draws)] / fit.law.cost(1.0)
        print(found.sentence())
        print("GFLOP:", ", ".join(f"{x:.3g}" for x in np.quantile(within, [0.05, 0.5, 0.95])))


if __name__ == "__main__":
    if sys.argv[1:] == ["crossed"]:
        crossed(THRESHOLDS[0])
        sys.exit()
    runs = frontier()
    scores = pd.concat([held_out(runs, threshold) for threshold in THRESHOLDS])
    print(scores.to_string(index=False, float_format="%.4f"))
    verdict(runs)
