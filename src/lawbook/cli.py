"""The command line: ``lawbook laws``, ``lawbook fit`` and so on.

Exit codes: 0 done; 1 done, but the fit must not be trusted; 2 bad input; 130 interrupted. With
``--json`` standard output holds one JSON value and nothing else. Libraries load inside the
commands that need them, so that help and ``laws`` come at once.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lawbook.errors import ComparisonError, FitError, LawError, RunsError, listed

if TYPE_CHECKING:
    from lawbook.declaration import Law
    from lawbook.fitting import Fit
    from lawbook.runs import Runs

UNTRUSTED, BAD_INPUT, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    help="Neural scaling laws as Bayesian hierarchical models.",
    epilog="Exit codes: 0 done, 1 the fit must not be trusted, 2 bad input, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

LawName = Annotated[
    str, typer.Argument(metavar="LAW", help="A law of the book, or a path as my_law.py.")
]
RunsFile = Annotated[
    Path, typer.Argument(metavar="RUNS", help="Table of runs: CSV, TSV, JSON Lines or Parquet.")
]
FitFile = Annotated[Path, typer.Argument(metavar="FIT", help="File that `lawbook fit -o` wrote.")]
By = Annotated[list[str] | None, typer.Option(help="Grouping column; repeat it for several.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="NAME=COLUMN", help="Column that holds N, as in N=params."),
]
Missing = Annotated[str, typer.Option(help="Rows with blanks: error, or drop.")]
Allow = Annotated[
    list[str] | None, typer.Option(help="Finding to accept: duplicates, single, sizes or units.")
]
Pool = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[PARAM=]HOW", help="full, partial or none: for all, or as in alpha=partial."
    ),
]
OtherLaw = Annotated[
    str | None,
    typer.Option("--law", metavar="LAW", help="The law that was fitted, if not of the book."),
]
At = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=VALUES",
        help="Where: N=1e9, or N=1e9,1e10. Several inputs with as many values each are paired.",
    ),
]
Kind = Annotated[str, typer.Option(help="mean: what the law says; run: one training run.")]
NewGroups = Annotated[
    bool, typer.Option("--new-groups", help="For a group that has no runs, from the population.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write to .csv, .parquet, .json or .tex."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command()
def laws(as_json: AsJson = False) -> None:
    """List the laws of the book."""
    from lawbook.catalogue import all_laws
    from lawbook.terminal import described, show_json, show_table

    if as_json:
        show_json([described(law) for law in all_laws()])
        return
    rows = (
        (law.name, ", ".join(law.input_names), law.response.name, ", ".join(law.param_names))
        for law in all_laws()
    )
    show_table(["law", "inputs", "response", "parameters"], rows)


@app.command()
def show(law: LawName, as_json: AsJson = False) -> None:
    """Show a law: its formula, inputs, priors and published estimates."""
    from lawbook.catalogue import load_law
    from lawbook.terminal import described, show_json, show_law

    found = load_law(law)
    if as_json:
        show_json(described(found))
    else:
        show_law(found)


@app.command()
def check(
    law: LawName,
    runs: RunsFile,
    by: By = None,
    column: Columns = None,
    missing: Missing = "error",
    allow: Allow = None,
    pool: Pool = None,
    as_json: AsJson = False,
) -> None:
    """Check a table of runs against a law, before a fit."""
    from lawbook.rehearsal import rehearse
    from lawbook.terminal import show_json, show_table

    found = rehearse(*_read(law, runs, by, column, missing, allow, pool))
    if as_json:
        show_json({"law": law, "runs": str(runs), "found": [f._asdict() for f in found]})
        return
    show_table(["checked", "found"], found)


@app.command()
def fit(
    law: LawName,
    runs: RunsFile,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to save the fit.")
    ],
    by: By = None,
    column: Columns = None,
    missing: Missing = "error",
    allow: Allow = None,
    pool: Pool = None,
    discrepancy: Annotated[
        str, typer.Option(help="none; or auto: a process takes up what the law leaves out.")
    ] = "none",
    engine: Annotated[
        str, typer.Option(help="lawbook, pymc, nutpie, numpyro or blackjax.")
    ] = "lawbook",
    draws: Annotated[int, typer.Option(help="Draws per chain.")] = 1000,
    chains: Annotated[int, typer.Option(help="Chains.")] = 4,
    seed: Annotated[int, typer.Option(help="The same seed gives the same draws.")] = 0,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the state here; go on from it if it exists."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit a law to runs and save the posterior."""
    checked, table = _read(law, runs, by, column, missing, allow, pool)
    _check_out(out)
    from lawbook.fitting import fit as fit_law
    from lawbook.terminal import show_fit

    try:
        done = fit_law(
            checked,
            table,
            discrepancy=discrepancy,
            engine=engine,
            draws=draws,
            chains=chains,
            seed=seed,
            checkpoint=checkpoint,
            progress=sys.stderr.isatty(),
        )
    except KeyboardInterrupt:
        kept = "nothing was kept"
        if checkpoint is not None and checkpoint.exists():
            kept = f"{checkpoint} keeps what was done, and the same command goes on from there"
        _say(f"interrupted before the first draws; {kept}")
        raise typer.Exit(INTERRUPTED) from None
    done.save(out)
    show_fit(done, out, as_json)
    if done.posterior.attrs["interrupted"]:
        count = done.posterior["posterior"].sizes["draw"]
        _say(f"interrupted; {count} draws of each chain were kept, in {out}")
        raise typer.Exit(INTERRUPTED)
    if not done.diagnostics.trusted:
        raise typer.Exit(UNTRUSTED)


