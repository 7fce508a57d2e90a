"""Step law: exponents of the best learning rate and batch size, on public grids.

Li et al. (2025), arXiv:2503.04715, take the runs within 0.25% of the best loss of their cell (N,
D) and fit eta = c N**a D**b and B = c D**b, bootstrapped a thousand times: a = -0.713, b = 0.307,
and 0.571 for the batch. They claim the same law for mixtures of experts, all parameters counted;
these have one N here, so that a is not told. Cells get a level of their own in both laws.

`step_law_surface` is fitted to many more of the same runs, those within 2.5% of the best of their
cell: the optimum of a cell is then a parameter, not a run that happened to come out best. The
exponent of the rate in N hangs on that share, which was set beforehand: -0.71 (-0.80 to -0.62)
within 2.5%, -0.82 (-0.93 to -0.71) within 2%; the other two move by less than 0.01.
"""

from pathlib import Path

import pandas as pd
from findings import about, draws_of, fitted, recovered, table

import lawbook

RATE, BATCH, SURFACE = (
    lawbook.load_law(f"step_law_{name}") for name in ("rate", "batch", "surface")
)
RATE_COLUMNS = {"N": "params", "D": "tokens", "eta": "peak_lr"}
BATCH_COLUMNS = {"D": "tokens", "B": "batch_size_tokens"}
SURFACE_COLUMNS = RATE_COLUMNS | BATCH_COLUMNS | {"loss": "smooth_loss"}
AROUND = 0.025  # of the best loss of a cell, where the log loss is still a parabola
SOURCE = "Li et al. (2025), mean of the released bootstrap"
FEWER_CELLS = (
    "the published fit has more cells than the 17 that are public; b is its least stable "
    "coefficient, and D moves with N in the design"
)
ONE_DECADE = (
    "the 16 cells span one decade of tokens, and in them the best rate and batch grow more slowly "
    "than the law that was fitted to dense runs"
)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit the laws to near-best runs, and to those around; see `findings` for the columns."""
    bootstrap = pd.read_csv(folder / "step_law_bootstrap.csv").mean()
    a, b, c = bootstrap[["lr_params_exponent", "lr_tokens_exponent", "batch_tokens_exponent"]]
    dense = pd.read_csv(folder / "step_law_dense.csv"), ["params", "tokens"]
    experts = pd.read_csv(folder / "step_law_moe.csv"), ["moe_config", "tokens"]
    rows = []
    for of, runs, why in (("dense", dense, FEWER_CELLS), ("experts", experts, ONE_DECADE)):
        near = within(*runs)
        rate, batch = fit(RATE, near, RATE_COLUMNS), fit(BATCH, near, BATCH_COLUMNS)
        surface = fit(SURFACE, within(*runs, share=AROUND), SURFACE_COLUMNS)
        found = [
            ("rate in N", a, rate, "a", ""),
            ("rate in D", b, rate, "b", ""),
            ("batch in D", c, batch, "b", ""),
            ("rate in N", a, surface, "a", ", whole surface"),
            ("rate in D", b, surface, "b", ", whole surface"),
            ("batch in D", c, surface, "b_B", ", whole surface"),
        ]
        for what, value, law, name, how in found:
            if (of, name) != ("experts", "a"):
                quantity = f"exponent of the {what}, {of}{how}"
                row = recovered(quantity, value, SOURCE, draws_of(law, name), why)
                rows += about(law.law.name, [row])
    return table("step_law_surface", rows)


def within(runs: pd.DataFrame, cell: list[str], share: float = 0.0025) -> pd.DataFrame:
    """Return the runs whose loss is near the best of their cell, which is named in a column."""
    best = runs.groupby(cell).smooth_loss.transform("min")
    near = runs[runs.smooth_loss <= (1 + share) * best]
    return near.assign(cell=near[cell].astype(str).agg(" ".join, axis=1))


def fit(law: lawbook.Law, runs: pd.DataFrame, columns: dict[str, str]) -> lawbook.Fit:
    """Fit a law; a cell has one N and D, and a best run may stand there several times."""
    allow = ["sizes", "units", "duplicates", "single"]
    read = lawbook.read_runs(runs, law, by="cell", columns=columns, allow=allow)
    return fitted(law, read, draws=500)
