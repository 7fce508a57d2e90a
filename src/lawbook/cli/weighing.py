"""The command that weighs laws against each other."""

from pathlib import Path
from typing import Annotated

import typer

from lawbook.cli.options import UNTRUSTED, AsJson, Out, app, check_out, say
from lawbook.errors import FitError


@app.command(name="compare-laws")
def compare_laws(
    fits: Annotated[
        list[Path], typer.Argument(metavar="FIT...", help="Files that `lawbook fit -o` wrote.")
    ],
    held_out: Annotated[
        bool, typer.Option(help="Fit each law again without the largest runs, and score it.")
    ] = True,
    evidence: Annotated[bool, typer.Option(help="Estimate the evidence, which is slow.")] = True,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 0,
    law: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAW",
            help="The law of each fit, in their order, if one is not of the book; repeat it.",
        ),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Weigh fits of several laws to the same runs, by how they predict."""
    if out is not None:
        check_out(out)
    from lawbook.cli.terminal import show_json, show_text
    from lawbook.evaluation.law_comparison import compare_laws as weigh
    from lawbook.fitting import load
    from lawbook.wording import records

    laws = law or [None] * len(fits)
    if len(laws) != len(fits):
        raise FitError(
            f"--law: {len(laws)} given for {len(fits)} fits; expected one for each; "
            "name those of the book, too"
        )
    named = zip(fits, laws, strict=True)
    loaded = {str(path.with_suffix("")): load(path, one) for path, one in named}
    found = weigh(loaded, held_out=held_out, evidence=evidence, seed=seed)
    if out is not None:
        found.export(out)
    if as_json:
        show_json({"provenance": dict(found.provenance), "rows": records(found.table)})
    else:
        show_text(repr(found))
    doubtful = [name for name, one in loaded.items() if not one.diagnostics.trusted]
    if doubtful:
        say(f"not to be trusted: {', '.join(doubtful)}")
        raise typer.Exit(UNTRUSTED)
