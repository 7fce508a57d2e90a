"""The command that fits a law to each of many tables."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lawbook.cli.options import (
    INTERRUPTED,
    UNTRUSTED,
    AsJson,
    LawName,
    RunsFile,
    Scheduler,
    app,
    say,
    say_notes,
)
from lawbook.cli.tables import TableOptions, with_table_options


@app.command(name="fit-many")
@with_table_options
def fit_many(
    law: LawName,
    runs: RunsFile,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER",
            help="Folder for results, as Parquet; the same command goes on where it stopped.",
        ),
    ],
    table: TableOptions,
    discrepancy: Annotated[
        str,
        typer.Option(help="Model discrepancy: auto, a Gaussian process beside the law; or none."),
    ] = "auto",
    draws: Annotated[int, typer.Option(help="Draws that are kept of each table.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same draws.")] = 0,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Fit a law to each of many tables, one a label.

    Tables are told apart by --by, else by the column curve. One with faults is named, and the
    others are fitted.
    """
    from lawbook.cli.terminal import show_json, show_text
    from lawbook.laws.catalogue import load_law
    from lawbook.wording import records

    found_law = load_law(law)
    several = table.read_several(runs, found_law, "curve")
    say_notes(several.runs)
    # slow to load, and not needed to say what is wrong with a table
    from lawbook.posterior.cluster import connected
    from lawbook.posterior.many import fit_several

    options = {"discrepancy": discrepancy, "draws": draws, "seed": seed, "to": out}
    try:
        with connected(scheduler) as client:
            found = fit_several(
                found_law, several, client=client, progress=sys.stderr.isatty(), **options
            )
    except KeyboardInterrupt:
        say(f"interrupted before the first tables were finished; nothing of them is in {out}")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        show_json({"provenance": dict(found.provenance), "rows": records(found.table)})
    else:
        show_text(repr(found))
        show_text(f"written to {out}")
    if found.interrupted:
        say(f"interrupted; {out} keeps what was done, and the same command goes on from there")
        raise typer.Exit(INTERRUPTED)
    if not found.trusted:
        raise typer.Exit(UNTRUSTED)
