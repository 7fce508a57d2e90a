"""Time series: how the loss of forecasts falls with size and with data.

Yao et al. (2024), arXiv:2410.12360, fit straight lines in logs to the points of their notebooks'
figures, for encoders and decoders on three kinds of evaluation sets; the legends have the
exponents. Points are read off those figures. x_c, up to 48 decades away, is not asked for: it is
the exponent in other units.
"""

from pathlib import Path

import pandas as pd
from findings import about, draws_of, fitted, recovered, table

import lawbook

SIZES = (872, 7032, 100_928, 302_656, 1.77e6, 4.75e6, 1.41e7, 3.78e7, 1.27e8, 3.02e8)
TOKENS = {"encoder": (1e7, 1e8, 1.03e9, 1.57e10), "decoder": (1e7, 1e8, 1.03e9, 4.8e9)}
BY_SIZE = {
    "encoder, in distribution": (
        2.367, 2.416, 2.183, 2.077, 1.988, 1.927, 1.874, 1.777, 1.712, 1.701,
    ),
    "encoder, LSF": (5.096, 5.208, 4.986, 4.729, 4.471, 4.388, 4.307, 3.934, 3.868, 3.826),
    "encoder, Monash": (6.202, 5.909, 5.492, 4.955, 4.994, 4.856, 4.894, 4.714, 4.634, 4.656),
    "decoder, in distribution": (
        2.854, 2.851, 2.784, 2.542, 2.621, 2.516, 2.577, 2.299, 2.456, 2.462,
    ),
    "decoder, LSF": (5.484, 4.905, 4.928, 4.676, 4.624, 4.613, 4.603, 4.299, 4.299, 4.438),
    "decoder, Monash": (5.584, 5.391, 5.270, 4.928, 4.939, 4.883, 4.762, 4.608, 4.603, 4.561),
}  # fmt: skip
BY_DATA = {
    "encoder, in distribution": (3.688, 2.582, 2.283, 1.798),
    "encoder, LSF": (4.932, 4.580, 4.277, 4.004),
    "encoder, Monash": (5.564, 5.253, 4.959, 4.701),
    "decoder, in distribution": (4.350, 3.499, 2.870, 2.500),
    "decoder, LSF": (5.004, 4.856, 4.552, 4.483),
    "decoder, Monash": (5.502, 5.276, 4.737, 4.661),
}
SOURCE = "Yao et al. (2024), legends of the notebooks"
SHRUNK = "the groups' common prior draws the steepest and the flattest of six exponents together"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit both laws; the tables in the folder are not needed."""
    sizes = [(of, N, y) for of, ys in BY_SIZE.items() for N, y in zip(SIZES, ys, strict=True)]
    data = [
        (of, D, y)
        for of, ys in BY_DATA.items()
        for D, y in zip(TOKENS[of.partition(",")[0]], ys, strict=True)
    ]
    rows = about("time_series_size", exponents("time_series_size", "N", sizes))
    return table(
        "time_series_size",
        [*rows, *about("time_series_data", exponents("time_series_data", "D", data))],
    )


def exponents(name: str, symbol: str, points: list[tuple]) -> list[dict]:
    """Hold the exponents of all six lines against one fit."""
    law = lawbook.load_law(name)
    seen = pd.DataFrame(points, columns=["of", symbol, "loss"])
    fit = fitted(law, lawbook.read_runs(seen, law, by="of"))
    return [
        recovered(
            f"alpha, {e.label}",
            dict(e.at)["alpha"],
            SOURCE,
            draws_of(fit, "alpha", of=e.label),
            SHRUNK,
        )
        for e in law.published
    ]
