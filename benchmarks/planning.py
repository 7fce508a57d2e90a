"""Which runs to train next: our plan against random, largest-first and a grid, on public tables.

Each table is replayed: the runs that cost at least a tenth of the dearest are hidden and are the
target; the others are the pool. A replay starts from six random runs of the cheaper half of the
pool. Then every strategy spends the same growing budgets on runs of the pool:

    plan      `lawbook.planning`, target the hidden runs; replanned from its own fit at each budget
    random    in random order
    largest   the dearest that is still affordable
    grid      each run as far in log N and log D from those chosen as possible

After each budget the Chinchilla law is refitted, and the law's value at the hidden runs judged:
width of its 90% interval on log loss, and root mean square error of the log of its median. At a
fit that importance sampling cannot be trusted with (k-hat above 0.7) the replay still counts; the
share of such fits is printed.

    python benchmarks/planning.py [replays]
"""

import os
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import xarray as xr

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.engine.diagnostics import Diagnostics
from lawbook.engine.importance import KHAT_LIMIT, Lanes, sample_tables
from lawbook.errors import FitError
from lawbook.hierarchy import build
from lawbook.planning import plan

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
LAW = lawbook.load_law("chinchilla")
STRATEGIES = ("plan", "random", "largest", "grid")
BUDGETS = (0.01, 0.03, 0.1, 0.2, 0.4)  # shares of what the whole pool costs
START = 6
DRAWS, KEPT, ROUNDS = 700, 800, 4
JUDGED = Diagnostics(1.0, KEPT, KEPT, "E", 0, 1.0, ())


def tables() -> dict[str, pd.DataFrame]:
    """Return N, D and loss of each table, one row a run."""
    names = {"params": "N", "tokens": "D", "loss_c4_val": "loss"}
    overtrained = pd.read_csv(DATA / "overtraining_models.csv").rename(columns=names)
    found = {f"overtraining, {name}": t for name, t in overtrained.groupby("dataset")}
    misfitting = pd.read_csv(DATA / "misfitting_runs.csv").rename(columns=names)
    misfitting = misfitting[misfitting.is_final].groupby(["N", "D"], as_index=False)["loss"].min()
    found["misfitting"] = misfitting
    marin = pd.read_csv(DATA / "marin_runs.csv").rename(columns=names)
    found |= {f"marin, {name}": t for name, t in marin.groupby("dataset")}
    return {n: t[["N", "D", "loss"]].reset_index(drop=True) for n, t in found.items()}


class Refits:
    """Posteriors of many subsets of runs by importance sampling, one program per padded size."""

    def __init__(self) -> None:
        self.programs: dict = {}
        self.khat: list[float] = []

    def __call__(self, subsets: list[lawbook.Runs], seed: int) -> list[lawbook.Fit]:
        """Fit the law to each subset."""
        by_size: dict = {}
        for i, runs in enumerate(subsets):
            model = build(LAW, runs).model
            with scoped_jax():
                table = pad(model)
                size = len(table.weights["run"])
                if size not in self.programs:
                    density = compile_density(model)
                    self.programs[size] = density, Lanes(density, 256)
            by_size.setdefault(size, []).append((i, table))
        fits: dict[int, lawbook.Fit] = {}
        for size, members in by_size.items():
            density, lanes = self.programs[size]
            drawn = sample_tables(
                lanes, density, [t for _, t in members], draws=DRAWS, rounds=ROUNDS, seed=seed
            )
            self.khat += list(drawn.khat)
            x = drawn.resampled(KEPT, seed)
            with scoped_jax():
                described = jax.jit(jax.vmap(density.describe, in_axes=(0, None)))
                for k, (i, table) in enumerate(members):
                    fits[i] = _fit(described(x[k], table)[0], subsets[i])
        return [fits[i] for i in range(len(subsets))]


def _fit(variables: dict, runs: lawbook.Runs) -> lawbook.Fit:
    scalars = {n: np.asarray(v)[None] for n, v in variables.items() if np.ndim(v) == 1}
    data = {name: (("chain", "draw"), v) for name, v in scalars.items()}
    posterior = xr.Dataset(data, {"chain": [0], "draw": np.arange(KEPT)})
    return lawbook.Fit(LAW, runs, xr.DataTree.from_dict({"posterior": posterior}), JUDGED)


