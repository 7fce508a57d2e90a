"""Replicate published laws on the public tables, and keep what comes out.

    python benchmarks/replicate.py                       all of them
    python benchmarks/replicate.py chinchilla step_law   these

Prints what was found and writes it to replications/results.csv, where the rows of other laws stay
as they are. `findings.py` says what the columns are.
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
LAWS = tuple(sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"))


def replicate(law: str, folder: Path) -> pd.DataFrame:
    """Run the replication of a law on the tables in a folder."""
    return importlib.import_module(f"replications.{law}").replicate(folder)


def keep(law: str, found: pd.DataFrame) -> None:
    """Put a law's rows in place of those that the results have of it."""
    new = found.assign(law=law, date=date.today().isoformat())[["law", *COLUMNS, "date"]]
    if RESULTS.exists():
        others = pd.read_csv(RESULTS, keep_default_na=False)
        new = pd.concat([others[others["law"] != law], new])
    new = new.sort_values("law", kind="stable")
    with whole_file(RESULTS) as part:
        new.to_csv(part, index=False, float_format="%.5g")


def main(laws: Sequence[str]) -> None:
    """Replicate the named laws, or all."""
    if unknown := [law for law in laws if law not in LAWS]:
        sys.exit(f"replicate: no replication of {', '.join(unknown)}; expected {', '.join(LAWS)}")
    for law in laws or LAWS:
        start = time.perf_counter()
        found = replicate(law, DATA)
        keep(law, found)
        seconds = time.perf_counter() - start
        print(f"\n{law}: {found.holds.sum()} of {len(found)} hold, {seconds:.0f} s")
        print(found.to_string(index=False, float_format="%.4g"), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
