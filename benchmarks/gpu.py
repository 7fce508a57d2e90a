"""Many chains and many tables, on processors and on an accelerator: time, and effective draws.

    python benchmarks/gpu.py

Each kind of device is measured in a process of its own, by what users call: `lawbook.fit` of
chinchilla to 240 runs, with 4 to 4,096 chains of 200 draws by NUTS and 64 to 4,096 in step by
ChEES, and `lawbook.fit_many` of compute to 1 to 10,000 curves of 60 points, all law alone and in
their second call, when everything is compiled. A core takes chains of NUTS one after the other:
beyond `ON_PROCESSORS` processors are left out. The table is printed and written to `gpu.csv`.
Where JAX finds no accelerator, the column says so.

Everything is in double precision: no public call offers another.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TABLE = Path(__file__).with_name("gpu.csv")
CHAINS = (4, 64, 1024, 4096)
TABLES = (1, 10, 100, 1000, 10_000)
ON_PROCESSORS = {"chains": 64, "tables": 1000}  # at most
DRAWS, POINTS = 200, 60
UNMEASURED = "unmeasured: no accelerator"
LEFT_OUT = "left out"

type Measured = dict[str, dict[str, float]]  # seconds and effective draws by case


def cases() -> dict[str, Callable[[], float]]:
    """Return by name what fits and returns the effective draws of the worst parameter or table."""
    import lawbook

    chinchilla, compute = lawbook.load_law("chinchilla"), lawbook.load_law("compute")
    runs = lawbook.simulate(chinchilla, n=240, noise=0.01, seed=2)
    rng = np.random.default_rng(0)
    size = np.geomspace(1e18, 1e22, POINTS)

    def of_chains(count: int, engine: str = "lawbook") -> float:
        settings: dict[str, Any] = {"chains": count, "draws": DRAWS, "max_draws": DRAWS}
        settings["engine"] = engine
        return lawbook.fit(chinchilla, runs, discrepancy="none", **settings).diagnostics.effective

    def of_tables(count: int) -> float:
        shape = (count, POINTS)
        floor = 1.7 * np.exp(0.05 * rng.normal(size=(count, 1)))
        loss = (floor + 0.75 * (size / 1e20) ** -0.17) * np.exp(0.01 * rng.normal(size=shape))
        columns = {"C": np.tile(size, count), "loss": loss.ravel()}
        table = pd.DataFrame({"curve": np.repeat(np.arange(count), POINTS), **columns})
        found = lawbook.fit_many(compute, table, discrepancy="none")
        return float(np.min(found.table["effective"].to_numpy()))

    found = {f"{n:,} chains": lambda n=n: of_chains(n) for n in CHAINS}
    found |= {f"{n:,} chains in step": lambda n=n: of_chains(n, "chees") for n in CHAINS[1:]}
    return found | {f"{n:,} tables": lambda n=n: of_tables(n) for n in TABLES}


def measured(fits: Mapping[str, Callable[[], float]], most: Mapping[str, int]) -> Measured:
    """Return what each case takes, up to so many chains and tables."""
    found: Measured = {}
    for name, fit in fits.items():
        count, kind, *_ = name.replace(",", "").split()
        if int(count) > most.get(kind, np.inf):
            continue
        for _ in range(2):
            start = time.perf_counter()
            effective = fit()
            took = time.perf_counter() - start
        found[name] = {"seconds": took, "effective": effective}
        print(f"{name}: {took:.1f} s", file=sys.stderr, flush=True)
    return found


def table_of(names: list[str], processors: Measured, accelerator: Measured | None) -> pd.DataFrame:
    """Return a row a case, the columns of both kinds of device beside each other."""
    rows = []
    for name in names:
        row: dict[str, Any] = {"case": name}
        for device, found in (("cpu", processors), ("accelerator", accelerator)):
            absent = UNMEASURED if found is None else LEFT_OUT
            of = {} if found is None else found.get(name, {})
            row |= {f"{device}_{what}": of.get(what, absent) for what in ("seconds", "effective")}
        rows.append(row)
    return pd.DataFrame(rows)


def _of(platform: str | None) -> tuple[str, Measured | None]:
    """Measure in a process that has one kind of device; return what JAX calls it, too."""
    environment = dict(os.environ) if platform is None else os.environ | {"JAX_PLATFORMS": platform}
    command = [sys.executable, __file__, "--here", *([] if platform else ["--accelerator"])]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return said["devices"], said["found"]


def main() -> None:
    """Measure on processors, and on an accelerator where there is one."""
    if "--here" in sys.argv:
        import jax

        skip = "--accelerator" in sys.argv and jax.default_backend() == "cpu"
        most = ON_PROCESSORS if jax.default_backend() == "cpu" else {}
        devices = f"{jax.device_count()} x {jax.devices()[0].device_kind}"
        print(json.dumps({"devices": devices, "found": None if skip else measured(cases(), most)}))
        return
    accelerator, found = _of(None)
    processors = _of("cpu")[1] or {}
    table = table_of([*cases()], processors, found)
    table.to_csv(TABLE, index=False, float_format="%.4g")
    print(table.to_string(index=False, float_format="{:,.4g}".format))
    print(f"accelerator: {UNMEASURED if found is None else accelerator}; {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
