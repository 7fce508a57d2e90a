"""What a fit costs in counts that do not depend on the machine, beside those of the last time.

    make bench                              fails where a count rose by more than 20%
    python benchmarks/counts.py --store     keeps the counts of today as the baseline

gradients           leapfrog steps of all draws that were kept, per effective draw of the worst
                    parameter; the median of some seeds
compilations        programs that XLA compiled, of an empty cache on
programs, bytes     files of traced programs in the cache, and their size
log_densities       of `fit_many`, per effective draw of the worst table

Counts move a little with the processor, whose rounding another path of the chains follows from, and
with the versions of JAX and blackjax, which stand in the baseline.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

BASELINE = Path(__file__).with_name("counts.json")
RISE = 1.2  # times the baseline, at most
PACKAGES = ("jax", "blackjax", "pymc")
SEEDS = range(1, 10)  # one of them is up to a third off


def compared(now: Mapping[str, float], before: Mapping[str, float]) -> tuple[list[str], list[str]]:
    """Return a line for each count, and the names of those that rose too much or are not known.

    Parameters
    ----------
    now, before
        Counts by name.
    """
    lines, risen = [], []
    width = max(map(len, {*now, *before}), default=0)
    for name in sorted({*now, *before}):
        ours, theirs = now.get(name), before.get(name)
        if ours is None or theirs is None:
            state = "is gone" if ours is None else "has no baseline"
            risen.append(f"{name} {state}")
            lines.append(f"{name:<{width}}  {state}")
            continue
        share = ours / theirs if theirs else float("inf") if ours else 1.0
        lines.append(f"{name:<{width}}  {ours:>12,.4g}  {theirs:>12,.4g}  {share:6.2f}")
        if share > RISE:
            risen.append(f"{name} rose from {theirs:.4g} to {ours:.4g}")
    return lines, risen


class Cache:
    """An empty cache of compiled programs, and how often XLA compiled since."""

    def __init__(self, folder: Path) -> None:
        import jax

        self.folder, self.compilations = folder, 0
        os.environ["LAWBOOK_CACHE"] = str(folder)
        jax.monitoring.register_event_duration_secs_listener(self._heard)

    def _heard(self, event: str, *_, **__) -> None:
        self.compilations += event == "/jax/core/compile/backend_compile_duration"

    def counts(self, of: str) -> dict[str, float]:
        """Return what was compiled and traced so far."""
        files = list((self.folder / "traced").glob("*"))
        return {
            f"{of}: compilations": self.compilations,
            f"{of}: programs": len(files),
            f"{of}: bytes": sum(file.stat().st_size for file in files),
        }


def models() -> dict:
    """Return law, runs and discrepancy by name: one table, a hierarchy, a process along a curve."""
    import numpy as np

    import lawbook

    chinchilla, compute = lawbook.load_law("chinchilla"), lawbook.load_law("compute")
    rng = np.random.default_rng(0)
    truth = {
        "E": 1.8 * np.exp(0.1 * rng.normal(size=6)),
        "A": 480 * np.exp(0.2 * rng.normal(size=6)),
        "B": 2000 * np.exp(0.2 * rng.normal(size=6)),
        "alpha": 0.35,
        "beta": 0.36,
    }
    recipes = [f"recipe {i}" for i in range(6)]
    return {
        "one table": (chinchilla, lawbook.simulate(chinchilla, n=240, noise=0.01, seed=2), "none"),
        "six recipes": (
            chinchilla,
            lawbook.simulate(chinchilla, truth, n=30, noise=0.006, seed=3, groups=recipes),
            "none",
        ),
        "a curve": (compute, lawbook.simulate(compute, n=40, noise=0.01, seed=4), "auto"),
    }


def of_fits(cache: Cache) -> dict[str, float]:
    """Return gradients per effective draw, and what was compiled until then."""
    import lawbook

    found = {}
    for name, (law, runs, discrepancy) in models().items():
        fits = [lawbook.fit(law, runs, discrepancy=discrepancy, seed=seed) for seed in SEEDS]
        found[f"{name}: gradients"] = statistics.median(
            float(fit.posterior["sample_stats"]["n_steps"].sum()) / fit.diagnostics.effective
            for fit in fits
        )
        found |= cache.counts(name)
    return found


def of_many(cache: Cache) -> dict[str, float]:
    """Return what forty tables of two sizes cost."""
    import pandas as pd

    import lawbook
    from lawbook.engine.importance import Lanes

    law, asked = lawbook.load_law("compute"), []
    frames = [
        lawbook.simulate(law, n=12 + 20 * (i % 2), noise=0.01, seed=i).frame.assign(curve=f"c{i}")
        for i in range(40)
    ]
    own = Lanes.values

    def counted(self, tables, x, of):
        asked.append(len(x))
        return own(self, tables, x, of)

    Lanes.values = counted
    try:
        many = lawbook.fit_many(law, pd.concat(frames, ignore_index=True), discrepancy="none")
    finally:
        Lanes.values = own
    worst = float(many.table["effective"].min())
    each = sum(asked) / len(many.table)
    return {"forty tables: log_densities": each / worst} | cache.counts("forty tables")


def main() -> None:
    """Count, compare, and fail where a count rose."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", action="store_true", help="keep the counts as the baseline")
    store = parser.parse_args().store
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        now = of_fits(cache) | of_many(cache)
    versions = {name: version(name) for name in PACKAGES}
    if store:
        BASELINE.write_text(json.dumps({"versions": versions, "counts": now}, indent=1) + "\n")
        print(f"stored in {BASELINE.name}")
        return
    before = json.loads(BASELINE.read_text())
    lines, risen = compared(now, before["counts"])
    print("\n".join(["count, today, baseline, ratio", *lines]))
    if before["versions"] != versions:
        print(f"the baseline is of {before['versions']}; today {versions}")
    if risen:
        sys.exit("\n".join(["risen by more than 20%, or not comparable:", *risen]))


if __name__ == "__main__":
    main()
