"""How often intervals hold the parameters with which a wrong law comes nearest to the truth.

Chinchilla's law times a smooth departure that no parameters give, 80 runs, noise Gaussian or with
tails of three degrees of freedom. What is to be held are the parameters of greatest expected
likelihood under the law's own noise, given the true curve and the true noise: what the law alone
would find from endless runs at these inputs. Four waves of 8 to 20 e-folds make the departure, its
sd 0.012; the noise has a scale of 0.004 (0.0024 where it has tails).

    python benchmarks/projection.py 10   replays of each noise
"""

import sys

import numpy as np
import pandas as pd
from scipy import stats

import lawbook
from lawbook.engine.refits import Responses, refit_to_responses
from lawbook.model.hierarchy import build

LAW = lawbook.load_law("chinchilla")
TRUTH = dict(LAW.published[-1].at)
RUNS, WAVES, DEPARTURE, SIGMA = 80, 4, 0.012, 0.004
NOISES = {"tails": stats.t(3, scale=0.6 * SIGMA), "Gaussian": stats.norm(scale=SIGMA)}
NAMES = ("alpha", "beta", "E")
ATOMS, ENDLESS = 200, 200  # of the true noise; how much more than 80 runs the truth weighs
DRAWS = 400  # projected


def replay(noise: str, number: int) -> list[dict]:
    """Fit one table and return a row for each way to speak of each parameter."""
    rng = np.random.default_rng(1000 + number)
    N = np.exp(rng.uniform(np.log(5e7), np.log(1.5e10), RUNS))
    D = np.exp(rng.uniform(np.log(1e9), np.log(3e11), RUNS))
    curve = np.log(LAW.formula(np, N, D, **TRUTH)) + departure(np.log([N, D]), rng)
    tails = noise == "tails"
    scatter = SIGMA * (0.6 * rng.standard_t(3, RUNS) if tails else rng.standard_normal(RUNS))
    table = pd.DataFrame({"N": N, "D": D, "loss": np.exp(curve + scatter)})
    runs = lawbook.read_runs(table, LAW, allow=("duplicates", "sizes"))
    process = lawbook.fit(LAW, runs, discrepancy="auto", seed=number)
    fits = {
        "law alone": lawbook.fit(LAW, runs, seed=number, discrepancy="none"),
        "beside the process": process,
        "projected": process.project(draws=DRAWS),
    }
    truth, rows = best(runs, curve, noise), []
    for way, fit in fits.items():
        for name in NAMES:
            draws = fit.posterior["posterior"][name].to_numpy()
            low, high = np.quantile(draws, (0.05, 0.95))
            row = {
                "noise": noise,
                "way": way,
                "parameter": name,
                "inside": low < truth[name] < high,
            }
            rows.append(row | {"off": draws.mean() - truth[name], "width": high - low})
    return rows


def departure(at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a sum of plane waves at the logs of inputs, shape (2, runs)."""
    total = np.zeros(at.shape[1])
    for _ in range(WAVES):
        k = rng.normal(size=2)
        k /= np.linalg.norm(k) * rng.uniform(8, 20) / (2 * np.pi)
        total += DEPARTURE * np.sqrt(2 / WAVES) * np.cos(k @ at + rng.uniform(0, 2 * np.pi))
    return total


def best(runs: lawbook.Runs, curve: np.ndarray, noise: str) -> dict[str, float]:
    """Return the parameters that come nearest to the true curve."""
    atoms = NOISES[noise].ppf((np.arange(ATOMS) + 0.5) / ATOMS)
    hierarchy = build(LAW, runs)
    told = Responses(np.exp(curve + atoms[:, None])[None], np.full(ATOMS, ENDLESS / ATOMS))
    options = {"offsets": hierarchy.offsets, "spreads": hierarchy.spreads, "near": {}, "seed": 0}
    found, _ = refit_to_responses(hierarchy.model, told, structure=hierarchy.structure, **options)
    return {name: float(found[name][0]) for name in NAMES}


if __name__ == "__main__":
    rows = [row for i in range(int(sys.argv[1])) for noise in NOISES for row in replay(noise, i)]
    each = pd.DataFrame(rows)
    found = each.groupby(["noise", "way", "parameter"], sort=False)
    table = found.agg(inside=("inside", "mean"), off=("off", "mean"), width=("width", "mean"))
    print(table.assign(rms=found["off"].apply(lambda x: np.sqrt((x**2).mean()))).to_string())
