"""Replicate published laws on the public tables, and keep what comes out.

    python benchmarks/replicate.py                       all of them
    python benchmarks/replicate.py chinchilla step_law   these

Prints what was found and writes it to replications/results.csv, where the rows of other
replications stay as they are. `findings.py` says what the columns are.
"""

import importlib
import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from findings import COLUMNS

from lawbook.writing import whole_file

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
FOLDER = Path(__file__).parent / "replications"
RESULTS = FOLDER / "results.csv"
REPLICATIONS = tuple(sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"))


def replicate(name: str, folder: Path) -> pd.DataFrame:
    """Run a replication on the tables in a folder."""
    return importlib.import_module(f"replications.{name}").replicate(folder)


def kept() -> pd.DataFrame:
    """Return what earlier replications found, notes as text."""
    found = pd.read_csv(RESULTS, keep_default_na=False, na_values={"holds": [""]})
    return found.astype({"holds": "boolean"})


def keep(name: str, found: pd.DataFrame) -> None:
    """Put a replication's rows in place of those that the results have of it."""
    new = found.assign(replication=name, date=date.today().isoformat())
    new = new[["replication", *COLUMNS, "date"]]
    if RESULTS.exists():
        others = kept()
        new = pd.concat([others[others["replication"] != name], new])
    new = new.sort_values("replication", kind="stable")
    with whole_file(RESULTS) as part:
        new.to_csv(part, index=False, float_format="%.5g")


def main(names: Sequence[str]) -> None:
    """Make the named replications, or all."""
    if unknown := [name for name in names if name not in REPLICATIONS]:
        known = ", ".join(REPLICATIONS)
        sys.exit(f"replicate: no replication of {', '.join(unknown)}; expected {known}")
    for name in names or REPLICATIONS:
        start = time.perf_counter()
        found = replicate(name, DATA)
        keep(name, found)
        seconds = time.perf_counter() - start
        print(f"\n{name}: {found.holds.sum()} of {found.holds.count()} hold, {seconds:.0f} s")
        print(found.to_string(index=False, float_format="%.4g"), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
