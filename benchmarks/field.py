"""The field in one run: seconds and memory to intervals, and how often they hold.

Chinchilla's law by our package and by others, on one simulated table after another.

A table is 60 simulated runs, with 1% of noise, of the law as two papers published it, in turn. A
method gives 90% intervals of the five parameters and of the expected loss at ten times the largest
compute; how often they hold is counted over its tables, as many as its speed allows. What is timed
is all from table to intervals, compilation included: of the first table in a process, and in the
mean of those after it. It is processor time, of processes that a method starts too, so that what
else a machine does hardly counts. Memory is the peak of one process. All samplers get our law and
its priors, PyMC, nutpie and NumPyro our model in PyMC too; the bootstrap refits by the published
procedure (`lawbook.evaluation.baselines.huber`).

Packages that are not installed are left out, and said to be.

    python benchmarks/field.py [METHOD ...] > table.md
    python benchmarks/field.py --tables 20 ...     of fewer tables
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from sampling import CHAINS, DRAWS, SEED, WARM_UP, as_text
from stan_models import stan_model

import lawbook
from lawbook.evaluation.baselines.robust import estimate

LAW = lawbook.load_law("chinchilla")
PARAMS = [param.name for param in LAW.params]
LOSS = "loss at 10 x C"
PROB = 0.9
TAILS = [(1 - PROB) / 2, (1 + PROB) / 2]
RUNS, NOISE = 60, 0.01
REFITS = 100  # of bootstraps
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
BEYOND = 10  # times the largest compute

Intervals = Mapping[str, tuple[float, float]]


def truth_of(table: int) -> dict[str, float]:
    """Return the law as one paper or the other has it."""
    printed = [e for e in LAW.published if e.label != "unrounded"]
    return dict(printed[table % len(printed)].at)


def runs_of(table: int) -> lawbook.Runs:
    return lawbook.simulate(LAW, truth_of(table), n=RUNS, noise=NOISE, seed=1000 + table)


def beyond(runs: lawbook.Runs) -> dict[str, float]:
    """Return inputs of ten times the largest compute, at the tokens per parameter of that run."""
    largest = int(np.argmax(runs.inputs["N"] * runs.inputs["D"]))
    return {name: float(runs.inputs[name][largest]) * BEYOND**0.5 for name in ("N", "D")}


def of_draws(runs: lawbook.Runs, draws: Mapping[str, np.ndarray]) -> Intervals:
    """Return intervals of parameters, and of the loss that they foretell."""
    flat = {name: np.asarray(draws[name], float).ravel() for name in PARAMS}
    loss = LAW.formula(np, **beyond(runs), **flat)
    return {n: tuple(np.quantile(v, TAILS)) for n, v in (flat | {LOSS: loss}).items()}


def by_lawbook(runs: lawbook.Runs, discrepancy: str) -> Intervals:
    fit = lawbook.fit(LAW, runs, discrepancy=discrepancy, seed=SEED)
    rows = fit.summary(PROB)
    found = {n: tuple(rows.loc[n, ["eti90_lb", "eti90_ub"]]) for n in PARAMS}
    row = fit.predict(beyond(runs), prob=PROB).table.iloc[0]
    return found | {LOSS: (row["eti90_lower"], row["eti90_upper"])}


def alone(runs: lawbook.Runs) -> Intervals:
    return by_lawbook(runs, "none")


def honest(runs: lawbook.Runs) -> Intervals:
    return by_lawbook(runs, "auto")


def bootstrap(runs: lawbook.Runs) -> Intervals:
    """Refit resampled runs by Huber's loss and L-BFGS from a grid."""
    rng, found = np.random.default_rng(SEED), []
    for _ in range(REFITS):
        rows = rng.integers(0, len(runs), len(runs))
        inputs = {name: values[rows] for name, values in runs.inputs.items()}
        found.append(estimate(LAW, inputs, runs.response[rows]))
    return of_draws(runs, {n: np.array([values[n] for values in found]) for n in PARAMS})


def chinchilla(runs: lawbook.Runs) -> Intervals:
    """Fit by the package of that name, with the grid that its manual shows: no intervals."""
    from chinchilla import Chinchilla

    with tempfile.TemporaryDirectory() as folder:
        table = runs.frame.assign(C=6 * runs.frame["N"] * runs.frame["D"])
        table[["C", "N", "D", "loss"]].to_csv(Path(folder) / "df.csv", index=False)
        grid = {
            "E": np.linspace(1, 2, 5),
            **{name: np.linspace(1, 10, 5) for name in ("a", "b")},
            **{name: np.linspace(0.1, 0.7, 5) for name in ("alpha", "beta")},
        }
        found = Chinchilla(folder, param_grid=grid, log_level=50)
        found.fit()
    return of_draws(runs, {name: np.array([found.params[name]]) for name in PARAMS})


def simple_scaling_laws(runs: lawbook.Runs) -> Intervals:
    """Fit by that package's defaults; parameters are put into the units of the runs."""
    import polars
    import simple_scaling_laws as other

    names = {"N": "model_size__n_params", "D": "dataset_size__n_tokens", "loss": "test_loss__ce"}
    columns = {theirs: runs.frame[own].to_numpy() for own, theirs in names.items()}
    columns["training_run_id"] = np.array([f"run{i}" for i in range(len(runs))])
    columns["test_set_id"] = np.repeat("test", len(runs))
    model = other.fit(polars.DataFrame(columns), law="separable-power", seed=SEED)
    domain = model.observed_domain
    reference = np.array([domain[name]["reference"] for name in model.fitted_predictors])
    draws = [model.law.raw_scale_params(p, reference) for p in model.draws["test_loss__ce"].params]
    return of_draws(runs, {name: np.array([d[name] for d in draws]) for name in PARAMS})


