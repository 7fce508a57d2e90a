"""Loss to loss: losses of six models of 1e21 FLOP on seven texts, from their loss on their own.

Brandfonbrener et al. (2024), arXiv:2411.12925, train 529 models on six corpora with up to 5e19
FLOP, and one on each with about 1e21. From the loss of each on its own corpus, its losses on the
texts of the other corpora are foretold, by a law fitted to the small models of its corpus. The
released forms in size and tokens, fitted to the same models, miss these losses by 3.37%
(Chinchilla's) and 3.03% (Kaplan's); they are not given the large model's own loss. The prior of a
corpus's floor E_0 is set at 0.4 of the least loss that was seen on it: only with kappa do runs tell
it.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from findings import fitted, headline, table

import lawbook
from lawbook.priors import LogNormal

LAW = lawbook.load_law("loss_to_loss").with_pooling("full")
TEXTS = {  # columns of losses, with the corpus of the same text
    "c4": "",
    "fineweb_100b": "fineweb-100b",
    "fineweb_edu_100b": "fineweb-edu-100b",
    "proof_pile_2": "proof-pile-2",
    "slimpajama": "slimpajama-chunk1",
    "smollm": "smollm-corpus",
    "starcoder": "starcoder",
}
RIVALS = {"Chinchilla's form": 0.0337, "Kaplan's form": 0.0303}
SOURCE = "Brandfonbrener et al. (2024), released fits in size and tokens"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit each corpus on each text; see `findings` for the columns."""
    runs = pd.read_csv(folder / "loss_to_loss.csv").rename(columns={"val_loss_own": "L_0"})
    missed = [
        misses(models.assign(L_1=models[f"loss_{text}"]))
        for text, own in TEXTS.items()
        for recipe, models in runs.groupby("recipe")
        if recipe != own
    ]
    middle = float(np.sqrt(np.mean([of_median**2 for of_median, _ in missed])))
    each = np.sqrt(np.mean([of_draws**2 for _, of_draws in missed], axis=0))
    rows = []
    for rival, error in RIVALS.items():
        quantity = f"error (RMSLE) of six models of 1e21 FLOP on seven texts, against {rival}"
        rows.append(headline(quantity, error, SOURCE, each, middle <= error, median=middle))
    return table("loss_to_loss", rows)


def misses(models: pd.DataFrame) -> tuple[float, np.ndarray]:
    """Fit the small models; return by how much the large one's log loss is missed, and by draw."""
    seen, held = (models[models.split == split] for split in ("fit", "held_out"))
    below = LogNormal(0.4 * seen.L_0.min(), 0.1)  # a floor is below every loss
    law = LAW.with_priors(E_0=below)
    read = lawbook.read_runs(seen, law, allow="duplicates")
    fit = fitted(law, read, draws=500, discrepancy="none", target_accept=0.999)
    predicted = fit.predict(held[["L_0"]])
    found = float(np.log(held.L_1.item()))
    drawn = np.log(predicted.draws.to_numpy().ravel()[:2000])
    return float(np.log(predicted.table["median"].item())) - found, drawn - found
