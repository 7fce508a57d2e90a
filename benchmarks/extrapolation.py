"""How well do extrapolations hold on public learning curves? Ours and what others use.

    python benchmarks/extrapolation.py names shifted broken_1        halves by the curve's name
    python benchmarks/extrapolation.py relatives shifted broken_1    halves that share no model
    python benchmarks/extrapolation.py baselines                     M1 to M4 and BNSL, with bands

The forecasts are those that `forecasts.py` has kept. Whatever scores a curve has never seen it:
populations, recalibration and weights are learned on the other half. Every score is a mean over
curves. The published rows are of all 324 curves, of which 199 are in the public tables: they say
what others reach there, not what they reach on these.
"""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence

import kept
import numpy as np
import pandas as pd
from curves import Curve, read_curves
from forecasts import split
from recalibration import learn_recalibration, recalibrated

import lawbook
from lawbook.evaluation import scores
from lawbook.evaluation.baselines import CURVES
from lawbook.evaluation.curve_forecasts import Forecast
from lawbook.evaluation.relatives import Errors, corrected, learned_shares
from lawbook.evaluation.stacking import mixed
from lawbook.evaluation.stacking import weights as stacking_weights

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


class Half:
    """Forecasts of one method: of curves whose truth may be used, and of those to be scored."""

    def __init__(self, curves: tuple[list[Curve], list[Curve]], known, unseen) -> None:
        self.curves, self.known, self.unseen = curves, known, unseen

    def recalibrated(self) -> tuple["Half", Mapping[str, float]]:
        """Return the same, as wide as the known forecasts should have been; factors by set."""
        by_set: dict[str, list] = {}
        for curve, forecast in zip(self.curves[0], self.known, strict=True):
            by_set.setdefault(curve.set, []).append((forecast, np.log(curve.y_held)))
        found = learn_recalibration(by_set)
        known, unseen = (
            [recalibrated(f, *found[c.set]) for c, f in zip(curves, forecasts, strict=True)]
            for curves, forecasts in zip(self.curves, (self.known, self.unseen), strict=True)
        )
        return Half(self.curves, known, unseen), {
            name: factor for name, (factor, _) in found.items()
        }

    def rows(self, method: str) -> list[dict]:
        """Score the unseen curves."""
        return [row(method, c, f) for c, f in zip(self.curves[1], self.unseen, strict=True)]


def stack(members: Sequence[Half]) -> tuple[Half, Mapping[str, np.ndarray]]:
    """Mix members, weighted per set by how they forecast the known curves; and the weights."""
    known, unseen = members[0].curves
    densities = np.array(
        [[density(c, f) for c, f in zip(known, m.known, strict=True)] for m in members]
    ).T
    sets = np.array([c.set for c in known])
    weights = {str(name): stacking_weights(densities[sets == name]) for name in np.unique(sets)}

    def mixtures(curves: list[Curve], forecasts: list[list[Forecast]]) -> list[Forecast]:
        every = zip(curves, zip(*forecasts, strict=True), strict=True)
        return [mixed(each, weights[c.set], 0) for c, each in every]

    both = (
        mixtures(known, [m.known for m in members]),
        mixtures(unseen, [m.unseen for m in members]),
    )
    return Half((known, unseen), *both), weights


def pooled(half: Half, borrowed: Mapping[str, tuple], factors: Mapping[str, float]) -> Half:
    """Move forecasts by how their law erred on relatives that were trained further."""
    own = {
        name: (errors / factors[curve.set], kinship)
        for curve in (*half.curves[0], *half.curves[1])
        for name, (errors, kinship) in [(curve.name, borrowed[curve.name])]
    }
    shares = shares_of(half.curves[0], own)
    print(f"# shares of model and family: {shares}", flush=True)
    known, unseen = (
        [
            corrected(f, *own[c.name], shares[c.set]) if len(own[c.name][0]) else f
            for c, f in zip(curves, forecasts, strict=True)
        ]
        for curves, forecasts in zip(half.curves, (half.known, half.unseen), strict=True)
    )
    return Half(half.curves, known, unseen)


def ours(halves: str, names: Sequence[str]) -> pd.DataFrame:
    """Score our forecasts, cross-fitted over halves of the curves."""
    every, rows = read_curves(), []
    for side in (0, 1):
        curves, members, factors = split(every, halves, side), [], {}
        for name in names:
            found = kept.read(f"{halves}-{name}", side)
            raw = Half(curves, *(kept.forecasts_of(part, found) for part in ("known", "unseen")))
            member, factors[name] = raw.recalibrated()
            members.append(member)
            rows += raw.rows(name) + member.rows(f"{name}, recalibrated")
        whole, weights = stack(members)
        print(f"# factors: {factors}\n# weights: {weights}", flush=True)
        rows += whole.rows("stacked")
        if kept.path_of(f"{halves}-borrowed", side).exists():
            borrowed = kept.errors_of(kept.read(f"{halves}-borrowed", side))
            # not recalibrated: populations have seen the relatives of known curves
            moved = pooled(whole, borrowed, factors["shifted"])
            rows += moved.rows("pooled over relatives")
            both, weights = stack([whole, moved])
            print(f"# weights without and with relatives: {weights}", flush=True)
            rows += both.rows("stacked with pooled")
    return pd.DataFrame(rows)


def shares_of(curves: Sequence[Curve], errors: Mapping[str, Errors]) -> dict[str, np.ndarray]:
    """Return per set how much kin of one model and of one family err alike."""
    return {
        name: learned_shares([errors[c.name] for c in curves if c.set == name])
        for name in {c.set for c in curves}
    }


def density(curve: Curve, forecast: Forecast) -> float:
    """Return the mean log density of the held-out points, in the benchmark's unit."""
    return float(
        scores.log_score(
            curve.y_held, forecast.location, forecast.scale, df=forecast.df, unit=curve.unit
        ).mean()
    )


def row(method: str, curve: Curve, forecast: Forecast) -> dict:
    """Return the scores of one forecast."""
    draws = forecast.draws(2000, np.random.default_rng(0))
    return scored_draws(method, curve, draws, density(curve, forecast)) | {"khat": forecast.khat}


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
    what, *members = sys.argv[1:]
    table = baselines(read_curves()) if what == "baselines" else ours(what, members)
    with pd.option_context("display.width", 200, "display.max_columns", 20):
        print(summary(table).round(4).to_string())
        edges = [0, 0.2, 0.4, 0.7, 1.2, 9]
        held = table.groupby(["method", pd.cut(table.horizon, edges)], observed=True)
        print(held[["c90", "rmsle"]].mean().assign(curves=held.size()).round(3).to_string())
    for name, by_set in PUBLISHED.items():
        print(name, *(f"{s}: RMSLE {r}, log score {v}" for s, (r, v) in by_set.items()), sep="\n  ")
