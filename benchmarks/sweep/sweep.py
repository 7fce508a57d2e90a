"""Train the grid of small models and write one row per run.

    python benchmarks/sweep/sweep.py                    # every missing run, small ones first
    python benchmarks/sweep/sweep.py --plan             # list the runs and their cost
    python benchmarks/sweep/sweep.py --recipe gru       # one recipe
    python benchmarks/sweep/sweep.py --learning-rates   # the learning-rate check instead

Runs already in the table are skipped, so a stopped sweep goes on where it was. One core
suffices; on a shared machine, pin the process and keep XLA to one thread.
"""

import argparse
import csv
import os
import time
from itertools import zip_longest
from pathlib import Path

from architectures import RECIPES, parameter_count, training_flops

HERE = Path(__file__).parent
RUNS = HERE / "runs.csv"
LEARNING_RATES = HERE / "learning_rates.csv"
COLUMNS = "recipe seed N D flops loss learning_rate batch width depth seconds".split()
KEY = ("recipe", "width", "depth", "D", "seed", "learning_rate")

DEPTH = {"transformer": 2, "gru": 1, "mlp": 2}
WIDTHS = {  # seven sizes, N about 1.6e3 to 1.04e6
    "transformer": (8, 16, 32, 64, 96, 160, 208),
    "gru": (16, 32, 64, 128, 192, 320, 416),
    "mlp": (16, 32, 64, 128, 192, 320, 416),
}
# exponents k of D = 2**k per size; the largest models see few bytes, the smallest many
FITTED = (
    (18, 19, 20, 21, 22, 24),
    (18, 19, 20, 21, 23),
    (18, 19, 20, 21, 22),
    (18, 19, 20),
    (18, 19),
    (18,),
    (18,),
)
HELD_OUT = ((2, 23), (5, 19), (3, 22), (4, 21))  # (size, k), the largest compute
REPEATED = ((0, 18), (0, 20), (1, 19), (1, 21), (2, 18), (3, 18))  # (size, k), three seeds


def learning_rate_rule(recipe, width):
    """Peak learning rate, falling with width."""
    at_64, exponent = {
        "transformer": (0.011, 0.65),
        "gru": (0.022, 0.5),
        "mlp": (0.026, 0.5),
    }[recipe]
    return float(f"{at_64 * (width / 64) ** -exponent:.2g}")


def batch_rule(D):
    """Bytes per step: 512 at ``2**18`` bytes, doubled whenever D grows fourfold."""
    return 512 * 2 ** ((D.bit_length() - 1 - 18) // 2)


def planned_runs(recipe):
    """List the settings of every run of a recipe, cheapest first."""
    cells = [(size, k) for size, ks in enumerate(FITTED) for k in ks]
    seeds = {cell: (0, 1, 2) if cell in REPEATED else (0,) for cell in (*cells, *HELD_OUT)}
    runs = [
        settings_of(recipe, WIDTHS[recipe][size], 2**k, seed)
        for (size, k), each in seeds.items()
        for seed in each
    ]
    return sorted(runs, key=cost)


def settings_of(recipe, width, D, seed, learning_rate=None):
    """Complete one run's settings by the rules for batch and learning rate."""
    return {
        "recipe": recipe,
        "width": width,
        "depth": DEPTH[recipe],
        "D": D,
        "batch": batch_rule(D),
        "learning_rate": learning_rate or learning_rate_rule(recipe, width),
        "seed": seed,
    }


def cost(run):
    """Training FLOPs of a run."""
    return training_flops(run["recipe"], run["width"], run["depth"], run["D"])


def learning_rate_runs(recipe):
    """List the check: three widths, two of them also with more bytes."""
    narrow, middle = WIDTHS[recipe][0], WIDTHS[recipe][2]
    wide = 4 * middle
    grid = [
        (narrow, 2**18, (4e-3, 8e-3, 16e-3, 32e-3, 64e-3)),
        (middle, 2**18, (2e-3, 4e-3, 8e-3, 16e-3, 32e-3)),
        (wide, 2**18, (4e-3, 8e-3, 16e-3)),
        (middle, 2**20, (8e-3, 16e-3, 32e-3)),
        (narrow, 2**21, (4e-3, 16e-3, 64e-3)),
    ]
    return [settings_of(recipe, w, D, 0, rate) for w, D, rates in grid for rate in rates]


def rows_of(path):
    """Read the finished rows of a table; none if it does not exist."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def append(path, row):
    """Add one row in a single write, so that an interrupted sweep leaves whole rows."""
    header = "" if path.exists() else ",".join(COLUMNS) + "\n"
    text = header + ",".join(str(row[name]) for name in COLUMNS) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def identity(row):
    """Key of a run, equal for its settings and for its row in the table."""
    return tuple(str(row[name]) for name in KEY)


def interleave(lists):
    """Take one run of each recipe in turn."""
    return [run for turn in zip_longest(*lists) for run in turn if run is not None]


def main():
    """Run what is planned and not yet in the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", choices=sorted(RECIPES), action="append")
    parser.add_argument("--plan", action="store_true", help="list the runs and stop")
    parser.add_argument("--learning-rates", action="store_true", help="run the check instead")
    options = parser.parse_args()

    recipes = options.recipe or ["mlp", "gru", "transformer"]
    plan, path = (
        (learning_rate_runs, LEARNING_RATES) if options.learning_rates else (planned_runs, RUNS)
    )
    done = {identity(row) for row in rows_of(path)}
    runs = [r for r in interleave([plan(recipe) for recipe in recipes]) if identity(r) not in done]
    if options.plan:
        for run in runs:
            N = parameter_count(run["recipe"], run["width"], run["depth"])
            print(f"{cost(run):.2e} FLOP  N {N:>7}  {run}")
        print(f"{len(runs)} runs, {sum(map(cost, runs)):.3g} FLOP")
        return

    from corpus import describe, load_corpus
    from training import Trainer

    corpus = load_corpus()
    print(describe(corpus))
    trainer = Trainer(corpus)
    for number, run in enumerate(runs, start=1):
        begin = time.perf_counter()
        row = trainer.run(**run)
        append(path, row)
        wall = time.perf_counter() - begin
        print(
            f"{number}/{len(runs)} {row['recipe']} N={row['N']} D={row['D']} seed={row['seed']} "
            f"lr={row['learning_rate']} loss={row['loss']:.4f} "
            f"{row['seconds']:.1f} s, with compilation {wall:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
