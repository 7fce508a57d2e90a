"""Which recipe is better at scale: posterior probabilities beside what people do, on public runs.

Small runs are fitted, and every pair of recipes is asked about at a larger scale whose runs were
hidden (`choices.py`). Ours is one call, `lawbook.fit(law, runs, by="recipe")`, and `compare`: of
expected values where the truth is a mean over seeds, of single runs where it is one run. Beside it
stand the law alone (``discrepancy="none"``) and

- rank: by the largest inputs at which both recipes of a pair were run, mean over seeds;
- least squares: a curve of each recipe of its own, chinchilla's form or a power law on a floor,
  squares on the log; a recipe with fewer runs than constants keeps its last response;
- bootstrap: the same, and again on resampled runs of each recipe.

The first two and the least squares name a winner without a probability. For the scores of
probabilities each has one constant confidence: how often it was right in the other sources, which
weigh alike. Regret is what the chosen recipe's response is above the other's where that is better,
in percent of it, mean over pairs; expected regret is what a method's own draws say of it.

    python benchmarks/decisions_at_scale.py [SOURCE ...] > table.md
"""

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from choices import SOURCES, Question
from scipy import optimize

import lawbook

DRAWS = 250  # a chain, of four
REFITS = 100  # bootstrap
ACCEPTED = ("units", "sizes", "duplicates", "single")
BINS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0]
STARTS = (0.15, 0.4, 1.0)  # exponents
BOUNDS = {"scale": (-12.0, 5.0), "exponent": (0.01, 3.0)}

Gap = Callable[[int, str, str], np.ndarray]  # draws of a's response minus b's at a point


def ours(question: Question, **options: Any) -> Gap:
    """Fit all recipes at once, and compare at all points."""
    law = lawbook.load_law(question.law)
    table = question.fitted.rename(columns={"loss": law.response.name})
    runs = lawbook.read_runs(table, law, by="recipe", allow=ACCEPTED)
    fit = lawbook.fit(law, runs, draws=DRAWS, seed=1, **options)
    for doubt in fit.doubts:
        print(f"  {doubt}", file=sys.stderr)
    truths = list(question.truths())
    one = all((rows["size"] == 1).all() for _, rows in truths)
    at = pd.DataFrame([where for where, _ in truths])
    found = fit.compare(at, kind="run" if one else "mean").draws
    values = found.stack(each=("chain", "draw")).transpose("recipe", "point", "each")
    of = {name: values.sel(recipe=name).to_numpy() for name in found["recipe"].to_numpy()}
    return lambda point, a, b: of[a][point] - of[b][point]


def rank(question: Question) -> Gap:
    """Compare the largest small runs that two recipes have in common."""
    seen = question.fitted.groupby(["recipe", *question.inputs]).loss.mean()
    of = {str(name): part.droplevel("recipe") for name, part in seen.groupby(level="recipe")}

    def gap(point: int, a: str, b: str) -> np.ndarray:
        both = pd.concat([of[a], of[b]], axis=1, join="inner").reset_index()
        if both.empty:
            return np.array([of[a].iloc[-1] - of[b].iloc[-1]])
        last = both.iloc[both[question.inputs].prod(axis=1).argmax(), -2:]
        return np.array([last.iloc[0] - last.iloc[1]])

    return gap


class Curve:
    """A floor and a power law of each input, by least squares on the log of the response."""

    def __init__(self, inputs: np.ndarray, loss: np.ndarray, start: np.ndarray | None = None):
        self.middle = np.log(inputs).mean(axis=0)
        terms = inputs.shape[1]
        self.last = loss[inputs.prod(axis=1).argmax()]
        self.best = None
        if len(loss) < 1 + 2 * terms:
            return
        x, y = np.log(inputs) - self.middle, np.log(loss)
        low, high = np.transpose([BOUNDS["scale"]] * (1 + terms) + [BOUNDS["exponent"]] * terms)
        level = np.log(loss.min())
        starts = [np.r_[level - 0.7, [level - 1.5] * terms, [c] * terms] for c in STARTS]
        starts = starts if start is None else [start]
        found = [
            optimize.least_squares(lambda p: np.log(self._at(p, x)) - y, p, bounds=(low, high))
            for p in starts
        ]
        self.best = min(found, key=lambda one: one.cost).x

    @staticmethod
    def _at(p: np.ndarray, x: np.ndarray) -> np.ndarray:
        terms = x.shape[1]
        return np.exp(p[0]) + np.exp(p[1 : 1 + terms] - p[1 + terms :] * x).sum(axis=1)

    def at(self, inputs: np.ndarray) -> np.ndarray:
        """Return the response at points."""
        if self.best is None:
            return np.full(len(inputs), self.last)
        return self._at(self.best, np.log(inputs) - self.middle)


def least_squares(question: Question) -> Gap:
    """Fit every recipe alone."""
    return _separate(question, 0)


def bootstrap(question: Question) -> Gap:
    """Fit every recipe alone, again and again on resampled runs."""
    return _separate(question, REFITS)


def _separate(question: Question, refits: int) -> Gap:
    at = pd.DataFrame([where for where, _ in question.truths()]).to_numpy()
    rng, of = np.random.default_rng(1), {}
    for name, part in question.fitted.groupby("recipe"):
        inputs, loss = part[question.inputs].to_numpy(), part.loss.to_numpy()
        curve = Curve(inputs, loss)
        of[str(name)] = np.transpose([curve.at(at)])
        if refits:
            some = rng.integers(len(loss), size=(refits, len(loss)))
            again = [_refit(curve, inputs[i], loss[i]) for i in some]
            of[str(name)] = np.transpose([one.at(at) for one in again])
    return lambda point, a, b: of[a][point] - of[b][point]


