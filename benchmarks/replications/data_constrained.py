"""data_constrained on the runs of the paper's fit.

Muennighoff et al. (2023), arXiv:2305.16264, find that repeats of the data are worth ever less,
with R_D* = 15.4, and parameters beyond what the unique data deserve less still, R_N* = 5.3: with
25e9 unique tokens 6.34e9 parameters trained longer beat 8.67e9. E, A, B and alpha = beta they
take from other runs, on C4, and hold; so does the first fit here. The second fits all parameters
together, as the law is meant, without the runs of more than 60 epochs, which get worse again. With
E to beta held these 129 runs alone would not bound R_D* from above.
"""

from pathlib import Path

import pandas as pd
from findings import coefficients, fitted, headline, table

import lawbook
from lawbook.priors import LogNormal

SOURCE = "Muennighoff et al. (2023), released notebook"
PAIR = {"N": [6.34e9, 8.67e9], "D": [2.42e11, 1.78e11], "U_D": 2.5e10}
GAIN = 2.2269634 - 2.2256440  # what the paper's law gives the smaller model, nats per token
TRADED = (
    "R_N* trades against R_D*: the paper's own Huber loss is 0.01583 at (15.4, 5.3) and 0.01580 at "
    "(95, 1.7), a ridge, on which a Student-t stops elsewhere; and with E to beta held the runs of "
    "up to one epoch are missed by 12%"
)
OTHER_BASE = (
    "the paper takes E, A, B and alpha = beta from 54 runs that are not in the table; these runs "
    "alone prefer a steeper term of size, and with it repeats and parameters that wear off later"
)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit repetition alone, then all parameters together; see `findings` for the columns."""
    law = lawbook.load_law("data_constrained")
    runs = pd.read_csv(folder / "data_constrained.csv")
    runs = runs[runs.in_reference_fit]
    published = dict(law.published[0].at)
    base = {name: value for name, value in published.items() if not name.startswith("R_")}
    repeats = {name: value for name, value in published.items() if name.startswith("R_")}
    held = law.with_priors(**{name: LogNormal(value, 1e-4) for name, value in base.items()})
    first, second = (
        fitted(law, read(law, runs)) for law, runs in ((held, runs), (law, runs[runs.epochs <= 60]))
    )
    return table(
        "data_constrained",
        [
            *coefficients(first, repeats, SOURCE, of="E to beta held", why={"R_N_star": TRADED}),
            gain(first, "E to beta held"),
            *coefficients(
                second, published, SOURCE, of="together", why=dict.fromkeys(published, OTHER_BASE)
            ),
            gain(second, "together"),
        ],
    )


def read(law: lawbook.Law, runs: pd.DataFrame) -> lawbook.Runs:
    """Read the runs, some of which are smaller or longer than the ranges on the law's page."""
    columns = {"N": "params", "D": "tokens", "U_D": "unique_tokens"}
    return lawbook.read_runs(runs, law, columns=columns, allow="units")


def gain(fit: lawbook.Fit, of: str) -> dict:
    """Ask whether the smaller model, trained longer, is ahead in nine draws of ten."""
    losses = fit.predict(PAIR).draws
    ahead = (losses.isel(point=1) - losses.isel(point=0)).values.ravel()
    return headline(
        f"what 6.34e9 parameters gain on 8.67e9, {of}",
        GAIN,
        "Muennighoff et al. (2023), README of the released code",
        ahead,
        (ahead > 0).mean() > 0.9,
        "with E to beta free the two are level: the runs at this scale are too few to tell",
    )
