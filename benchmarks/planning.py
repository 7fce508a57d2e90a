"""Which runs to train next: our plan against random, largest-first and a grid, on public tables.

Each table is replayed: the runs that cost at least a tenth of the dearest are hidden and are the
target; the others are the pool. A replay starts from six random runs of the cheaper half of the
pool. Then every strategy spends the same growing budgets on runs of the pool:

    plan      `lawbook.decisions.planning`, target the hidden runs; replanned from its own fit at
    each budget,
              and at those in between at which it is judged as well
    random    in random order
    largest   the dearest that is still affordable
    grid      each run as far in log N and log D from those chosen as possible

After each budget the Chinchilla law is refitted, and the law's value at the hidden runs judged:
width of its 90% interval on log loss, and root mean square error of the log of its median. At a
fit that importance sampling cannot be trusted with (k-hat above 0.7) the replay still counts; the
share of such fits is printed. Beside it stands what batches are worth in an ideal world, where the
law holds and its parameters and noise are known (`designs.py`): the width that each strategy's
runs would have there, and the FLOPs without which no batch whatever has that of the best other.

    python benchmarks/planning.py [replays [table ...]]
"""

import os
import sys
import time
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import xarray as xr
from designs import ideal

import lawbook
from lawbook.decisions.planning import plan
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.engine.diagnostics import Diagnostics
from lawbook.engine.importance import KHAT_LIMIT, Lanes, sample_tables
from lawbook.engine.settings import Settings
from lawbook.errors import FitError
from lawbook.evaluation.curve_forecasts import FORECASTING
from lawbook.model.hierarchy import build
from lawbook.posterior.fitted import origin

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
LAW = lawbook.load_law("chinchilla")
STRATEGIES = ("plan", "random", "largest", "grid")
BUDGETS = (0.01, 0.03, 0.1, 0.2, 0.4)  # shares of what the whole pool costs
BETWEEN = (0.005, 0.015, 0.05)
FINER = tuple(np.geomspace(1e-4, max(BUDGETS), 24))  # at which the bound is worked out
START = 6
KEPT = 800
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

    def __init__(self, law: lawbook.Law = LAW) -> None:
        self.law, self.programs = law, {}
        self.khat: list[float] = []

    def __call__(self, subsets: list[lawbook.Runs], seed: int) -> list[lawbook.Fit]:
        """Fit the law to each subset."""
        by_size: dict = {}
        for i, runs in enumerate(subsets):
            model = build(self.law, runs).model
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
                lanes,
                density,
                [t for _, t in members],
                draws=FORECASTING.draws,
                rounds=FORECASTING.rounds,
                seed=seed,
            )
            self.khat += list(drawn.khat)
            x = drawn.resampled(KEPT, seed)
            with scoped_jax():
                described = jax.jit(jax.vmap(density.describe, in_axes=(0, None)))
                for k, (i, table) in enumerate(members):
                    fits[i] = _fit(self.law, described(x[k], table)[0], subsets[i])
        return [fits[i] for i in range(len(subsets))]


def _fit(law: lawbook.Law, variables: dict, runs: lawbook.Runs) -> lawbook.Fit:
    scalars = {n: np.asarray(v)[None] for n, v in variables.items() if np.ndim(v) == 1}
    data = {name: (("chain", "draw"), v) for name, v in scalars.items()}
    posterior = xr.Dataset(data, {"chain": [0], "draw": np.arange(KEPT)})
    tree = xr.DataTree.from_dict({"posterior": posterior})
    return lawbook.Fit(law, runs, tree, JUDGED, origin("importance", Settings()))


