"""Commands that fit laws to runs, and those that ask a fit."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lawbook.cli.asking import FitOrLaw, Source, asked, only_of_fits, show_points
from lawbook.cli.options import (
    INTERRUPTED,
    UNTRUSTED,
    AsJson,
    At,
    FitFile,
    Kind,
    NewGroups,
    OptionalAt,
    OtherLaw,
    Out,
    Pool,
    Relatives,
    RunsFile,
    Scheduler,
    app,
    asked_pooling,
    check_out,
    end,
    pairs,
    points,
    say,
    say_notes,
    several,
    with_pooling,
)
from lawbook.cli.tables import TableOptions, with_table_options


@app.command()
@with_table_options
def fit(
    law: Annotated[
        str,
        typer.Argument(
            metavar="LAW[,LAW]",
            help="A law of the book, or the path of one, as my_law.py; several, or auto for those "
            "of the book that go with chinchilla, are fitted side by side and weighed.",
        ),
    ],
    runs: RunsFile,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to save the fit.")
    ],
    table: TableOptions,
    pool: Pool = None,
    discrepancy: Annotated[
        str,
        typer.Option(help="Model discrepancy: auto, a Gaussian process beside the law; or none."),
    ] = "auto",
    explained_by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PARAM=COLUMN[,COLUMN]",
            help="Columns that explain how groups differ in a parameter, as "
            "alpha=log_width,optimizer; repeat it.",
        ),
    ] = None,
    informed_by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE",
            help="Published values of the law that have standard errors, a saved fit, or another "
            "table, read and fitted with the same options: further groups of the population; "
            "repeat it.",
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="Sampler: lawbook, chees, pymc, nutpie, numpyro or blackjax.")
    ] = "lawbook",
    draws: Annotated[int, typer.Option(help="Draws per chain.")] = 1000,
    chains: Annotated[int, typer.Option(help="Chains.")] = 4,
    seed: Annotated[int, typer.Option(help="The same seed gives the same draws.")] = 0,
    max_draws: Annotated[
        int,
        typer.Option(
            help="Draws per chain up to which sampling goes on while diagnostics fall short."
        ),
    ] = 10_000,
    target_accept: Annotated[
        float,
        typer.Option(help="Mean acceptance that step sizes aim at; nearer 1 means smaller steps."),
    ] = 0.9,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File that keeps the state; sampling goes on from it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit a law, or several, to runs and save the posterior."""
    laws = several(law)
    pooled = [with_pooling(name, pool) for name in laws]
    said = pairs("--explained-by", explained_by or ())
    explained = {param: [c.strip() for c in text.split(",")] for param, text in said.items()}
    if explained and len(pooled) == 1:
        pooled = [pooled[0].with_predictors(**explained)]
    checked = table.read(runs, pooled[0])
    informants = [_informant(one, table, pooled) for one in informed_by or ()]
    check_out(out)
    from lawbook.cli.terminal import show_fit, show_together
    from lawbook.fitting import fit as fit_law
    from lawbook.together import Together

    try:
        done = fit_law(
            pooled if len(pooled) > 1 else pooled[0],
            checked,
            discrepancy=discrepancy,
            explained_by=explained or None,
            informed_by=informants,
            pool=asked_pooling(pooled[0], pool) if len(pooled) == 1 and informed_by else None,
            engine=engine,
            draws=draws,
            chains=chains,
            seed=seed,
            max_draws=max_draws,
            target_accept=target_accept,
            checkpoint=checkpoint,
            progress=sys.stderr.isatty(),
        )
    except KeyboardInterrupt:
        kept = "nothing was kept"
        if checkpoint is not None and checkpoint.exists():
            kept = f"{checkpoint} keeps what was done, and the same command goes on from there"
        say(f"interrupted before the first draws; {kept}")
        raise typer.Exit(INTERRUPTED) from None
    done.save(out)
    if isinstance(done, Together):
        show_together(done, out, as_json)
        end(done)
        return
    show_fit(done, out, as_json)
    if done.origin.interrupted:
        count = done.posterior["posterior"].sizes["draw"]
        say(f"interrupted; {count} draws of each chain were kept, in {out}")
        raise typer.Exit(INTERRUPTED)
    if not done.trusted:
        raise typer.Exit(UNTRUSTED)


def _informant(text: str, table: TableOptions, laws: Sequence[Any]) -> Any:
    """Return what informs a fit as `lawbook.fit` takes it: tables are read as its runs are."""
    from lawbook.data.reading import is_table

    one = len(laws) == 1 and text not in laws[0].sources and is_table(text)
    return table.read(Path(text), laws[0]) if one else text


