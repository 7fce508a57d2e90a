"""The honest model beside the law alone, and beside other samplers on the same honest model.

The honest model has a discrepancy, as fits have by default. Rows are as in `sampling`: the others
sample the model that we sample, with groups as offsets from their population; what is timed is
what a user waits for once all is compiled.

    python benchmarks/honest.py > table.md
"""

import sys

import pandas as pd
from sampling import as_text, chinchilla_runs, ours, recipes, with_numpyro, with_nutpie, with_pymc

import lawbook
from lawbook.model.hierarchy import build
from lawbook.posterior.inference import with_discrepancy

LAW = lawbook.load_law("chinchilla")


def tables() -> dict[str, lawbook.Runs]:
    """Return a public table without groups, and four simulated groups of 30 runs."""
    columns = {"N": "params", "D": "tokens"}
    return {
        "chinchilla.csv, 240 runs": lawbook.read_runs(chinchilla_runs(), LAW, columns=columns),
        "4 groups x 30 runs": recipes(LAW, 4),
    }


def compared() -> pd.DataFrame:
    """Return one row per table and sampler."""
    rows = []
    for name, runs in tables().items():
        rows.append(ours(name, LAW, runs) | {"sampler": "lawbook, law alone"})
        rows.append(ours(name, LAW, runs, "auto") | {"sampler": "lawbook, honest"})
        print(*rows[-2:], sep="\n", file=sys.stderr)
        law = with_discrepancy(LAW, "auto", runs)
        model = build(law, runs, {p.name: False for p in (*law.params, *law.noise_params)}).model
        for sampler in (with_pymc, with_nutpie, with_numpyro):
            rows.append(sampler(name, model))
            print(rows[-1], file=sys.stderr)
    table = pd.DataFrame(rows)
    others = table[~table.sampler.str.startswith("lawbook")]
    best = others.groupby("model")["ESS a second"].max()
    table["times the best other"] = table["ESS a second"] / table.model.map(best)
    return table


if __name__ == "__main__":
    print(as_text(compared()))