def in_pymc(runs: lawbook.Runs):
    from lawbook.model.hierarchy import build

    return build(LAW, runs).model


def pymc(runs: lawbook.Runs) -> Intervals:
    import pymc as pm

    tree = pm.sample(
        draws=DRAWS, tune=WARM_UP, chains=CHAINS, cores=2, random_seed=SEED, model=in_pymc(runs),
        progressbar=False, compute_convergence_checks=False,
    )  # fmt: skip
    return of_draws(runs, tree["posterior"].dataset)


def nutpie(runs: lawbook.Runs) -> Intervals:
    import nutpie as sampler

    compiled = sampler.compile_pymc_model(in_pymc(runs))
    options = {"draws": DRAWS, "tune": WARM_UP, "chains": CHAINS, "cores": 2}
    tree = sampler.sample(compiled, seed=SEED, progress_bar=False, **options)
    return of_draws(runs, tree["posterior"].dataset)


def numpyro(runs: lawbook.Runs) -> Intervals:
    from pymc.sampling.jax import sample_numpyro_nuts

    tree = sample_numpyro_nuts(
        draws=DRAWS, tune=WARM_UP, chains=CHAINS, random_seed=SEED, model=in_pymc(runs),
        progressbar=False, chain_method="vectorized", compute_convergence_checks=False,
    )  # fmt: skip
    return of_draws(runs, tree["posterior"].dataset)


def stan(runs: lawbook.Runs) -> Intervals:
    import stan as sampler

    code, data = stan_model(LAW, runs, None)
    posterior = sampler.build(code, data=data, random_seed=SEED)
    fit = posterior.sample(num_chains=CHAINS, num_warmup=WARM_UP, num_samples=DRAWS)
    value = dict(zip(("E", "", "", "alpha", "beta"), fit["value"], strict=False))
    return of_draws(runs, {"A": fit["A"], "B": fit["B"], **value})


# by name: what does it, the package it needs, tables
METHODS: dict[str, tuple[Callable[[lawbook.Runs], Intervals], str | None, int]] = {
    "lawbook, law alone": (alone, None, 200),
    "lawbook, honest": (honest, None, 100),
    "bootstrap of the published procedure": (bootstrap, None, 20),
    "chinchilla": (chinchilla, "chinchilla", 2),
    "simple-scaling-laws": (simple_scaling_laws, "simple_scaling_laws", 100),
    "PyMC": (pymc, None, 10),
    "nutpie": (nutpie, None, 20),
    "NumPyro": (numpyro, None, 10),
    "Stan": (stan, "stan", 10),
}


def processor_time() -> float:
    """Return seconds that this process and those it has started took, alive or not."""
    usage = [resource.getrusage(who) for who in WHO]
    alive = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(u.ru_utime + u.ru_stime for u in usage) + sum(t.user + t.system for t in alive)


def measured(name: str, tables: int) -> dict:
    """Return a row of the table, by work in this process."""
    method, seconds, held, widths = METHODS[name][0], [], [], []
    for table in range(tables):
        runs = runs_of(table)
        began = processor_time()
        found = method(runs)
        seconds.append(processor_time() - began)
        truth = truth_of(table)
        truth[LOSS] = float(LAW.formula(np, **beyond(runs), **truth))
        held.append({n: low <= truth[n] <= high for n, (low, high) in found.items()})
        low, high = found[LOSS]
        widths.append(100 * (high - low) / truth[LOSS])
    peak = max(resource.getrusage(who).ru_maxrss for who in WHO)
    shares = pd.DataFrame(held)[[*PARAMS, LOSS]].mean()
    points = not any(widths)
    return {
        "method": name,
        "tables": tables,
        "first, s": seconds[0],
        "next, s": float(np.mean(seconds[1:])) if tables > 1 else None,
        "GB": peak / 1e6,
        **{n: None if points else float(share) for n, share in shares.items()},
        "width, %": None if points else float(np.mean(widths)),
    }


def compared(names: list[str], most: int) -> pd.DataFrame:
    """Return a row a method, each measured in a process of its own."""
    rows = []
    for name in names:
        _, needs, tables = METHODS[name]
        if needs and find_spec(needs) is None:
            print(f"{name}: not installed, left out", file=sys.stderr)
            continue
        command = [sys.executable, __file__, "--measure", name, "--tables", str(min(tables, most))]
        done = subprocess.run(command, env=os.environ, check=True, stdout=subprocess.PIPE)
        rows.append(json.loads(done.stdout.decode().splitlines()[-1]))
        print(rows[-1], file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("methods", nargs="*", metavar="METHOD", help=", ".join(METHODS))
    parser.add_argument("--tables", type=int, default=200, help="at most so many")
    parser.add_argument("--measure", choices=METHODS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        warnings.simplefilter("ignore")
        print(json.dumps(measured(asked.measure, asked.tables)))
        return
    if unknown := set(asked.methods) - set(METHODS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; expected some of {list(METHODS)}")
    print(as_text(compared(asked.methods or list(METHODS), asked.tables)))


if __name__ == "__main__":
    main()
