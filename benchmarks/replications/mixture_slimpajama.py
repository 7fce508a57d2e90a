"""Mixtures at larger sizes: losses of mixtures that were not trained small, from others.

Dai & Zheng (2026), arXiv:2606.08167, release losses on seven domains of SlimPajama of 61 mixtures
of these, at six sizes. Three laws are fitted to the mixtures without a model of more than 1e9
parameters, at 1.22e8 and 3.1e8 parameters, and asked for the other mixtures at 6.8e8 to 2.7e9. The
loss on C4 is judged, at two checkpoints of each run. The paper's own law errs by 1.5% (mean
relative error) on 64 mixtures of the Pile, of one size that it has fitted, Shukor et al. (2025)'s
additive law by 2.2%.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from findings import about, fitted, headline, table

import lawbook
from lawbook.models import mixture_additive, mixture_capacity, mixture_joint

DOMAINS = ("arxiv", "book", "c4", "github", "commoncrawl", "stackexchange", "wikipedia")
ONE_SIZE = "Dai & Zheng (2026), on the Pile, at a size that was fitted"
ERRORS = {"mixture_additive": 0.02209, "mixture_joint": 0.02209, "mixture_capacity": 0.01533}
NOTHING_SHARED = (
    "domains share no skill in this closed form, where the paper has a common head, and c4 is much "
    "like commoncrawl; the paper judges domains of a tenth of the mixture and more, at one size"
)
CHECKPOINTS = (4, 10)  # of eleven


def replicate(folder: Path) -> pd.DataFrame:
    """Fit each law to the loss on C4; see `findings` for the columns."""
    runs = read(folder)
    rows = []
    for name, error in ERRORS.items():
        middle, each = misses(name, "c4", runs)
        quantity = "mean relative error on C4 of unseen mixtures at 2 to 22 times the size"
        holds = middle <= error
        row = headline(quantity, error, ONE_SIZE, each, holds, NOTHING_SHARED, median=middle)
        rows += about(name, [row])
    return table("mixture_joint", rows)


def read(folder: Path) -> pd.DataFrame:
    """Return two checkpoints of each run, and of each mixture whether it was trained large."""
    runs = pd.read_csv(folder / "mixture_slimpajama.csv")
    runs = runs.rename(columns={"model_size": "N", "n_tokens": "D"})
    order = runs.groupby("N").D.rank(method="dense").astype(int) - 1
    shares = [f"weight_{domain}" for domain in DOMAINS]
    mixture = runs[shares].round(4).apply(tuple, axis=1)
    runs = runs.assign(unseen=mixture.isin(set(mixture[runs.N > 1e9])))
    return runs[order.isin(CHECKPOINTS)]


def misses(name: str, domain: str, runs: pd.DataFrame) -> tuple[float, np.ndarray]:
    """Return the mean relative error of medians, and those of single draws."""
    others = dict.fromkeys((other for other in DOMAINS if other != domain), 0.285)
    columns = {f"weight_{other}": f"h_{other}" for other in DOMAINS}
    match name:
        case "mixture_capacity":
            law = mixture_capacity.over(others)
            columns |= {f"weight_{domain}": "h_own"}
        case "mixture_additive":
            law = mixture_additive.over(others | {domain: 0.285})
        case _:
            law = mixture_joint.over(others | {domain: 0.285})
    law = law.with_pooling("full")
    losses = runs.rename(columns=columns | {f"{domain}_loss": "loss"}).dropna(subset="loss")
    seen = losses[~losses.unseen & (losses.N < 4e8)]
    held = losses[losses.unseen & (losses.N > 4e8)]
    given = lawbook.read_runs(seen, law, allow=("sizes", "duplicates"))
    fit = fitted(law, given, draws=1500, discrepancy="none", target_accept=0.99)
    predicted, found = fit.predict(held[list(law.input_names)]), held.loss.to_numpy()
    drawn = predicted.draws.stack(sample=("chain", "draw")).transpose("sample", "point").to_numpy()
    middle = np.abs(predicted.table["median"].to_numpy() / found - 1).mean()
    return float(middle), np.abs(drawn[:2000] / found - 1).mean(axis=1)
