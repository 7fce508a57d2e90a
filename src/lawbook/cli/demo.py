"""The demo: three kinds of small language models, what they become at a hundred times the compute.

The runs are those of `lawbook.datasets.tiny_lm`. The largest four of each recipe are held out and
predicted, so that the reader sees how far the intervals can be believed.
"""

import shlex
import shutil
import sys
from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
from scipy.stats import binom

from lawbook.cli.options import in_options
from lawbook.cli.terminal import (
    HOW_FAR,
    console,
    show_comparison,
    show_json,
    show_table,
    show_text,
)
from lawbook.columns import extrapolations, farthest, interval
from lawbook.data.door import read_runs
from lawbook.datasets import tiny_lm
from lawbook.datasets.chinchilla_bytes import LAW
from lawbook.decisions.comparison import Comparison
from lawbook.decisions.paths import GROWTH
from lawbook.decisions.usual_path import usual_path
from lawbook.errors import FitError
from lawbook.fitting import Fit, fit
from lawbook.posterior.prediction import Prediction
from lawbook.posterior.uncertainty import statement, tested
from lawbook.wording import records, short
from lawbook.writing import whole_file

PROB = 0.9
SURPRISE = 0.01  # chance of fewer losses inside, were they independent and the law right
SEED = 0


def run_demo(folder: Path, as_json: bool) -> bool:
    """Fit, compare, predict, print, and write the files.

    Parameters
    ----------
    folder
        Made if it does not exist.
    as_json
        Print JSON instead of text.

    Returns
    -------
    bool
        Whether the fit can be trusted.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FitError(
            f"{folder}: it cannot be made ({error.strerror}); expected a folder; name another"
        ) from error
    table = tiny_lm()
    held_out = table["held_out"]
    runs = read_runs(table[~held_out], LAW, by="recipe")
    begin = perf_counter()
    fitted = fit(LAW, runs, discrepancy="auto", seed=SEED, progress=sys.stderr.isatty())
    seconds = perf_counter() - begin
    there = usual_path(fitted).end
    comparison = fitted.compare(there, kind="mean")
    unseen = table.loc[held_out, ["recipe", "N", "D", "loss"]].reset_index(drop=True)
    prediction = fitted.predict(unseen.drop(columns="loss"), prob=PROB, kind="run")
    judged = judge(prediction, unseen["loss"])
    files = write_files(folder, fitted, comparison, prediction, unseen)
    if as_json:
        show_json(as_plain(fitted, seconds, there, comparison, judged, folder))
    else:
        tell(fitted, seconds, comparison, prediction, judged)
        show_text(f"Written to {folder}/:")
        for name, what in files.items():
            show_text(f"  {name}: {what}")
        show_text("\nTo go on from there:")
        # one line, however narrow the terminal, so that it can be pasted
        console().print(f"  {go_on(folder)}", soft_wrap=True)
    return fitted.trusted


def go_on(folder: Path) -> str:
    """Return a command for the shell that predicts from what the demo wrote."""
    start = ["lawbook"] if shutil.which("lawbook") else [sys.executable, "-m", "lawbook.cli"]
    saved = ["predict", str(folder / "fit.nc"), "--law", str(folder / "law.py")]
    return shlex.join([*start, *saved, "--at", "N=1e6", "--at", "D=1e8"])


def judge(prediction: Prediction, measured: pd.Series) -> pd.DataFrame:
    """Return predictions beside what was measured, and whether it fell inside."""
    factors = extrapolations(prediction.table)
    told = prediction.table[["recipe", "N", "D", *factors, "median"]]
    low, high = (prediction.table[end] for end in interval(PROB))
    inside = (measured >= low) & (measured <= high)
    return told.assign(lower=low, upper=high, measured=measured, inside=inside)


def write_files(
    folder: Path,
    fitted: Fit,
    comparison: Comparison,
    prediction: Prediction,
    held_out: pd.DataFrame,
) -> dict[str, str]:
    """Write everything to a folder; return what each file holds."""
    fitted.save(folder / "fit.nc")
    comparison.export(folder / "comparison.csv")
    comparison.export(folder / "comparison.json")
    prediction.export(folder / "prediction.parquet")
    with whole_file(folder / "extrapolation.png") as part:
        fitted.plot(held_out=held_out).savefig(part, dpi=150)
    fitted.report(folder / "report.html")
    # what it takes to do the same on the command line
    copies = {"law.py": "chinchilla_bytes.py", "runs.csv": "tiny_lm.csv"}
    for name, source in copies.items():
        content = resources.files("lawbook.datasets").joinpath(source).read_bytes()
        with whole_file(folder / name) as part:
            part.write_bytes(content)
    return {
        "fit.nc": "the posterior, for lawbook.load, ArviZ or any reader of NetCDF",
        "comparison.csv, comparison.json": "the recipes compared",
        "prediction.parquet": "the predictions of the held-out runs",
        "extrapolation.png": "the fitted and held-out runs, and the extrapolation",
        "report.html": "all of it on one page, to open in a browser",
        "law.py, runs.csv": "the law and the runs, to start from",
    }


def as_plain(
    fitted: Fit,
    seconds: float,
    there: dict[str, float],
    comparison: Comparison,
    judged: pd.DataFrame,
    folder: Path,
) -> dict[str, Any]:
    """Return what the demo found as plain values."""
    found = fitted.diagnostics
    return {
        "runs": len(fitted.runs),
        "seconds": seconds,
        "trusted": found.trusted,
        "fits": fitted.adequacy.fits,
        "diagnostics": vars(found),
        "comparison": {
            "at": there,
            "verdict": comparison.sentence(),
            "rows": records(comparison.table),
        },
        "held_out": {"inside": sum(judged["inside"]), "rows": records(judged)},
        "folder": str(folder),
    }


def tell(
    fitted: Fit,
    seconds: float,
    comparison: Comparison,
    prediction: Prediction,
    judged: pd.DataFrame,
) -> None:
    """Print what the demo found."""
    runs, found = fitted.runs, fitted.diagnostics
    draws = fitted.posterior["posterior"].sizes
    recipes = runs.levels("recipe")
    N, D = runs.inputs["N"], runs.inputs["D"]
    show_text(
        f"The runs: {len(runs)} small language models that read source code byte by byte, of "
        f"{len(recipes)} recipes ({', '.join(recipes)}). They have {N.min():,.0f} to "
        f"{N.max():,.0f} parameters and saw {D.min():,.0f} to {D.max():,.0f} bytes.\n"
    )
    show_text(
        "The law: loss = E + A / N^alpha + B / D^beta. Each recipe has parameters of its own, "
        "partially pooled towards a common population. No law is quite right: each recipe also has "
        "a model discrepancy, a smooth process over log N and log D; all share another such "
        "process, and a curvature that public tables have in common. So predictions beyond the "
        "runs are as uncertain as the law is wrong.\n"
    )
    show_text(
        f"The fit: {draws['chain']} chains of {draws['draw']:,} draws in {seconds:.0f} s, R-hat "
        f"at most {found.rhat:.3f}, at least {found.effective:,.0f} effective draws of every "
        f"quantity, {found.divergences} divergences; {in_options(fitted.verdict)}."
    )
    show_text(
        f"\nWhich recipe is best at {GROWTH:g} times the compute of the largest fitted run?\n"
    )
    show_comparison(comparison)
    tell_held_out(prediction, judged)
    show_text("")


def tell_held_out(prediction: Prediction, judged: pd.DataFrame) -> None:
    """Print the predictions of the held-out runs beside what was measured."""
    show_text(
        f"\nThe {len(judged)} runs with the most training FLOPs, output layers included, were held "
        "out. Predictions for them, and the losses that were measured:\n"
    )
    rows = (
        [
            row["recipe"],
            short(row["N"]),
            short(row["D"], 2),
            f"{farthest(row)[1]:.3g} x",
            f"{row['median']:.3f}",
            f"{row['lower']:.3f} to {row['upper']:.3f}",
            f"{row['measured']:.3f}",
            "yes" if row["inside"] else "no",
        ]
        for row in records(judged)
    )
    columns = ["recipe", "N", "D", "factor", "median", "90% interval", "measured", "inside"]
    show_table(columns, rows, numbers=columns[1:])
    inside, count = sum(judged["inside"]), len(judged)
    show_text(
        f"{inside} of {count} losses fell inside their 90% intervals. "
        f"{HOW_FAR}. Compute is 6 N D, which leaves out embedding and output layers. Of these "
        f"predictions, {statement(prediction.table)}. "
        f"{tested(prediction.subject, prediction.table)}"
    )
    if inside < binom.ppf(SURPRISE, count, PROB):
        show_text(
            f"Calibrated intervals would cover about {PROB * count:.0f} of {count}: these runs "
            "depart from the law further than the smaller ones suggested. docs/tiny_lm.md says "
            "how. Trust the verdict above less for it."
        )
