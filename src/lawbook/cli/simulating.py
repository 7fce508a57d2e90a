"""The commands that draw runs from a law: to write them, or to see whether fits are calibrated."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lawbook.cli.options import (
    UNTRUSTED,
    AsJson,
    LawName,
    Out,
    Scheduler,
    app,
    check_out,
)


@app.command()
def simulate(
    law: LawName,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write runs: .csv or .parquet."),
    ],
    n: Annotated[int, typer.Option("-n", "--runs", help="Number of runs.")] = 120,
    published: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Published values that are the truth; by default the priors' medians are.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same runs.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Draw runs from a law and write them as a table.

    Inputs are spread over the range that the law's paper saw.
    """
    check_out(out, (".csv", ".parquet"))
    from lawbook.cli.terminal import show_json, show_text
    from lawbook.data.simulation import simulate as draw
    from lawbook.export import export
    from lawbook.laws.catalogue import load_law
    from lawbook.laws.values import medians
    from lawbook.wording import records, short

    found = load_law(law)
    truth = medians(found) if published is None else dict(found.estimate(published).at)
    runs = draw(found, truth, n=n, seed=seed)
    said = {
        "result": "simulated runs",
        "law": found.name,
        "law_version": found.version,
        "truth": "medians of the priors" if published is None else published,
        **truth,
        "seed": seed,
    }
    export(runs.frame, out, said)
    if as_json:
        show_json({"file": str(out), "provenance": said, "rows": records(runs.frame)})
        return
    values = ", ".join(f"{name} = {short(value, 6)}" for name, value in truth.items())
    show_text(f"{runs!r}")
    show_text(f"Simulated, not measured: {values} ({said['truth']}), seed {seed}.")
    show_text(f"written to {out}")


@app.command()
def calibration(
    law: LawName,
    n: Annotated[int, typer.Option("-n", "--runs", help="Number of runs of a table.")] = 30,
    tables: Annotated[int, typer.Option(help="Number of simulated tables.")] = 200,
    discrepancy: Annotated[
        str,
        typer.Option(help="Model discrepancy: auto, a Gaussian process beside the law; or none."),
    ] = "auto",
    seed: Annotated[int, typer.Option(help="The same seed gives the same tables.")] = 0,
    scheduler: Scheduler = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Fit simulated runs, see how often intervals hold."""
    if out is not None:
        check_out(out)
    from lawbook.cli.terminal import show_result, show_whole
    from lawbook.laws.catalogue import load_law

    found_law = load_law(law)
    # slow to load, and not needed to say that there is no such law
    from lawbook.evaluation.calibration import calibration as calibrate
    from lawbook.posterior.cluster import connected

    with connected(scheduler) as client:
        found = calibrate(
            found_law,
            n=n,
            tables=tables,
            discrepancy=discrepancy,
            seed=seed,
            client=client,
            progress=sys.stderr.isatty(),
        )
    show_result(found, out, as_json, show_whole)
    if found.uneven:
        raise typer.Exit(UNTRUSTED)
