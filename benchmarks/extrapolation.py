"""How well do extrapolations hold on public learning curves? Ours and what others use.

    python benchmarks/extrapolation.py              priors from the other half of the curves
    python benchmarks/extrapolation.py relatives    halves that share no model
    python benchmarks/extrapolation.py baselines    M1 to M4 and BNSL, with bootstrap bands

Our constants that score a curve have never seen it: the population is learned on the other half.
Every score is a mean over curves. The published rows are of all 324 curves, of which 199 are in
the public tables: they say what others reach there, not what they reach on these. Seconds are per
curve in batch, compilation aside.
"""

import sys
import time
from collections.abc import Iterable

import numpy as np
import pandas as pd
from curves import Curve, half, read_curves
from learn_priors import learn, set_of, unlearned
from scipy.optimize import nnls

import lawbook
from lawbook import scores
from lawbook.baselines import CURVES
from lawbook.borrowing import corrected, errors_at
from lawbook.forecasting import Forecast, Forecaster, of_curve, relative
from lawbook.stacking import INNER, mixed
from lawbook.stacking import weights as stacking_weights

LEVELS = (0.5, 0.8, 0.9, 0.95)
REFITS = 50  # of a baseline, for its band
FEWEST = 5  # points that a relative must have below the scale where it is cut
PUBLISHED = {  # arXiv:2505.23032: RMSLE and log score
    "NSL-PFN (synthetic prior)": {
        "IC": (0.0280, 3.330),
        "NLP+Nano": (0.0194, 2.773),
        "DD": (0.0335, 2.565),
    },
    "MCMC(M4)": {"IC": (0.0422, 3.024), "NLP+Nano": (0.0235, 2.216)},
    "BNSL": {"IC": (0.0406, np.nan), "NLP+Nano": (0.0223, np.nan), "DD": (0.0468, np.nan)},
}


def kin(a: Curve, b: Curve) -> tuple[bool, bool]:
    """Return whether two curves are of one model, and of one task or family."""
    if a.set != b.set or a.benchmark == "nano":
        return False, False
    return a.relatives == b.relatives, a.task.split("_")[0] == b.task.split("_")[0]


class Scored:
    """Forecasts of one half of the curves under a population learned on the other."""

    def __init__(self, forecaster: Forecaster, populations: dict) -> None:
        self.forecaster, self.populations = forecaster, populations

    def forecasts(self, parts: list[tuple[Curve, float, np.ndarray]]) -> list[Forecast]:
        """Forecast curves cut at a scale, at points; on the log of the curve's own unit."""
        law = self.forecaster.law
        runs, points, levels, tilts = [], [], [], []
        for curve, cut, at in parts:
            kept = curve.x <= cut
            cut_runs, scale, level = relative(of_curve(law, curve.x[kept], curve.y[kept]))
            runs.append(cut_runs)
            points.append(at / scale)
            levels.append(np.log(level))
            tilts.append(self.populations.get(set_of(curve), self.populations["all"]))
        found = self.forecaster.forecasts(runs, points, tilts=tilts)
        return [
            Forecast(f.location + level, f.scale, f.df, f.khat)
            for f, level in zip(found, levels, strict=True)
        ]

    def alone(self, curves: list[Curve]) -> list[Forecast]:
        """Forecast the held-out points of each curve from its own."""
        return self.forecasts([(c, c.x.max(), c.x_held) for c in curves])

    def borrowed(self, curves: list[Curve], every: list[Curve]) -> list[tuple]:
        """Return the errors and kinship of each curve's relatives, for `corrected`."""
        wanted, parts = [], []
        for i, curve in enumerate(curves):
            for other in every:
                ahead = (other.x > curve.x.max() * 1.02) & (other.x < curve.x_held.max() * 1.1)
                below = (other.x <= curve.x.max()).sum()
                if (
                    other is not curve
                    and any(kin(curve, other))
                    and ahead.any()
                    and below >= FEWEST
                ):
                    wanted.append((i, other, ahead))
                    parts.append((other, curve.x.max(), other.x[ahead]))
        found: list[list] = [[] for _ in curves]
        for (i, other, ahead), f in zip(wanted, self.forecasts(parts), strict=True):
            at = np.log(curves[i].x_held)
            z = errors_at(f, np.log(other.x[ahead]), np.log(other.y[ahead]), at)
            found[i].append((other, z))
        result = []
        for curve, others in zip(curves, found, strict=True):
            everyone = [curve, *(o for o, _ in others)]
            kinship = np.array([[kin(a, b) for b in everyone] for a in everyone], float)
            errors = np.array([z for _, z in others]).reshape(len(others), len(curve.x_held))
            result.append((errors, kinship.transpose(2, 0, 1)))
        return result


