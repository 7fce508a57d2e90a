"""Effective draws a second: our engine beside PyMC, nutpie, NumPyro and Stan, on three models.

All samplers get the same PyMC model. What is timed is what a user waits for once everything is
compiled: our time is that of a whole call, from the padded table over the search for modes and
the warm-up to described draws; the others' is warm-up and draws. Compilation shows in the wall
times of whole processes, which are measured apart.

    python benchmarks/sampling.py [--processes] > table.md
"""

import argparse
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from stan_models import stan_model

import lawbook
from lawbook.priors import LogNormal

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
DRAWS, WARM_UP, CHAINS, SEED = 1000, 1000, 4, 1


def chinchilla_runs() -> pd.DataFrame:
    table = pd.read_csv(DATA / "chinchilla.csv")
    return table[~table.replication_outlier]


def models() -> dict:
    """Return (law, runs) by name: as the paper writes it, as we do, and a hierarchy."""
    ours = lawbook.load_law("chinchilla")
    paper = ours.with_priors(
        A=LogNormal(median=400.0, log_sd=1.5), B=LogNormal(median=1000.0, log_sd=2.0)
    )
    columns = {"N": "params", "D": "tokens"}
    return {
        "chinchilla, as the paper writes it": (
            paper,
            lawbook.read_runs(chinchilla_runs(), paper, columns=columns),
        ),
        "chinchilla, terms sized at a reference": (
            ours,
            lawbook.read_runs(chinchilla_runs(), ours, columns=columns),
        ),
        "12 recipes x 30 runs; E, A, B and noise pooled": (ours, recipes(ours, 12)),
    }


def recipes(law, count: int) -> lawbook.Runs:
    """Return thirty simulated runs of each of some recipes, which differ in floor and terms."""
    rng = np.random.default_rng(0)
    truth = {
        "E": 1.8 * np.exp(0.1 * rng.normal(size=count)),
        "A": 480 * np.exp(0.2 * rng.normal(size=count)),
        "B": 2000 * np.exp(0.2 * rng.normal(size=count)),
        "alpha": 0.35,
        "beta": 0.36,
    }
    groups = [f"recipe {i:02d}" for i in range(count)]
    return lawbook.simulate(law, truth, n=30, noise=0.006, seed=3, groups=groups)


def row(model: str, sampler: str, seconds: float, ess: np.ndarray, steps, divergences) -> dict:
    return {
        "model": model,
        "sampler": sampler,
        "seconds": round(seconds, 2),
        "least bulk ESS": round(float(np.min(ess))),
        "ESS a second": float(np.min(ess)) / seconds,
        "leapfrog steps a draw": round(float(np.mean(steps)), 1),
        "divergences": int(divergences),
    }


def least_ess(draws: dict[str, np.ndarray]) -> np.ndarray:
    """Bulk ESS of every scalar of arrays (chains, draws, ...)."""
    from arviz_stats.base.array import array_stats

    flat = [array.reshape(*array.shape[:2], -1) for array in draws.values()]
    columns = np.concatenate(flat, axis=2)
    return array_stats.ess(columns, chain_axis=0, draw_axis=1, method="bulk")


def ours(name: str, law, runs, discrepancy: str = "none") -> dict:
    lawbook.fit(law, runs, seed=SEED + 1, discrepancy=discrepancy)  # compiles
    began = time.perf_counter()
    fit = lawbook.fit(law, runs, seed=SEED, discrepancy=discrepancy)
    seconds = time.perf_counter() - began
    stats = fit.posterior["sample_stats"].dataset
    variables = fit.posterior["posterior"].dataset
    # lengths are drawn when sampling is over: no other sampler has them
    draws = {str(n): v.to_numpy() for n, v in variables.items() if n != "length"}
    found = (least_ess(draws), stats["n_steps"], stats["diverging"].sum())
    return row(name, "lawbook", seconds, *found)


def with_pymc(name: str, model) -> dict:
    import pymc as pm

    tree = pm.sample(
        draws=DRAWS, tune=WARM_UP, chains=CHAINS, cores=2, random_seed=SEED, model=model,
        progressbar=False, compute_convergence_checks=False,
    )  # fmt: skip
    seconds = tree["posterior"].attrs["sampling_time"]
    return _of_tree(name, "PyMC", seconds, tree)


def with_nutpie(name: str, model) -> dict:
    import nutpie

    compiled = nutpie.compile_pymc_model(model)
    options = {"draws": DRAWS, "tune": WARM_UP, "chains": CHAINS, "cores": 2}
    nutpie.sample(compiled, seed=SEED + 1, progress_bar=False, **options)
    began = time.perf_counter()
    tree = nutpie.sample(compiled, seed=SEED, progress_bar=False, **options)
    return _of_tree(name, "nutpie", time.perf_counter() - began, tree)


def with_numpyro(name: str, model) -> dict:
    import jax
    from numpyro.infer import MCMC, NUTS
    from pymc.sampling.jax import get_jaxified_logp

    with jax.enable_x64(True):
        potential = get_jaxified_logp(model, negative_logp=False)  # named the wrong way round
        mcmc = MCMC(
            NUTS(potential_fn=lambda values: potential(values)),
            num_warmup=WARM_UP, num_samples=DRAWS, num_chains=CHAINS,
            chain_method="vectorized", progress_bar=False,
        )  # fmt: skip
        start = model.initial_point()
        keys = jax.random.split(jax.random.key(SEED), 2)
        jitter = np.random.default_rng(SEED)
        first = [
            np.stack([start[v.name] + jitter.uniform(-0.5, 0.5, start[v.name].shape)
                      for _ in range(CHAINS)])
            for v in model.value_vars
        ]  # fmt: skip
        fields = ("num_steps", "diverging")
        mcmc.run(keys[0], init_params=first, extra_fields=fields)
        began = time.perf_counter()
        mcmc.run(keys[1], init_params=first, extra_fields=fields)
        draws = mcmc.get_samples(group_by_chain=True)
        draws = {v.name: np.asarray(d) for v, d in zip(model.value_vars, draws, strict=True)}
        seconds = time.perf_counter() - began
        extra = mcmc.get_extra_fields()
    ess = least_ess(draws)
    return row(name, "NumPyro", seconds, ess, extra["num_steps"], extra["diverging"].sum())