def spend(strategy, fit, runs, chosen, pool, hidden, allowance, rng) -> list[int]:
    """Return the runs that a strategy adds within an allowance, as positions in the table."""
    left = [i for i in pool if i not in chosen]
    cost = runs.cost
    at = np.log(np.stack(list(runs.inputs.values()), axis=1))
    at = (at - at[pool].mean(axis=0)) / at[pool].std(axis=0)
    if strategy == "plan":
        points = runs.frame[["N", "D"]]
        try:
            found = plan(
                fit, target=points.iloc[hidden], candidates=points.iloc[left], budget=allowance
            )
        except FitError:  # nothing affordable
            return []
        keys = {tuple(points.iloc[i]): i for i in left}
        return [keys[tuple(row)] for row in found.table[["N", "D"]].to_numpy()]
    new: list[int] = []
    while affordable := [i for i in left if i not in new and cost[i] <= allowance]:
        match strategy:
            case "random":
                pick = int(rng.choice(affordable))
            case "largest":
                pick = max(affordable, key=lambda i: cost[i])
            case _:
                near = at[[*chosen, *new]]
                pick = max(affordable, key=lambda i: np.linalg.norm(at[i] - near, axis=1).min())
        new.append(pick)
        allowance -= cost[pick]
    return new


def replay(runs: lawbook.Runs, replays: int, refits: Refits) -> pd.DataFrame:
    """Replay a table; one row per strategy, replay and budget."""
    cost = np.asarray(runs.cost)
    hidden = np.flatnonzero(cost >= cost.max() / 10)
    pool = np.flatnonzero(cost < cost.max() / 10)
    cheap = pool[cost[pool] <= np.median(cost[pool])]
    lanes = [(s, r) for r in range(replays) for s in STRATEGIES]
    rngs = {lane: np.random.default_rng([lane[1], STRATEGIES.index(lane[0])]) for lane in lanes}
    starts = [np.random.default_rng(r).choice(cheap, START, replace=False) for r in range(replays)]
    chosen = {(s, r): list(map(int, starts[r])) for s, r in lanes}
    fits = dict(zip(lanes, refits([runs.take(chosen[lane]) for lane in lanes], 0), strict=True))
    rows, first = [], {lane: cost[chosen[lane]].sum() for lane in lanes}
    truth = np.log(runs.response[hidden])
    for stage, share in enumerate(BUDGETS):
        for lane in lanes:
            spent = cost[chosen[lane]].sum() - first[lane]
            allowance = share * cost[pool].sum() - spent
            new = spend(
                lane[0], fits[lane], runs, chosen[lane], pool, hidden, allowance, rngs[lane]
            )
            chosen[lane] += new
        again = refits([runs.take(chosen[lane]) for lane in lanes], stage + 1)
        fits = dict(zip(lanes, again, strict=True))
        for lane, fit in fits.items():
            found = fit.predict(runs.frame[["N", "D"]].iloc[hidden], prob=0.9).table
            width = np.log(found["eti90_upper"] / found["eti90_lower"]).mean()
            error = np.sqrt(np.mean((np.log(found["median"]) - truth) ** 2))
            inside = found["eti90_lower"].le(np.exp(truth)) & found["eti90_upper"].ge(np.exp(truth))
            spent = cost[chosen[lane]].sum()
            row = (*lane, share, spent, len(chosen[lane]), width, error, inside.mean())
            rows.append(row)
    columns = ["strategy", "replay", "share", "flops", "runs", "width", "error", "inside"]
    return pd.DataFrame(rows, columns=columns)


def needed(found: pd.DataFrame, width: float, strategy: str) -> float:
    """Return the mean FLOPs at which a strategy reaches a width, between budgets by log-log."""
    curve = found[found.strategy == strategy].groupby("share")[["flops", "width"]]
    curve = np.log(curve.mean())
    narrow, flops = np.minimum.accumulate(curve["width"].to_numpy()), curve["flops"].to_numpy()
    if np.log(width) < narrow[-1] - 1e-9:
        return np.inf
    return float(np.exp(np.interp(-np.log(width), -narrow, flops)))


def main() -> None:
    """Print what each strategy reaches, and the FLOPs it needs beside ours."""
    replays = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    refits = Refits()
    for name, table in tables().items():
        runs, start = lawbook.read_runs(table, LAW, allow=["duplicates", "sizes"]), time.time()
        found = replay(runs, replays, refits)
        print(f"\n{name}: {len(runs)} runs, {time.time() - start:.0f} s")
        told = found.groupby(["strategy", "share"])[["flops", "runs", "width", "error", "inside"]]
        print(told.mean().unstack("strategy")[["width", "error", "inside"]].round(4).to_string())
        others = [s for s in STRATEGIES if s != "plan"]
        for share in BUDGETS:
            at = found[found.share == share].groupby("strategy")["width"].mean()
            best = at[others].idxmin()
            theirs = found[(found.share == share) & (found.strategy == best)]["flops"].mean()
            ratio = needed(found, at[best], "plan") / theirs
            print(f"  {share:.0%}: width {at[best]:.4f} of {best}; plan needs {ratio:.2f} of it")
        sys.stdout.flush()
    khat = np.array(refits.khat)
    print(f"\n{len(khat):,} fits, k-hat above {KHAT_LIMIT} in {np.mean(khat > KHAT_LIMIT):.1%}")


if __name__ == "__main__":
    main()