@app.command()
def predict(
    fit: FitOrLaw,
    at: At,
    published: Source = None,
    law: OtherLaw = None,
    kind: Kind = "mean",
    new_groups: NewGroups = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Predict the response at inputs that were not run."""
    from lawbook.at_published import Published
    from lawbook.cli.terminal import show_prediction, show_result

    loaded = asked(fit, published, law)
    if isinstance(loaded, Published):
        only_of_fits(kind=kind != "mean", new_groups=new_groups)
        show_result(loaded.predict(points(at)), out, as_json, show_points)
        return
    found = loaded.predict(points(at), kind=kind, new_groups=new_groups)
    show_result(found, out, as_json, show_prediction)
    end(loaded)


@app.command()
def derive(
    fit: FitOrLaw,
    quantity: Annotated[
        str, typer.Argument(metavar="QUANTITY", help="What to derive; `lawbook show LAW` lists it.")
    ],
    at: OptionalAt = None,
    published: Source = None,
    law: OtherLaw = None,
    new_groups: NewGroups = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Derive a quantity that follows from a law's parameters."""
    from lawbook.at_published import Published
    from lawbook.cli.terminal import show_result, show_whole
    from lawbook.errors import FitError
    from lawbook.together import Together

    loaded = asked(fit, published, law)
    if isinstance(loaded, Together):
        raise FitError(
            f"{fit}: it holds {loaded.subject.name}, whose parameters differ; expected a fit of "
            "one law; derive it from a fit of that law alone"
        )
    given = points(at or [])
    if isinstance(loaded, Published):
        only_of_fits(new_groups=new_groups)
        show_result(loaded.derive(quantity, **given), out, as_json, show_points)
        return
    found = loaded.derive(quantity, new_groups=new_groups, **given)
    show_result(found, out, as_json, show_whole)
    end(loaded)


@app.command()
def report(
    fit: FitFile,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="File to write, as report.html.")
    ],
    backtest: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Backtest to show (from `lawbook backtest -o`)."),
    ] = None,
    law: OtherLaw = None,
    as_json: AsJson = False,
) -> None:
    """Write one HTML page with all results of a fit.

    It opens without a network.
    """
    check_out(out, (".html", ".htm"))
    from lawbook.cli.terminal import show_report
    from lawbook.fitting import load

    loaded = load(fit, law)
    show_report(loaded.report(out, backtest), out, as_json)
    end(loaded)


@app.command()
@with_table_options
def backtest(
    law: Annotated[
        str,
        typer.Argument(
            metavar="LAW[,LAW]",
            help="Laws of the book, or paths of laws, as my_law.py; or forecast, as the command.",
        ),
    ],
    runs: RunsFile,
    table: TableOptions,
    held_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Table of larger runs of the same groups, in place of cuts."
        ),
    ] = None,
    cut: Annotated[
        list[float] | None,
        typer.Option(help="Share of scales that is fitted; by default 0.5 and 0.7; repeat it."),
    ] = None,
    horizon: Annotated[
        list[float] | None,
        typer.Option(
            metavar="FACTOR",
            help="How far beyond the fitted runs to score, in place of --cut: 2 for twice the "
            "scale; repeat it, ascending.",
        ),
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(metavar="INPUT", help="What runs are cut along: an input, or cost."),
    ] = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option(help="Baseline to score, too: m1, m2, m3, m4, broken or huber; repeat it."),
    ] = None,
    relatives: Relatives = None,
    discrepancy: Annotated[
        str, typer.Option(help="Model discrepancy: auto, a Gaussian process; or none.")
    ] = "auto",
    seed: Annotated[int, typer.Option(help="The same seed gives the same scores.")] = 0,
    scheduler: Scheduler = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Write points to .csv, .parquet, .json; or .png."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold out the largest runs, fit the rest, score predictions.

    The largest runs are those of each group.
    """
    if out is not None:
        check_out(out, (".csv", ".parquet", ".json", ".tex", ".png"))
    from lawbook.cli.terminal import show_backtest
    from lawbook.evaluation.curve_runs import FORECAST, RELATIVE
    from lawbook.laws.catalogue import load_law

    names = [name.strip() for name in law.split(",")]
    laws = [name if name == FORECAST else load_law(name) for name in names]
    first = next((one for one in laws if not isinstance(one, str)), load_law("learning_curve"))
    if first.inputs[0].unit == RELATIVE:  # runs in any unit: each cut makes them relative
        table = table.allowing("units")
    checked = table.read(runs, first)
    larger = None
    if held_out is not None:  # few of each group will do
        larger = table.allowing("sizes", "single").read(held_out, first)
    say_notes(checked)
    # slow to load, and not needed to say what is wrong with a table
    from lawbook.evaluation.backtesting import backtest as backtest_laws
    from lawbook.posterior.cluster import connected

    with connected(scheduler) as client:
        found = backtest_laws(
            laws,
            checked,
            order=order,
            cuts=cut or None,
            horizons=horizon or None,
            held_out=larger,
            discrepancy=discrepancy,
            baselines=baseline or (),
            relatives=relatives or (),
            seed=seed,
            client=client,
        )
    show_backtest(found, out, as_json)


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the files.")
    ] = Path("demo"),
    as_json: AsJson = False,
) -> None:
    """Fit embedded runs, compare recipes, predict held-out runs."""
    from lawbook.cli.demo import run_demo

    if not run_demo(out, as_json):
        raise typer.Exit(UNTRUSTED)