@app.command()
def predict(
    fit: FitFile,
    at: At,
    law: OtherLaw = None,
    kind: Kind = "mean",
    new_groups: NewGroups = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Extrapolate a fit to inputs that were not run."""
    from lawbook.saving import load
    from lawbook.terminal import show_result

    loaded = load(fit, law)
    found = loaded.predict(_points(at), kind=kind, new_groups=new_groups)
    show_result(found, out, as_json)
    _end(loaded)


@app.command()
def compare(
    fit: FitFile,
    at: At,
    law: OtherLaw = None,
    kind: Kind = "mean",
    new_groups: NewGroups = False,
    between: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Grouping column to compare over.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(metavar="GROUP", help="Group that the others are set against.")
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Compare the groups of a fit at inputs that were not run."""
    from lawbook.saving import load
    from lawbook.terminal import show_result

    loaded = load(fit, law)
    found = loaded.compare(
        _points(at), between=between, reference=reference, kind=kind, new_groups=new_groups
    )
    show_result(found, out, as_json)
    _end(loaded)


@app.command()
def backtest(
    law: Annotated[
        str,
        typer.Argument(metavar="LAW[,LAW]", help="Laws of the book, or paths as my_law.py."),
    ],
    runs: RunsFile,
    by: By = None,
    column: Columns = None,
    cut: Annotated[
        list[float] | None,
        typer.Option(help="Share of scales to fit, 0.5 and 0.7 unless given; repeat it."),
    ] = None,
    order: Annotated[
        str | None, typer.Option(metavar="INPUT", help="What to cut along: an input, or cost.")
    ] = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option(help="m1, m2, m3, m4, broken or huber to compare with; repeat it."),
    ] = None,
    discrepancy: Annotated[
        str, typer.Option(help="auto: a process takes up what the law leaves out; or none.")
    ] = "auto",
    seed: Annotated[int, typer.Option(help="The same seed gives the same scores.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Write points to .csv, .parquet, .json; or .png."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hide the largest runs of each group, fit the rest, and score what was hidden."""
    if out is not None:
        _check_out(out, (".csv", ".parquet", ".json", ".tex", ".png"))
    from lawbook.backtesting import backtest as backtest_laws
    from lawbook.terminal import show_backtest

    found = backtest_laws(
        [name.strip() for name in law.split(",")],
        runs,
        by=by or (),
        columns=_pairs("--column", column or ()),
        order=order,
        cuts=cut or (0.5, 0.7),
        discrepancy=discrepancy,
        baselines=baseline or (),
        seed=seed,
    )
    show_backtest(found, out, as_json)


@app.command()
def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the files.")
    ] = Path("demo"),
    as_json: AsJson = False,
) -> None:
    """Fit the embedded runs, compare three recipes and predict runs that were held out."""
    from lawbook.demo import run_demo

    if not run_demo(out, as_json):
        raise typer.Exit(UNTRUSTED)


def main() -> None:
    """Run the command line: the entry point ``lawbook``."""
    try:
        app(prog_name="lawbook")
    except (LawError, RunsError, FitError, ComparisonError) as error:
        _say(f"error: {error}")
        sys.exit(BAD_INPUT)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _check_out(out: Path, suffixes: tuple[str, ...] = ()) -> None:
    """Refuse a file that cannot be written: better now than after the fit."""
    if not out.parent.is_dir():
        raise FitError(
            f"{out}: its folder does not exist; expected a folder to write in; create it first"
        )
    if suffixes and out.suffix.lower() not in suffixes:
        raise FitError(
            f"{out}: nothing is written as {out.suffix or 'a file without suffix'!r}; "
            f"expected one of {listed(suffixes)}; change the name's end"
        )


def _read(
    law: str,
    runs: Path,
    by: list[str] | None,
    column: list[str] | None,
    missing: str,
    allow: list[str] | None,
    pool: list[str] | None,
) -> "tuple[Law, Runs]":
    """Return the law with the pooling asked for, and its checked runs."""
    from lawbook.catalogue import load_law
    from lawbook.runs import read_runs

    found = load_law(law)
    everywhere = [how for how in pool or () if "=" not in how]
    if len(everywhere) > 1:
        raise LawError(
            f"--pool: {listed(everywhere)} given for all parameters; expected one of them; "
            "name the parameter, as in alpha=partial"
        )
    per_param = _pairs("--pool", [how for how in pool or () if "=" in how])
    found = found.with_pooling(*everywhere, **per_param)
    columns = _pairs("--column", column or ())
    return found, read_runs(
        runs, found, by=by or (), columns=columns, missing=missing, allow=allow or ()
    )


def _pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Return ``NAME=VALUE`` texts as a dict."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value:
            raise RunsError(f"{option}: {text!r} is no pair; expected NAME=VALUE, without blanks")
        if name in pairs:
            raise RunsError(f"{option}: {name!r} given twice; expected it once; drop one of them")
        pairs[name] = value
    return pairs


def _points(at: list[str]) -> dict[str, Any]:
    """Return ``N=1e9,1e10`` texts as what `Fit.predict` takes, which reads the numbers itself."""
    points: dict[str, Any] = {}
    for name, text in _pairs("--at", at).items():
        values = [value.strip() for value in text.split(",")]
        points[name] = values if len(values) > 1 else values[0]
    return points


def _end(fit: "Fit") -> None:
    """Say, after the result, that it comes from draws that must not be trusted."""
    if not fit.diagnostics.trusted:
        _say("not to be trusted: " + "; ".join(fit.diagnostics.problems))
        raise typer.Exit(UNTRUSTED)
