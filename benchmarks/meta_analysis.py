"""Exponents of size and data over public tables: each by itself, their population, and the next.

Chinchilla's law is fitted to every public table of `public_runs.py` by `lawbook.fit` as it ships,
with the discrepancy, whose curvature was learned from these tables. Losses are scaled to the middle
of the law's, because they are in several units, on which exponents do not depend.
`meta_analysis.csv` keeps a row for each table: both exponents with intervals of 50% and 90%, and
mean and covariance of their logs.

Of each table it is what its runs say that is pooled: the law's own prior is divided out. The logs
of the exponents of a table are normal around those of its source, and these around the population,

    log theta = mu + tau_source z_source + tau_table z_table

with mu ~ Normal(log 0.35, 0.5), both tau half-normal(0.3), and the two exponents apart. "next" is
the table of a source that is not among these.

    python benchmarks/meta_analysis.py                     fits that are not there yet, then all
    python benchmarks/meta_analysis.py --tables farseer    those alone, fitted anew
    python benchmarks/meta_analysis.py --pool              of the fits that are there
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pymc as pm
from public_runs import ACCEPTED, tables

import lawbook
from lawbook.laws.sources import on_link
from lawbook.laws.values import usual

LAW = lawbook.load_law("chinchilla")
FOUND = Path(__file__).parent / "meta_analysis.csv"
EXPONENTS = ("alpha", "beta")
PROBS = (0.5, 0.9)
MOMENTS = ["mean_alpha", "mean_beta", "var_alpha", "cov", "var_beta"]  # of the logs
DRAWS = 500
CENTRE = (np.log(0.35), 0.5)
SPREAD = 0.3


def summarised(draws: np.ndarray) -> dict[str, float]:
    """Return median and intervals of draws."""
    found = {"median": float(np.median(draws))}
    for prob in PROBS:
        ends = np.quantile(draws, [(1 - prob) / 2, (1 + prob) / 2])
        names = (f"eti{prob * 100:.0f}_{end}" for end in ("lower", "upper"))
        found |= dict(zip(names, map(float, ends), strict=True))
    return found


def row_of(source: str, table: str, runs: lawbook.Runs, draws: int) -> dict[str, Any]:
    """Fit a table; return what it says of both exponents."""
    middle = np.sqrt(np.prod(usual(LAW)[LAW.response.name]))
    level = np.exp(np.mean(np.log(runs.response)))
    scaled = runs.frame.assign(loss=runs.response * middle / level)
    fit = lawbook.fit(LAW, lawbook.read_runs(scaled, LAW, allow=ACCEPTED), draws=draws)
    posterior = fit.posterior["posterior"].dataset
    drawn = {name: posterior[name].to_numpy().ravel() for name in EXPONENTS}
    row = {"source": source, "table": table, "runs": len(runs)}
    row |= {"rhat": fit.diagnostics.rhat, "trusted": int(fit.diagnostics.trusted)}
    row["fits"] = int(fit.adequacy.fits)
    for name, values in drawn.items():
        row |= {f"{name}_{key}": value for key, value in summarised(values).items()}
    logs = np.log(np.stack([drawn[name] for name in EXPONENTS]))
    covariance = np.cov(logs)
    moments = [*logs.mean(axis=1), covariance[0, 0], covariance[0, 1], covariance[1, 1]]
    return row | dict(zip(MOMENTS, map(float, moments), strict=True))


def told(found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return precisions (tables, 2, 2) and pulls (tables, 2) of the runs alone, without the prior.

    The log likelihood of a table's log exponents u is ``pull . u - u . precision u / 2``.
    """
    mean = found[MOMENTS[:2]].to_numpy()
    covariance = found[["var_alpha", "cov", "cov", "var_beta"]].to_numpy().reshape(-1, 2, 2)
    inverse = np.linalg.inv(covariance)
    middle, sd = np.array([on_link(LAW.param(name).prior) for name in EXPONENTS]).T
    prior = np.diag(sd**-2.0)
    size, axes = np.linalg.eigh(inverse - prior)
    told = size > 0  # where the runs say nothing, draws of the prior may be wider than it
    precision = np.einsum("tij,tj,tkj->tik", axes, np.where(told, size, 0.0), axes)
    pull = np.einsum("tij,tj->ti", inverse, mean) - prior @ middle
    onto = np.einsum("tij,tj,tkj->tik", axes, told * 1.0, axes)
    return precision, np.einsum("tij,tj->ti", onto, pull)


