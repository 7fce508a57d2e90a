"""How long decisions take after the fit: fifteen recipes at 200 scales, and a report.

The recipes are the variants of Porian et al.'s experiment, every third budget of each, fitted by
Chinchilla's law without a discrepancy. The report is that of a saved fit, such as the demo's,
which has one. Time is told as it passed and as the processor worked, best of five.

    python benchmarks/decisions.py [fit.nc [law.py]]
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import lawbook

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
VARIANT = ["dataset", "loss_split", "param_count", "hparams", "warmup", "decay"]
THIRD = 3
SCALES = np.geomspace(1e7, 1e11, 200)  # parameters
TOKENS = 20  # per parameter
REPEATS = 5


def fifteen() -> lawbook.Fit:
    """Fit the law to all variants at once."""
    table = pd.read_csv(DATA / "discrepancies_isoflop.csv")
    table = table.rename(columns={"params": "N", "tokens": "D"})
    table["variant"] = table[VARIANT].agg("/".join, axis=1)
    table = table[table.flops.rank(method="dense") % THIRD == 0]
    law = lawbook.load_law("chinchilla")
    accepted = ("duplicates", "units", "sizes")
    return lawbook.fit(
        law, lawbook.read_runs(table, law, by="variant", allow=accepted), seed=0, discrepancy="none"
    )


def timed(name: str, act: Callable) -> None:
    """Print how long something takes, the first time and at best."""
    found = []
    for _ in range(REPEATS):
        passed, worked = time.perf_counter(), time.process_time()
        act()
        found.append((time.perf_counter() - passed, time.process_time() - worked))
    (first, worked), (best, least) = found[0], np.min(found, axis=0)
    print(f"{name}: {first:.2f} s at first, of processor time {worked:.2f} s; ", end="")
    print(f"at best {best:.2f} s, {least:.2f} s", flush=True)


def main() -> None:
    """Print the times, and how busy the machine was."""
    fit, at = fifteen(), {"N": SCALES, "D": TOKENS * SCALES}
    print(fit, f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", sep="\n")
    timed(f"{len(fit.runs.levels('variant'))} recipes at {len(SCALES)}", lambda: fit.compare(at))
    if len(sys.argv) > 1:
        reported = lawbook.load(*sys.argv[1:3])
        with tempfile.TemporaryDirectory() as folder:
            timed("report", lambda: reported.report(Path(folder) / "report.html"))


if __name__ == "__main__":
    main()
