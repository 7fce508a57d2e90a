"""How well do extrapolations hold on public learning curves? Ours and what others use.

    python benchmarks/extrapolation.py                ours, with nothing of the source known before
    python benchmarks/extrapolation.py ours IC DD     the same for these sources
    python benchmarks/extrapolation.py finished       ours, half of the source's curves finished
    python benchmarks/extrapolation.py baselines      M1 to M4 and BNSL, with bands

Ours are backtests of `lawbook.forecast`, a call for each source, with the constants that
`learn_priors.py` has learned from the other sources. Every score is a mean over curves. The
published rows are of all 324 curves, of which 199 are in the public tables: they say what others
reach there, not what they reach on these.
"""

import sys
import time
from collections.abc import Iterable, Sequence

import kept
import numpy as np
import pandas as pd
from curves import SOURCES, Curve, half, read_curves

import lawbook
from lawbook import columns
from lawbook.evaluation import scores
from lawbook.evaluation.baselines import CURVES
from lawbook.evaluation.public_curves import read_public_curves

BY = ("curve", "model", "family")
LEVELS = (0.5, 0.8, 0.9, 0.95)
REFITS = 50  # of a baseline, for its band
PUBLISHED = {  # arXiv:2505.23032: RMSLE and log score
    "NSL-PFN (synthetic prior)": {
        "IC": (0.0280, 3.330),
        "NLP+Nano": (0.0194, 2.773),
        "DD": (0.0335, 2.565),
    },
    "MCMC(M4)": {"IC": (0.0422, 3.024), "NLP+Nano": (0.0235, 2.216)},
    "BNSL": {"IC": (0.0406, np.nan), "NLP+Nano": (0.0223, np.nan), "DD": (0.0468, np.nan)},
}


def table_of(curves: Sequence[Curve], held: bool) -> pd.DataFrame:
    """Return fitted or held-out points as a user's table: a curve's name, its model and family."""
    parts = []
    for c in curves:
        x, y = (c.x_held, c.y_held) if held else (c.x, c.y)
        # minimum and final loss of one run are no relatives that say more than the curve itself
        own = c.name if c.benchmark == "nano" else ""
        labels = {"curve": c.name, "model": own + c.relatives, "family": own + family(c)}
        parts.append(pd.DataFrame({"x": x, "loss": y} | labels))
    return pd.concat(parts, ignore_index=True)


def family(curve: Curve) -> str:
    """Return what curves of one task or family of models share."""
    return curve.task.split("_")[0]


def read(table: pd.DataFrame) -> lawbook.Runs:
    """Return a table as runs, repeated points and few sizes accepted."""
    allow = ("duplicates", "single", "sizes", "units")
    return lawbook.read_runs(table, "learning_curve", by=BY, allow=allow)


def scores_of(test: lawbook.Backtest, curves: Sequence[Curve]) -> pd.DataFrame:
    """Return the scores of a backtest, a row a curve, log scores in the benchmark's unit."""
    of = {c.name: c for c in curves}
    rows = []
    for (law, name), points in test.points.groupby(["law", "curve"], sort=False):
        curve = of[str(name)]
        covered = {f"c{100 * p:g}": points[columns.covered(p)].mean() for p in LEVELS}
        rows.append(
            {
                "method": law,
                "set": curve.set,
                "curve": name,
                "rmsle": float(np.sqrt((points["log_error"] ** 2).mean())),
                "log_score": points["log_score"].mean() + np.log(curve.unit),
                **covered,
                "msce": points["msce"].mean(),
                "width90": points["width_90"].mean(),
                "horizon": np.log(points[columns.extrapolation("x")]).mean(),
                "points": len(points),
                "khat": points["khat"].mean(),
            }
        )
    return pd.DataFrame(rows)


def ours(sources: Sequence[str], beside: bool) -> pd.DataFrame:
    """Score `lawbook.forecast`, source by source, with constants that have not seen the source.

    Parameters
    ----------
    sources
        To score.
    beside
        Whether the other half of the source stands in the table with all of its points, as curves
        that were trained to the end.
    """
    found = []
    for source in sources:
        public = read_public_curves(kept.FOLDER / f"without-{source}.json")
        every = [c for c in read_curves() if c.set == source]
        sides = [[half(c.name) == side for c in every] for side in (0, 1)] if beside else [None]
        for side in sides:
            begun = time.perf_counter()
            scored = [c for i, c in enumerate(every) if side is None or side[i]]
            done = [c for i, c in enumerate(every) if side is not None and not side[i]]
            fitted = [table_of(every, held=False)]
            if done:
                fitted.append(table_of(done, held=True))
            test = lawbook.backtest(
                public,
                read(pd.concat(fitted, ignore_index=True)),
                held_out=read(table_of(scored, held=True)),
                prob=LEVELS,
                relatives=BY[1:],
            )
            print(f"# {source}: {time.perf_counter() - begun:.0f} s", flush=True)
            found.append(scores_of(test, every))
            found[-1]["method"] += ", half finished" if beside else ""
    return pd.concat(found, ignore_index=True)


def scored_draws(method: str, curve: Curve, draws, log_score: float) -> dict:
    """Return the scores of predictive draws."""
    covered = scores.coverage(draws, curve.y_held, LEVELS)
    horizon = float(np.log(curve.x_held / curve.x.max()).mean())
    return {
        "method": method,
        "set": curve.set,
        "curve": curve.name,
        "rmsle": scores.rmsle(draws, curve.y_held),
        "log_score": log_score,
        **{f"c{100 * level:g}": c for level, c in zip(LEVELS, covered, strict=True)},
        "msce": scores.msce(draws, curve.y_held),
        "width90": scores.width(draws).mean(),
        "horizon": horizon,
        "points": len(curve.y_held),
    }


def baselines(curves: Iterable[Curve]) -> pd.DataFrame:
    """Score what others use, with a bootstrap of `REFITS` refits each."""
    rows = []
    for curve in curves:
        for name, method in CURVES.items():
            begun = time.perf_counter()
            try:
                draws = method(curve.x, curve.y, curve.x_held, np.random.default_rng(0), REFITS)
            except lawbook.RunsError:  # more numbers than points
                continue
            draws = np.maximum(draws, 1e-300)
            location, scale = scores.kernels(draws)
            value = scores.log_score(curve.y_held, location, scale, unit=curve.unit).mean()
            seconds = {"seconds": time.perf_counter() - begun}
            rows.append(scored_draws(f"{name}, bootstrap", curve, draws, float(value)) | seconds)
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Average over curves, by set; NLP and Nano together as published."""
    both = table[table.set.isin(["NLP", "Nano"])].assign(set="NLP+Nano")
    groups = pd.concat([table, both]).groupby(["set", "method"], sort=False)
    found = groups.mean(numeric_only=True).drop(columns=["points"])
    return found.assign(curves=groups.size()).sort_index(level=0, sort_remaining=False)


if __name__ == "__main__":
    what, *chosen = sys.argv[1:] or ["ours"]
    if what == "baselines":
        table = baselines(read_curves())
    else:
        table = ours(chosen or SOURCES, beside=what == "finished")
    with pd.option_context("display.width", 200, "display.max_columns", 20):
        print(summary(table).round(4).to_string())
    for name, by_set in PUBLISHED.items():
        print(name, *(f"{s}: RMSLE {r}, log score {v}" for s, (r, v) in by_set.items()), sep="\n  ")
