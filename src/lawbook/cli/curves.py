"""The command that forecasts learning curves."""

from pathlib import Path
from typing import Annotated

import typer

from lawbook.cli.options import (
    AsJson,
    OptionalAt,
    Out,
    Relatives,
    Scheduler,
    app,
    check_out,
    points,
    say_notes,
)
from lawbook.cli.tables import TableOptions, with_table_options


@app.command()
@with_table_options
def forecast(
    curves: Annotated[
        Path,
        typer.Argument(
            metavar="CURVES",
            help="Table of curves, scale x and loss: CSV, TSV, JSON, JSON Lines or Parquet.",
        ),
    ],
    table: TableOptions,
    at: OptionalAt = None,
    times: Annotated[
        list[float] | None,
        typer.Option(
            help="Where, as a multiple of each curve's last scale; by default 2 and 4; repeat it."
        ),
    ] = None,
    relatives: Relatives = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same forecasts.")] = 0,
    scheduler: Scheduler = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Forecast learning curves beyond their last runs.

    Any scale and any loss or error rate will do. Give all curves of one kind together.
    """
    if out is not None:
        check_out(out)
    from lawbook.cli.terminal import show_forecast, show_result
    from lawbook.laws.catalogue import load_law

    # in any unit: each curve is made relative to its own last scale
    runs = table.allowing("units").read(curves, load_law("learning_curve"))
    say_notes(runs)
    # slow to load, and not needed to say what is wrong with a table
    from lawbook.evaluation.forecasting import forecast as forecast_curves
    from lawbook.posterior.cluster import connected

    with connected(scheduler) as client:
        found = forecast_curves(
            runs,
            at=points(at) if at else None,
            times=times or None,
            relatives=relatives or (),
            seed=seed,
            client=client,
        )
    show_result(found, out, as_json, show_forecast)
