"""Routing on the released runs: three ways to route, from 15e6 to 1.3e9 parameters.

Clark et al. (2022), arXiv:2202.01169, fit one set of coefficients to each way to route, with one
expert a token in every other block, and find that experts stop to gain at 9.4e11 parameters with
S-BASE, 8.5e10 with RL-R and 8.3e10 with HASH. As in their released example dense models count as
one expert of any way to route, and each run's last evaluation is fitted. Coefficients and sizes are
recalled: they were read in public notes on the paper, not in it.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from findings import RECALLED, coefficients, fitted, recovered, table

import lawbook

LAW = lawbook.load_law("routing").with_pooling("full")
ROUTERS = {"s_base": "S-BASE", "rl_r": "RL-R", "hash": "HASH"}
CUTOFFS = (9.37e11, 8.5e10, 8.3e10)
SOURCE = f"Clark et al. (2022), table 3, {RECALLED}"
COLUMNS = {"N": "dense_params", "E": "num_experts"}
OTHER_RUNS = (
    "the paper fits runs that are not released beside these, and squared errors without heavy tails"
)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit each way to route; see `findings` for the columns."""
    curves = pd.read_csv(folder / "routing.csv.gz").query(
        "routing_frequency == 0.5 and experts_per_token == 1 and seed == 42"
    )
    last = curves.sort_values("step").groupby("hyper_id").tail(1)
    rows = []
    for (router, of), estimate, cutoff in zip(ROUTERS.items(), LAW.published, CUTOFFS, strict=True):
        own = last[last.router_type.isin(["dense", router])]
        read = lawbook.read_runs(own, LAW, columns=COLUMNS, allow="sizes")  # six sizes
        fit = fitted(LAW, read, draws=500)
        published = dict(estimate.at)
        why = dict.fromkeys(published, OTHER_RUNS)
        rows += coefficients(fit, published, SOURCE, of=of, why=why)
        decades = np.log10(fit.derive("cutoff").draws.values.ravel())
        rows.append(
            recovered(
                f"size in decades at which experts stop to gain, {of}",
                np.log10(cutoff),
                f"Clark et al. (2022), {RECALLED}",
                decades,
                OTHER_RUNS,
            )
        )
    return table("routing", rows)
