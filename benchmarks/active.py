"""Which runs to train next at 1, 5 and 10% of the budget: ours beside designs of the field.

Runs that cost at least a tenth of the dearest are hidden, the others are the pool. A replay starts
from a few random runs of the cheaper half of the pool, which count. Then each strategy spends the
same growing shares of what the pool costs:

    plan       `lawbook.decisions.planning`, target the hidden runs
    V-optimal  greedy by what a run takes from the mean width at the hidden runs per FLOP, with
               the law linear around the fit (`designs.py`)
    D-optimal  the same, by what it adds to the log determinant of the parameters' precision
    random     in random order
    cheapest   the cheapest first

The law is refitted after each budget, and judged by R2 of the medians of its predictions of the
hidden runs: 1 is all of their variance, and below 0 their own mean would have been nearer. Refits
are those of `lawbook.fit` by default, with the model discrepancy, or of the law alone.

    python benchmarks/active.py [{auto,none} [replays [table ...]]]
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from designs import ideal
from planning import DATA, Refits, spend

import lawbook

STRATEGIES = ("plan", "V-optimal", "D-optimal", "random", "cheapest")
BUDGETS = (0.01, 0.05, 0.1)
BETWEEN = (0.003, 0.03)  # at which all that look at a fit do so, too
START = 8


def tables() -> dict[str, tuple[lawbook.Law, pd.DataFrame]]:
    """Return by name the law of a table, with a cost, and its runs."""
    names = {"params": "N", "tokens": "D", "loss_bpc": "loss"}
    farseer = pd.read_csv(DATA / "farseer.csv").rename(columns=names)
    names = {"params_active": "N", "tokens_dense": "P", "tokens_upcycled": "U"}
    upcycled = pd.read_csv(DATA / "moe_upcycling.csv").rename(columns=names)
    law = replace(lawbook.load_law("moe_upcycling"), cost=lambda U, N: 6.0 * N * U)
    return {
        "farseer": (lawbook.load_law("farseer"), farseer.loc[:, ["N", "D", "loss"]]),
        "moe_upcycling": (law, upcycled.loc[:, ["P", "U", "N", "loss"]]),
    }


def greedy(
    worth: Callable[[list[int]], float],
    chosen: list[int],
    free: list[int],
    cost: np.ndarray,
    allowance: float,
) -> list[int]:
    """Return runs within an allowance, each the one that adds most worth per cost."""
    new: list[int] = []
    while affordable := [i for i in free if i not in new and cost[i] <= allowance]:
        have = [*chosen, *new]
        before = worth(have)
        gains = [(worth([*have, i]) - before) / cost[i] for i in affordable]
        new.append(affordable[int(np.argmax(gains))])
        allowance -= cost[new[-1]]
    return new


def cheapest(free: list[int], cost: np.ndarray, allowance: float) -> list[int]:
    """Return the cheapest runs within an allowance."""
    order = sorted(free, key=lambda i: cost[i])
    return [i for i, spent in zip(order, np.cumsum(cost[order]), strict=True) if spent <= allowance]


def explained(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Return R2: the share of the variance of the truth that predictions take away."""
    return float(1 - np.sum((truth - predicted) ** 2) / np.sum((truth - truth.mean()) ** 2))


def by_default(law: lawbook.Law) -> Callable[[list[lawbook.Runs], int], list[lawbook.Fit]]:
    """Return a function that fits the law to each subset as users do, but for fewer draws."""

    def refits(subsets: list[lawbook.Runs], seed: int) -> list[lawbook.Fit]:
        return [lawbook.fit(law, runs, draws=250, seed=seed) for runs in subsets]

    return refits


def replay(
    runs: lawbook.Runs,
    replays: int,
    refits: Callable[[list[lawbook.Runs], int], list[lawbook.Fit]],
) -> pd.DataFrame:
    """Replay a table; one row per strategy, replay and budget, the start included."""
    cost, points = np.asarray(runs.cost), runs.frame[list(runs.inputs)]
    hidden = np.flatnonzero(cost >= cost.max() / 10)
    pool = np.flatnonzero(cost < cost.max() / 10)
    cheap = pool[cost[pool] <= np.median(cost[pool])]
    lanes = [(s, r) for r in range(replays) for s in STRATEGIES]
    starts = [np.random.default_rng(r).choice(cheap, START, replace=False) for r in range(replays)]
    chosen = {(s, r): list(map(int, starts[r])) for s, r in lanes}
    rngs = {lane: np.random.default_rng([lane[1], STRATEGIES.index(lane[0])]) for lane in lanes}
    fits: dict[tuple, lawbook.Fit] = {}
    rows: list[tuple] = []
    for stage, share in enumerate((0.0, *sorted(BUDGETS + BETWEEN))):
        for lane in lanes if share else ():
            allowance = share * cost[pool].sum() - cost[chosen[lane]].sum()
            free, fit = [int(i) for i in pool if i not in chosen[lane]], fits[lane]
            match lane[0]:
                case "cheapest":
                    chosen[lane] += cheapest(free, cost, allowance)
                case "V-optimal" | "D-optimal":
                    around = ideal(fit, hidden, runs)
                    worth = around.information if lane[0][0] == "D" else around.narrowness
                    chosen[lane] += greedy(worth, chosen[lane], free, cost, allowance)
                case strategy:
                    more = (fit, runs, chosen[lane], pool, hidden, allowance, rngs[lane])
                    chosen[lane] += spend(strategy, *more)
        again = refits([runs.take(chosen[lane]) for lane in lanes], stage)
        fits = dict(zip(lanes, again, strict=True))
        for lane, fit in fits.items() if share in (0.0, *BUDGETS) else ():
            found = fit.predict(points.iloc[hidden], prob=0.9).table["median"].to_numpy()
            score = explained(runs.response[hidden], found)
            spent = cost[chosen[lane]].sum() / cost[pool].sum()
            rows.append((*lane, share, len(chosen[lane]), spent, score))
    return pd.DataFrame(rows, columns=["strategy", "replay", "budget", "runs", "spent", "R2"])


def main() -> None:
    """Print the median R2, runs and spent share of each strategy at each budget."""
    discrepancy, *more = sys.argv[1:] or ["auto"]
    replays = int(more[0]) if more else 10
    for name, (law, table) in tables().items():
        if more[1:] and name not in more[1:]:
            continue
        runs = lawbook.read_runs(table, law, allow=["duplicates", "sizes"])
        refits = {"auto": by_default, "none": Refits}[discrepancy](law)
        start, found = time.time(), replay(runs, replays, refits)
        print(f"\n{name}: {len(runs)} runs, {replays} replays, {time.time() - start:.0f} s")
        told = found.groupby(["strategy", "budget"])[["R2", "runs", "spent"]].median()
        print(told.unstack("strategy").round(3).to_string(), flush=True)


if __name__ == "__main__":
    main()
