"""What public tables say of how losses bend beyond a law: the constants of `CURVATURE`.

Each law in N and D is fitted to every public table of `public_runs.py` with a wide curvature beside
the usual discrepancy. `curvature.csv` keeps the posterior means and covariances of the
coefficients. From them a normal population of tables is found by EM, in which every source counts
the same; what a source is scored with is found without it.

    python benchmarks/learn_curvature.py [law ...]    the fits, then the constants
    python benchmarks/learn_curvature.py --constants  those of the fits that are there

On what the populations are without one source at a time, see `without`.
"""

import sys
from dataclasses import replace
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pandas as pd
from public_runs import ACCEPTED, tables

import lawbook
from lawbook.engine.settings import Settings
from lawbook.laws.curvature import Curvature
from lawbook.laws.public_curves import OF_LAWS
from lawbook.laws.values import usual
from lawbook.posterior.inference import infer_alike, with_discrepancy
from lawbook.priors import Normal

FOUND = Path(__file__).parent / "curvature.csv"
LAWS = ("chinchilla", "skaling", "farseer")
PAIRS = list(combinations_with_replacement(("N", "D"), 2))
WIDE = 0.015  # sd of a coefficient beforehand: per e-fold squared of the log loss
MEANS = [f"mean_{i}" for i in range(len(PAIRS))]
PRODUCTS = list(combinations_with_replacement(range(len(PAIRS)), 2))
COVARIANCES = [f"covariance_{i}_{j}" for i, j in PRODUCTS]
DRAWS = 500
STEPS = 500  # of the EM algorithm
SPREAD = 0.003  # that two more sources are taken to have, so that no spread is found to be zero
SOURCES = 2
# of the sds found, what is shipped: losses bend more among the runs than they go on to beyond them.
# Of 1, 0.6 and 0.3 the mean log density of runs held out far beyond prefers 0.6 to 1 by 0.05 to
# 0.07 nats a run and 0.3 to 0.6 by 0.01 to 0.02, whichever source is left out
NARROWER = 0.5


def curved(means: np.ndarray, sds: np.ndarray) -> tuple[Curvature, ...]:
    """Return a curvature with these priors."""
    return tuple(
        Curvature(*pair, Normal(float(m), float(s)))
        for pair, m, s in zip(PAIRS, means, sds, strict=True)
    )


def posteriors(name: str) -> pd.DataFrame:
    """Fit a law to every table; return the moments of the coefficients, a row a table."""
    wide = replace(OF_LAWS, curvature=curved(np.zeros(len(PAIRS)), np.full(len(PAIRS), WIDE)))
    law = with_discrepancy(lawbook.load_law(name), wide)
    labels, runs = [], []
    middle = np.sqrt(np.prod(usual(law)[law.response.name]))
    for source, table, some in tables():
        level = np.exp(np.mean(np.log(some.response)))  # losses are in several units
        scaled = some.frame.assign(loss=some.response * middle / level)
        labels.append((source, table))
        runs.append(lawbook.read_runs(scaled, law, allow=ACCEPTED))
    rows = []
    fits = infer_alike(law, runs, Settings(draws=DRAWS))
    for (source, table), fit in zip(labels, fits, strict=True):
        posterior = fit.posterior["posterior"].dataset
        drawn = np.stack([posterior[c.name].to_numpy().ravel() for c in wide.curvature])
        covariance = np.cov(drawn)
        row = {"law": name, "source": source, "table": table, "rhat": fit.diagnostics.rhat}
        row |= dict(zip(MEANS, drawn.mean(axis=1), strict=True))
        row |= {c: covariance[ij] for c, ij in zip(COVARIANCES, PRODUCTS, strict=True)}
        rows.append(row)
        print(row, file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def population(found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return means and sds of the coefficients of a table of a new source, by EM."""
    count = len(PAIRS)
    precisions, pulls = [], []
    for row in found[[*MEANS, *COVARIANCES]].to_numpy():
        covariance = np.zeros((count, count))
        for (i, j), value in zip(PRODUCTS, row[count:], strict=True):
            covariance[i, j] = covariance[j, i] = value
        inverse = np.linalg.inv(covariance)
        size, axes = np.linalg.eigh(inverse - np.eye(count) / WIDE**2)  # without the wide prior
        precisions.append((axes * np.maximum(size, 0.0)) @ axes.T)
        pulls.append(inverse @ row[:count])
    weight = 1 / found.groupby("source")["table"].transform("size").to_numpy()
    mean, variance = np.zeros(count), np.full(count, SPREAD**2)
    for _ in range(STEPS):
        each = [np.linalg.inv(p + np.diag(1 / variance)) for p in precisions]
        at = np.array([c @ (b + mean / variance) for c, b in zip(each, pulls, strict=True)])
        mean = weight @ at / weight.sum()
        squares = (at - mean) ** 2 + np.array([np.diag(c) for c in each])
        variance = (weight @ squares + SOURCES * SPREAD**2) / (weight.sum() + SOURCES)
    return mean, NARROWER * np.sqrt(variance * (1 + 1 / weight.sum()))


def without(law: str, source: str) -> tuple[Curvature, ...]:
    """Return the curvature of a law as learned from all sources but one."""
    found = pd.read_csv(FOUND)
    return curved(*population(found[(found["law"] == law) & (found["source"] != source)]))


def constants() -> str:
    """Return the text of `CURVATURE`, and the populations without each source."""
    found, lines = pd.read_csv(FOUND), []
    for law, each in found.groupby("law", sort=False):
        mean, sd = population(each)
        lines.append(f'    "{law}": (')
        for (i, j), m, s in zip(PAIRS, mean, sd, strict=True):
            lines.append(f'        Curvature("{i}", "{j}", Normal({m:.4f}, {s:.4f})),')
        lines.append("    ),")
        for source in each["source"].unique():
            mean, sd = population(each[each["source"] != source])
            lines.append(f"# without {source}: means {mean.round(4)}, sds {sd.round(4)}")
    return "\n".join(lines)


if __name__ == "__main__":
    if "--constants" not in sys.argv:
        named = sys.argv[1:] or LAWS
        kept = pd.read_csv(FOUND) if FOUND.exists() else pd.DataFrame({"law": []})
        for name in named:
            kept = pd.concat([kept[kept["law"] != name], posteriors(name)], ignore_index=True)
            kept.to_csv(FOUND, index=False, float_format="%.6g")
    print(constants())
