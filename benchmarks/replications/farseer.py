"""Farseer: losses of runs with at least ten times the compute of the largest that was fitted.

Li et al. (2025), arXiv:2506.10972, say that their law extrapolates better than Chinchilla's by far.
Here both are fitted to the 162 released runs of at most 1.2e9 parameters and 1e20 FLOP, and asked
for the 59 of at least 1e21. They are held against what a Huber fit of the same form misses on the
same split, and the law's coefficients against those of a public refit to all runs.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from findings import about, coefficients, fitted, foretold, table

import lawbook
from lawbook import Response
from lawbook.priors import LogNormal, TermSize

LAW = lawbook.load_law("farseer").with_pooling("full")
CHINCHILLA = replace(
    lawbook.load_law("chinchilla"), response=Response("loss", "bits/character", LAW.response.noise)
)
CHINCHILLA = CHINCHILLA.with_pooling("full").with_priors(  # in bits a character, not nats a token
    E=LAW.param("E_1").prior,
    A=TermSize(LogNormal(0.1, 0.6), at={"N": 1e9}, decay="alpha"),
    B=TermSize(LogNormal(0.1, 0.6), at={"D": 2e10}, decay="beta"),
)
HUBER = "Huber fit of the same form to the same runs"
QUANTITY = "error (RMSLE) at 1e21 FLOP and more, fitted up to 1e20"
TOO_HIGH = "whatever the noise, the form is too high beyond the runs, by about 5%"
OTHER_NOISE = "a Student-t fits all runs otherwise than least squares on the log do"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit both laws to the small runs, the law to all; see `findings` for the columns."""
    runs = pd.read_csv(folder / "farseer.csv")
    runs = runs.rename(columns={"params": "N", "tokens": "D", "loss_bpc": "loss"})
    small = runs[(runs.N <= 1.2e9) & (runs.flops_6nd <= 1e20)]
    large = runs[runs.flops_6nd >= 1e21]
    plain = foretold(QUANTITY, 0.0508, HUBER, fit(CHINCHILLA, small), large, TOO_HIGH)
    own = foretold(QUANTITY, 0.0173, HUBER, fit(LAW, small), large)
    refit = dict(LAW.published[0].at)
    why = dict.fromkeys(refit, OTHER_NOISE)
    rows = coefficients(fit(LAW, runs), refit, "Okar (2026)", why=why)
    return table("farseer", [*about("chinchilla", [plain]), own, *rows])


def fit(law: lawbook.Law, runs: pd.DataFrame) -> lawbook.Fit:
    """Fit a law alone; a size and number of tokens may have been trained twice."""
    read = lawbook.read_runs(runs, law, allow="duplicates")
    return fitted(law, read, draws=500)