def ours(curves: list[Curve], by, borrow: bool) -> pd.DataFrame:
    """Score our forecasts, cross-fitted over halves of the curves by a key."""
    laws = [unlearned(name) for name in ("learning_curve", "learning_curve_plain")]
    forecasters = [Forecaster(law) for law in laws]
    rows = []
    for side in (0, 1):
        others = [c for c in curves if half(by(c)) != side]
        mine = [c for c in curves if half(by(c)) == side]
        begun = time.perf_counter()
        scored = [Scored(f, learn(f, others)) for f in forecasters]
        print(f"# learned from {len(others)} in {time.perf_counter() - begun:.0f} s", flush=True)
        scored[0].alone(mine)  # compiles
        begun = time.perf_counter()
        members = [scored[0].alone(mine)]
        seconds = (time.perf_counter() - begun) / len(mine)
        members.append(scored[1].alone(mine))
        for law, found in zip(laws, members, strict=True):
            rows += [row(law.name, c, f, seconds) for c, f in zip(mine, found, strict=True)]
        weights = inner_weights(scored, mine)
        print(f"# weights: {weights}", flush=True)
        stack = [mixed([m[i] for m in members], weights[c.set], 0) for i, c in enumerate(mine)]
        rows += [row("stacked", c, f, np.nan) for c, f in zip(mine, stack, strict=True)]
        if borrow:
            begun = time.perf_counter()
            borrowed = scored[0].borrowed(mine, curves)
            shares = shares_of(mine, borrowed)
            took = time.perf_counter() - begun
            print(f"# relatives in {took:.0f} s, shares of model and family: {shares}", flush=True)
            for c, f, b in zip(mine, stack, borrowed, strict=True):
                pooled = corrected(f, *b, shares[c.set])
                rows.append(row("stacked, pooled over contexts", c, pooled, np.nan))
    return pd.DataFrame(rows)


def inner_weights(scored: list[Scored], curves: list[Curve]) -> dict[str, np.ndarray]:
    """Return each set's weights of the laws, from the largest of the fitted points alone."""
    inner = []
    for c in curves:
        kept = c.x <= np.quantile(np.unique(c.x), INNER)
        if kept.sum() >= FEWEST and not kept.all():
            ahead = (c.x[kept], c.y[kept], c.x[~kept], c.y[~kept])
            inner.append(Curve(c.benchmark, c.task, c.model, *ahead))
    found = [s.alone(inner) for s in scored]
    densities = np.array([[density(c, f) for c, f in zip(inner, m, strict=True)] for m in found]).T
    sets = np.array([c.set for c in inner])
    return {
        name: stacking_weights(densities[sets == name] if (sets == name).any() else densities)
        for name in {c.set for c in curves}
    }


def shares_of(curves: list[Curve], borrowed: list[tuple]) -> dict[str, np.ndarray]:
    """Return per set how much kin of one model and of one family err alike.

    By least squares on products of the errors of two relatives of a curve: fitted points alone.
    """
    found = {}
    for name in {c.set for c in curves}:
        products, kinship, squares = [], [], []
        for c, (errors, kin_of) in zip(curves, borrowed, strict=True):
            if c.set != name or len(errors) < 2:
                continue
            z = np.clip(errors[:, ::8], -4, 4)  # neighbouring points say the same
            for a in range(len(z)):
                squares += list(z[a][np.isfinite(z[a])] ** 2)
                for b in range(a):
                    both = np.isfinite(z[a]) & np.isfinite(z[b])
                    products += list(z[a][both] * z[b][both])
                    kinship += [kin_of[:, a + 1, b + 1]] * int(both.sum())
        if len(products) < 50:
            found[name] = np.zeros(2)
            continue
        shares, _ = nnls(np.array(kinship), np.array(products) / np.mean(squares))
        found[name] = shares * min(1.0, 0.9 / max(shares.sum(), 1e-9))
    return found


def density(curve: Curve, forecast: Forecast) -> float:
    """Return the mean log density of the held-out points, in the benchmark's unit."""
    return float(
        scores.log_score(
            curve.y_held, forecast.location, forecast.scale, df=forecast.df, unit=curve.unit
        ).mean()
    )


def row(method: str, curve: Curve, forecast: Forecast, seconds: float) -> dict:
    """Return the scores of one forecast."""
    draws = forecast.draws(4000, np.random.default_rng(0))
    return scored_draws(method, curve, draws, density(curve, forecast), seconds) | {
        "khat": forecast.khat
    }


def scored_draws(method: str, curve: Curve, draws, log_score: float, seconds: float) -> dict:
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
        "seconds": seconds,
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
            seconds = time.perf_counter() - begun
            rows.append(scored_draws(f"{name}, bootstrap", curve, draws, float(value), seconds))
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Average over curves, by set; NLP and Nano together as published."""
    both = table[table.set.isin(["NLP", "Nano"])].assign(set="NLP+Nano")
    groups = pd.concat([table, both]).groupby(["set", "method"], sort=False)
    found = groups.mean(numeric_only=True).drop(columns=["points"])
    return found.assign(curves=groups.size()).sort_index(level=0, sort_remaining=False)


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else "names"
    every = read_curves()
    if what == "baselines":
        table = baselines(every)
    else:
        apart = what == "relatives"
        table = ours(
            every, (lambda c: c.set + c.relatives) if apart else (lambda c: c.name), not apart
        )
    with pd.option_context("display.width", 200, "display.max_columns", 20):
        print(summary(table).round(4).to_string())
        edges = [0, 0.2, 0.4, 0.7, 1.2, 9]
        held = table.groupby(["method", pd.cut(table.horizon, edges)], observed=True)
        print(held[["c90", "rmsle"]].mean().assign(curves=held.size()).round(3).to_string())
    for name, by_set in PUBLISHED.items():
        print(name, *(f"{s}: RMSLE {r}, log score {v}" for s, (r, v) in by_set.items()), sep="\n  ")
    if len(sys.argv) > 2:
        table.to_csv(sys.argv[2], index=False)
