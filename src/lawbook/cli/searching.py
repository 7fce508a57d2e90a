"""The command that finds laws in the book."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lawbook.cli.options import AsJson, app

if TYPE_CHECKING:
    from lawbook.laws.searching import Found


@app.command()
def find(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="What to look for, as in: vocabulary size."),
    ] = None,
    response: Annotated[
        str | None,
        typer.Option(
            metavar="WORDS",
            help="What the response has to be, as accuracy; or rising, where more is better.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find laws by words, or by what their response is.

    Words are looked for in names, responses, domains, derived quantities, inputs and pages; all of
    them have to be there.
    """
    from lawbook.cli.terminal import show_json
    from lawbook.laws.searching import nothing_found, search

    wanted = " ".join(words or ())
    found = search(wanted, response=response or "")
    if not found:
        raise nothing_found(wanted, response or "")
    if as_json:
        show_json(
            [
                {
                    "name": law.name,
                    "domain": law.domain,
                    "inputs": law.input_names,
                    "response": law.response.name,
                    "unit": law.response.unit,
                    "better": law.response.better,
                    "found_in": where,
                }
                for law, where in found
            ]
        )
        return
    _show(found)


def _show(found: "Sequence[Found]") -> None:
    """Print laws that were found, and in which part of a law each word stands."""
    from lawbook.cli.terminal import show_table

    rows = (
        (
            law.name,
            f"{law.response.name} [{law.response.unit}], {law.response.better} is better",
            ", ".join(law.input_names),
            ", ".join(f"{word}: {place}" for word, place in where.items()),
        )
        for law, where in found
    )
    show_table(["law", "response", "inputs", "found in"], rows, whole=["law"])
