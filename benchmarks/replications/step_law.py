"""Step law: exponents of the best learning rate and batch size, on public grids.

Li et al. (2025), arXiv:2503.04715, take the runs within 0.25% of the best loss of their cell (N,
D) and fit eta = c N**a D**b and B = c D**b, bootstrapped a thousand times: a = -0.713, b = 0.307,
and 0.571 for the batch. They claim the same law for mixtures of experts, all parameters counted;
these have one N here, so that a is not told. Cells get a level of their own in both laws.
"""

from pathlib import Path

import pandas as pd
from findings import draws_of, fitted, recovered, table

import lawbook

RATE, BATCH = (lawbook.load_law(f"step_law_{name}") for name in ("rate", "batch"))
RATE_COLUMNS = {"N": "params", "D": "tokens", "eta": "peak_lr"}
BATCH_COLUMNS = {"D": "tokens", "B": "batch_size_tokens"}
SOURCE = "Li et al. (2025), mean of the released bootstrap"
FEWER_CELLS = (
    "the published fit has more cells than the 17 that are public; b is its least stable "
    "coefficient, and D moves with N in the design"
)
ONE_DECADE = (
    "the 16 cells span one decade of tokens, and in them the best batch grows more slowly than "
    "in the dense runs that the law was fitted to"
)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit both laws to the near-best dense and expert runs; see `findings` for the columns."""
    bootstrap = pd.read_csv(folder / "step_law_bootstrap.csv").mean()
    a, b, c = bootstrap[["lr_params_exponent", "lr_tokens_exponent", "batch_tokens_exponent"]]
    dense = near_best(pd.read_csv(folder / "step_law_dense.csv"), ["params", "tokens"])
    experts = near_best(pd.read_csv(folder / "step_law_moe.csv"), ["moe_config", "tokens"])
    rate, batch = fit(RATE, dense, RATE_COLUMNS), fit(BATCH, dense, BATCH_COLUMNS)
    rate_of_experts = fit(RATE, experts, RATE_COLUMNS)
    batch_of_experts = fit(BATCH, experts, BATCH_COLUMNS)
    return table(
        recovered(quantity, value, SOURCE, draws_of(found, name), why)
        for quantity, value, found, name, why in (
            ("exponent of the rate in N, dense", a, rate, "a", FEWER_CELLS),
            ("exponent of the rate in D, dense", b, rate, "b", FEWER_CELLS),
            ("exponent of the batch in D, dense", c, batch, "b", FEWER_CELLS),
            ("exponent of the rate in D, experts", b, rate_of_experts, "b", ONE_DECADE),
            ("exponent of the batch in D, experts", c, batch_of_experts, "b", ONE_DECADE),
        )
    )


def near_best(runs: pd.DataFrame, cell: list[str]) -> pd.DataFrame:
    """Return the runs within 0.25% of the best loss of their cell, named in a column."""
    best = runs.groupby(cell).smooth_loss.transform("min")
    near = runs[runs.smooth_loss <= 1.0025 * best]
    return near.assign(cell=near[cell].astype(str).agg(" ".join, axis=1))


def fit(law: lawbook.Law, runs: pd.DataFrame, columns: dict[str, str]) -> lawbook.Fit:
    """Fit a law; a cell has one N and D, and a best run may stand there several times."""
    allow = ["sizes", "units", "duplicates", "single"]
    read = lawbook.read_runs(runs, law, by="cell", columns=columns, allow=allow)
    return fitted(law, read, draws=500)
