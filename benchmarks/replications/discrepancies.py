"""Discrepancies: how recipes move the exponent of the best size.

Porian et al. (2024), arXiv:2406.19146, train the same models under changed recipes: counting the
head, a shorter warm-up, a decay fitted to the run and tuned hyper-parameters bring the exponent a
of N_opt in C from 0.83 and 0.87 down to 0.50 and 0.52. Their optima, one for each budget, are
fitted here by a power law in which recipes share a population; and the runs of one tuned recipe by
Chinchilla.
"""

from pathlib import Path

import pandas as pd
from findings import draws_of, fitted, recovered, table

import lawbook
from lawbook import Input, Law, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power

RECIPE = ["dataset", "hparams", "warmup", "decay", "param_count"]
TUNED = "refinedweb, tuned, short, const, standard"
SOURCE = "Porian et al. (2024), released basic fit"
SHRUNK = "the recipes share a population, which draws the extremes towards the others"
NOT_ADDITIVE = "the runs are interpolated at each budget, and the additive law bends otherwise"


def best_size(xp, C, *, N_0, a):
    """Grow with the budget as a power law."""
    return N_0 * power(xp, C, a)


OPTIMA = Law(
    name="best_size",
    formula=best_size,
    inputs=[Input("C", unit="FLOP", seen=(1.25e16, 2.6e19))],
    response=Response("N", unit="parameters", noise=StudentT("log", LogNormal(0.1, 0.7))),
    params=[
        Param("N_0", TermSize(LogNormal(5e7, 1.0), at={"C": 1e18}, growth="a"), pool="partial"),
        Param("a", LogNormal(median=0.6, log_sd=0.3), pool="partial"),
    ],
)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit all recipes' optima, and the runs of the tuned recipe; see `findings`."""
    optima, fits, runs = (
        labelled(pd.read_csv(folder / f"discrepancies_{name}.csv"))
        for name in ("optima", "fits", "isoflop")
    )
    published = fits[fits.fit == "basic"].set_index("recipe").params_exponent
    columns = {"C": "flops", "N": "optimal_params"}
    read = lawbook.read_runs(optima, OPTIMA, by="recipe", columns=columns, missing="drop")
    fit = fitted(OPTIMA, read, draws=500)
    columns = {"N": "params", "D": "tokens"}
    tuned = runs[runs.recipe == TUNED]
    read = lawbook.read_runs(tuned, "chinchilla", columns=columns, allow="units")
    exponent = fitted("chinchilla", read).derive("size_exponent").draws.values.ravel()
    return table(
        "chinchilla",
        [
            *(
                recovered(recipe, value, SOURCE, draws_of(fit, "a", recipe=recipe), SHRUNK)
                for recipe, value in published.items()
            ),
            recovered(f"{TUNED}: Chinchilla", published[TUNED], SOURCE, exponent, NOT_ADDITIVE),
        ],
    )


def labelled(runs: pd.DataFrame) -> pd.DataFrame:
    """Name the recipe of each row."""
    return runs.assign(recipe=runs[RECIPE].agg(", ".join, axis=1))
