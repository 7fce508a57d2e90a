"""Chinchilla on the points read off the paper's figure 4.

Hoffmann et al. (2022), arXiv:2203.15556, report alpha = 0.34, beta = 0.28 and E = 1.69. Besiroglu
et al. (2024), arXiv:2404.10102, refit 240 of the 245 points, without the five highest losses, to
alpha = 0.348, beta = 0.366 and E = 1.817, with N_opt growing like C**0.513, and reject the first.
"""

from pathlib import Path

import pandas as pd
from findings import coefficients, fitted, recovered, table

import lawbook

STOPPED_EARLY = (
    "the paper's optimiser stopped early, its loss being averaged rather than summed; "
    "the refit rejects these values on the same points"
)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit the 240 points; see `findings` for the columns."""
    law = lawbook.load_law("chinchilla")
    points = pd.read_csv(folder / "chinchilla.csv")
    points = points[~points.replication_outlier]
    fit = fitted(law, lawbook.read_runs(points, law, columns={"N": "params", "D": "tokens"}))
    first, _, refit = (dict(estimate.at) for estimate in law.published)
    exponent = fit.derive("size_exponent").draws.values.ravel()
    return table(
        "chinchilla",
        [
            *coefficients(fit, refit, "Besiroglu et al. (2024)", of="refit"),
            recovered(
                "exponent of the optimal size, refit", 0.513, "Besiroglu et al. (2024)", exponent
            ),
            *coefficients(
                fit,
                first,
                "Hoffmann et al. (2022), eq. 10",
                of="original",
                why=dict.fromkeys(first, STOPPED_EARLY),
            ),
        ],
    )
