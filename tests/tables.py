"""A table of runs that breaks no rule, and the means to spoil it."""

import numpy as np
import pandas as pd

from lawbook import load_law, read_runs

CHINCHILLA = load_law("chinchilla")
SIZES = np.repeat(np.geomspace(7e7, 1.6e10, num=4), 6)
TOKENS = np.tile(np.geomspace(5e9, 5e11, num=6), 4)
TABLE = pd.DataFrame(
    {
        "N": SIZES,
        "D": TOKENS,
        "loss": 1.7 + 400 / SIZES**0.34 + 400 / TOKENS**0.28,
        "recipe": ["gru", "mlp", "transformer"] * 8,
        "seed": np.arange(24) // 3 % 2,
    }
)


def read(table=TABLE, law=CHINCHILLA, **options):
    return read_runs(table, law, **{"by": "recipe", **options})


def changed(column: str, entries: dict, table: pd.DataFrame = TABLE) -> pd.DataFrame:
    """Return the table with other entries, by row number from 1."""
    values = table[column].astype(object).to_list()
    for row, entry in entries.items():
        values[row - 1] = entry
    return table.assign(**{column: pd.Series(values, dtype=object, index=table.index)})