def pooled(found: pd.DataFrame, draws: int = 1000, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Return median and intervals of the population and of the next table, by exponent.

    Parameters
    ----------
    found
        Rows of `row_of`.
    draws, seed
        Of PyMC's sampler.
    """
    precision, pull = told(found)
    source, names = pd.factorize(found["source"])
    with pm.Model():
        mu: Any = pm.Normal("mu", *CENTRE, shape=2)
        of_sources: Any = pm.HalfNormal("tau_source", SPREAD, shape=2)
        of_tables: Any = pm.HalfNormal("tau_table", SPREAD, shape=2)
        z_source: Any = pm.Normal("z_source", shape=(len(names), 2))
        z_table: Any = pm.Normal("z_table", shape=(len(found), 2))
        u = mu + of_sources * z_source[source] + of_tables * z_table
        quadratic = (u[:, :, None] * precision * u[:, None, :]).sum()
        pm.Potential("runs", (u * pull).sum() - quadratic / 2)
        tree = pm.sample(
            draws, chains=4, cores=1, random_seed=seed, target_accept=0.95, progressbar=False
        )
    posterior = tree["posterior"].dataset
    flat = {n: posterior[n].to_numpy().reshape(-1, 2) for n in ("mu", "tau_source", "tau_table")}
    rng = np.random.default_rng(seed)
    sd = np.hypot(flat["tau_source"], flat["tau_table"])
    drawn = {"population": flat["mu"], "next": flat["mu"] + sd * rng.standard_normal(sd.shape)}
    return {
        which: {name: summarised(np.exp(u[:, i])) for i, name in enumerate(EXPONENTS)}
        for which, u in drawn.items()
    }


def forest(found: pd.DataFrame, of_all: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw each table's intervals, source by source, and below them population and next."""
    from matplotlib.figure import Figure

    found = found.sort_values(["source", "table"], kind="stable")
    labels = [*found["table"], *of_all]
    figure = Figure(figsize=(9, 1.2 + 0.24 * len(labels)), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2, sharey=True), EXPONENTS, strict=True):
        rows = [
            {key.removeprefix(f"{name}_"): row[key] for key in row if str(key).startswith(name)}
            for row in found.to_dict("records")
        ]
        rows += [each[name] for each in of_all.values()]
        sources = [*pd.factorize(found["source"])[0], *[-1] * len(of_all)]
        for y, (row, source) in enumerate(zip(rows, sources, strict=True)):
            color = "black" if source < 0 else f"C{source % 10}"
            for prob, width in zip(PROBS, (3.5, 1.2), strict=True):
                ends = [row[f"eti{prob * 100:.0f}_{end}"] for end in ("lower", "upper")]
                axes.plot(ends, [y, y], color=color, linewidth=width, solid_capstyle="butt")
            axes.plot(row["median"], y, "D" if source < 0 else "o", color=color, markersize=4)
        axes.axvline(of_all["population"][name]["median"], color="0.7", linewidth=0.8, zorder=0)
        axes.axhline(len(found) - 0.5, color="0.7", linewidth=0.8)
        axes.set_xscale("log")
        ticks = [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel(name)
        axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_ylim(len(labels) - 0.3, -0.7)
    figure.suptitle(
        "Median, 50% and 90% intervals. Tables: posteriors under the law's own priors. "
        "Population and next: pooled without these.",
        fontsize=8,
    )
    figure.savefig(path, dpi=150)


def lines(found: pd.DataFrame, of_all: dict[str, dict[str, Any]]) -> str:
    """Return population and next as a Markdown table."""
    said = [
        f"{len(found)} tables of {found['source'].nunique()} sources",
        "",
        "| | alpha | 90% | beta | 90% |",
        "|---|---|---|---|---|",
    ]
    for which, each in of_all.items():
        cells = []
        for name in EXPONENTS:
            row = each[name]
            cells += [f"{row['median']:.3f}", f"{row['eti90_lower']:.3f}-{row['eti90_upper']:.3f}"]
        said.append(f"| {which} | {' | '.join(cells)} |")
    return "\n".join(said)


def main(asked: Sequence[str] | None = None) -> None:
    """Fit what is asked for, pool what is there, and draw it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", nargs="+", default=[], metavar="TABLE")
    parser.add_argument("--pool", action="store_true", help="fit nothing")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--csv", type=Path, default=FOUND)
    options = parser.parse_args(asked)
    kept = pd.read_csv(options.csv) if options.csv.exists() else pd.DataFrame({"table": []})
    named = [] if options.pool else [*tables()]
    if unknown := set(options.tables) - {table for _, table, _ in named}:
        parser.error(f"there are no tables {sorted(unknown)}")
    for source, table, runs in named:
        if table not in options.tables if options.tables else table in set(kept["table"]):
            continue
        row = row_of(source, table, runs, options.draws)
        print(row, file=sys.stderr, flush=True)
        kept = pd.concat([kept[kept["table"] != table], pd.DataFrame([row])], ignore_index=True)
        kept.to_csv(options.csv, index=False, float_format="%.6g")
    trusted = kept.query("trusted == 1")
    if out := sorted(set(kept["table"]) - set(trusted["table"])):
        print(f"left out, for their draws are not to be trusted: {', '.join(out)}")
    of_all = pooled(trusted)
    print(lines(trusted, of_all))
    forest(trusted, of_all, options.csv.with_suffix(".png"))


if __name__ == "__main__":
    main()