def spend(strategy, fit, runs, chosen, pool, hidden, allowance, rng) -> list[int]:
    """Return the runs that a strategy adds within an allowance, as positions in the table."""
    left = [i for i in pool if i not in chosen]
    cost = runs.cost
    at = np.log(np.stack(list(runs.inputs.values()), axis=1))
    at = (at - at[pool].mean(axis=0)) / at[pool].std(axis=0)
    if strategy == "plan":
        points = runs.frame[list(runs.inputs)]
        try:
            found = plan(
                fit, target=points.iloc[hidden], candidates=points.iloc[left], budget=allowance
            )
        except FitError:  # nothing affordable
            return []
        keys = {tuple(points.iloc[i]): i for i in left}
        return [keys[tuple(row)] for row in found.table[list(runs.inputs)].to_numpy()]
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
    """Replay a table; one row per strategy, replay and budget, none spent included.

    Rows of the strategy ``any`` bound the ideal width of every batch from below.
    """
    cost = np.asarray(runs.cost)
    hidden = np.flatnonzero(cost >= cost.max() / 10)
    pool = np.flatnonzero(cost < cost.max() / 10)
    cheap = pool[cost[pool] <= np.median(cost[pool])]
    lanes = [(s, r) for r in range(replays) for s in STRATEGIES]
    rngs = {lane: np.random.default_rng([lane[1], STRATEGIES.index(lane[0])]) for lane in lanes}
    starts = [np.random.default_rng(r).choice(cheap, START, replace=False) for r in range(replays)]
    chosen = {(s, r): list(map(int, starts[r])) for s, r in lanes}
    first = {lane: cost[chosen[lane]].sum() for lane in lanes}
    best = ideal(refits([runs], 0)[0], hidden)
    rows: list[tuple] = []
    for r, start in enumerate(starts):
        free = np.setdiff1d(pool, start)
        for share in FINER:
            added = share * cost[pool].sum()
            least = best.least_width(start, free, cost, added)
            rows.append(("any", r, share, cost[start].sum() + added, added, *[np.nan] * 4, least))
    truth = np.log(runs.response[hidden])
    fits: dict[tuple, lawbook.Fit] = {}
    for stage, share in enumerate((0.0, *sorted(BUDGETS + BETWEEN))):
        going = [lane for lane in lanes if share not in BETWEEN or lane[0] == "plan"]
        if share:
            for lane in going:
                spent = cost[chosen[lane]].sum() - first[lane]
                allowance = share * cost[pool].sum() - spent
                chosen[lane] += spend(
                    lane[0], fits[lane], runs, chosen[lane], pool, hidden, allowance, rngs[lane]
                )
        again = refits([runs.take(chosen[lane]) for lane in going], stage)
        fits |= dict(zip(going, again, strict=True))
        for lane in going:
            fit = fits[lane]
            found = fit.predict(runs.frame[["N", "D"]].iloc[hidden], prob=0.9).table
            width = np.log(found["eti90_upper"] / found["eti90_lower"]).mean()
            error = np.sqrt(np.mean((np.log(found["median"]) - truth) ** 2))
            inside = found["eti90_lower"].le(np.exp(truth)) & found["eti90_upper"].ge(np.exp(truth))
            flops = cost[chosen[lane]].sum()
            told = (len(chosen[lane]), width, error, inside.mean(), best.width(chosen[lane]))
            rows.append((*lane, share, flops, flops - first[lane], *told))
    columns = ["strategy", "replay", "share", "flops", "added"]
    return pd.DataFrame(rows, columns=[*columns, "runs", "width", "error", "inside", "ideal"])


def needed(curve: pd.DataFrame, width: float, measure: str) -> float:
    """Return the mean FLOPs at which a strategy reaches a width, between budgets by log-log."""
    narrow = np.minimum.accumulate(np.log(curve[measure].to_numpy()))
    if np.log(width) < narrow[-1] - 1e-9:
        return np.inf
    return float(np.exp(np.interp(-np.log(width), -narrow, np.log(curve["flops"].to_numpy()))))


def compared(found: pd.DataFrame) -> pd.DataFrame:
    """Return, at each budget, what share of the best other strategy's FLOPs is needed.

    `plan` by ours, ``after the start`` without those of the runs that all began with; in an ideal
    world, ``ideal plan`` by ours and `any` by the best batch whatever; ``start`` is the share
    that those first runs are.
    """
    numbers = ["flops", "added", "width", "ideal"]
    curves = {s: of.groupby("share")[numbers].mean() for s, of in found.groupby("strategy")}
    others = [s for s in STRATEGIES if s != "plan"]
    start = curves["plan"].loc[0.0]
    # where nothing is spent, every strategy and batch is at the start
    any_batch = pd.concat([start.to_frame().T, curves["any"]])
    rows = []
    for share in BUDGETS:
        at = {s: curves[s].loc[share] for s in others}
        best = min(others, key=lambda s: at[s]["width"])
        theirs, width = at[best]["flops"], at[best]["width"]
        plan_needs = needed(curves["plan"], width, "width")
        best_ideal = min(others, key=lambda s: at[s]["ideal"])
        theirs_ideal, goal = at[best_ideal]["flops"], at[best_ideal]["ideal"]
        rows.append(
            {
                "budget": f"{share:.0%}",
                "best other": best,
                "width": width,
                "plan": plan_needs / theirs,
                "after the start": max(plan_needs - start["flops"], 0) / at[best]["added"],
                "ideal plan": needed(curves["plan"], goal, "ideal") / theirs_ideal,
                "any": needed(any_batch, goal, "ideal") / theirs_ideal,
                "start": start["flops"] / theirs,
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Print what each strategy reaches, and the FLOPs it needs beside ours."""
    replays = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for name, table in tables().items():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        runs, start = lawbook.read_runs(table, LAW, allow=["duplicates", "sizes"]), time.time()
        refits = Refits()
        found = replay(runs, replays, refits)
        khat = np.array(refits.khat)
        print(f"\n{name}: {len(runs)} runs, {time.time() - start:.0f} s")
        print(f"{len(khat):,} fits, k-hat above {KHAT_LIMIT} in {np.mean(khat > KHAT_LIMIT):.1%}")
        mine = found[found.strategy != "any"]
        told = mine.groupby(["strategy", "share"])[["width", "error", "inside", "ideal"]]
        print(told.mean().unstack("strategy").round(4).to_string())
        print(compared(found).to_string(index=False, float_format="%.3f"), flush=True)


if __name__ == "__main__":
    main()
