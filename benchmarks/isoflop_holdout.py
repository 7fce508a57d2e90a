"""Extrapolation in two inputs: runs up to the 70% quantile of compute foretell those far beyond it.

The Chinchilla law is fitted to the cheaper runs of each public isoFLOP experiment and scored on
those above 1.5 times that compute, by predictive draws of one run each. Every experiment counts
the same. Llama 3 is left out: its loss is not in nats per token. Log scores come from a kernel
density of the draws on log loss, the same for every method.

`simple-scaling-laws` is scored where it is installed; it fits on the loss, not on its log.

    python benchmarks/isoflop_holdout.py            the holdout, all methods
    python benchmarks/isoflop_holdout.py exponents  alpha and beta on chinchilla.csv
"""

import os
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import lawbook
from lawbook.evaluation import scores
from lawbook.evaluation.baselines import huber

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
LAW = lawbook.load_law("chinchilla")
FITTED, SCORED = 0.7, 1.5  # quantile of compute, and the factor beyond it
LEVELS = (0.5, 0.8, 0.9, 0.95)
DRAWS = 500  # refits of the bootstraps


def experiments() -> dict[str, pd.DataFrame]:
    """Return N, D, flops and loss of each experiment."""
    names = {"params": "N", "tokens": "D"}
    chinchilla = pd.read_csv(DATA / "chinchilla.csv")
    found = {"chinchilla": chinchilla[~chinchilla.replication_outlier.astype(bool)]}
    isoflops = pd.read_csv(DATA / "isoflops.csv")
    isoflops = isoflops[~isoflops.outlier & (isoflops.source != "llama_3")]
    found |= {str(name): table for name, table in isoflops.groupby("experiment")}
    columns = ["N", "D", "flops", "loss"]
    return {
        name: table.rename(columns=names)[columns].reset_index(drop=True)
        for name, table in found.items()
    }


def ours(fitted: pd.DataFrame, at: pd.DataFrame, discrepancy: str) -> np.ndarray:
    """Draw from our fit."""
    runs = lawbook.read_runs(fitted, LAW, allow="duplicates")
    fit = lawbook.fit(LAW, runs, discrepancy=discrepancy, seed=1)
    assert fit.diagnostics.trusted, fit
    draws = fit.predict(at, kind="run", seed=1).draws
    return draws.stack(sample=("chain", "draw")).transpose("sample", "point").to_numpy()


def with_discrepancy(fitted: pd.DataFrame, at: pd.DataFrame) -> np.ndarray:
    return ours(fitted, at, "auto")


def without_discrepancy(fitted: pd.DataFrame, at: pd.DataFrame) -> np.ndarray:
    return ours(fitted, at, "none")


def usual(fitted: pd.DataFrame, at: pd.DataFrame) -> np.ndarray:
    """Draw from the Huber fit with L-BFGS and a bootstrap."""
    rng = np.random.default_rng(1)
    inputs = {name: fitted[name].to_numpy() for name in LAW.input_names}
    return huber(LAW, inputs, fitted["loss"].to_numpy(), at, rng, DRAWS)


def other_package(fitted: pd.DataFrame, at: pd.DataFrame) -> np.ndarray | None:
    """Draw from simple-scaling-laws by its defaults, or return nothing where it is missing."""
    try:
        import polars
        import simple_scaling_laws
    except ImportError:
        return None
    names = {"N": "model_size__n_params", "D": "dataset_size__n_tokens", "loss": "test_loss__ce"}
    table = fitted.rename(columns=names)[list(names.values())]
    table["training_run_id"] = [f"run{i}" for i in range(len(table))]
    table["test_set_id"] = "test"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it extrapolates
        columns = {str(name): column.to_numpy() for name, column in table.items()}
        model = simple_scaling_laws.fit(
            polars.DataFrame(columns), law="separable-power", n_draws=DRAWS, seed=1
        )
        points = model.prepare_points({names[x]: at[x].to_list() for x in ("N", "D")})
        log_x = model.fitting_predictors(points)
        return model.target_draws("test_loss__ce", log_x, "new-run", np.random.default_rng(1))


METHODS = {
    "lawbook, discrepancy": with_discrepancy,
    "lawbook, law alone": without_discrepancy,
    "Huber, L-BFGS, bootstrap": usual,
    "simple-scaling-laws": other_package,
}


def holdout() -> pd.DataFrame:
    """Return a row per experiment and method."""
    rows = []
    for name, table in experiments().items():
        cut = table.flops.quantile(FITTED)
        fitted, hidden = table[table.flops <= cut], table[table.flops > SCORED * cut]
        at, truth = hidden[["N", "D"]].reset_index(drop=True), hidden["loss"].to_numpy()
        for method, draw in METHODS.items():
            start = time.perf_counter()
            draws = draw(fitted, at)
            seconds = time.perf_counter() - start
            row = {"experiment": name, "method": method, "fitted": len(fitted)}
            if draws is None:
                rows.append(row | {"experiment": "not installed"})
                break
            share = scores.coverage(draws, truth, LEVELS)
            rows.append(
                row
                | {"hidden": len(truth), "RMSLE": scores.rmsle(draws, truth)}
                | {f"{level:.0%}": s for level, s in zip(LEVELS, share, strict=True)}
                | {
                    "width 90%": scores.width(draws).mean(),
                    "log score": scores.log_score(truth, *scores.kernels(draws)).mean(),
                    "seconds": seconds,
                }
            )
            print(rows[-1], file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def exponents() -> pd.DataFrame:
    """Return alpha and beta on chinchilla.csv: alone, beside the process, and projected."""
    runs = lawbook.read_runs(experiments()["chinchilla"], LAW, allow="duplicates")
    process = lawbook.fit(LAW, runs, discrepancy="auto", seed=1)
    fits = {
        "law alone": lawbook.fit(LAW, runs, seed=1, discrepancy="none"),
        "discrepancy": process,
        "projected": process.project(),
        "projected, Gaussian": process.project(noise=lawbook.Normal(on="log")),
    }
    rows = []
    for name, fit in fits.items():
        picked = fit.summary(0.9).loc[["alpha", "beta"]].filter(regex="mean$|sd$|eti|lb|ub")
        rows.append(picked.assign(fit=name))
    return pd.concat(rows)


if __name__ == "__main__":
    if sys.argv[1:] == ["exponents"]:
        print(exponents().to_string(float_format="%.4f"))
    else:
        each = holdout()
        print(each.to_string(index=False, float_format="%.4f"))
        means = each.drop(columns=["experiment", "fitted", "hidden"])
        print(means.groupby("method", sort=False).mean().to_string(float_format="%.4f"))