def with_stan(name: str, law, runs, centred) -> dict:
    import stan

    code, data = stan_model(law, runs, centred)
    posterior = stan.build(code, data=data, random_seed=SEED)
    began = time.perf_counter()
    fit = posterior.sample(num_chains=CHAINS, num_warmup=WARM_UP, num_samples=DRAWS)
    seconds = time.perf_counter() - began
    draws = {  # (..., draws of all chains in turn) to (chains, draws, ...)
        n: np.moveaxis(fit[n].reshape(*fit[n].shape[:-1], DRAWS, CHAINS), [-1, -2], [0, 1])
        for n in fit.param_names
    }
    ess = least_ess(draws)
    return row(name, "Stan", seconds, ess, fit["n_leapfrog__"], fit["divergent__"].sum())


def _of_tree(name: str, sampler: str, seconds: float, tree) -> dict:
    draws = {
        n: v.transpose("chain", "draw", ...).to_numpy()
        for n, v in tree["posterior"].dataset.items()
    }
    stats = tree["sample_stats"].dataset
    return row(name, sampler, seconds, least_ess(draws), stats["n_steps"], stats["diverging"].sum())


def sampling() -> pd.DataFrame:
    """Return one row per model and sampler; the others get three forms of a hierarchy."""
    from lawbook.model.hierarchy import build

    samplers = (with_pymc, with_nutpie, with_numpyro)
    stan = importlib.util.find_spec("stan") is not None
    rows = []
    for name, (law, runs) in models().items():
        rows.append(ours(name, law, runs))
        print(rows[-1], file=sys.stderr)
        terms = [p.name for p in law.params]
        noise = [p.name for p in law.noise_params]
        forms = {"": {}}
        if runs.by:
            forms = {
                ", centred": dict.fromkeys(terms + noise, True),
                ", non-centred": dict.fromkeys(terms + noise, False),
                ", terms centred, noise not": dict.fromkeys(terms, True)
                | dict.fromkeys(noise, False),
            }
        for form, centred in forms.items():
            model = build(law, runs, centred).model
            found = [sampler(name, model) for sampler in samplers]
            if stan:
                found.append(with_stan(name, law, runs, centred))
            rows += [f | {"sampler": f["sampler"] + form} for f in found]
            print(*rows[-len(found) :], sep="\n", file=sys.stderr)
    table = pd.DataFrame(rows)
    best = table[table.sampler != "lawbook"].groupby("model")["ESS a second"].max()
    table["times the best other"] = table["ESS a second"] / table.model.map(best)
    return table


FIT = """
import pandas as pd, lawbook
table = pd.read_csv({path!r})
lawbook.fit("chinchilla", table[~table.replication_outlier],
            columns={{"N": "params", "D": "tokens"}}, engine={engine!r}, chains=4,
            discrepancy="none")
"""


def processes() -> pd.DataFrame:
    """Return wall time and peak memory of whole processes, with a cold and a warm cache."""
    rows = []
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.csv"
        chinchilla_runs().to_csv(path, index=False)
        command = [
            *(sys.executable, "-m", "lawbook.cli", "fit", "chinchilla", str(path)),
            *("--column", "N=params", "--column", "D=tokens", "-o", str(Path(folder) / "fit.nc")),
            *("--discrepancy", "none"),
        ]
        environment = os.environ | {"LAWBOOK_CACHE": cache}
        for state in ("cold", "warm", "warm"):
            rows.append({"process": f"lawbook fit, {state}", **timed(command, environment)})
    for engine in ("pymc", "nutpie", "numpyro"):
        script = FIT.format(path=str(DATA / "chinchilla.csv"), engine=engine)
        for state in ("first", "second"):
            command = [sys.executable, "-W", "ignore", "-c", script]
            rows.append({"process": f"engine={engine!r}, {state}", **timed(command, os.environ)})
    rows.append({"process": "a second table in the same process", **second_table()})
    return pd.DataFrame(rows)


def timed(command: list[str], environment) -> dict:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    seconds = time.perf_counter() - began
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "wall seconds": round(seconds, 2),
        "user CPU seconds": round(usage.ru_utime - before, 2),
        "peak memory so far, GB": round(usage.ru_maxrss / 1e6, 2),
    }


def second_table() -> dict:
    _, (law, runs), *_ = models().values()
    lawbook.fit(law, runs, discrepancy="none")
    other = lawbook.simulate(law, n=200, noise=0.01, seed=8)
    began = time.perf_counter()
    lawbook.fit(law, other, discrepancy="none")
    return {"wall seconds": round(time.perf_counter() - began, 2)}


def as_text(table: pd.DataFrame) -> str:
    """Return a Markdown table."""
    cells = table.map(lambda x: f"{x:,.1f}" if isinstance(x, float) else str(x))
    lines = ["| " + " | ".join(cells.columns) + " |", "|" + " --- |" * len(cells.columns)]
    return "\n".join(lines + ["| " + " | ".join(r) + " |" for r in cells.itertuples(index=False)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", action="store_true", help="time whole processes instead")
    arguments = parser.parse_args()
    if importlib.util.find_spec("stan") is None:
        print("pystan is not installed: Stan is left out", file=sys.stderr)
    print(as_text(processes() if arguments.processes else sampling()))
