"""How often intervals hold far beyond the fitted runs: the constants of `lawbook.learned`.

Every public table of runs with N, D and loss is cut along compute, along N and along D so that its
largest runs lie 2, 10 and 100 times beyond the fitted ones, where it spans so much. Chinchilla's
law is fitted to what is left, with the usual model discrepancy and without one, and scored on the
held-out runs by their distance. The curvature is that of `learn_curvature.py` without the source.
Tables count the same within their source, and sources the same.

    python benchmarks/horizons.py                     all tables; scores, then the constants
    python benchmarks/horizons.py farseer marin       tables whose name begins so
    python benchmarks/horizons.py --only-scores       of what is there

Each backtest is kept as a file in `KEPT` and not made again: empty that folder after a change of
the model.
"""

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from learn_curvature import without
from public_runs import LAW, tables

import lawbook
from lawbook.evaluation.backtest_files import read_backtest
from lawbook.laws.public_curves import OF_LAWS

KEPT = Path(os.environ.get("LAWBOOK_KEPT", Path(tempfile.gettempdir()) / "lawbook-horizons"))
HORIZONS = (2, 10, 100)
ORDERS = {"cost": "compute", "N": "input", "D": "input"}
DISCREPANCIES = {"auto": "COVERAGE", "none": "COVERAGE_ALONE"}
LEVELS = [f"covered_{level}" for level in (50, 80, 90, 95)]
SCORES = [*LEVELS, "rmsle", "bias", "log_score", "width_90"]


def made(source: str, name: str, runs: lawbook.Runs, order: str, discrepancy: str) -> Path | None:
    """Return the file of a backtest, made unless it is there; None if no horizon is in reach."""
    path = KEPT / f"{name}.{order}.{discrepancy}.csv".replace("/", "-")
    if path.exists() or "--only-scores" in sys.argv:
        return path if path.exists() else None
    begun = time.perf_counter()
    # as the usual one is, but that its curvature has not seen the source
    unseen = replace(OF_LAWS, curvature=without(LAW.name, source))
    usual = unseen if discrepancy == "auto" else discrepancy
    options = {"order": order, "horizons": HORIZONS, "discrepancy": usual}
    try:
        found = lawbook.backtest(LAW, runs, **options)
    except lawbook.RunsError as error:
        print(f"{name} along {order}: {error}", file=sys.stderr, flush=True)
        return None
    found.export(path)
    seconds = time.perf_counter() - begun
    print(f"{path.name}: {seconds:.0f} s", *found.notes, sep="\n  ", file=sys.stderr, flush=True)
    return path


def scores(chosen: list[str]) -> pd.DataFrame:
    """Return a row for each table, discrepancy, order and distance."""
    rows = []
    for source, name, runs in tables():
        if chosen and not any(map(name.startswith, chosen)):
            continue
        for discrepancy in DISCREPANCIES:
            for order in ORDERS:
                if (path := made(source, name, runs, order, discrepancy)) is None:
                    continue
                found = read_backtest(path).by_horizon(HORIZONS)
                for far, row in found.xs(("chinchilla", order), level=("law", "along")).iterrows():
                    told = {"source": source, "table": name, "along": order, "above": far.left}
                    told |= {"upto": far.right, "discrepancy": discrepancy, "runs": row["points"]}
                    rows.append(told | row[SCORES].to_dict())
    return pd.DataFrame(rows)


def means(table: pd.DataFrame) -> pd.DataFrame:
    """Average within tables, then within sources, then over them."""
    keys = ["discrepancy", "along", "above", "upto"]
    table = table.assign(along=table["along"].map(ORDERS))
    each = table.groupby([*keys, "source", "table"])[SCORES].mean()
    found = each.groupby([*keys, "source"]).mean().groupby(keys)
    counts = each.groupby(keys).size()
    return found.mean().assign(tables=counts, sources=found.size())


def constants(found: pd.DataFrame) -> str:
    """Return the text of the constants in `lawbook.laws.public_tables`."""
    lines = []
    for discrepancy, name in DISCREPANCIES.items():
        lines.append(f"{name}:")
        for along in dict.fromkeys(ORDERS.values()):
            lines.append(f'    "{along}": (')
            for (said, where, above, upto), row in found.iterrows():
                if (said, where) == (discrepancy, along):
                    end = "math.inf" if np.isinf(upto) else f"{upto:g}"
                    held, count = f"{row['covered_90']:.2f}", f"{row['tables']:.0f}"
                    lines.append(f"        Held({above:g}, {end}, {held}, {count}),")
            lines.append("    ),")
    return "\n".join(lines)


if __name__ == "__main__":
    KEPT.mkdir(parents=True, exist_ok=True)
    each = scores([word for word in sys.argv[1:] if not word.startswith("--")])
    print(each.to_string(index=False, float_format="%.4f"))
    mean = means(each)
    print(mean.to_string(float_format="%.4f"))
    print(constants(mean))
