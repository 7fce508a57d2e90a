"""Commands that need no fit: what is in the book, and whether runs suit a law."""

import typer

from lawbook.cli.options import UNTRUSTED, AsJson, LawName, Pool, RunsFile, app, say, with_pooling
from lawbook.cli.tables import TableOptions, with_table_options


@app.command()
def laws(as_json: AsJson = False) -> None:
    """List the laws of the book, with what they are about."""
    from lawbook.cli.laws_shown import described
    from lawbook.cli.terminal import show_json, show_table, show_text
    from lawbook.laws.catalogue import all_laws

    if as_json:
        show_json([described(law) for law in all_laws()])
        return
    rows = (
        (
            law.name,
            law.domain,
            ", ".join(law.input_names),
            law.response.name,
            f"{law.status} {sum(not estimate.recalled for estimate in law.published) or ''}",
        )
        for law in all_laws()
    )
    show_table(
        ["law", "domain", "inputs", "response", "status"], rows, whole=["law", "domain", "status"]
    )
    show_text("The number after the status: estimates that were read in a paper.")


@app.command()
def show(law: LawName, as_json: AsJson = False) -> None:
    """Show a law: formula, inputs, priors and published values."""
    from lawbook.cli.laws_shown import described, show_law
    from lawbook.cli.terminal import show_json
    from lawbook.laws.catalogue import load_law

    found = load_law(law)
    if as_json:
        show_json(described(found))
    else:
        show_law(found)


@app.command()
@with_table_options
def check(
    law: LawName,
    runs: RunsFile,
    table: TableOptions,
    pool: Pool = None,
    as_json: AsJson = False,
) -> None:
    """Check a table of runs against a law, before a fit."""
    from lawbook.cli.terminal import show_json, show_table
    from lawbook.model.precheck import check as check_runs
    from lawbook.wording import records

    pooled = with_pooling(law, pool)
    found = check_runs(pooled, table.read(runs, pooled))
    if as_json:
        said = {"found": records(found.table), "problems": found.problems}
        show_json({"law": law, "runs": str(runs), **said})
    else:
        show_table(list(found.table), found.table.itertuples(index=False, name=None))
    for problem in found.problems:
        say(problem)
    if found.problems:
        raise typer.Exit(UNTRUSTED)