def _refit(curve: Curve, inputs: np.ndarray, loss: np.ndarray) -> Curve:
    found = Curve(inputs, loss, curve.best)
    if found.best is not None:
        return found
    found.last = loss[inputs.prod(axis=1).argmax()]
    return found


METHODS: dict[str, Callable[[Question], Gap]] = {
    "lawbook": ours,
    "law alone": lambda question: ours(question, discrepancy="none"),
    "rank": rank,
    "least squares": least_squares,
    "bootstrap": bootstrap,
}
HARD = ("rank", "least squares")


def judged(question: Question, method: str) -> Iterator[dict[str, Any]]:
    """Yield one row per pair of recipes and point: what a method said, and what came out."""
    began = time.perf_counter()
    gap = METHODS[method](question)
    print(f"{question.source}, {question.name}, {method}:", end=" ", file=sys.stderr)
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    for point, (_, found) in enumerate(question.truths()):
        for a, b in combinations(found.index, 2):
            draws, truth = gap(point, a, b), found["mean"][a] - found["mean"][b]
            chance = (np.sum(draws < 0) + np.sum(draws == 0) / 2 + 0.5) / (len(draws) + 1)
            base = found["mean"][[a, b]].min()
            chosen = 1 if chance > 0.5 else -1
            error = np.hypot(*(found["std"] / np.sqrt(found["size"]))[[a, b]])
            yield {
                "source": question.source,
                "method": method,
                "right": np.mean(chosen * truth < 0) if truth else 0.5,
                "said": np.nan if method in HARD else max(chance, 1 - chance),
                "expected regret": 100 * np.maximum(chosen * draws, 0).mean() / base,
                "regret": 100 * max(chosen * truth, 0) / base,
                "within noise": abs(truth) < 2 * error,
            }


def with_confidence(rows: pd.DataFrame, hard: pd.DataFrame) -> pd.DataFrame:
    """Give choices without a probability that which was right in the other sources."""
    rights = hard.groupby(["method", "source"]).right.mean()
    rows = rows.copy()
    for (method, source), part in rows[rows.said.isna()].groupby(["method", "source"]):
        rows.loc[part.index, "said"] = rights[method].drop(source).mean()
        rows.loc[part.index, "expected regret"] = np.nan
    return rows


def scores(rows: pd.DataFrame) -> dict[str, float]:
    """Return the scores of some pairs; a pair with a tied truth is half right."""
    said, right = rows.said, rows.right
    bins = pd.cut(said, BINS, include_lowest=True)
    off = (said - right).groupby(bins, observed=True).agg(["mean", "size"])
    return {
        "pairs": len(rows),
        "right": right.mean(),
        "said": said.mean(),
        "log score": (right * np.log(said) + (1 - right) * np.log1p(-said)).mean(),
        "Brier": (right * (1 - said) ** 2 + (1 - right) * said**2).mean(),
        "calibration error": (off["mean"].abs() * off["size"]).sum() / len(rows),
        "expected regret, %": rows["expected regret"].mean(),
        "regret, %": rows.regret.mean(),
    }


def reliability(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often choices of some confidence were right, sources weighing alike."""
    each = rows.assign(bin=pd.cut(rows.said, BINS, include_lowest=True))
    each["weight"] = 1 / each.groupby(["method", "source"]).right.transform("size")
    found = []
    for (method, where), part in each.groupby(["method", "bin"], observed=True):
        said, right = (np.average(part[name], weights=part.weight) for name in ("said", "right"))
        row = {"method": method, "between": f"{where.left:.2g} and {where.right:.2g}"}
        found.append(row | {"pairs": len(part), "said": said, "right": right})
    return pd.DataFrame(found)


def as_text(table: pd.DataFrame) -> str:
    """Return a table in Markdown."""
    cells = [
        [f"{v:.3f}" if isinstance(v, float) and v == v else "" if v != v else str(v) for v in row]
        for row in table.itertuples(index=False)
    ]
    lines = [list(table), ["---"] * len(table.columns), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(names: Sequence[str]) -> None:
    """Print the tables of some sources, by default of all."""
    if unknown := set(names) - set(SOURCES):
        sys.exit(f"{', '.join(unknown)}: no such source; expected some of {', '.join(SOURCES)}")
    warnings.filterwarnings("ignore", category=RuntimeWarning)
    names = names or list(SOURCES)
    hard = pd.DataFrame(
        row for ask in SOURCES.values() for q in ask() for m in HARD for row in judged(q, m)
    )
    soft = pd.DataFrame(
        row
        for name in names
        for q in SOURCES[name]()
        for m in METHODS
        if m not in HARD
        for row in judged(q, m)
    )
    rows = pd.concat([soft, hard[hard.source.isin(names)]], ignore_index=True)
    rows = with_confidence(rows, hard)
    order = {name: i for i, name in enumerate([*SOURCES, *METHODS])}
    each = rows.groupby(["source", "method"])
    table = pd.DataFrame(dict(zip(each.keys, key, strict=True)) | scores(p) for key, p in each)
    table = table.sort_values(["source", "method"], key=lambda column: column.map(order))
    means = table.drop(columns="source").groupby("method", sort=False).mean()
    means = means.assign(pairs=table.groupby("method").pairs.sum()).reset_index()
    print(as_text(table), as_text(means), as_text(reliability(rows)), sep="\n\n")
    close = rows.groupby("source")["within noise"].mean()
    for name in names:
        print(f"\n{name}: {close[name]:.0%} of pairs within twice the standard error of seeds")


if __name__ == "__main__":
    main(sys.argv[1:])
