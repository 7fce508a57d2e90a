"""The command that weighs laws against each other."""

from pathlib import Path
from typing import Annotated

import typer

from lawbook.cli.options import UNTRUSTED, AsJson, Out, app, check_out, say


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

    loaded = {str(path.with_suffix("")): load(path) for path in fits}
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
