"""Commands that compare the recipes of a fit."""

from typing import Annotated

import typer

from lawbook.cli.asking import loaded
from lawbook.cli.options import (
    Along,
    Among,
    AsJson,
    Between,
    FitFile,
    Fixed,
    Kind,
    NewGroups,
    OptionalAt,
    OtherLaw,
    Out,
    Upto,
    Within,
    app,
    end,
    pairs,
    path_asked,
    points,
)


@app.command()
def compare(
    fit: FitFile,
    at: OptionalAt = None,
    along: Along = None,
    fixed: Fixed = None,
    upto: Upto = None,
    within: Within = None,
    law: OtherLaw = None,
    kind: Kind = "mean",
    new_groups: NewGroups = False,
    between: Between = None,
    among: Among = None,
    reference: Annotated[
        str | None, typer.Option(metavar="GROUP", help="Group that the others are compared with.")
    ] = None,
    rope: Annotated[
        float | None,
        typer.Option(
            help="Gap below which two groups are practically equivalent, in the response's unit."
        ),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Compare groups of a fit at new inputs, or along a path.

    By default where the runs go: at 100 times the largest run's compute.
    """
    from lawbook.cli.terminal import show_comparison, show_result

    held = loaded(fit, law)
    found = held.compare(
        points(at) if at else None,
        along=path_asked(along, fixed),
        upto=upto,
        within=pairs("--within", within) if within else None,
        between=between,
        among=among or None,
        reference=reference,
        kind=kind,
        rope=rope,
        new_groups=new_groups,
    )
    show_result(found, out, as_json, show_comparison)
    end(held)


@app.command()
def crossover(
    fit: FitFile,
    first: Annotated[str, typer.Argument(metavar="GROUP", help="One of the two.")],
    second: Annotated[str, typer.Argument(metavar="GROUP", help="The other.")],
    along: Along = None,
    fixed: Fixed = None,
    upto: Upto = None,
    within: Within = None,
    law: OtherLaw = None,
    between: Between = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Find the scale at which the order of two groups flips."""
    from lawbook.cli.terminal import show_crossover, show_result

    held = loaded(fit, law)
    found = held.crossover(
        first,
        second,
        along=path_asked(along, fixed),
        upto=upto,
        within=pairs("--within", within) if within else None,
        between=between,
    )
    show_result(found, out, as_json, show_crossover)
    end(held)
