"""Commands that decide: where a budget goes, and which runs to train next."""

from pathlib import Path
from typing import Annotated, Any

import typer

from lawbook.cli.asking import FitOrLaw, Source, asked, show_points
from lawbook.cli.options import (
    AsJson,
    FitFile,
    OtherLaw,
    Out,
    app,
    end,
    pairs,
    points,
)
from lawbook.errors import FitError


@app.command()
def allocate(
    fit: FitOrLaw,
    budget: Annotated[
        list[float] | None, typer.Option(help="Budget in FLOPs; repeat it for several.")
    ] = None,
    planned: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Planned input, as N=7e10; repeat it: how much loss and cost are in excess?",
        ),
    ] = None,
    served: Annotated[
        float, typer.Option(help="Tokens to serve later, each at a cost of 2 N FLOPs.")
    ] = 0.0,
    subject_to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=BOUND",
            help="Value of an input, as N=7e9, or bounds, as U_D=..2e12; repeat it.",
        ),
    ] = None,
    published: Source = None,
    law: OtherLaw = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Find the best inputs for a budget, or judge planned ones.

    Planned inputs have an excess loss and an excess cost over the best ones.
    """
    from lawbook.at_published import Published
    from lawbook.cli.terminal import show_allocation, show_result

    bounds = {name: _bound(text) for name, text in pairs("--subject-to", subject_to or ()).items()}
    loaded = asked(fit, published, law)
    found = loaded.allocate(
        budget or None,
        planned=points(planned, "--planned") if planned else None,
        served=served,
        subject_to=bounds,
    )
    if isinstance(loaded, Published):
        show_result(found, out, as_json, show_points)
        return
    show_result(found, out, as_json, show_allocation)
    end(loaded)


@app.command()
def plan(
    fit: FitFile,
    target: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=VALUE",
            help="What to know better: a point, as N=7e10, or a parameter; repeat it.",
        ),
    ],
    candidates: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Table of runs that may be trained, one row each."),
    ] = None,
    budget: Annotated[float | None, typer.Option(help="FLOPs for all runs together.")] = None,
    n: Annotated[int | None, typer.Option("-n", "--runs", help="Largest number of runs.")] = None,
    between: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Grouping column: sharpen the choice between its groups."
        ),
    ] = None,
    until: Annotated[
        float | None,
        typer.Option(
            metavar="PROB", help="With --between: stop once the best has this probability."
        ),
    ] = None,
    law: OtherLaw = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Choose the runs to train next.

    They are those that sharpen the answer at a target most.
    """
    from lawbook.cli.terminal import show_plan, show_result
    from lawbook.data.reading import read_table
    from lawbook.fitting import load

    named = len(target) == 1 and "=" not in target[0]
    at: Any = target[0] if named else points(target, "--target")
    loaded = load(fit, law)
    wanted = {*loaded.law.input_names, *loaded.runs.by}
    table = None if candidates is None else read_table(candidates, wanted).frame
    found = loaded.plan(
        target=at, candidates=table, budget=budget, n=n, between=between, until=until
    )
    show_result(found, out, as_json, show_plan)
    end(loaded)


def _bound(text: str) -> Any:
    """Return ``2e9`` as a number, and ``1e9..2e12`` or ``..2e12`` as a pair."""
    ends = text.split("..")
    try:
        values = [float(end) if end else None for end in ends]
    except ValueError:
        values = []
    if len(values) not in (1, 2) or values == [None]:
        raise FitError(
            f"--subject-to: {text!r} is no bound; expected a number, as 7e9, or two with .. "
            "between, as ..2e12; rewrite it"
        )
    return values[0] if len(values) == 1 else tuple(values)
