"""Over-training: four relative errors, each predicted from small runs.

Gadre et al. (2024), arXiv:2403.08540, fit the loss to five small runs for each training set, the
error on 17 tasks to these and one of 1.4e9 parameters, and predict runs of up to 300 times the
compute. On RedPajama the loss of 1.4e9 parameters at M = 640 is missed by 0.71%, that of 6.9e9 at
M = 20 by 0.73%; their errors on the tasks by 3.6% and 0.05%.

Five runs for four parameters leave the forecasts wide. In the last rows the three training sets
share a population, and a noise that differs little between them: with a noise of its own for each
five runs the law may pass through all of them, and the fit is not to be trusted.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from findings import about, coefficients, fitted, recovered, table

import lawbook
from lawbook import StudentT
from lawbook.priors import LogNormal

SETS = {"c4_original": "C4", "rpj": "RedPajama", "rw_original": "RefinedWeb"}
LOSS, ERROR = (lawbook.load_law(f"overtraining_{name}") for name in ("loss", "error"))
COLUMNS = {"C": "flops", "M": "token_multiplier", "loss": "loss_c4_val"}
REFIT = "Gadre et al. (2024), refit with the released code"
NOTEBOOK = "Gadre et al. (2024), released notebook"
TOGETHER = replace(
    LOSS, response=replace(LOSS.response, noise=StudentT("log", LogNormal(0.005, 0.3)))
)
PUBLISHED = {("1.4e9", 640): (0.7103, 3.6365), ("6.9e9", 20): (0.7320, 0.0464)}  # in per cent


def replicate(folder: Path) -> pd.DataFrame:
    """Fit both laws to each training set's small runs; see `findings` for the columns."""
    runs = pd.read_csv(folder / "overtraining_models.csv")
    M, N = runs.token_multiplier.round(), runs.params
    five = ((M == 20) & (N < 1e9)) | ((M == 320) & (N < 2e7))
    six = five | ((M == 20) & N.between(1e9, 2e9))
    rows = []
    for i, (name, of) in enumerate(SETS.items()):
        own = runs.dataset == name
        chain = lawbook.Chain(losses(runs[five & own]), errors(runs[six & own]))
        rows += coefficients(chain.first, dict(LOSS.published[i].at), REFIT, of=of)
        error = coefficients(chain.second, dict(ERROR.published[i].at), REFIT, of=of)
        rows += about(ERROR.name, error)
        if of == "RedPajama":
            large = runs[own & (N > 1e9) & ~six | own & (N > 5e9)]
            rows += missed(chain, large)
    read = lawbook.read_runs(
        runs[five], TOGETHER, by="dataset", columns=COLUMNS, allow=["sizes", "units"]
    )
    together = missed_together(fitted(TOGETHER, read, draws=500), large)
    return table(LOSS.name, [*rows, *together])


def losses(runs: pd.DataFrame) -> lawbook.Fit:
    """Fit the loss; five runs are fewer sizes than a check at the door asks for."""
    return fitted(LOSS, lawbook.read_runs(runs, LOSS, columns=COLUMNS, allow="sizes"))


def errors(runs: pd.DataFrame) -> lawbook.Fit:
    """Fit the mean error on 17 tasks over the loss."""
    columns = {"L": "loss_c4_val", "error": "avg_error_17"}
    return fitted(ERROR, lawbook.read_runs(runs, ERROR, columns=columns, allow="sizes"))


def missed(chain: lawbook.Chain, large: pd.DataFrame) -> list[dict]:
    """Return by how much the two large runs are missed, per cent, above what was measured."""
    rows = []
    for (size, M), published in PUBLISHED.items():
        run, at = run_of(large, size, M)
        found = chain.first.predict(at).draws, chain.predict(at).draws
        for what, column, draws, value in zip(
            ("loss", "error on 17 tasks"),
            ("loss_c4_val", "avg_error_17"),
            found,
            published,
            strict=True,
        ):
            miss = 100 * (draws.values.ravel() / run[column] - 1)
            quantity = f"miss of the {what}, {size} at M = {M}, per cent"
            law = LOSS if what == "loss" else ERROR
            rows += about(law.name, [recovered(quantity, value, NOTEBOOK, miss)])
    return rows


def missed_together(fit: lawbook.Fit, large: pd.DataFrame) -> list[dict]:
    """Return by how much the loss is missed where training sets share a population."""
    rows = []
    for (size, M), (published, _) in PUBLISHED.items():
        run, at = run_of(large, size, M)
        found = fit.predict(at)
        loss = found.draws.isel(point=found.table.dataset.tolist().index(run.dataset))
        miss = 100 * (loss.values.ravel() / run.loss_c4_val - 1)
        quantity = f"miss of the loss, {size} at M = {M}, per cent, three sets together"
        rows.append(recovered(quantity, published, NOTEBOOK, miss))
    return rows


def run_of(large: pd.DataFrame, size: str, M: int) -> tuple[pd.Series, dict[str, float]]:
    """Return a large run and what the law is given of it."""
    near = np.isclose(large.params, float(size), rtol=0.05)
    run = large[near & (large.token_multiplier.round() == M)].iloc[0]
    return run, {"C": run.flops, "M": run.token_multiplier}
