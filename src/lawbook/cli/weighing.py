"""The command that compares laws."""

from pathlib import Path
from typing import Annotated

import typer

from lawbook.cli.options import UNTRUSTED, AsJson, Out, app, check_out, say
from lawbook.errors import FitError


@app.command(name="compare-laws")
def compare_laws(
    fits: Annotated[
        list[Path], typer.Argument(metavar="FIT...", help="Saved fits (from `lawbook fit -o`).")
    ],
    held_out: Annotated[
        bool,
        typer.Option(help="Fit each law again without the largest runs, and score it on them."),
    ] = True,
    evidence: Annotated[
        bool, typer.Option(help="Estimate the marginal likelihood, which is slow.")
    ] = True,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 0,
    law: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAW",
            help="The law of each fit, in their order, if one is not in the book; repeat it.",
        ),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Compare laws fitted to the same runs, by how they predict."""
    if out is not None:
        check_out(out)
    from lawbook.cli.terminal import show_result, show_whole
    from lawbook.evaluation.law_comparison import compare_laws as weigh
    from lawbook.fitting import load

    laws = law or [None] * len(fits)
    if len(laws) != len(fits):
        raise FitError(
            f"--law: {len(laws)} given for {len(fits)} fits; expected one for each; "
            "name those of the book, too"
        )
    named = zip(fits, laws, strict=True)
    loaded = {str(path.with_suffix("")): load(path, one) for path, one in named}
    found = weigh(loaded, held_out=held_out, evidence=evidence, seed=seed)
    show_result(found, out, as_json, show_whole)
    doubtful = [name for name, one in loaded.items() if not one.diagnostics.trusted]
    if doubtful:
        say(f"not to be trusted: {', '.join(doubtful)}")
        raise typer.Exit(UNTRUSTED)
